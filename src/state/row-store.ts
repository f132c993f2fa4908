import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { type FieldColumn, Tag } from "../model/column-batch.ts";
import { copyBytes, dataViewOf } from "../model/copy-bytes.ts";
import type { GatheredColumn } from "./gathered-column.ts";
import type { PayloadReader, PayloadWriter } from "./payload.ts";

const ROWS_FIRST = 256;
const ARENA_FIRST = 1 << 14;
/** Arena bytes that may lie unused before the rest is moved together. */
const GARBAGE_BYTES_MIN = 1 << 16;
const UNIT = 8;
/** What stands before a row's cells: its id, and the units that the entry takes. */
const HEAD_UNITS = 1;
const HEAD_INTS = 2;
/** A cell is its number, where its text begins (from the beginning of the entry), and its tag beside the length of the text. */
const CELL_UNITS = 2;
const TAG_BITS = 4;
const TAG_MASK = (1 << TAG_BITS) - 1;
const TEXT_BYTES_MAX = 2 ** (32 - TAG_BITS) - 1;
/** In `places`: nothing lies there. Of a row that was freed, and may still be read, it is the complement of its place. */
const NOWHERE = -(2 ** 31);
const BLOCK_ROWS = 256;

/**
 * Rows that outlive the batch they came in: of some columns, with all that generated code sees of a cell. Each row is one entry of an
 * arena, its texts behind its cells, so that a row is a few lines of the processor's cache; what was gathered refers to the arena of
 * that time, which is never written again where it was written once.
 */
export class RowStore {
  /** By number, then by row id: what the owner keeps beside a row. Arrays are replaced when they grow. */
  readonly extras: Float64Array[];
  private readonly columns: readonly number[];
  /** Which of the columns is the whole document, in which the texts of others lie; -1: none; null: no row has come yet. */
  private whole: number | null = null;
  private places = new Int32Array(ROWS_FIRST).fill(NOWHERE);
  private idCount = 0;
  private readonly spare: number[] = [];
  /** Freed since the last `sweep`. */
  private leaving: number[] = [];
  private arena = Buffer.allocUnsafeSlow(ARENA_FIRST);
  private view = dataViewOf(this.arena);
  private ints = intsOf(this.arena);
  private numbers = numbersOf(this.arena);
  private used = 0;
  private garbage = 0;
  private kept = 0;
  private readonly block = new Int32Array(BLOCK_ROWS);
  /** Where the last text was copied from: most columns of a batch lie in the same bytes. */
  private source: Buffer = this.arena;
  private sourceView = this.view;

  /** `columns`: numbers of those that are kept, in the batches that rows come from. */
  constructor(columns: readonly number[], extras: number) {
    this.columns = columns;
    this.extras = Array.from({ length: extras }, () => new Float64Array(ROWS_FIRST));
  }

  get count(): number {
    return this.kept;
  }

  /** Row ids are below. */
  get capacity(): number {
    return this.places.length;
  }

  get columnCount(): number {
    return this.columns.length;
  }

  get byteLength(): number {
    return this.arena.length + this.places.length * (4 + this.extras.length * 8) + (this.spare.length + this.leaving.length) * 8;
  }

  isKept(rowId: number): boolean {
    return (this.places[rowId] as number) >= 0;
  }

  /** Keeps a row of a batch; the owner sets its extras. */
  add(batch: readonly FieldColumn[], row: number): number {
    const { columns } = this;
    const count = columns.length;
    const whole = this.wholeOf(batch, row);
    let bytes = (HEAD_UNITS + count * CELL_UNITS) * UNIT;
    for (let i = 0; i < count; i++) {
      const column = batch[columns[i] as number] as FieldColumn;
      if (whole === null || column === whole || !liesIn(column, whole, row)) bytes += textEnd(column, row) - textStart(column, row);
    }
    const rowId = this.newEntry(bytes);
    const place = this.places[rowId] as number;
    const { ints, numbers, view } = this;
    const entry = place * UNIT;
    const texts = entry + (HEAD_UNITS + count * CELL_UNITS) * UNIT;
    // The whole document comes first, where others may refer to it.
    let at = whole === null ? texts : copyBytes(view, texts, this.viewOf(whole.bytes), textStart(whole, row), textEnd(whole, row));
    for (let i = 0; i < count; i++) {
      const column = batch[columns[i] as number] as FieldColumn;
      const tag = column.tags[row] as number;
      const cell = place * 2 + HEAD_INTS + count * 2 + i * 2;
      numbers[place + HEAD_UNITS + i] = tag === Tag.number || tag === Tag.wide ? (column.numbers[row] as number) : 0;
      if (tag < Tag.number) {
        ints[cell] = 0;
        ints[cell + 1] = tag;
        continue;
      }
      const start = column.starts[row] as number;
      ints[cell + 1] = (((column.ends[row] as number) - start) << TAG_BITS) | tag;
      if (whole !== null && (column === whole || liesIn(column, whole, row))) {
        ints[cell] = texts - entry + start - (whole.starts[row] as number);
        continue;
      }
      ints[cell] = at - entry + start - textStart(column, row);
      at = copyBytes(view, at, this.viewOf(column.bytes), textStart(column, row), textEnd(column, row));
    }
    return rowId;
  }

