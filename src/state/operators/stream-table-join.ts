import { LIMITS } from "../../limits.ts";
import { Condition, type FieldColumn } from "../../model/column-batch.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import { FAILED_KEY, type PairTask, UNWANTED_KEY, Verdict } from "../../plan/code/join-code.ts";
import { GatheredColumn } from "../gathered-column.ts";
import { GroupKeys } from "../group-keys.ts";
import type { JoinOptions } from "./join-options.ts";
import { beginPayload, JoinKind, openPayload } from "./join-payload.ts";
import { FIRST_COORDINATE, KeyedRows } from "./keyed-rows.ts";
import type { JoinedRows, Operator, SideRows } from "./operator.ts";
import { SelectedRows } from "./selected-rows.ts";
import { SideKeys } from "./side-keys.ts";
import { isTombstone, keyProblem } from "./table-keys.ts";

const ROW_BYTES = 128;
const NONE = -1;

/**
 * The rows of a stream (left) with the row that a table (right) has at that place of the log; INNER or LEFT. Where each row of the stream
 * comes out, its columns are not copied.
 */
export class StreamTableJoin implements Operator, PairTask {
  streamTimeMs = Number.NEGATIVE_INFINITY;
  readonly isWithin = false;
  readonly collects = false;
  readonly nextExpiryMs = Number.POSITIVE_INFINITY;
  readonly closingTimeMs = null;
  readonly late = 0;
  filtered = 0;
  /** Of the condition: by row of the batch. */
  verdicts: Uint8Array = new Uint8Array(0);
  private readonly options: JoinOptions;
  private readonly keys: GroupKeys;
  private readonly table: KeyedRows;
  private readonly streamKeys: SideKeys;
  private readonly tableKeys: SideKeys;
  /** By row of the batch: the table's row; -1: none. */
  private rowIds = new Int32Array(0);
  private streamTimes = new Float64Array(0);
  private ordinals = new Int32Array(0);
  private readonly tableColumns: readonly GatheredColumn[];
  private tableCoordinates: readonly Float64Array[] = [];
  /** How far the rows of the present cause are numbered: there are several where the stream is a join's. */
  private sequence = -1;
  private ordinal = 0;
  private readonly selected: SelectedRows;
  private readonly failures = new Map<number, string>();
  private joined: JoinedRows | null = null;

  constructor(options: JoinOptions) {
    const { left, right, keyParts } = options;
    this.options = options;
    this.keys = new GroupKeys(keyParts);
    this.table = new KeyedRows(right.columns, right.inputs, this.keys);
    this.streamKeys = new SideKeys(left.keys, this.keys, 0);
    this.tableKeys = new SideKeys(right.keys, this.keys, 1);
    this.tableColumns = right.fields.map((field) => new GatheredColumn(field));
    this.selected = new SelectedRows(left.columns);
  }

  get byteLength(): number {
    return this.keys.byteLength + this.table.byteLength;
  }

  get dirtyRows(): number {
    return this.table.dirtyCount;
  }

  take(side: 0 | 1, rows: SideRows, from: number, to: number): number {
    this.table.store.sweep();
    this.keys.sweep();
    this.joined = null;
    return side === 0 ? this.takeStream(rows, from, Math.min(to, from + LIMITS.joinRowsMax)) : this.takeTable(rows, from, to);
  }

  advance(streamTimeMs: number): boolean {
    this.streamTimeMs = Math.max(this.streamTimeMs, streamTimeMs);
    return true;
  }

  drain(): JoinedRows | null {
    const { joined } = this;
    this.joined = null;
    return joined;
  }

  takeDelta(): Buffer {
    return this.payload(false);
  }

  takeSnapshot(): Buffer {
    return this.payload(true);
  }

  apply(payload: Buffer): void {
    const reader = openPayload(payload, JoinKind.streamTable, this.options);
    this.streamTimeMs = reader.float64();
    this.sequence = reader.float64();
    this.ordinal = reader.uint32();
    this.table.read(reader);
  }

