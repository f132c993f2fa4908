import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { Condition, type FieldColumn } from "../../model/column-batch.ts";
import type { Value } from "../../model/value.ts";
import { FAILED_KEY } from "../../plan/code/join-code.ts";
import type { ValuesTask } from "../../plan/code/over-code.ts";
import type { CompiledRunning, RunningOutput } from "../../plan/code/running-code.ts";
import { PayloadReader, PayloadWriter } from "../payload.ts";
import type { JoinedRows, Operator, SideRows } from "./operator.ts";
import { RunningKeys } from "./running-keys.ts";
import { SelectedRows } from "./selected-rows.ts";
import { ValueColumn } from "./value-column.ts";

const FORMAT = 1;
const KEY_BYTES = 96;

/**
 * Rows with what OVER makes of those before them, in the order in which they come; each comes out once. Columns that lie there already are
 * not copied where all rows of a batch come out.
 */
export class RunningRows implements Operator, ValuesTask {
  readonly collects = false;
  readonly isWithin = false;
  readonly nextExpiryMs = Number.POSITIVE_INFINITY;
  readonly closingTimeMs = null;
  streamTimeMs = Number.NEGATIVE_INFINITY;
  late = 0;
  filtered = 0;
  /** Of the rows that are being taken. */
  readonly values: Value[][];
  isOut: Uint8Array = new Uint8Array(0);
  private readonly options: CompiledRunning;
  private readonly partitions: readonly RunningKeys[];
  private readonly failures = new Map<number, string>();
  /** By call with OVER, then by row. */
  readonly results: Value[][];
  private readonly selected: SelectedRows;
  /** By field of the results; null: it is a column of what is given. */
  private readonly made: readonly (ValueColumn | null)[];
  private streamTimes = new Float64Array(0);
  private ordinals = new Int32Array(0);
  private readonly cause = { sequence: -1, ordinal: 0 };
  private joined: JoinedRows | null = null;

  constructor(options: CompiledRunning) {
    this.options = options;
    this.values = Array.from({ length: options.width }, () => []);
    this.partitions = options.partitions.map((partition) => new RunningKeys(partition));
    this.results = Array.from({ length: options.partitions.reduce((sum, { calls }) => sum + calls.length, 0) }, () => []);
    this.selected = new SelectedRows(givenColumns(options.outputs));
    this.made = options.outputs.map((output) => (output.from === "column" ? null : new ValueColumn(output.type)));
  }