  /** The row goes; it may be read until the next `sweep`. */
  free(rowId: number): void {
    const place = this.places[rowId] as number;
    this.places[rowId] = ~place;
    this.garbage += (this.ints[place * 2 + 1] as number) * UNIT;
    this.leaving.push(rowId);
    this.kept--;
  }

  /** Ids of rows that went are given again from here on. */
  sweep(): void {
    const { leaving, spare } = this;
    this.source = this.arena;
    this.sourceView = this.view;
    if (leaving.length === 0) return;
    for (const rowId of leaving) {
      this.places[rowId] = NOWHERE;
      spare.push(rowId);
    }
    this.leaving = [];
    if (this.isWasteful) this.move(Math.max((this.used - this.garbage) * 2, ARENA_FIRST));
  }

  /** Writes the cells of rows `rowIds[from, to)` to rows [from, to) of each column that is wanted; of -1 they are absent. */
  gather(rowIds: Int32Array, from: number, to: number, into: readonly (GatheredColumn | null)[]): void {
    for (const column of into) if (column !== null) column.bytes = this.arena;
    for (let start = from; start < to; start += BLOCK_ROWS) this.gatherBlock(rowIds, start, Math.min(start + BLOCK_ROWS, to), into);
  }

  /** A few rows at a time, so that their entries stay in the processor's cache from one column to the next. */
  private gatherBlock(rowIds: Int32Array, from: number, to: number, into: readonly (GatheredColumn | null)[]): void {
    const { places, block, ints, numbers } = this;
    const count = this.columns.length;
    for (let row = from; row < to; row++) {
      const rowId = rowIds[row] as number;
      const place = rowId < 0 ? -1 : (places[rowId] as number);
      block[row - from] = rowId >= 0 && place < 0 ? ~place : place;
    }
    for (let i = 0; i < count; i++) {
      const column = into[i] as GatheredColumn | null;
      if (column === null) continue;
      const { tags, numbers: values, starts, ends } = column;
      for (let row = from; row < to; row++) {
        const place = block[row - from] as number;
        if (place < 0) {
          tags[row] = Tag.absent;
          continue;
        }
        const cell = place * 2 + HEAD_INTS + count * 2 + i * 2;
        const packed = ints[cell + 1] as number;
        const start = place * UNIT + (ints[cell] as number);
        tags[row] = packed & TAG_MASK;
        values[row] = numbers[place + HEAD_UNITS + i] as number;
        starts[row] = start;
        ends[row] = start + (packed >>> TAG_BITS);
      }
    }
  }

  /** The extra of rows `rowIds[from, to)`, NaN of -1. */
  gatherExtra(extra: number, rowIds: Int32Array, from: number, to: number, into: Float64Array): void {
    const values = this.extras[extra] as Float64Array;
    for (let row = from; row < to; row++) {
      const rowId = rowIds[row] as number;
      into[row] = rowId < 0 ? Number.NaN : (values[rowId] as number);
    }
  }

  writeRow(writer: PayloadWriter, rowId: number): void {
    const place = this.places[rowId] as number;
    const bytes = ((this.ints[place * 2 + 1] as number) - HEAD_UNITS) * UNIT;
    const start = (place + HEAD_UNITS) * UNIT;
    for (const extra of this.extras) writer.float64(extra[rowId] as number);
    writer.uint32(bytes);
    writer.copy(this.view, start, start + bytes);
  }

  /** Keeps a row that was written; gives its id. */
  readRow(reader: PayloadReader): number {
    const extras = this.extras.map(() => reader.float64());
    const cells = reader.bytes(reader.uint32());
    const rowId = this.newEntry(HEAD_UNITS * UNIT + cells.length);
    this.arena.set(cells, ((this.places[rowId] as number) + HEAD_UNITS) * UNIT);
    for (const [i, value] of extras.entries()) (this.extras[i] as Float64Array)[rowId] = value;
    return rowId;
  }

  /** The column of the row's whole document, if it is kept and there is one. */
  private wholeOf(batch: readonly FieldColumn[], row: number): FieldColumn | null {
    this.whole ??= this.columns.findIndex((number) => isWhole(batch[number] as FieldColumn));
    if (this.whole < 0) return null;
    const column = batch[this.columns[this.whole] as number] as FieldColumn;
    return (column.tags[row] as number) === Tag.object ? column : null;
  }

