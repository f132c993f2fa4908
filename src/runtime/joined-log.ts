import { must } from "../assert.ts";
import type { ByteWriter } from "../model/byte-writer.ts";
import { type ColumnBatch, Condition } from "../model/column-batch.ts";
import type { BoundStatement } from "../model/statement.ts";
import { inputsOf } from "../model/statement.ts";
import type { CompiledJoins } from "../plan/code/compile-joins.ts";
import { Flag, type RowMarks, type TimeColumn } from "../plan/code/task.ts";
import type { JoinedRows, LateFate, Operator, SideRows } from "../state/operators/operator.ts";
import type { BatchMarks, MarkVariant } from "./batch-marks.ts";
import type { InputPlace } from "./input-place.ts";
import type { VersionClock } from "./version-clock.ts";

export interface JoinedLogOptions {
  readonly statement: BoundStatement;
  readonly compiled: CompiledJoins;
  /** One for each JOIN, then one for each stage; each but the last gives what the next one reads: the left side of a join. */
  readonly operators: readonly Operator[];
  /** By operator: by how much its rows may come out behind its stream time. */
  readonly lagsMs: readonly number[];
  readonly places: readonly InputPlace[];
  readonly partition: number;
  readonly clock: VersionClock;
  /** Records of all inputs that were taken so far. */
  readonly sequence: number;
}

/** What becomes of records that are not taken as they are, and of the rows that come out. */
export interface RowFates {
  readonly failure: unknown;
  /** Rows for the loop, which are worked off at once; `next` are valid only then. */
  workRows(rows: JoinedRows): void;
  /** Broken, a tombstone where none may be, a repeat: true: stop before it. */
  flaggedRow(row: number): boolean;
  failRow(row: number, message: string, code?: "RECORD_TYPE" | "RECORD_EVENT_TIME"): boolean;
  lateRecord(row: number, timeMs: number): LateFate;
}

/**
 * A statement's own log, made of those that it joins: their records go in, in merged order, and are numbered; rows for its loop come out,
 * whose offsets are these numbers.
 */
export class JoinedLog {
  readonly places: readonly InputPlace[];
  /** Records taken so far: the number of the next one. */
  sequence: number;
  /** The rows that the loop is at. */
  private current: JoinedRows | null = null;
  private readonly options: JoinedLogOptions;
  /** By operator: by how much rows for the loop may come out behind its stream time. */
  private readonly behindMs: readonly number[];
  /** The loop reads what a stage gives. */
  readonly isStaged: boolean;
  private readonly inputs: InputBatch[];
  private readonly prefixes: readonly (Buffer | null)[];
  /** Each row of the loop is one record: that of a stream with what tables have of it. */
  readonly rowsAreRecords: boolean;

  constructor(options: JoinedLogOptions) {
    this.options = options;
    this.places = options.places;
    this.sequence = options.sequence;
    this.behindMs = options.lagsMs.map((_, index) => options.lagsMs.slice(index).reduce((sum, lagMs) => sum + lagMs, 0));
    this.isStaged = options.compiled.stages.length > 0;
    this.inputs = options.places.map(() => new InputBatch());
    const sources = inputsOf(options.statement);
    const { joins, source, stage } = options.statement;
    this.rowsAreRecords = stage === null && source.reads === "stream" && joins.every(({ within }) => within === null);
    const isOfTables = sources.every(({ reads }) => reads === "table");
    this.prefixes = sources.map(({ topic, reads }) =>
      reads === "stream" || isOfTables ? Buffer.from(`${topic}-${options.partition}-`) : null,
    );
  }

  /** What is kept, for payloads in their order. */
  get operators(): readonly Operator[] {
    return this.options.operators;
  }

  get late(): number {
    return this.ofRecords.reduce((sum, { late }) => sum + late, 0);
  }

  get filtered(): number {
    return this.ofRecords.reduce((sum, { filtered }) => sum + filtered, 0);
  }

  /** Those that read records; what they give is none. */
  private get ofRecords(): readonly Operator[] {
    return this.options.operators.slice(0, Math.max(this.options.compiled.steps.length, 1));
  }

  /** The stream time of the loop at which something leaves that waits; Infinity: nothing does. */
  get nextExpiryMs(): number {
    return Math.min(...this.options.operators.map(({ nextExpiryMs }, index) => nextExpiryMs - (this.behindMs[index] as number)));
  }

  /** The stream time of the loop at which nothing waits any more; null: nothing does. */
  get closingTimeMs(): number | null {
    const times = this.options.operators.flatMap(({ closingTimeMs }, index) =>
      closingTimeMs === null ? [] : [closingTimeMs - (this.behindMs[index] as number)],
    );
    return times.length === 0 ? null : Math.max(...times);
  }