  failed(row: number, message: string): void {
    this.failures.set(row, message);
  }

  private payload(all: boolean): Buffer {
    const rows = all ? this.table.store.count : this.table.dirtyCount;
    const writer = beginPayload(JoinKind.streamTable, this.options, rows * ROW_BYTES);
    writer.float64(this.streamTimeMs);
    writer.float64(this.sequence);
    writer.uint32(this.ordinal);
    this.table.write(writer, all);
    return writer.take();
  }

  private takeTable(rows: SideRows, from: number, to: number): number {
    const { table, tableKeys } = this;
    const ids = tableKeys.readPinned(rows.batch, from, to);
    let row = from;
    for (; row < to; row++) {
      const keyId = ids[row] as number;
      const problem = keyProblem(tableKeys, keyId, row);
      if (problem === null) table.set(keyId, isTombstone(rows, row) ? NONE : table.copy(rows, row));
      else if (rows.fail(row, problem)) break;
    }
    tableKeys.unpin(from, to);
    return row;
  }

  private takeStream(rows: SideRows, from: number, to: number): number {
    this.reserve(to);
    const { rowIds, streamKeys, table } = this;
    const ids = streamKeys.read(rows.batch, from, to);
    table.rowsOf(ids, from, to, rowIds);
    this.failures.clear();
    if (this.options.residual !== null) this.judge(rows, from, to);
    const end = this.settle(rows, ids, from, to);
    const { rows: chosen, count } = this.selected;
    const isIdentity = count === end - from;
    if (this.options.left.inputs > 1) this.number(rows, chosen, count, isIdentity ? from : 0);
    if (count > 0) this.joined = isIdentity ? this.shared(rows, from, end) : this.copied(rows, chosen, count);
    return end;
  }

  /** The ordinals of the chosen rows, from `first` on. */
  private number({ sequences }: SideRows, chosen: Int32Array, count: number, first: number): void {
    for (let i = 0; i < count; i++) {
      const sequence = sequences[chosen[i] as number] as number;
      this.ordinal = sequence === this.sequence ? this.ordinal + 1 : 0;
      this.sequence = sequence;
      this.ordinals[first + i] = this.ordinal;
    }
  }

  /** What becomes of each row, and stream time after it; gives the row before which it ends. */
  private settle(rows: SideRows, ids: Int32Array, from: number, to: number): number {
    const { rowIds, streamTimes, selected, failures } = this;
    const { batch, timesMs, latestMs = timesMs } = rows;
    const { conditions } = batch;
    const isInner = this.options.type === "inner";
    // Rows of a join before are no records, and were counted as such.
    const records = this.options.left.inputs > 1 ? 0 : 1;
    let streamTimeMs = this.streamTimeMs;
    selected.begin(to - from);
    let row = from;
    for (; row < to; row++) {
      const timeMs = latestMs[row] as number;
      if (conditions[row] === Condition.tombstone) {
        this.filtered += records;
        continue;
      }
      const failure = ids[row] === FAILED_KEY ? this.streamKeys.failureOf(row) : failures.size === 0 ? undefined : failures.get(row);
      if (failure !== undefined && rows.fail(row, failure)) break;
      if (timeMs > streamTimeMs) streamTimeMs = timeMs;
      streamTimes[row] = streamTimeMs;
      if (failure !== undefined) continue;
      if (ids[row] === UNWANTED_KEY || (isInner && rowIds[row] === NONE)) this.filtered += records;
      else selected.add(row);
    }
    this.streamTimeMs = streamTimeMs;
    return row;
  }