  get byteLength(): number {
    return this.partitions.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  get dirtyRows(): number {
    return this.partitions.reduce((sum, { dirty }) => sum + dirty.length, 0);
  }

  take(_side: 0 | 1, rows: SideRows, from: number, until: number): number {
    const to = Math.min(until, from + LIMITS.joinRowsMax);
    this.begin(from, to);
    const ids = this.partitions.map(({ sideKeys }) => sideKeys.readPinned(rows.batch, from, to));
    this.options.values(rows.batch, from, to, this);
    this.selected.begin(to - from);
    let row = from;
    while (row < to && this.takeRow(rows, row, ids)) row++;
    for (const partition of this.partitions) {
      partition.sideKeys.unpin(from, to);
      partition.sweep();
    }
    this.joined = this.selected.count === 0 ? null : this.given(rows, from, row);
    return row;
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

  failed(row: number, message: string): void {
    this.failures.set(row, message);
  }

  takeDelta(): Buffer {
    return this.payload(false);
  }

  takeSnapshot(): Buffer {
    return this.payload(true);
  }

  apply(payload: Buffer): void {
    const reader = new PayloadReader(payload);
    if (reader.uint8() !== FORMAT) throw new SluiceError("STATE_CORRUPT", "state of OVER of an unknown format");
    for (const part of this.shape()) {
      if (reader.uint32() !== part) throw new SluiceError("STATE_MISMATCH", "the kept state is that of another OVER");
    }
    this.streamTimeMs = reader.float64();
    this.cause.sequence = reader.float64();
    this.cause.ordinal = reader.uint32();
    for (const partition of this.partitions) partition.read(reader);
  }

  // --- one row -------------------------------------------------------------------------------------

  /** False: it cannot be taken, and that stops the statement. */
  private takeRow(rows: SideRows, row: number, ids: readonly Int32Array[]): boolean {
    const { batch, timesMs, latestMs } = rows;
    if (batch.conditions[row] === Condition.tombstone) {
      this.filtered++;
      return true;
    }
    const isOut = this.isOut[row] === 1;
    const failure = isOut ? null : this.failureOf(row, ids);
    if (failure !== null && rows.fail(row, failure)) return false;
    const timeMs = timesMs[row] as number;
    this.streamTimeMs = Math.max(this.streamTimeMs, (latestMs ?? timesMs)[row] as number);
    this.streamTimes[row] = this.streamTimeMs;
    this.number(rows, row);
    if (failure !== null) return true;
    if (isOut) {
      this.filtered++;
      return true;
    }
    for (const [index, partition] of this.partitions.entries()) {
      if (!partition.isLate((ids[index] as Int32Array)[row] as number, timeMs)) continue;
      const fate = rows.late?.(row) ?? "late";
      if (fate === "late") this.late++;
      return fate !== "stop";
    }
    return this.look(rows, row, ids);
  }

  /** What the calls make of the row; false: as `takeRow`. */
  private look(rows: SideRows, row: number, ids: readonly Int32Array[]): boolean {
    let problem: string | null = null;
    for (let index = 0; index < this.partitions.length; index++) {
      const partition = this.partitions[index] as RunningKeys;
      const key = (ids[index] as Int32Array)[row] as number;
      partition.take(key, row, rows.timesMs[row] as number, this.values);
      for (const [call, { index: number, text }] of partition.calls.entries()) {
        try {
          const value = partition.result(call, key);
          if (typeof value === "number" && !Number.isFinite(value)) problem ??= `${text}: the result is beyond the range of numbers`;
          (this.results[number] as Value[])[row] = value;
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          problem ??= `${text}: ${error.message}`;
        }
      }
    }
    problem ??= this.behind(rows, row);
    if (problem === null) this.selected.add(row);
    return problem === null || !rows.fail(row, problem);
  }

  /** What is computed with the results; gives what is wrong with the row. */
  private behind({ batch }: SideRows, row: number): string | null {
    const { behind } = this.options;
    if (behind === null) return null;
    behind(batch, row, row + 1, this);
    return this.failures.size === 0 ? null : (this.failures.get(row) ?? null);
  }

  private failureOf(row: number, ids: readonly Int32Array[]): string | null {
    for (const [index, { sideKeys }] of this.partitions.entries()) {
      if ((ids[index] as Int32Array)[row] === FAILED_KEY) return sideKeys.failureOf(row);
    }
    return this.failures.size === 0 ? null : (this.failures.get(row) ?? null);
  }

  private number({ batch }: SideRows, row: number): void {
    const sequence = batch.slices.offsets[row] as number;
    this.cause.ordinal = this.cause.sequence === sequence ? this.cause.ordinal + 1 : 0;
    this.cause.sequence = sequence;
    this.ordinals[row] = this.cause.ordinal;
  }

  // --- what comes out ------------------------------------------------------------------------------

  private given(rows: SideRows, from: number, to: number): JoinedRows {
    const { selected, streamTimes, ordinals } = this;
    const { batch, timesMs, versions, places = batch.slices.offsets } = rows;
    if (selected.count === to - from) {
      const slices = { ...batch.slices, timestampsMs: timesMs };
      const columns = this.columnsOf(batch.columns, from, to, (row) => row);
      const out = { ...batch, slices, columns };
      return { from, to, batch: out, ordinals, versions, streamTimesMs: streamTimes, coordinates: [places] };
    }
    selected.take(batch.columns);
    const { count, rows: chosen } = selected;
    const wanted = givenColumns(this.options.outputs);
    const copied: FieldColumn[] = [];
    for (const [index, column] of wanted.entries()) copied[column] = selected.columns[index] as FieldColumn;
    const columns = this.columnsOf(copied, 0, count, (row) => chosen[row] as number);
    const none = selected.none();
    const offsets = selected.doubles(batch.slices.offsets);
    const slices = {
      ...batch.slices,
      count,
      offsets,
      timestampsMs: selected.doubles(timesMs),
      keyStarts: selected.integers(batch.slices.keyStarts),
      keyEnds: selected.integers(batch.slices.keyEnds),
      valueStarts: none,
      valueEnds: none,
      headerStarts: none,
      headerEnds: none,
      nextOffset: (offsets[count - 1] as number) + 1,
    };
    return {
      from: 0,
      to: count,
      batch: { slices, count, columns, conditions: NO_CONDITIONS.subarray(0, count), brokenReason: () => "" },
      ordinals: selected.integers(ordinals),
      versions: selected.doubles(versions),
      streamTimesMs: selected.doubles(streamTimes),
      coordinates: [places === batch.slices.offsets ? offsets : selected.doubles(places)],
    };
  }

  /** `rowOf`: the row of what was given that a row of the results is. */
  private columnsOf(given: readonly FieldColumn[], from: number, to: number, rowOf: (row: number) => number): readonly FieldColumn[] {
    return this.options.outputs.map((output, index) => {
      if (output.from === "column") return given[output.column] as FieldColumn;
      const column = this.made[index] as ValueColumn;
      const values = (output.from === "value" ? this.values[output.value] : this.results[output.call]) as Value[];
      const { within } = output;
      column.begin(to);
      for (let row = from; row < to; row++) {
        const value = values[rowOf(row)] as Value;
        column.set(row, within.length === 0 ? value : memberOf(value, within));
      }
      column.end();
      return column;
    });
  }

  private begin(from: number, rows: number): void {
    this.failures.clear();
    if (this.isOut.length < rows) {
      const room = 2 ** Math.ceil(Math.log2(rows));
      this.isOut = new Uint8Array(room);
      this.streamTimes = new Float64Array(room);
      this.ordinals = new Int32Array(room);
    } else if (this.options.filters) this.isOut.fill(0, from, rows);
  }

  private payload(all: boolean): Buffer {
    const writer = new PayloadWriter(64 + this.dirtyRows * KEY_BYTES);
    writer.uint8(FORMAT);
    for (const part of this.shape()) writer.uint32(part);
    writer.float64(this.streamTimeMs);
    writer.float64(this.cause.sequence);
    writer.uint32(this.cause.ordinal);
    for (const partition of this.partitions) partition.write(writer, all);
    return writer.take();
  }

  private shape(): readonly number[] {
    return [this.partitions.length, ...this.partitions.map(({ calls }) => calls.length)];
  }
}

/** The columns that are given on, each once. */
function givenColumns(outputs: readonly RunningOutput[]): readonly number[] {
  return [...new Set(outputs.flatMap((output) => (output.from === "column" ? [output.column] : [])))];
}

function memberOf(value: Value, names: readonly string[]): Value {
  let found: Value = value;
  for (const name of names) {
    const isObject = found !== null && typeof found === "object" && !Array.isArray(found) && !(found instanceof Uint8Array);
    found = isObject && Object.hasOwn(found as object, name) ? ((found as Readonly<Record<string, Value>>)[name] ?? null) : null;
  }
  return found;
}

const NO_CONDITIONS = new Uint8Array(LIMITS.joinRowsMax);
