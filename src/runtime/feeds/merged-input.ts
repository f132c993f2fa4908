import { LIMITS } from "../../limits.ts";
import type { ColumnBatch } from "../../model/column-batch.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { Decoder } from "../../ports/codec.ts";
import type { FetchResult, PartitionReader } from "../../ports/source.ts";
import type { Note, QuietNote } from "../../state/journal/blob.ts";
import type { Environment } from "../environment.ts";
import type { BatchLookups } from "../lookups/batch-lookups.ts";
import { BatchMarks } from "./batch-marks.ts";
import type { FarAhead } from "./far-ahead.ts";
import type { InputPlace } from "./input-place.ts";
import type { SharedLog } from "./shared-log.ts";

export interface MergedInputOptions {
  readonly log: SharedLog;
  readonly decoder: Decoder;
  /** How far it was taken; goes on with it. */
  readonly place: InputPlace;
  /** Of this input, by offset. */
  readonly quiet: readonly QuietNote[];
  readonly farAhead: FarAhead;
  /** null: nothing is looked up for its records. */
  readonly lookups: BatchLookups | null;
  readonly env: Environment;
  readonly appendNotes: (notes: readonly Note[]) => Promise<void>;
}

/** As of which time the first record of an input counts, at least: before all times, and one that a note can go beyond. */
const NO_TIME = Number.MIN_SAFE_INTEGER;

/**
 * One of the logs that are merged (`runtime.md` §9): what was fetched of it and is not taken yet, and as of which time its next record
 * counts. The log time of a record is the largest accepted record timestamp up to it.
 */
export class MergedInput {
  readonly options: MergedInputOptions;
  readonly place: InputPlace;
  readonly marks = new BatchMarks();
  /** Offset at which a bounded run ends; Infinity: follow. */
  endOffset = Number.POSITIVE_INFINITY;
  logEndOffset = 0;
  /** When the last fetch found nothing behind what was fetched, on the monotonic clock; null: it found something. */
  quietMs: number | null = null;
  /** Nothing has come since a note said that nothing comes. */
  wasQuiet = false;
  /** Something was fetched, or could not be. */
  onChange: () => void = () => {};
  /** Of the rows of the batch at hand. */
  logTimes = new Float64Array(0);
  row = 0;
  rows = 0;
  private readonly reader: PartitionReader;
  private quiet: readonly QuietNote[];
  private batch: ColumnBatch | null = null;
  private slices: readonly RecordSlices[] = [];
  private current: FetchResult | null = null;
  private ahead: FetchResult | null = null;
  private fetching: Promise<void> | null = null;
  private failure: unknown = null;
  private readonly stopping = new AbortController();
  private nextFetch: number;

  constructor(options: MergedInputOptions) {
    this.options = options;
    this.place = options.place;
    this.quiet = options.quiet;
    this.nextFetch = options.place.cursor;
    this.skipTo(options.place.cursor);
    this.reader = options.log.open();
  }

  /** A row is at hand. */
  get hasHead(): boolean {
    return this.row < this.rows;
  }

  /** Nothing of it will be taken any more. */
  get isAtEnd(): boolean {
    return !this.hasHead && this.place.cursor >= this.endOffset;
  }

  /** As of which time the next row counts, at least. */
  get nextTimeMs(): number {
    if (this.hasHead) return this.logTimes[this.row] as number;
    return Math.max(this.place.logTimeMs, NO_TIME);
  }

  /** The first row at hand that lies at or behind the offset. */
  rowBehind(offset: number): number {
    const { row, rows, batch } = this;
    let behind = row;
    while (behind < rows && ((batch as ColumnBatch).slices.offsets[behind] as number) < offset) behind++;
    return behind;
  }

  /** A note says that the log had nothing, and what comes next counts as of then at least. */
  foundQuiet(timeMs: number): void {
    this.wasQuiet = true;
    this.raise(timeMs);
  }

  /** Rows up to there were taken. */
  taken(to: number): void {
    const { slices } = this.batch as ColumnBatch;
    const { place } = this;
    this.raise(this.logTimes[to - 1] as number);
    this.row = to;
    this.skipTo(to < slices.count ? (slices.offsets[to] as number) : slices.nextOffset);
    if (to === slices.count) place.mark = slices.mark ?? place.mark;
  }

