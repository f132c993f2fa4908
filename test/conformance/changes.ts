import { expect } from "vitest";
import type { ChangeBatch } from "../../src/model/change.ts";
import { ChangeBatchBuilder } from "../../src/model/change-batch-builder.ts";
import { DOUBLE, STRING } from "../../src/model/type.ts";
import { plainTarget } from "../../src/plan/plain-target.ts";
import { type Origin, Outcome, type RouteTarget, type Sink, type TargetKind, type WriteResult } from "../../src/ports/sink.ts";

/** A row of the table that all sink tests write: `id`, and any of `reading` and `label`. */
export interface Row {
  readonly id: string;
  readonly reading?: number | null;
  readonly label?: string | null;
}

export type TestChange =
  | { readonly upsert: Row; readonly version: number; readonly target?: string }
  | { readonly delete: string; readonly version: number; readonly target?: string };

export const ORIGIN: Origin = { pipeline: "conformance", statement: "rows#1", partition: 0, generation: 1 };

export function routeTo(connection: string, kind: TargetKind, name: string, more: Partial<RouteTarget> = {}): RouteTarget {
  return {
    ...plainTarget(connection, kind, name),
    columns: [
      { name: "id", type: STRING },
      { name: "reading", type: DOUBLE },
      { name: "label", type: STRING },
    ],
    keyColumns: ["id"],
    ...more,
  };
}

/** Changes as a statement would make them: the document in the order of the columns, the key columns alone for a delete. */
export function batchOf(changes: readonly TestChange[]): ChangeBatch {
  const builder = new ChangeBatchBuilder();
  changes.forEach((change, i) => {
    const id = "upsert" in change ? change.upsert.id : change.delete;
    builder.writer.utf8(JSON.stringify("upsert" in change ? change.upsert : { id }));
    builder.beginId();
    builder.writer.utf8(id);
    builder.useIdAsKey();
    const rest = [change.version, 1_700_000_000_000 + i, i, 0, change.target ?? null] as const;
    if ("upsert" in change) builder.addUpsert(...rest);
    else builder.addDelete(...rest);
  });
  return builder.build();
}

export function write(sink: Sink, changes: readonly TestChange[], origin: Origin = ORIGIN): Promise<WriteResult> {
  return sink.write(batchOf(changes), origin, AbortSignal.timeout(100_000));
}

/** Writes changes of which each must be taken, or be there already. */
export async function settle(sink: Sink, changes: readonly TestChange[], origin: Origin = ORIGIN): Promise<number[]> {
  const result = await write(sink, changes, origin);
  expect([...result.errors]).toEqual([]);
  const outcomes = [...result.outcomes];
  expect(outcomes.length).toBe(changes.length);
  for (const outcome of outcomes) expect([Outcome.written, Outcome.superseded]).toContain(outcome);
  return outcomes;
}
