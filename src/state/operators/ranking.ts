import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import { type Comparator, comparatorOf } from "../../functions/comparator.ts";
import { LIMITS } from "../../limits.ts";
import { Condition, type FieldColumn } from "../../model/column-batch.ts";
import type { Value } from "../../model/value.ts";
import type { CompiledOver } from "../../plan/code/compile-joins.ts";
import { FAILED_KEY } from "../../plan/code/join-code.ts";
import type { ValuesTask } from "../../plan/code/over-code.ts";
import { GatheredColumn } from "../gathered-column.ts";
import { GroupKeys } from "../group-keys.ts";
import { PayloadReader, PayloadWriter } from "../payload.ts";
import { RowStore } from "../row-store.ts";
import { readKey } from "./join-payload.ts";
import type { JoinedRows, Operator, SideRows } from "./operator.ts";
import { judgedBatch } from "./pair-judge.ts";
import { RankedExtra, RankedPiece } from "./ranked-piece.ts";
import { SideKeys } from "./side-keys.ts";

const FORMAT = 1;
const ROW_BYTES = 128;
/** Of a partition's list beside its rows. */
const LIST_BYTES = 48;

/**
 * The first rows of each partition in the order of ORDER BY, with their places; of equal rows the one that came first is the first. What
 * comes out are the rows that enter, those that get another place, and, where their ids are nobody's any more, those that leave.
 */
export class Ranking implements Operator, ValuesTask {
  readonly collects = true;
  readonly isWithin = false;
  readonly late = 0;
  readonly nextExpiryMs = Number.POSITIVE_INFINITY;
  readonly closingTimeMs = null;
  streamTimeMs = Number.NEGATIVE_INFINITY;
  filtered = 0;
  /** Of the rows that are being taken, by expression of ORDER BY. */
  readonly values: Value[][];
  private readonly options: CompiledOver;
  /** Of the columns that are added, the one that is limited. */
  private readonly measure: number;
  private readonly compare: readonly Comparator[];
  private readonly keys: GroupKeys;
  private readonly sideKeys: SideKeys;
  /** Columns that are kept: those that are read, and those of ORDER BY. */
  private readonly columns: readonly number[];
  private readonly store: RowStore;
  private readonly piece: RankedPiece;
  /** By expression of ORDER BY, then by row id. */
  private readonly orders: Value[][];
  /** By key id: its rows, first to last. */
  private readonly lists: (number[] | undefined)[] = [];
  private listBytes = 0;
  private readonly failures = new Map<number, string>();
  /** Keys by the time of their rows, where they have one. */
  private readonly byTime = new Map<number, number[]>();
  private nextOverMs = Number.POSITIVE_INFINITY;
  private dirty = new Set<number>();
  private dirtyCount = 0;
  private readonly cause = { sequence: -1, ordinal: 0 };

  constructor(options: CompiledOver, partition: number) {
    const { over, orderTypes, columns } = options;
    this.options = options;
    this.measure = over.limitedBy;
    this.compare = orderTypes.map(comparatorOf);
    this.values = orderTypes.map(() => []);
    this.orders = orderTypes.map(() => []);
    this.keys = new GroupKeys(over.partitionBy.length);
    this.sideKeys = new SideKeys(options.keys, this.keys, 0);
    this.columns = [...new Set([...columns.filter((column) => column >= 0), ...options.orderColumns])];
    this.store = new RowStore(this.columns, RankedExtra.places + over.columns.length);
    this.piece = new RankedPiece(options, this.columns, this.store, partition);
  }

  get byteLength(): number {
    return this.keys.byteLength + this.store.byteLength + this.piece.byteLength + this.listBytes + this.dirty.size * 16;
  }

  get dirtyRows(): number {
    return this.dirtyCount;
  }

