import { describe, expect, it } from "vitest";
import { connectionConfig, parseConfig, projectVariables } from "../../src/project/config.ts";
import { analyzeText, openProject } from "../../src/project/project.ts";
import { scratch } from "../support/scratch.ts";

const CONFIG = `owner: sales
variables: { site: lab, limit: 20, "on": true }
connections:
  kafka: { kind: kafka, brokers: localhost, clientId: sluice }
  mixed: { kind: embedded, as: kafka }
environments:
  stage: {}
  prod:
    variables:
      site: \${SITE:-eu}
    connections:
      kafka: { brokers: "\${BROKERS}" }
      elastic: { kind: elasticsearch, node: "http://e:9200" }
      mixed: { kind: kafka, brokers: b }
defaults: { source: kafka }
`;

describe("environments", () => {
  it("have variables and connections of their own beside those of all", () => {
    const plain = parseConfig(CONFIG, "sluice.yaml");
    expect(plain).toMatchObject({ owner: "sales", environment: null, variables: { site: "lab", limit: "20", on: "true" } });
    expect([...plain.connections.keys()]).toEqual(["embedded", "kafka", "mixed"]);
    expect(parseConfig(CONFIG, "sluice.yaml", "stage").variables).toEqual(plain.variables);
    const prod = parseConfig(CONFIG, "sluice.yaml", "prod");
    expect(prod.environment).toBe("prod");
    expect(projectVariables(prod, {})).toEqual({ site: "eu", limit: "20", on: "true" });
    expect(projectVariables(prod, { SITE: "us" })).toMatchObject({ site: "us" });
    expect(connectionConfig(prod, "kafka", { BROKERS: "k:9092" }).settings).toEqual({ brokers: "k:9092", clientId: "sluice" });
    expect(prod.connections.get("elastic")).toMatchObject({ kind: "elasticsearch" });
    expect(prod.connections.get("mixed")).toEqual({ name: "mixed", kind: "kafka", as: "kafka", settings: { brokers: "b" } });
    expect(() => connectionConfig(prod, "kafka", {})).toThrow(
      "sluice.yaml:12: connections.kafka.brokers needs the environment variable BROKERS",
    );
  });

  it.each([
    [CONFIG, "prd", 'sluice.yaml:6: environments cannot be "prd"', "did you mean prod?"],
    ["environments: { a: { conections: {} } }", null, "sluice.yaml:1: environments.a.conections is unknown", "did you mean connections?"],
    [
      "environments:\n  a:\n    connections:\n      k: { kind: kafk }",
      null,
      'sluice.yaml:4: connections.k.kind cannot be "kafk"',
      "did you mean kafka?",
    ],
    ["variables: { a-b: 1 }", null, "sluice.yaml:1: variables.a-b is no name: letters, digits and _ make one", null],
    ["variables:\n  a: [1]", null, "sluice.yaml:2: variables.a must be a text, a number or a truth", null],
    ["owner: a b", null, "sluice.yaml:1: owner is no name: letters, digits, _, - and . make one", null],
  ])("refuse what is wrong in any of them: %s", (text, environment, message, hint) => {
    expect(() => parseConfig(text, "sluice.yaml", environment)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", message, hint }));
  });

  it("give texts their variables, unless these DEFINE them", async () => {
    const project = await openProject({ config: `${scratch({ "sluice.yaml": CONFIG })}/sluice.yaml`, env: "prod" });
    const source = (text: string) => analyzeText(project, "p", text).pipeline?.statements[0]?.source.topic;
    expect(source("INSERT INTO embedded.x SELECT * FROM ${site};")).toBe("eu");
    expect(source("DEFINE site = 'us'; INSERT INTO embedded.x SELECT * FROM ${site};")).toBe("us");
    expect(analyzeText(project, "p", "INSERT INTO embedded.x SELECT * FROM ${sit};").diagnostics[0]).toMatchObject({
      code: "UNKNOWN_VARIABLE",
      hint: "did you mean site?",
    });
  });
});