  private viewOf(bytes: Buffer): DataView {
    if (bytes !== this.source) {
      this.source = bytes;
      this.sourceView = dataViewOf(bytes);
    }
    return this.sourceView;
  }

  private get isWasteful(): boolean {
    return this.garbage > GARBAGE_BYTES_MIN && this.garbage * 2 > this.used;
  }

  /** Room for an entry of so many bytes, with its head. */
  private newEntry(bytes: number): number {
    const units = Math.ceil(bytes / UNIT);
    if (bytes > TEXT_BYTES_MAX) throw tooLarge();
    if (this.used + units * UNIT > this.arena.length) this.makeRoom(units * UNIT);
    const rowId = this.spare.pop() ?? this.idCount++;
    if (rowId === this.places.length) this.growRows();
    const place = this.used / UNIT;
    this.places[rowId] = place;
    this.ints[place * 2] = rowId;
    this.ints[place * 2 + 1] = units;
    // Nothing of what lay there before goes into a payload.
    this.numbers[place + units - 1] = 0;
    this.used += units * UNIT;
    this.kept++;
    return rowId;
  }

  private growRows(): void {
    const larger = new Int32Array(this.places.length * 2).fill(NOWHERE);
    larger.set(this.places);
    this.places = larger;
    for (const [i, extra] of this.extras.entries()) {
      const longer = new Float64Array(larger.length);
      longer.set(extra);
      this.extras[i] = longer;
    }
  }

  private makeRoom(bytes: number): void {
    const needed = this.used + bytes;
    if (this.isWasteful && this.leaving.length === 0) {
      this.move(Math.max((needed - this.garbage) * 2, ARENA_FIRST));
      return;
    }
    if (needed > LIMITS.stateBytesMax) throw tooLarge();
    const larger = Buffer.allocUnsafeSlow(Math.max(Math.min(this.arena.length * 2, LIMITS.stateBytesMax), roundUp(needed)));
    this.arena.copy(larger, 0, 0, this.used);
    this.put(larger);
  }

  /** Moves all rows together, into other memory: what was gathered from the old one stays as it is. */
  private move(bytes: number): void {
    const { arena, ints, places } = this;
    const smaller = Buffer.allocUnsafeSlow(roundUp(bytes));
    let used = 0;
    for (let at = 0; at < this.used; ) {
      const rowId = ints[at / 4] as number;
      const length = (ints[at / 4 + 1] as number) * UNIT;
      if (places[rowId] === at / UNIT) {
        arena.copy(smaller, used, at, at + length);
        places[rowId] = used / UNIT;
        used += length;
      }
      at += length;
    }
    this.put(smaller);
    this.used = used;
    this.garbage = 0;
  }

  private put(arena: Buffer<ArrayBuffer>): void {
    this.arena = arena;
    this.view = dataViewOf(arena);
    this.ints = intsOf(arena);
    this.numbers = numbersOf(arena);
  }
}

function isWhole({ field }: FieldColumn): boolean {
  return field.root === "value" && field.path.length === 0;
}

/** Whether the text of a cell is a part of that of another. */
function liesIn(column: FieldColumn, whole: FieldColumn, row: number): boolean {
  if (column.bytes !== whole.bytes || (column.tags[row] as number) < Tag.number) return false;
  return (column.starts[row] as number) >= (whole.starts[row] as number) && (column.ends[row] as number) <= (whole.ends[row] as number);
}

/** A string is kept with its quotes, because whoever copies it takes them along. */
function textStart(column: FieldColumn, row: number): number {
  const tag = column.tags[row] as number;
  const start = column.starts[row] as number;
  return tag < Tag.number ? 0 : tag === Tag.string || tag === Tag.escaped ? start - 1 : start;
}

function textEnd(column: FieldColumn, row: number): number {
  const tag = column.tags[row] as number;
  const end = column.ends[row] as number;
  return tag < Tag.number ? 0 : tag === Tag.string || tag === Tag.escaped ? end + 1 : end;
}

function intsOf({ buffer, byteOffset, length }: Buffer): Int32Array {
  return new Int32Array(buffer, byteOffset, length >> 2);
}

function numbersOf({ buffer, byteOffset, length }: Buffer): Float64Array {
  return new Float64Array(buffer, byteOffset, length >> 3);
}

function roundUp(bytes: number): number {
  return Math.ceil(bytes / UNIT) * UNIT;
}

function tooLarge(): SluiceError {
  return new SluiceError("LIMIT_EXCEEDED", `the state is larger than ${LIMITS.stateBytesMax} bytes (stateBytesMax)`);
}