  /** Pairs of which the condition is not true are none. */
  private judge({ batch }: SideRows, from: number, to: number): void {
    const { rowIds, tableColumns, table } = this;
    if (this.verdicts.length < to) this.verdicts = new Uint8Array(rowIds.length);
    const { verdicts } = this;
    for (let row = from; row < to; row++) verdicts[row] = rowIds[row] === NONE ? Verdict.unasked : Verdict.asked;
    table.store.gather(rowIds, from, to, tableColumns);
    this.options.residual?.judge({ ...batch, columns: this.columnsBeside(batch.columns) }, from, to, this);
    for (let row = from; row < to; row++) if (verdicts[row] !== Verdict.true) rowIds[row] = NONE;
  }

  private columnsBeside(columns: readonly FieldColumn[]): readonly FieldColumn[] {
    return [...this.options.left.columns.map((index) => columns[index] as FieldColumn), ...this.tableColumns];
  }

  /** Every row of [from, to) comes out: the stream's columns as they lie. */
  private shared(rows: SideRows, from: number, to: number): JoinedRows {
    const { batch, versions, coordinates } = rows;
    const { rowIds, tableColumns, table, ordinals, streamTimes: streamTimesMs } = this;
    table.store.gather(rowIds, from, to, tableColumns);
    this.gatherCoordinates(rowIds, from, to);
    const slices = { ...batch.slices, offsets: rows.sequences, timestampsMs: rows.timesMs };
    return {
      from,
      to,
      batch: { ...batch, slices, columns: this.columnsBeside(batch.columns) },
      ordinals,
      versions,
      streamTimesMs,
      coordinates: [...coordinates, ...this.tableCoordinates],
    };
  }

  /** Only some come out: theirs are copied, without their texts. */
  private copied(rows: SideRows, chosen: Int32Array, count: number): JoinedRows {
    const { batch } = rows;
    const { selected, rowIds, tableColumns, table, ordinals } = this;
    selected.take(batch.columns);
    const ids = selected.integers(rowIds);
    table.store.gather(ids, 0, count, tableColumns);
    this.gatherCoordinates(ids, 0, count);
    const slices = this.slicesOf(rows, chosen[count - 1] as number, count);
    const columns = [...selected.columns, ...tableColumns];
    const conditions = NO_CONDITIONS.subarray(0, count);
    return {
      from: 0,
      to: count,
      batch: { slices, count, columns, conditions, brokenReason: () => "" },
      ordinals,
      versions: selected.doubles(rows.versions),
      streamTimesMs: selected.doubles(this.streamTimes),
      coordinates: [...rows.coordinates.map((offsets) => selected.doubles(offsets)), ...this.tableCoordinates],
    };
  }

  private slicesOf({ batch: { slices }, sequences, timesMs }: SideRows, last: number, count: number): RecordSlices {
    const { selected } = this;
    const none = selected.none();
    return {
      ...slices,
      count,
      offsets: selected.doubles(sequences),
      timestampsMs: selected.doubles(timesMs),
      keyStarts: selected.integers(slices.keyStarts),
      keyEnds: selected.integers(slices.keyEnds),
      valueStarts: none,
      valueEnds: none,
      headerStarts: none,
      headerEnds: none,
      nextOffset: (sequences[last] as number) + 1,
    };
  }

  private gatherCoordinates(rowIds: Int32Array, from: number, to: number): void {
    for (const [i, into] of this.tableCoordinates.entries()) {
      this.table.store.gatherExtra(FIRST_COORDINATE + i, rowIds, from, to, into);
    }
  }

  private reserve(rows: number): void {
    for (const column of this.tableColumns) column.reserve(rows);
    if (this.rowIds.length >= rows) return;
    const room = 2 ** Math.ceil(Math.log2(rows));
    this.rowIds = new Int32Array(room);
    this.ordinals = new Int32Array(room);
    this.streamTimes = new Float64Array(room);
    this.tableCoordinates = Array.from({ length: this.options.right.inputs }, () => new Float64Array(room));
  }
}

const NO_CONDITIONS = new Uint8Array(LIMITS.joinRowsMax);
