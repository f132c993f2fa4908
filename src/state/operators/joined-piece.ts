import { LIMITS } from "../../limits.ts";
import { Condition, type FieldColumn } from "../../model/column-batch.ts";
import { rowsWithoutBytes } from "../../model/rows-without-bytes.ts";
import { GatheredColumn } from "../gathered-column.ts";
import type { PayloadReader, PayloadWriter } from "../payload.ts";
import type { RowStore } from "../row-store.ts";
import type { JoinOptions } from "./join-options.ts";
import type { JoinedRows } from "./operator.ts";

const ROWS_FIRST = 256;

/** A side's rows, and which of their extras is the first of its coordinates. */
export interface PieceSide {
  readonly store: RowStore;
  readonly firstCoordinate: number;
}

/** Joined rows on their way out, as pairs of row ids until they are drained; -1: the side is not there. At most `joinRowsMax`. */
export class JoinedPiece {
  count = 0;
  private readonly options: JoinOptions;
  private readonly left: PieceSide;
  private readonly right: PieceSide;
  private sequence = -1;
  /** Of the row that is pushed next, among those of its cause. */
  private ordinal = 0;
  private version = 0;
  private streamTimeMs = Number.NEGATIVE_INFINITY;
  private leftIds = new Int32Array(0);
  private rightIds = new Int32Array(0);
  private ordinals = new Int32Array(0);
  private noKeys = new Int32Array(0);
  private times = new Float64Array(0);
  private versions = new Float64Array(0);
  private sequences = new Float64Array(0);
  private streamTimes = new Float64Array(0);
  private conditions = new Uint8Array(0);
  private coordinates: readonly Float64Array[] = [];
  private readonly leftColumns: readonly GatheredColumn[];
  private readonly rightColumns: readonly GatheredColumn[];

  constructor(options: JoinOptions, left: PieceSide, right: PieceSide) {
    this.options = options;
    this.left = left;
    this.right = right;
    this.leftColumns = options.left.fields.map((field) => new GatheredColumn(field));
    this.rightColumns = options.right.fields.map((field) => new GatheredColumn(field));
  }

  get isFull(): boolean {
    return this.count >= LIMITS.joinRowsMax;
  }

  get byteLength(): number {
    const columns = [...this.leftColumns, ...this.rightColumns].reduce((sum, column) => sum + column.byteLength, 0);
    return columns + this.leftIds.length * (4 * 4 + 4 * 8 + 1 + this.coordinates.length * 8);
  }

  /** What makes the rows that follow. Several rows that are given may have one cause, where a join has made them. */
  begin(sequence: number, version: number, streamTimeMs: number): void {
    if (sequence !== this.sequence) this.ordinal = 0;
    this.sequence = sequence;
    this.version = version;
    this.streamTimeMs = streamTimeMs;
  }

  /** `streamTimeMs`: if not that of the cause. */
  push(leftId: number, rightId: number, timeMs: number, condition: number = Condition.sound, streamTimeMs = this.streamTimeMs): void {
    const row = this.count++;
    if (row >= this.leftIds.length) this.grow();
    this.leftIds[row] = leftId;
    this.rightIds[row] = rightId;
    this.ordinals[row] = this.ordinal++;
    this.times[row] = timeMs;
    this.versions[row] = this.version;
    this.sequences[row] = this.sequence;
    this.streamTimes[row] = streamTimeMs;
    this.conditions[row] = condition;
  }

  /** How far the rows of the present cause are numbered. */
  writePlace(writer: PayloadWriter): void {
    writer.float64(this.sequence);
    writer.uint32(this.ordinal);
  }

  readPlace(reader: PayloadReader): void {
    this.sequence = reader.float64();
    this.ordinal = reader.uint32();
  }

  /** The rows so far; null: there are none. */
  drain(): JoinedRows | null {
    const { count, leftIds, rightIds, left, right } = this;
    if (count === 0) return null;
    this.count = 0;
    for (const column of this.leftColumns) column.reserve(leftIds.length);
    for (const column of this.rightColumns) column.reserve(leftIds.length);
    left.store.gather(leftIds, 0, count, this.leftColumns);
    right.store.gather(rightIds, 0, count, this.rightColumns);
    const { inputs } = this.options.left;
    this.gatherCoordinates(left, leftIds, this.coordinates.slice(0, inputs), count);
    this.gatherCoordinates(right, rightIds, this.coordinates.slice(inputs), count);
    const columns: readonly FieldColumn[] = [...this.leftColumns, ...this.rightColumns];
    const { conditions, ordinals, versions, streamTimes: streamTimesMs, coordinates } = this;
    const { partition } = this.options;
    const slices = rowsWithoutBytes({ partition, count, offsets: this.sequences, timestampsMs: this.times }, this.noKeys);
    const batch = { slices, count, columns, conditions, brokenReason: () => "" };
    return { from: 0, to: count, batch, ordinals, versions, streamTimesMs, coordinates };
  }

  private gatherCoordinates({ store, firstCoordinate }: PieceSide, ids: Int32Array, into: readonly Float64Array[], count: number): void {
    for (const [i, offsets] of into.entries()) store.gatherExtra(firstCoordinate + i, ids, 0, count, offsets);
  }

  private grow(): void {
    const rows = Math.min(Math.max(this.leftIds.length * 2, ROWS_FIRST), LIMITS.joinRowsMax);
    const { left, right } = this.options;
    this.leftIds = copied(new Int32Array(rows), this.leftIds);
    this.rightIds = copied(new Int32Array(rows), this.rightIds);
    this.ordinals = copied(new Int32Array(rows), this.ordinals);
    this.times = copied(new Float64Array(rows), this.times);
    this.versions = copied(new Float64Array(rows), this.versions);
    this.sequences = copied(new Float64Array(rows), this.sequences);
    this.streamTimes = copied(new Float64Array(rows), this.streamTimes);
    this.conditions = copied(new Uint8Array(rows), this.conditions);
    this.noKeys = new Int32Array(rows).fill(-1);
    this.coordinates = Array.from({ length: left.inputs + right.inputs }, () => new Float64Array(rows));
  }
}

function copied<T extends Int32Array | Float64Array | Uint8Array>(larger: T, values: T): T {
  larger.set(values);
  return larger;
}