  get byteLength(): number {
    return this.options.operators.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** By how much the loop's stream time is behind that of the records. */
  get lagMs(): number {
    return must(this.behindMs[0]);
  }

  /** Stream time for the loop: no row comes out any more whose time is below it. */
  get streamTimeMs(): number {
    return must(this.options.operators.at(-1)).streamTimeMs - must(this.behindMs.at(-1));
  }

  /** The flags of the input's rows. */
  variantOf(input: number, marks: BatchMarks): MarkVariant {
    return must(this.inputs[input]).variantFor(marks, must(this.places[input]));
  }

  /** The versions of the rows that are being taken of an input. */
  versionsOf(input: number): Float64Array {
    return must(this.inputs[input]).versions;
  }

  /** Takes rows [from, to) of an input; gives the row it stopped before: `to`, or less where the statement has failed. */
  take(input: number, marks: BatchMarks, from: number, to: number, fates: RowFates): number {
    const batch = must(this.inputs[input]);
    const variant = this.variantOf(input, marks);
    const { clock, compiled } = this.options;
    const times = variant.timesOf(must(compiled.times[input]));
    batch.number(marks, from, to, this.sequence, clock);
    const reached = this.takeRows(input, batch, variant, times, { from, to, fates });
    if (reached > from) {
      this.sequence += reached - from;
      clock.value = batch.versions[reached - 1] as number;
      batch.follow(must(this.places[input]), from, reached);
    }
    return reached;
  }

  /** Gives to the loop what has come out. */
  workOff(fates: RowFates): void {
    const last = must(this.options.operators.at(-1));
    for (let rows = last.drain(); rows !== null && fates.failure === null; rows = last.drain()) {
      this.current = rows;
      fates.workRows(rows);
    }
    this.current = null;
  }

  /** Stream time of the loop goes on without a record: what waits no longer leaves. */
  advance(streamTimeMs: number, fates: RowFates): void {
    for (const index of this.options.operators.keys()) this.advanceTo(index, streamTimeMs + (this.behindMs[index] as number), fates);
  }

  /** What waits for a barrier goes to the loop. */
  flush(fates: RowFates): void {
    for (const [index, operator] of this.options.operators.entries()) {
      for (let isDone = false; !isDone && fates.failure === null; ) {
        isDone = operator.flush?.(this.options.clock.value) ?? true;
        this.giveOn(index, fates);
      }
    }
  }

  /** Marks of the rows that came out. */
  marksOf({ batch, from, to, streamTimesMs }: JoinedRows): RowMarks {
    const { conditions, slices } = batch;
    const flags = new Uint8Array(to);
    const latest = new Float64Array(to);
    let isSound = true;
    const lastMs = must(this.behindMs.at(-1));
    for (let row = from; row < to; row++) {
      latest[row] = (streamTimesMs[row] as number) - lastMs;
      if (conditions[row] !== Condition.tombstone) continue;
      flags[row] = Flag.tombstone;
      isSound = false;
    }
    const column: TimeColumn = { times: slices.timestampsMs, latest, isSound: true };
    return { flags, isSound, timesOf: () => column };
  }

  /** What tells a row from others: the places of the records that it is made of. */
  writeId(row: number, writer: ByteWriter): void {
    const { coordinates } = must(this.current);
    let isFirst = true;
    for (const [index, prefix] of this.prefixes.entries()) {
      if (prefix === null) continue;
      if (!isFirst) writer.ascii("+");
      isFirst = false;
      writer.bytes(prefix, 0, prefix.length);
      const offset = must(coordinates[index])[row] as number;
      if (!Number.isNaN(offset)) writer.number(offset);
      // The results of a stage have one place: that of the record which made them, and which of its results they are.
      if (!this.isStaged) continue;
      writer.ascii("-");
      writer.number(must(this.current).ordinals[row] as number);
      return;
    }
  }

  /** The first record that the row is made of, as far as that is at hand: which input, and its offset. */
  coordinatesOf(row: number): { readonly topic: string; readonly offset: number } {
    const { coordinates } = must(this.current);
    const index = coordinates.findIndex((offsets) => !Number.isNaN(offsets[row] as number));
    const found = Math.max(index, 0);
    return { topic: must(this.places[found]).topic, offset: must(coordinates[found])[row] as number };
  }

  private takeRows(input: number, rows: InputBatch, variant: MarkVariant, times: TimeColumn, { from, to, fates }: Stretch): number {
    const isTable = must(inputsOf(this.options.statement)[input]).reads === "table";
    const side: SideRows = {
      ...rows.side,
      timesMs: times.times,
      fail: (row, message) => fates.failRow(row, message),
      late: (row) => fates.lateRecord(row, times.times[row] as number),
    };
    const { flags } = variant;
    const goes = (row: number): boolean => {
      const flag = flags[row] as number;
      if (flag === Flag.tombstone) return isTable;
      return flag <= Flag.ahead && !Number.isNaN(times.times[row] as number);
    };
    let row = from;
    while (row < to) {
      let end = row;
      while (end < to && goes(end)) end++;
      if (end > row) {
        const reached = this.push(input, side, { from: row, to: end, fates });
        if (reached < end) return reached;
        row = end;
        continue;
      }
      const isFlagged = (flags[row] as number) > Flag.ahead;
      if (isFlagged ? fates.flaggedRow(row) : fates.failRow(row, this.options.compiled.missingTime[input] ?? "", "RECORD_EVENT_TIME"))
        return row;
      row++;
    }
    return to;
  }

  /** FROM and the first JOIN are the sides of the first operator, each further JOIN is the right side of its own. */
  private push(input: number, rows: SideRows, { from, to, fates }: Stretch): number {
    const index = Math.max(input - 1, 0);
    return this.pushInto(index, input === 0 ? 0 : 1, rows, { from, to, fates });
  }

  private pushInto(index: number, side: 0 | 1, rows: SideRows, { from, to, fates }: Stretch): number {
    const operator = must(this.options.operators[index]);
    const isLast = index === this.options.operators.length - 1;
    let row = from;
    while (row < to) {
      row = operator.take(side, rows, row, to);
      if (fates.failure !== null) return row;
      if (!isLast || row < to || !operator.collects) this.giveOn(index, fates);
    }
    return row;
  }

  private advanceTo(index: number, streamTimeMs: number, fates: RowFates): void {
    const { operators, clock, places } = this.options;
    const operator = must(operators[index]);
    // A stage that reads a topic goes by its offsets.
    const cause = this.isStaged && operators.length === this.options.compiled.stages.length ? must(places[0]).cursor : this.sequence;
    let isDone = false;
    while (!isDone && fates.failure === null) {
      isDone = operator.advance(streamTimeMs, cause, clock.value);
      this.giveOn(index, fates);
    }
  }

  /** What an operator gives goes to the next one, whose stream time follows, or to the loop. */
  private giveOn(index: number, fates: RowFates): void {
    const { operators, lagsMs } = this.options;
    if (index === operators.length - 1) {
      this.workOff(fates);
      return;
    }
    const operator = must(operators[index]);
    const lagMs = must(lagsMs[index]);
    for (let rows = operator.drain(); rows !== null && fates.failure === null; rows = operator.drain()) {
      const { batch, versions, coordinates, from, to } = rows;
      const { timestampsMs: timesMs, offsets: sequences } = batch.slices;
      const latestMs = rows.streamTimesMs.map((timeMs) => timeMs - lagMs);
      const fail: SideRows["fail"] = (_row, message) => fates.failRow(-1, message);
      this.pushInto(index + 1, 0, { batch, timesMs, latestMs, versions, sequences, coordinates, fail }, { from, to, fates });
    }
    if (operator.streamTimeMs > Number.NEGATIVE_INFINITY) this.advanceTo(index + 1, operator.streamTimeMs - lagMs, fates);
  }
}

/** Rows [from, to) of what is given. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly fates: RowFates;
}

/** The batch of an input that is being taken, with what is made for it once. */
class InputBatch {
  versions = new Float64Array(0);
  private sequences = new Float64Array(0);
  private marks: BatchMarks | null = null;
  private batch: ColumnBatch | null = null;
  private variant: MarkVariant | null = null;

  variantFor(marks: BatchMarks, { repeats }: InputPlace): MarkVariant {
    if (this.batch !== marks.batch || this.variant === null) {
      this.marks = marks;
      this.batch = marks.batch;
      this.variant = marks.variantFor(repeats);
      if (this.versions.length < marks.to) this.versions = new Float64Array(marks.to * 2);
      if (this.sequences.length < marks.to) this.sequences = new Float64Array(marks.to * 2);
    }
    return this.variant;
  }

  get side(): Omit<SideRows, "timesMs" | "fail"> {
    const batch = must(this.batch);
    return { batch, versions: this.versions, sequences: this.sequences, coordinates: [batch.slices.offsets] };
  }

  number(marks: BatchMarks, from: number, to: number, first: number, clock: VersionClock): void {
    marks.stamp(clock, from, to, this.versions);
    for (let row = from; row < to; row++) this.sequences[row] = first + row - from;
  }

  /** Rows were taken of what other statements wrote. */
  follow({ repeats }: InputPlace, from: number, reached: number): void {
    const origins = this.marks?.origins ?? null;
    if (origins !== null) repeats.take(origins, from, reached);
  }
}