  /** Brings a row to hand where one was fetched; what was taken may not be looked at any more. Rejects where fetching failed. */
  async load(): Promise<void> {
    while (!this.hasHead && !this.isAtEnd) {
      if (this.failure !== null) throw this.failure;
      const [next] = this.slices;
      if (next !== undefined) {
        this.slices = this.slices.slice(1);
        await this.open(next);
        continue;
      }
      if (this.current !== null) this.skipTo(this.current.nextOffset);
      if (this.ahead === null) {
        this.fetchMore();
        return;
      }
      this.turn(this.ahead);
    }
  }

  /** Nobody waits for it any more. */
  giveUp(): void {
    this.stopping.abort();
  }

  /** Fetches nothing any more. */
  async close(): Promise<void> {
    this.stopping.abort();
    await this.fetching;
    await this.reader.close();
  }

  private raise(timeMs: number): void {
    this.place.logTimeMs = Math.max(this.place.logTimeMs, timeMs);
  }

  /** To the next answer; nobody looks at the one before any more. */
  private turn(next: FetchResult): void {
    this.marks.end();
    this.current?.release?.();
    this.current = next;
    this.ahead = null;
    this.slices = next.batches;
    this.fetchMore();
  }

  /** Nothing but markers and holes up to there. */
  private skipTo(offset: number): void {
    const { place } = this;
    place.cursor = Math.max(place.cursor, Math.min(offset, this.endOffset));
    for (const note of this.quiet) if (note.offset <= place.cursor) this.raise(note.timeMs);
  }

  private async open(slices: RecordSlices): Promise<void> {
    const { farAhead, env, appendNotes, decoder, lookups } = this.options;
    await farAhead.decide(slices, env.clock.now(), (note) => appendNotes([{ ...note, topic: this.place.log }]));
    let from = 0;
    while (from < slices.count && (slices.offsets[from] as number) < this.place.cursor) from++;
    let to = slices.count;
    while (to > from && (slices.offsets[to - 1] as number) >= this.endOffset) to--;
    const decoded = decoder.decode(slices);
    this.batch = lookups === null ? decoded : await lookups.add(decoded, from, to, this.stopping.signal);
    this.marks.begin(this.batch, from, to, farAhead);
    this.row = from;
    this.rows = to;
    this.stamp(slices, from, to);
    if (from < to) this.wasQuiet = false;
    if (from === to) this.skipTo(slices.nextOffset);
  }

  private stamp({ timestampsMs, offsets }: RecordSlices, from: number, to: number): void {
    if (this.logTimes.length < to) this.logTimes = new Float64Array(to * 2);
    let time = Math.max(this.place.logTimeMs, NO_TIME);
    const quiet = this.quiet.filter(({ offset }) => offset > this.place.cursor);
    let noted = 0;
    for (let row = from; row < to; row++) {
      const offset = offsets[row] as number;
      for (let note = quiet[noted]; note !== undefined && note.offset <= offset; note = quiet[++noted]) time = Math.max(time, note.timeMs);
      if (!this.marks.isAhead(row)) time = Math.max(time, timestampsMs[row] as number);
      this.logTimes[row] = time;
    }
  }

  private fetchMore(): void {
    const { signal } = this.stopping;
    if (this.fetching !== null || this.ahead !== null || this.nextFetch >= this.endOffset || signal.aborted) return;
    const request = { offset: this.nextFetch, maxBytes: LIMITS.fetchBytesMax, waitMs: LIMITS.fetchWaitMs, signal };
    this.fetching = this.reader.fetch(request).then(
      (result) => {
        this.fetching = null;
        const isQuiet = result.batches.length === 0 && result.nextOffset >= result.bounds.endOffset;
        this.quietMs = isQuiet ? this.options.env.clock.monotonic() : null;
        this.logEndOffset = result.bounds.endOffset;
        this.nextFetch = result.nextOffset;
        this.ahead = result;
        this.onChange();
      },
      (error: unknown) => {
        this.fetching = null;
        this.failure = error;
        this.onChange();
      },
    );
  }
}
