import { describe, expect, it } from "vitest";
import { SluiceError } from "../../src/errors.ts";
import { connectionConfig, NO_CONFIG, parseConfig, withConfigLine } from "../../src/project/config.ts";

function problemOf(text: string): { message: string; hint: string | null } {
  try {
    parseConfig(text, "sluice.yaml");
  } catch (error) {
    if (error instanceof SluiceError && error.code === "CONFIG_INVALID") return { message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error(`taken: ${text}`);
}

describe("parseConfig", () => {
  it("reads connections, defaults and pipelines", () => {
    const config = parseConfig(
      [
        "connections:",
        "  kafka: { kind: kafka, brokers: [a:9092, b:9092] }",
        "  elastic: { kind: embedded, as: elasticsearch }",
        "defaults: { source: kafka, sink: elastic }",
        "pipelines:",
        "  temperatures.persist: { error.policy: retry, max.retries: 3 }",
      ].join("\n"),
      "sluice.yaml",
    );
    expect([...config.connections.values()]).toEqual([
      { name: "embedded", kind: "embedded", as: "embedded", settings: {} },
      { name: "kafka", kind: "kafka", as: "kafka", settings: { brokers: ["a:9092", "b:9092"] } },
      { name: "elastic", kind: "embedded", as: "elasticsearch", settings: {} },
    ]);
    expect([config.defaultSource, config.defaultSink]).toEqual(["kafka", "elastic"]);
    expect(config.pipelines.get("temperatures.persist")).toEqual({ "error.policy": "retry", "max.retries": 3 });
  });

  it("has an embedded connection as source and sink where nothing is said", () => {
    for (const config of [NO_CONFIG, parseConfig("", "sluice.yaml"), parseConfig("connections:\n", "sluice.yaml")]) {
      expect([...config.connections.keys()]).toEqual(["embedded"]);
      expect([config.defaultSource, config.defaultSink]).toEqual(["embedded", "embedded"]);
    }
  });

  it.each([
    ["connectons: {}", "sluice.yaml:1: connectons is unknown", "did you mean connections?"],
    ["connections:\n  k:\n    kind: kafk", 'sluice.yaml:3: connections.k.kind cannot be "kafk"', "did you mean kafka?"],
    ["connections:\n  k: {}", "sluice.yaml:2: connections.k.kind is missing", "known are embedded, kafka, elasticsearch, cassandra"],
    ["connections:\n  k:\n    kind: kafka\n    as: kafka", "sluice.yaml:4: connections.k.as is for connections of the kind embedded", null],
    ["connections:\n  a b: { kind: kafka }", "sluice.yaml:2: connections.a b is no name: letters, digits, _ and - make one", null],
    [
      "connections:\n  embedded: { kind: kafka }",
      "sluice.yaml:2: connections.embedded is built in and stays of the kind embedded",
      "choose another name",
    ],
    ["defaults:\n  source: kafka", 'sluice.yaml:2: defaults.source cannot be "kafka"', "known are embedded"],
    ["defaults:\n\n  sorce: embedded", "sluice.yaml:3: defaults.sorce is unknown", "did you mean source?"],
    [
      "pipelines:\n  p:\n    eror.policy: noop",
      "sluice.yaml:3: pipelines.p.eror.policy is refused: there is no setting 'eror.policy'",
      "did you mean error.policy?",
    ],
    ["connections: [1]", "sluice.yaml:1: connections must be a map of keys and values", null],
    ["- a", "sluice.yaml:1: the configuration must be a map of keys and values", null],
  ])("refuses %j with its line", (text, message, hint) => {
    expect(problemOf(text)).toEqual({ message, hint });
  });

  it("points at broken YAML", () => {
    expect(problemOf("connections:\n  a: { kind: kafka").message).toMatch(/^sluice\.yaml:2:\d+: /);
    expect(problemOf("defaults: {}\ndefaults: {}").message).toMatch(/^sluice\.yaml:2:1: .*unique/);
  });
});

describe("connectionConfig", () => {
  const config = parseConfig("connections:\n  k:\n    kind: kafka\n    brokers:\n      - ${HOST}:9092\n    clientId: ${ID:-me}", "s.yaml");

  it("fills in environment variables when the connection is used", () => {
    expect(connectionConfig(config, "k", { HOST: "a" }).settings).toEqual({ brokers: ["a:9092"], clientId: "me" });
  });

  it("names a missing variable with its line, but not before", () => {
    expect(() => connectionConfig(config, "k", {})).toThrow(
      "s.yaml:4: connections.k.brokers needs the environment variable HOST, which is not set",
    );
  });

  it("suggests a connection", () => {
    const error = new SluiceError("CONNECTION_UNKNOWN", "there is no connection 'embeded'", { hint: "did you mean embedded?" });
    expect(() => connectionConfig(config, "embeded", {})).toThrow(error);
  });

  it("adds the line to what an adapter says about a setting", () => {
    const error = new SluiceError("CONFIG_INVALID", "connections.k.clientId must be a text", { hint: "so there" });
    const placed = withConfigLine(error, config);
    expect([placed.message, placed.hint]).toEqual(["s.yaml:6: connections.k.clientId must be a text", "so there"]);
    const other = new SluiceError("CONNECTION_FAILED", "connections.k.clientId must be a text");
    expect(withConfigLine(other, config)).toBe(other);
  });
});
