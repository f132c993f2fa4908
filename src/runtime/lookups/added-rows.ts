import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { type ColumnBatch, Condition, Tag } from "../../model/column-batch.ts";
import { FAILED_KEY, NO_KEY, type PairTask, Verdict } from "../../plan/code/join-code.ts";
import type { Decoder } from "../../ports/codec.ts";
import type { FoundRow } from "../../ports/lookup.ts";
import { GatheredColumn } from "../../state/gathered-column.ts";
import type { LookupNote } from "../../state/journal/blob.ts";
import { LookedUpRows } from "../../state/looked-up-rows.ts";
import type { Environment } from "../environment.ts";
import { foundSlices } from "./found-slices.ts";
import type { SharedLookup } from "./shared-lookup.ts";

export interface AddedRowsOptions {
  readonly lookup: SharedLookup;
  /** Which one of the statement's it is. */
  readonly number: number;
  readonly topic: string;
  /** Its own, by block of offsets, then in the order written. */
  readonly notes: readonly LookupNote[];
  /** Where the log ended when the partition was opened. */
  readonly openedAt: number;
  readonly env: Environment;
}

/** What comes of the rows of a batch. */
interface BatchWork {
  /** By row: why it cannot be taken. */
  readonly failures: Map<number, string>;
  /** To be written before anything else is done with the batch. */
  readonly notes: LookupNote[];
  readonly signal: AbortSignal;
}

type Answer = LookupNote["answers"][number];

/** The rows of one table that are added to the batches of one partition: whether there is one, and its fields. */
export class AddedRows implements PairTask {
  /** Of the condition: by row of the batch. */
  verdicts: Uint8Array = new Uint8Array(0);
  private readonly options: AddedRowsOptions;
  private readonly rows: LookedUpRows;
  private readonly decoder: Decoder;
  private readonly isThere = new GatheredColumn({ root: "value", path: [] });
  private readonly columns: readonly GatheredColumn[];
  private rowIds = new Int32Array(0);
  /** Of an earlier owner, as long as records come that it may have taken. */
  private restored: readonly LookupNote[];
  /** Those of them that the rows have not come to. */
  private notes: readonly LookupNote[];
  /** The offset behind the last record that anything was added to. */
  private reached = 0;
  private block = Number.NaN;
  private failures = new Map<number, string>();

  constructor(options: AddedRowsOptions) {
    const { lookup, notes, env } = options;
    const { plan, keys, keyParts } = lookup.compiled;
    this.options = options;
    this.rows = new LookedUpRows(keys, keyParts, plan.fields.length);
    this.decoder = env.createDecoder({ valueFormat: "json", keyFormat: "string", fields: plan.fields });
    this.columns = plan.fields.map((field) => new GatheredColumn(field));
    this.restored = inEffect(notes);
    this.notes = this.restored;
  }

  get byteLength(): number {
    return this.rows.byteLength;
  }

  /** Whether all records before the offset are behind it that an earlier owner may have taken. */
  hasCaughtUp(offset: number): boolean {
    return offset >= this.openedAt;
  }

  async add(batch: ColumnBatch, from: number, to: number, work: BatchWork): Promise<ColumnBatch> {
    this.reserve(to);
    this.failures = work.failures;
    const { rows, rowIds, columns, isThere } = this;
    const { offsets } = batch.slices;
    rows.sweep();
    if (from < to) this.makeRoom(offsets[from] as number);
    for (let row = from; row < to; ) {
      const end = this.endOfStretch(offsets, row, to);
      await this.find(batch, row, end, work);
      row = end;
    }
    if (from < to) this.reached = (offsets[to - 1] as number) + 1;
    rows.gather(rowIds, from, to, columns);
    const wide = { ...batch, columns: [...batch.columns, isThere, ...columns] };
    if (this.judge(wide, from, to)) rows.gather(rowIds, from, to, columns);
    for (let row = from; row < to; row++) isThere.tags[row] = (rowIds[row] as number) >= 0 ? Tag.true : Tag.false;
    return wide;
  }

  failed(row: number, message: string): void {
    this.failures.set(row, `${this.alias}: ${message}`);
  }

  private get alias(): string {
    return this.options.lookup.compiled.plan.alias;
  }