  take(_side: 0 | 1, rows: SideRows, from: number, to: number): number {
    if (this.piece.count === 0) this.store.sweep();
    const ids = this.sideKeys.readPinned(rows.batch, from, to);
    this.failures.clear();
    this.options.orders(rows.batch, from, to, this);
    let row = from;
    while (row < to && !this.piece.isFull && this.takeRow(rows, row, ids[row] as number)) row++;
    this.sideKeys.unpin(from, to);
    this.keys.sweep();
    return row;
  }

  advance(streamTimeMs: number): boolean {
    this.moveTo(streamTimeMs);
    return true;
  }

  drain(): JoinedRows | null {
    return this.piece.drain();
  }

  failed(row: number, message: string): void {
    this.failures.set(row, message);
  }

  takeDelta(): Buffer {
    return this.payload([...this.dirty]);
  }

  takeSnapshot(): Buffer {
    return this.payload([...this.lists.keys()].filter((keyId) => this.lists[keyId] !== undefined));
  }

  apply(payload: Buffer): void {
    const reader = new PayloadReader(payload);
    if (reader.uint8() !== FORMAT) throw new SluiceError("STATE_CORRUPT", "state of a ranking of an unknown format");
    const { length } = this.columns;
    if (reader.uint32() !== length) throw new SluiceError("STATE_MISMATCH", "the kept rows are those of another ranking");
    this.streamTimeMs = reader.float64();
    this.cause.sequence = reader.float64();
    this.cause.ordinal = reader.uint32();
    for (let keys = reader.uint32(); keys > 0; keys--) this.readPartition(reader);
    this.store.sweep();
    this.keys.sweep();
    this.moveTo(this.streamTimeMs);
    this.markClean();
  }

  // --- one row -------------------------------------------------------------------------------------

  /** False: it cannot be taken, and that stops the statement. */
  private takeRow(rows: SideRows, row: number, keyId: number): boolean {
    if (rows.batch.conditions[row] === Condition.tombstone) {
      this.filtered++;
      return true;
    }
    const failure = keyId === FAILED_KEY ? this.sideKeys.failureOf(row) : (this.failures.get(row) ?? null);
    if (failure !== null && rows.fail(row, failure)) return false;
    this.moveTo((rows.latestMs ?? rows.timesMs)[row] as number);
    const offset = rows.batch.slices.offsets[row] as number;
    this.cause.ordinal = this.cause.sequence === offset ? this.cause.ordinal + 1 : 0;
    this.cause.sequence = offset;
    if (failure !== null) return true;
    const list = this.lists[keyId] ?? [];
    const at = this.placeIn(list, row);
    if (this.placeAt(list, at, this.measure, at > 0 && this.isEqual(list[at - 1] as number, row)) > this.options.over.limit) {
      this.filtered++;
      return true;
    }
    this.piece.begin(offset, rows.versions[row] as number, this.streamTimeMs);
    this.insert(rows, row, keyId, at);
    return true;
  }

