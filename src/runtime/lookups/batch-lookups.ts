import { LIMITS } from "../../limits.ts";
import { type ColumnBatch, Condition } from "../../model/column-batch.ts";
import type { LookupNote, Note } from "../../state/journal/blob.ts";
import type { Environment } from "../environment.ts";
import { AddedRows, endOfBlock } from "./added-rows.ts";
import type { SharedLookup } from "./shared-lookup.ts";

export interface BatchLookupsOptions {
  readonly lookups: readonly SharedLookup[];
  readonly topic: string;
  /** All of the partition. */
  readonly notes: readonly Note[];
  /** Records before it were there when the partition was opened: they may have been taken already, and what counted then still does. */
  readonly openedAt: number;
  readonly env: Environment;
  readonly appendNotes: (notes: readonly Note[]) => Promise<void>;
}

/**
 * Adds to the batches of one partition what is looked up for their records. What was found is noted before it has an effect, and counts
 * for the records of its block of offsets: so that a restart gives each of them the row that it had (decision 0017).
 */
export class BatchLookups {
  private readonly options: BatchLookupsOptions;
  private readonly stages: readonly AddedRows[];

  constructor(options: BatchLookupsOptions) {
    const { lookups, topic, notes, openedAt, env } = options;
    this.options = options;
    this.stages = lookups.map((lookup, number) => {
      const { statement, beginning } = lookup.compiled.plan;
      const isOwn = (note: Note): note is LookupNote =>
        note.kind === "lookup" &&
        note.topic === topic &&
        note.statement === statement &&
        note.beginning === beginning &&
        note.lookup === number;
      return new AddedRows({ lookup, number, topic, notes: notes.filter(isOwn), openedAt, env });
    });
  }

  get topic(): string {
    return this.options.topic;
  }

  get byteLength(): number {
    return this.stages.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** The batch with further columns, sound in rows [from, to); valid until the next call. Rejects with what a look-up fails with. */
  async add(batch: ColumnBatch, from: number, to: number, signal: AbortSignal): Promise<ColumnBatch> {
    const failures = new Map<number, string>();
    const notes: LookupNote[] = [];
    let wide = batch;
    for (const stage of this.stages) wide = await stage.add(wide, from, to, { failures, notes, signal });
    if (notes.length > 0) await this.append(notes);
    if (failures.size === 0) return wide;
    const conditions = wide.conditions.slice();
    for (const row of failures.keys()) conditions[row] = Condition.broken;
    return { ...wide, conditions, failures };
  }

  /** Of a stop at the offset, when all that was taken is durable; none where an earlier owner may have taken more. */
  endNotes(first: number): readonly LookupNote[] {
    const { lookups, topic } = this.options;
    const offset = endOfBlock(first);
    return lookups.flatMap(({ compiled: { plan } }, number): readonly LookupNote[] => {
      const { statement, beginning } = plan;
      if (this.stages[number]?.hasCaughtUp(first) !== true) return [];
      return [{ kind: "lookup", topic, first, offset, statement, beginning, lookup: number, isEnd: true, answers: [] }];
    });
  }

  private async append(notes: readonly LookupNote[]): Promise<void> {
    const perAppend = Math.floor(LIMITS.stateAppendBytesMax / LIMITS.stateChunkBytesMax);
    for (let at = 0; at < notes.length; at += perAppend) await this.options.appendNotes(notes.slice(at, at + perAppend));
  }
}