  /** Rows for which the same answers count: no note, and no block of offsets begins among them. */
  private endOfStretch(offsets: Float64Array, row: number, to: number): number {
    const { openedAt } = this;
    const first = offsets[row] as number;
    const nextBlock = (blockOf(first) + 1) * LIMITS.lookupNoteRecords;
    const note = this.notes.find((one) => one.first > first)?.first ?? Number.POSITIVE_INFINITY;
    const bound = Math.min(nextBlock, note, first < openedAt ? openedAt : Number.POSITIVE_INFINITY);
    let end = row + 1;
    while (end < to && (offsets[end] as number) < bound) end++;
    return end;
  }

  private async find(batch: ColumnBatch, from: number, to: number, work: BatchWork): Promise<void> {
    const { lookup, env } = this.options;
    const { rows, rowIds, openedAt } = this;
    const first = batch.slices.offsets[from] as number;
    const block = blockOf(first);
    this.block = block;
    this.takeNotes(first);
    const keyIds = this.keysOf(batch, from, to);
    // Of records that may have been taken already what was known then counts, however old it is.
    const nowMs = first < openedAt ? Number.NEGATIVE_INFINITY : env.clock.monotonic();
    const missing = rows.unanswered(keyIds, block, nowMs);
    if (missing.length > 0) {
      const texts = missing.map((keyId) => rows.textOf(keyId));
      const { rows: found, asked } = await lookup.find(texts, work.signal);
      lookup.counters.hits -= asked;
      const { cacheTtlMs } = lookup.compiled.plan.settings.lookup;
      const answers = texts.map((text, index): Answer => answerOf(text, must(found[index]).row));
      this.keep(answers, block, (index) => must(found[index]).atMs + cacheTtlMs);
      work.notes.push(...this.notesOf(answers, first));
    }
    for (let row = from; row < to; row++) {
      const keyId = keyIds[row - from] as number;
      rowIds[row] = rows.rowOf(keyId);
      if (keyId < 0) continue;
      lookup.counters.hits++;
      const problem = rows.problemOf(keyId);
      if (problem !== null) this.failed(row, problem);
    }
  }

  /** Records before it were there when the partition was opened, and may have been taken already. */
  private get openedAt(): number {
    return this.restored.length === 0 ? 0 : this.options.openedAt;
  }

  /** By row of the stretch; of rows that are not taken, or have failed, there is none. */
  private keysOf({ conditions, ...batch }: ColumnBatch, from: number, to: number): Int32Array {
    const { rows, failures } = this;
    const keyIds = new Int32Array(to - from).fill(NO_KEY);
    const isSound = (row: number): boolean => conditions[row] === Condition.sound && !failures.has(row);
    for (let row = from; row < to; ) {
      let end = row;
      while (end < to && isSound(end)) end++;
      if (end > row) {
        const ids = rows.keysOf({ conditions, ...batch }, row, end);
        keyIds.set(ids.subarray(row, end), row - from);
        for (let one = row; one < end; one++) if (ids[one] === FAILED_KEY) this.failed(one, rows.failureOf(one));
      }
      row = end + 1;
    }
    return keyIds;
  }

  /** What notes say that was known when the record of the offset was first taken. */
  private takeNotes(offset: number): void {
    if (this.notes.length === 0) return;
    const block = blockOf(offset);
    const reached = this.notes.filter(({ first }) => first <= offset);
    if (reached.length === 0) return;
    this.notes = this.notes.slice(reached.length);
    const { cacheTtlMs } = this.options.lookup.compiled.plan.settings.lookup;
    const expiryMs = this.options.env.clock.monotonic() + cacheTtlMs;
    for (const { first, answers } of reached) if (blockOf(first) === block) this.keep(answers, block, () => expiryMs);
  }

  private keep(answers: readonly Answer[], block: number, expiryMs: (index: number) => number): void {
    const { rows, decoder } = this;
    const found = answers.flatMap(([key, document]) => (document === null ? [] : [{ key, document }]));
    const batch = decoder.decode(foundSlices(found));
    let next = 0;
    for (const [index, [key, document, problem = null]] of answers.entries()) {
      const row = document === null ? -1 : next++;
      if (row >= 0 && batch.conditions[row] !== Condition.sound) {
        throw new SluiceError("RECORD_MALFORMED", `${this.options.lookup.label}, row ${key}: ${batch.brokenReason(row)}`);
      }
      rows.answer(rows.keyOf(key), batch, row, problem, block, expiryMs(index));
    }
  }

