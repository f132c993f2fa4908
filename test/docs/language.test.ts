import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "../../grammar/parse.ts";
import { analyzePipeline } from "../../src/analyze/analyze-pipeline.ts";
import type { CatalogConnection } from "../../src/catalog/catalog.ts";

const page = readFileSync(new URL("../../docs/language/statements.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/```sql\n(.*?)```/gs)].map((match) => match[1] as string);

const connections = new Map<string, CatalogConnection>([
  ["embedded", { name: "embedded", kind: "embedded", as: "embedded" }],
  ["kafka", { name: "kafka", kind: "kafka", as: "kafka" }],
  ["elastic", { name: "elastic", kind: "elasticsearch", as: "elasticsearch" }],
  ["cassandra", { name: "cassandra", kind: "cassandra", as: "cassandra" }],
]);

describe("docs/language/statements.md", () => {
  it.each(examples)("has an example that compiles: %s", (sql) => {
    const catalog = { connections, defaultSource: "kafka", defaultSink: "elastic", streams: new Map() };
    const { diagnostics } = analyzePipeline(parse(sql), { name: "example", catalog });
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  });
});
