import { parse } from "../../grammar/parse.ts";
import { type AnalyzedPipeline, analyzePipeline } from "../../src/analyze/analyze-pipeline.ts";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { BoundStatement } from "../../src/model/statement.ts";
import type { ConnectionKind } from "../../src/ports/connection.ts";

function connection(name: string, kind: ConnectionKind, standsFor: ConnectionKind = kind) {
  return [name, { name, kind, as: standsFor }] as const;
}

/** Connections as most projects have them, with the embedded store as the default. */
export const catalog: Catalog = {
  connections: new Map([
    connection("embedded", "embedded"),
    connection("kafka", "kafka"),
    connection("elastic", "elasticsearch"),
    connection("cassandra", "embedded", "cassandra"),
  ]),
  defaultSource: "kafka",
  defaultSink: "elastic",
  streams: new Map(),
};

export const TEMPERATURES = `CREATE STREAM temperatures (deviceId STRING, homeId STRING, time TIMESTAMP, temperature DOUBLE,
  humidity DOUBLE, battery DOUBLE) WITH (connection = 'kafka', topic = 'temperatures', key = 'deviceId', timestamp = 'time',
  partitions = 4);
`;

export function analyze(text: string, options: Partial<Catalog> & { settings?: Readonly<Record<string, unknown>> } = {}): AnalyzedPipeline {
  const { settings = {}, ...changes } = options;
  return analyzePipeline(parse(text), { name: "test", catalog: { ...catalog, ...changes }, settings });
}

/** The statements of a text without errors. */
export function statements(text: string, options: Parameters<typeof analyze>[1] = {}): readonly BoundStatement[] {
  const { pipeline, diagnostics } = analyze(text, options);
  if (pipeline === null) throw new Error(diagnostics.map(({ code, message }) => `${code}: ${message}`).join("\n"));
  return pipeline.statements;
}

export function statement(text: string, options: Parameters<typeof analyze>[1] = {}): BoundStatement {
  const [first] = statements(text, options);
  if (first === undefined) throw new Error("no statement");
  return first;
}