  private notesOf(answers: readonly Answer[], first: number): readonly LookupNote[] {
    const { lookup, number, topic } = this.options;
    const { statement, beginning } = lookup.compiled.plan;
    const offset = endOfBlock(first);
    const notes: LookupNote[] = [];
    let part: Answer[] = [];
    let bytes = 0;
    const end = (): void => {
      if (part.length > 0) notes.push({ kind: "lookup", topic, first, offset, statement, beginning, lookup: number, answers: part });
      part = [];
      bytes = 0;
    };
    for (const answer of answers) {
      const size = bytesOf(answer);
      if (size > LIMITS.lookupNoteBytesMax) {
        const message = `${lookup.label}, row ${answer[0]}: larger than ${LIMITS.lookupNoteBytesMax} bytes (lookupNoteBytesMax)`;
        throw new SluiceError("LIMIT_EXCEEDED", message, { hint: "select fewer of its fields" });
      }
      if (bytes + size > LIMITS.lookupNoteBytesMax) end();
      part.push(answer);
      bytes += size;
    }
    end();
    return notes;
  }

  /**
   * Of an earlier block nothing counts any more; of this one it may be too much, and is noted anew then. Where records come again that were
   * not taken, what is known may be of a later place: then it is looked up, or taken from notes, anew.
   */
  private makeRoom(first: number): void {
    const { rows } = this;
    if (this.restored.length > 0 && this.reached >= this.options.openedAt && first >= this.options.openedAt) this.restored = [];
    const isFull = rows.byteLength > LIMITS.lookupAnswersBytesMax && first >= this.openedAt;
    if (blockOf(first) === this.block && first >= this.reached && !isFull) return;
    if (first < this.reached) this.notes = this.restored;
    rows.reset();
  }

  /** Rows of which the condition is not true are none; false: there is no condition. */
  private judge(wide: ColumnBatch, from: number, to: number): boolean {
    const { residual } = this.options.lookup.compiled;
    if (residual === null) return false;
    const { rowIds } = this;
    if (this.verdicts.length < to) this.verdicts = new Uint8Array(rowIds.length);
    const { verdicts } = this;
    for (let row = from; row < to; row++) verdicts[row] = (rowIds[row] as number) < 0 ? Verdict.unasked : Verdict.asked;
    residual.judge(wide, from, to, this);
    for (let row = from; row < to; row++) if (verdicts[row] !== Verdict.true) rowIds[row] = -1;
    return true;
  }

  private reserve(rows: number): void {
    for (const column of [this.isThere, ...this.columns]) column.reserve(rows);
    if (this.rowIds.length < rows) this.rowIds = new Int32Array(2 ** Math.ceil(Math.log2(rows)));
  }
}

/**
 * What is noted of a place again, because its records were not taken the first time, counts from there on: earlier notes about what lies
 * behind do not. Behind a stop that left nothing open no record can have been taken, and nothing counts that was found before.
 */
function inEffect(notes: readonly LookupNote[]): readonly LookupNote[] {
  const kept: LookupNote[] = [];
  for (const note of notes) {
    if (note.isEnd === true) {
      kept.length = 0;
      continue;
    }
    for (let last = kept.at(-1); last !== undefined && last.first > note.first; last = kept.at(-1)) kept.pop();
    kept.push(note);
  }
  return kept;
}

/** The last offset for which what is noted at one counts. */
export function endOfBlock(offset: number): number {
  return (blockOf(offset) + 1) * LIMITS.lookupNoteRecords - 1;
}

function blockOf(offset: number): number {
  return Math.floor(offset / LIMITS.lookupNoteRecords);
}

function answerOf(key: string, row: FoundRow): Answer {
  if (row === null) return [key, null];
  return "problem" in row ? [key, null, row.problem] : [key, row.toString()];
}

/** At most, as JSON in a note. */
function bytesOf([key, row, problem]: Answer): number {
  return Buffer.byteLength(JSON.stringify([key, row, problem ?? ""]));
}
