import { type ColumnBatch, Condition } from "../../model/column-batch.ts";
import { type EventTimes, Flag, type RowMarks, type TimeColumn } from "../../plan/code/task.ts";
import type { VersionClock } from "../tasks/version-clock.ts";
import type { FarAhead } from "./far-ahead.ts";
import { follow, type OriginRow, type Origins, originRowsOf, type RepeatFilter, sameOrigins } from "./repeat-filter.ts";
import type { WallTimes } from "./wall-times.ts";

const ROWS_FIRST = 1024;

/**
 * What the tasks of a cohort have in common in a batch: made once for all whose clocks, or places in what other
 * statements wrote, agree, as they do in normal life. Arrays are used again for the next batch.
 */
export class BatchMarks {
  /** Rows [from, to) are fed. */
  from = 0;
  to = 0;
  /** Headers of other statements' records; null: no record has any. */
  origins: readonly (OriginRow | null)[] | null = null;
  private current: ColumnBatch | null = null;
  /** 1: a note refuses the row's timestamp. null: of no row. */
  private ahead: Uint8Array | null = null;
  /** null: nobody goes by processing time. */
  wallTimes: WallTimes | null = null;
  private latestTimestampMs = Number.NEGATIVE_INFINITY;
  private readonly variants: MarkVariant[] = [];
  private variantsUsed = 0;
  private readonly versions: { floor: number; stride: number; values: Float64Array<ArrayBuffer> }[] = [];
  private versionsUsed = 0;

  get batch(): ColumnBatch {
    return this.current as ColumnBatch;
  }

  begin(batch: ColumnBatch, from: number, to: number, farAhead: FarAhead, wallTimes: WallTimes | null = null): void {
    this.wallTimes = wallTimes;
    this.current = batch;
    this.from = from;
    this.to = to;
    this.variantsUsed = 0;
    this.versionsUsed = 0;
    this.origins = originRowsOf(batch.slices);
    this.ahead = farAhead.marksFor(batch.slices);
    this.latestTimestampMs = this.latestOf(from, to);
  }

  /** Lets the batch's memory go. */
  end(): void {
    this.current = null;
    this.origins = null;
  }

  /** The flags of a statement that has taken so much of what other statements wrote. */
  variantFor(repeats: RepeatFilter): MarkVariant {
    for (let index = 0; index < this.variantsUsed; index++) {
      const variant = this.variants[index] as MarkVariant;
      if (this.origins !== null && !sameOrigins(variant.before, repeats.origins)) continue;
      if (this.origins !== null) repeats.origins = variant.before;
      return variant;
    }
    const variant = this.variants[this.variantsUsed] ?? new MarkVariant(this);
    this.variants[this.variantsUsed++] = variant;
    variant.begin(this.ahead, repeats.origins);
    return variant;
  }

  /** The versions that a clock gives to the rows. */
  versionsFor(clock: VersionClock): Float64Array {
    const { floor, stride } = clock;
    for (let index = 0; index < this.versionsUsed; index++) {
      const known = this.versions[index];
      if (known?.floor === floor && known.stride === stride) return known.values;
    }
    const stamps = this.versions[this.versionsUsed] ?? { floor, stride, values: new Float64Array(ROWS_FIRST) };
    this.versions[this.versionsUsed++] = stamps;
    stamps.floor = floor;
    stamps.stride = stride;
    if (stamps.values.length < this.to) stamps.values = new Float64Array(roomFor(this.to));
    clock.stamp(this.batch.slices.timestampsMs, this.from, this.to, this.ahead, stamps.values);
    return stamps.values;
  }

  /** Whether a note refuses the row's timestamp. */
  isAhead(row: number): boolean {
    return this.ahead !== null && this.ahead[row] === 1;
  }

  /** The versions that a clock gives to the rows, whatever other tasks do. */
  stamp(clock: VersionClock, from: number, to: number, versions: Float64Array): void {
    clock.stamp(this.batch.slices.timestampsMs, from, to, this.ahead, versions);
  }

  /** The largest record timestamp of rows [from, to) that no note refuses. */
  latestOf(from: number, to: number): number {
    const { timestampsMs } = this.batch.slices;
    const { ahead } = this;
    let latest = Number.NEGATIVE_INFINITY;
    for (let row = from; row < to; row++) {
      const time = timestampsMs[row] as number;
      if (time > latest && (ahead === null || ahead[row] === 0)) latest = time;
    }
    return latest;
  }

  /** The same of all rows that are fed. */
  get latestMs(): number {
    return this.latestTimestampMs;
  }
}

/** The marks of all tasks that drop the same repeats. */
export class MarkVariant implements RowMarks {
  flags = new Uint8Array(ROWS_FIRST);
  isSound = true;
  /** What the tasks had taken of other statements' records before the rows, and have after them. */
  before: Origins = new Map();
  after: Origins = new Map();
  private readonly marks: BatchMarks;
  private readonly columns = new Map<string, { column: GrowingTimes; batch: ColumnBatch | null }>();

  constructor(marks: BatchMarks) {
    this.marks = marks;
  }

  begin(ahead: Uint8Array | null, origins: Origins): void {
    const { batch, from, to } = this.marks;
    const { conditions } = batch;
    if (this.flags.length < to) this.flags = new Uint8Array(roomFor(to));
    const { flags } = this;
    let isSound = true;
    for (let row = from; row < to; row++) {
      const condition = conditions[row];
      if (condition === Condition.sound) flags[row] = ahead === null || ahead[row] === 0 ? Flag.none : Flag.ahead;
      else {
        flags[row] = condition === Condition.broken ? Flag.broken : Flag.tombstone;
        isSound = false;
      }
    }
    this.before = origins;
    this.after = origins;
    if (this.marks.origins !== null) {
      const followed = new Map(origins);
      for (let row = from; row < to; row++) {
        const origin = this.marks.origins[row] as OriginRow | null;
        if (origin === null || !follow(followed, origin)) continue;
        flags[row] = Flag.repeat;
        isSound = false;
      }
      this.after = followed;
    }
    this.isSound = isSound;
    for (const known of this.columns.values()) known.batch = null;
  }

  timesOf({ key, wallOf, fill }: EventTimes): TimeColumn {
    const { batch, from, to } = this.marks;
    const known = this.columns.get(key) ?? { column: new GrowingTimes(), batch: null };
    if (known.batch !== batch) {
      this.columns.set(key, known);
      known.batch = batch;
      known.column.begin(to);
      if (wallOf === null) fill(batch, from, to, this.flags, known.column.times);
      else this.marks.wallTimes?.fill(wallOf, batch, from, to, known.column.times);
      known.column.follow(from, to, this.flags);
    }
    return known.column;
  }
}

class GrowingTimes implements TimeColumn {
  times = new Float64Array(ROWS_FIRST);
  latest = new Float64Array(ROWS_FIRST);
  isSound = true;

  begin(rows: number): void {
    if (this.times.length >= rows) return;
    this.times = new Float64Array(roomFor(rows));
    this.latest = new Float64Array(roomFor(rows));
  }

  follow(from: number, to: number, flags: Uint8Array): void {
    const { times, latest } = this;
    let last = Number.NEGATIVE_INFINITY;
    let isSound = true;
    for (let row = from; row < to; row++) {
      const time = times[row] as number;
      if (time > last && flags[row] === Flag.none) last = time;
      if (Number.isNaN(time)) isSound = false;
      latest[row] = last;
    }
    this.isSound = isSound;
  }
}

function roomFor(rows: number): number {
  return 2 ** Math.ceil(Math.log2(rows));
}
