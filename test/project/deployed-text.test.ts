import { describe, expect, it } from "vitest";
import { format } from "../../grammar/format.ts";
import { planPipeline } from "../../src/plan/plan-pipeline.ts";
import { deployedText, fileText } from "../../src/project/deployed-text.ts";
import { pipelineFiles } from "../../src/project/desired-pipelines.ts";
import { analyzeText, openProject } from "../../src/project/project.ts";
import { scratch } from "../support/scratch.ts";

const CONFIG = `variables: { limit: 20, site: lab }
environments:
  prod: { variables: { limit: 30 } }
connections:
  elastic: { kind: embedded, as: elasticsearch }
  other: { kind: embedded }
pipelines:
  hot: { error.policy: noop, max.retries: 3 }
`;
const CATALOG = `CREATE STREAM unused (a STRING) WITH (topic = 'unused');
SET 'source' = 'other';
CREATE STREAM readings (id STRING, temperature DOUBLE) WITH (topic = 'raw.readings', key = 'id', partitions = 4);
CREATE STREAM letters (id STRING);
`;
const HOT = `-- The hot ones.
SET 'dead.letters' = 'other.letters';
INSERT INTO elastic.hot SELECT id, temperature AS t FROM readings WHERE temperature > \${limit} PK id;
`;
const PLAIN = "INSERT INTO elastic.plain SELECT * FROM others;\n";

const files = { "sluice.yaml": CONFIG, "queries/catalog.sql": CATALOG, "queries/hot.sql": HOT, "queries/a/plain.sql": PLAIN };

async function project(env?: string) {
  return openProject({ config: `${scratch(files)}/sluice.yaml`, env });
}

const planned = (inside: Parameters<typeof analyzeText>[0], name: string, text: string) => {
  const { pipeline, diagnostics } = analyzeText(inside, name, text);
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return pipeline === null ? null : planPipeline(pipeline, { keepState: true });
};

describe("the text that a server is given", () => {
  it("stands before the file what it uses of variables, catalog and configuration, and nothing else", async () => {
    const text = deployedText(await project(), "hot", HOT);
    expect(text).toBe(`DEFINE limit = '20';
CREATE OR REPLACE STREAM readings (id STRING, temperature DOUBLE)
WITH (topic = 'raw.readings', key = 'id', partitions = 4, connection = 'other');
CREATE OR REPLACE STREAM letters (id STRING)
WITH (connection = 'other');
SET 'error.policy' = 'noop';
SET 'max.retries' = 3;

-- What follows is the file as it is.
${HOT}`);
    expect(fileText(text)).toBe(HOT);
  });

  it("is the file where it uses nothing", async () => {
    expect(deployedText(await project(), "a.plain", PLAIN)).toBe(PLAIN);
    expect(fileText(PLAIN)).toBe(PLAIN);
  });

  it("means on a server that knows the connections alone what the file means here", async () => {
    for (const env of [undefined, "prod"]) {
      const here = await project(env);
      const server = await openProject({
        config: `${scratch({ "sluice.yaml": CONFIG.slice(0, CONFIG.indexOf("pipelines:")) })}/sluice.yaml`,
      });
      for (const { source, deployed } of await pipelineFiles(here)) {
        const there = planned({ ...server, variables: {} }, source.name, deployed);
        expect(there).toEqual(planned(here, source.name, source.text));
        expect(planned({ ...server, variables: {} }, source.name, format(deployed).text as string)).toEqual(there);
      }
    }
  });

  it("is another one in another environment", async () => {
    expect(deployedText(await project("prod"), "hot", HOT)).toContain("DEFINE limit = '30';");
  });
});

describe("the pipelines of this repository", () => {
  it("mean the same on a server that has none of their declarations", async () => {
    const here = await openProject({ config: "sluice.yaml" });
    const bare = { ...here, catalog: { ...here.catalog, streams: new Map() } };
    for (const { source, deployed } of await pipelineFiles(here)) {
      expect(planned(bare, source.name, deployed)).toEqual(planned(here, source.name, source.text));
    }
  });
});