  /** Behind all that are not behind it. */
  private placeIn(list: readonly number[], row: number): number {
    let [low, high] = [0, list.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.order(list[middle] as number, row) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Of a kept row and one that is being taken: negative: the kept one comes first. */
  private order(rowId: number, row: number): number {
    const { orderBy } = this.options.over;
    for (let i = 0; i < orderBy.length; i++) {
      const { descending, nullsFirst } = must(orderBy[i]);
      const kept = (this.orders[i] as Value[])[rowId] as Value;
      const other = (this.values[i] as Value[])[row] as Value;
      if (kept === other) continue;
      if (kept === null) return nullsFirst ? -1 : 1;
      if (other === null) return nullsFirst ? 1 : -1;
      const compared = must(this.compare[i])(kept, other);
      if (compared !== 0) return descending ? -compared : compared;
    }
    return 0;
  }

  private isEqual(rowId: number, row: number): boolean {
    return this.order(rowId, row) === 0;
  }

  private areEqual(left: number, right: number): boolean {
    return this.orders.every((values, i) => {
      const [a, b] = [values[left] as Value, values[right] as Value];
      return a === b || (a !== null && b !== null && must(this.compare[i])(a, b) === 0);
    });
  }

  /** What an added column says of the row there. `isTied`: it is equal to the one before. */
  private placeAt(list: readonly number[], at: number, column: number, isTied: boolean): number {
    const { call } = must(this.options.over.columns[column]);
    if (call === "row_number") return at + 1;
    if (at === 0) return 1;
    const before = (this.store.extras[RankedExtra.places + column] as Float64Array)[list[at - 1] as number] as number;
    if (isTied) return before;
    return call === "rank" ? at + 1 : before + 1;
  }

  private insert(rows: SideRows, row: number, keyId: number, at: number): void {
    const { over } = this.options;
    const list = this.listOf(keyId, rows.timesMs[row] as number);
    const rowId = this.keep(rows, row);
    list.splice(at, 0, rowId);
    if (list.length > LIMITS.rankedRowsMax) throw tooMany();
    this.listBytes += 8;
    this.dirtyCount++;
    const moved: number[] = [];
    let end = list.length;
    for (let i = at; i < end; i++) {
      const id = list[i] as number;
      const isTied = i > 0 && this.areEqual(list[i - 1] as number, id);
      if (this.placeAt(list, i, this.measure, isTied) > over.limit) end = i;
      else if (this.place(list, i, isTied, id === rowId)) moved.push(id);
    }
    for (const id of list.splice(end)) this.leave(id);
    for (const id of moved) this.piece.push(id, Condition.sound);
  }

  /** Whether its places are others than before; then it leaves those, where its id goes with them. */
  private place(list: readonly number[], at: number, isTied: boolean, isNew: boolean): boolean {
    const { over } = this.options;
    const id = list[at] as number;
    let isMoved = isNew;
    for (let column = 0; column < over.columns.length; column++) {
      const places = this.store.extras[RankedExtra.places + column] as Float64Array;
      const place = this.placeAt(list, at, column, isTied);
      if (places[id] === place) continue;
      if (!isMoved && over.vacates === "moved") this.piece.push(id, Condition.tombstone);
      isMoved = true;
      places[id] = place;
    }
    return isMoved;
  }

  private leave(rowId: number): void {
    if (this.options.over.vacates !== "nothing") this.piece.push(rowId, Condition.tombstone);
    this.forget(rowId);
  }

  private forget(rowId: number): void {
    this.listBytes -= 8;
    this.store.free(rowId);
  }

  private keep({ batch, timesMs, coordinates }: SideRows, row: number): number {
    const { store } = this;
    const rowId = store.add(batch.columns, row);
    (store.extras[RankedExtra.timeMs] as Float64Array)[rowId] = timesMs[row] as number;
    (store.extras[RankedExtra.coordinate] as Float64Array)[rowId] = must(coordinates[0])[row] as number;
    (store.extras[RankedExtra.ordinal] as Float64Array)[rowId] = this.cause.ordinal;
    for (let i = 0; i < this.orders.length; i++) (this.orders[i] as Value[])[rowId] = (this.values[i] as Value[])[row] as Value;
    return rowId;
  }

  // --- partitions ----------------------------------------------------------------------------------

  private listOf(keyId: number, timeMs: number): number[] {
    this.markDirty(keyId);
    const known = this.lists[keyId];
    if (known !== undefined) return known;
    const list: number[] = [];
    this.lists[keyId] = list;
    this.listBytes += LIST_BYTES;
    this.keys.retain(keyId);
    if (this.options.over.closes) {
      const same = this.byTime.get(timeMs);
      if (same === undefined) this.byTime.set(timeMs, [keyId]);
      else same.push(keyId);
      this.nextOverMs = Math.min(this.nextOverMs, timeMs);
    }
    return list;
  }

  private drop(keyId: number): void {
    const list = this.lists[keyId];
    if (list === undefined) return;
    for (const rowId of list) this.forget(rowId);
    this.lists[keyId] = undefined;
    this.listBytes -= LIST_BYTES;
    this.keys.release(keyId);
  }

  private markDirty(keyId: number): void {
    if (this.dirty.has(keyId)) return;
    this.dirty.add(keyId);
    this.dirtyCount += this.lists[keyId]?.length ?? 0;
    this.keys.retain(keyId);
  }

  private markClean(): void {
    for (const keyId of this.dirty) this.keys.release(keyId);
    this.dirty = new Set();
    this.dirtyCount = 0;
  }

  /** Partitions whose rows have all come are forgotten. */
  private moveTo(streamTimeMs: number): void {
    this.streamTimeMs = Math.max(this.streamTimeMs, streamTimeMs);
    if (this.streamTimeMs <= this.nextOverMs) return;
    this.nextOverMs = Number.POSITIVE_INFINITY;
    for (const [timeMs, keyIds] of this.byTime) {
      if (timeMs >= this.streamTimeMs) {
        this.nextOverMs = Math.min(this.nextOverMs, timeMs);
        continue;
      }
      this.byTime.delete(timeMs);
      for (const keyId of keyIds) {
        this.markDirty(keyId);
        this.drop(keyId);
      }
    }
  }

  // --- payloads ------------------------------------------------------------------------------------

  private payload(keyIds: readonly number[]): Buffer {
    const writer = new PayloadWriter(64 + this.dirtyCount * ROW_BYTES);
    writer.uint8(FORMAT);
    writer.uint32(this.columns.length);
    writer.float64(this.streamTimeMs);
    writer.float64(this.cause.sequence);
    writer.uint32(this.cause.ordinal);
    writer.uint32(keyIds.length);
    for (const keyId of keyIds) {
      const list = this.lists[keyId] ?? [];
      this.keys.writePayload(keyId, writer);
      writer.uint32(list.length);
      for (const rowId of list) this.store.writeRow(writer, rowId);
    }
    this.markClean();
    this.keys.sweep();
    return writer.take();
  }

  private readPartition(reader: PayloadReader): void {
    const keyId = readKey(reader, this.keys);
    this.keys.retain(keyId);
    const before = this.lists[keyId];
    const count = reader.uint32();
    const rowIds = Array.from({ length: count }, () => this.store.readRow(reader));
    if (count === 0) this.drop(keyId);
    else {
      for (const rowId of before ?? []) this.forget(rowId);
      const list = this.listOf(keyId, (this.store.extras[RankedExtra.timeMs] as Float64Array)[rowIds[0] as number] as number);
      list.splice(0, list.length, ...rowIds);
      this.listBytes += count * 8;
      this.readOrders(rowIds);
    }
    this.keys.release(keyId);
  }

  /** What ORDER BY says of rows that are kept. */
  private readOrders(rowIds: readonly number[]): void {
    const { orders, orderColumns } = this.options;
    const into = this.columns.map((column) => (orderColumns.includes(column) ? new GatheredColumn(FIELD) : null));
    for (const column of into) column?.reserve(rowIds.length);
    this.store.gather(Int32Array.from(rowIds), 0, rowIds.length, into);
    const columns: FieldColumn[] = [];
    for (const [index, column] of into.entries()) if (column !== null) columns[this.columns[index] as number] = column;
    orders(judgedBatch(columns, rowIds.length), 0, rowIds.length, this);
    for (let i = 0; i < this.orders.length; i++) {
      for (const [row, rowId] of rowIds.entries()) (this.orders[i] as Value[])[rowId] = (this.values[i] as Value[])[row] as Value;
    }
  }
}

const FIELD = { root: "value", path: [] } as const;

function tooMany(): SluiceError {
  const message = `rows of one partition that share the first places are more than ${LIMITS.rankedRowsMax} (rankedRowsMax)`;
  return new SluiceError("LIMIT_EXCEEDED", message);
}
