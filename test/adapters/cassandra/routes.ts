import type { ChangeBatch } from "../../../src/model/change.ts";
import { ChangeBatchBuilder } from "../../../src/model/change-batch-builder.ts";
import { NO_OPTIONS } from "../../../src/model/target-options.ts";
import type { DataType } from "../../../src/model/type.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import type { ConnectionConfig } from "../../../src/ports/connection.ts";
import type { Origin, RouteTarget } from "../../../src/ports/sink.ts";

export const ORIGIN: Origin = { pipeline: "test", statement: "test#1", partition: 0, generation: 1 };

export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

export function config(settings: Readonly<Record<string, unknown>>): ConnectionConfig {
  return { name: "cass", kind: "cassandra", as: "cassandra", settings };
}

export interface TestChange {
  /** JSON text, or a value to be written as JSON. */
  readonly document: unknown;
  readonly version: number;
  readonly delete?: boolean;
  readonly id?: string;
}

export function batchOf(changes: readonly TestChange[]): ChangeBatch {
  const builder = new ChangeBatchBuilder();
  for (const [row, change] of changes.entries()) {
    const text = typeof change.document === "string" ? change.document : JSON.stringify(change.document);
    builder.writer.bytes(Buffer.from(text));
    builder.beginId();
    builder.writer.utf8(change.id ?? `id-${row}`);
    const add = change.delete ? builder.addDelete : builder.addUpsert;
    add.call(builder, change.version, 0, row, 0, null);
  }
  return builder.build();
}

export function target(
  name: string,
  columns: Readonly<Record<string, DataType>>,
  keyColumns: readonly string[],
  options: Partial<RouteTarget> = {},
): RouteTarget {
  return {
    connection: "cass",
    kind: "table",
    name,
    mode: "insert",
    columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
    keyColumns,
    suffix: null,
    autocreate: false,
    batchSize: null,
    ttlSeconds: null,
    topicReading: "table",
    compacted: true,
    partitions: null,
    options: NO_OPTIONS,
    ...options,
  };
}
