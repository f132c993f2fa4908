import { must } from "../../assert.ts";
import { LIMITS } from "../../limits.ts";
import { type FieldColumn, Tag } from "../../model/column-batch.ts";
import { rowsWithoutBytes } from "../../model/rows-without-bytes.ts";
import type { CompiledOver } from "../../plan/code/compile-joins.ts";
import { GatheredColumn } from "../gathered-column.ts";
import type { RowStore } from "../row-store.ts";
import type { JoinedRows } from "./operator.ts";

/** What is kept beside a row: its places follow, by column. */
export const RankedExtra = { timeMs: 0, coordinate: 1, ordinal: 2, places: 3 } as const;

const ROWS_FIRST = 256;
const PLACE_BYTES = 16;

/** Rows of a ranking on their way out, with the places that they had when they were pushed. */
export class RankedPiece {
  count = 0;
  private readonly store: RowStore;
  private readonly partition: number;
  private readonly added: readonly number[];
  private readonly kept: readonly (GatheredColumn | null)[];
  private readonly columns: readonly GatheredColumn[];
  private rowIds = new Int32Array(0);
  private conditions = new Uint8Array(0);
  /** By added column. */
  private places: Float64Array[];
  private sequences = new Float64Array(0);
  private versions = new Float64Array(0);
  private streamTimes = new Float64Array(0);
  private noKeys = new Int32Array(0);
  private sequence = 0;
  private version = 0;
  private streamTimeMs = 0;

  /** `columns`: what the store keeps. */
  constructor({ over, fields, columns: given, added }: CompiledOver, columns: readonly number[], store: RowStore, partition: number) {
    this.store = store;
    this.partition = partition;
    this.added = added;
    this.places = over.columns.map(() => new Float64Array(0));
    this.columns = fields.map((field) => new GatheredColumn(field));
    this.kept = columns.map((column) => this.columns[given.indexOf(column)] ?? null);
  }

  get isFull(): boolean {
    return this.count >= LIMITS.joinRowsMax;
  }

  get byteLength(): number {
    const columns = this.columns.reduce((sum, column) => sum + column.byteLength, 0);
    return columns + this.rowIds.length * (4 * 2 + 1 + 3 * 8 + this.places.length * 8);
  }

  /** What makes the rows that follow. */
  begin(sequence: number, version: number, streamTimeMs: number): void {
    this.sequence = sequence;
    this.version = version;
    this.streamTimeMs = streamTimeMs;
  }

  push(rowId: number, condition: number): void {
    if (this.count === this.rowIds.length) this.grow();
    const row = this.count++;
    this.rowIds[row] = rowId;
    this.conditions[row] = condition;
    for (let column = 0; column < this.places.length; column++) {
      must(this.places[column])[row] = (this.store.extras[RankedExtra.places + column] as Float64Array)[rowId] as number;
    }
    this.sequences[row] = this.sequence;
    this.versions[row] = this.version;
    this.streamTimes[row] = this.streamTimeMs;
  }

  drain(): JoinedRows | null {
    const { count, rowIds, store } = this;
    if (count === 0) return null;
    this.count = 0;
    for (const column of this.columns) column.reserve(rowIds.length);
    store.gather(rowIds, 0, count, this.kept);
    for (const [index, column] of this.columns.entries()) {
      const from = this.added[index] as number;
      if (from >= 0) writeNumbers(column, must(this.places[from]), count);
    }
    const times = this.extra(RankedExtra.timeMs, count);
    const columns: readonly FieldColumn[] = this.columns;
    const slices = rowsWithoutBytes({ partition: this.partition, count, offsets: this.sequences, timestampsMs: times }, this.noKeys);
    const batch = { slices, count, columns, conditions: this.conditions, brokenReason: () => "" };
    const ordinals = Int32Array.from(this.extra(RankedExtra.ordinal, count));
    const coordinates = [this.extra(RankedExtra.coordinate, count)];
    return { from: 0, to: count, batch, ordinals, versions: this.versions, streamTimesMs: this.streamTimes, coordinates };
  }

  private extra(extra: number, count: number): Float64Array {
    const values = new Float64Array(count);
    this.store.gatherExtra(extra, this.rowIds, 0, count, values);
    return values;
  }

  private grow(): void {
    const rows = Math.max(this.rowIds.length * 2, ROWS_FIRST);
    this.rowIds = copied(new Int32Array(rows), this.rowIds);
    this.conditions = copied(new Uint8Array(rows), this.conditions);
    this.places = this.places.map((places) => copied(new Float64Array(rows), places));
    this.sequences = copied(new Float64Array(rows), this.sequences);
    this.versions = copied(new Float64Array(rows), this.versions);
    this.streamTimes = copied(new Float64Array(rows), this.streamTimes);
    this.noKeys = new Int32Array(rows).fill(-1);
  }
}

/** Numbers with their texts, which lie in memory of their own. */
function writeNumbers(column: GatheredColumn, numbers: Float64Array, count: number): void {
  const bytes = Buffer.allocUnsafe(count * PLACE_BYTES);
  let end = 0;
  for (let row = 0; row < count; row++) {
    const number = numbers[row] as number;
    column.tags[row] = Tag.number;
    column.numbers[row] = number;
    column.starts[row] = end;
    end += bytes.write(String(number), end, "latin1");
    column.ends[row] = end;
  }
  column.bytes = bytes;
}

function copied<T extends Int32Array | Float64Array | Uint8Array>(larger: T, values: T): T {
  larger.set(values);
  return larger;
}
