import { must } from "../assert.ts";
import type { ByteWriter } from "../model/byte-writer.ts";
import { type ColumnBatch, Condition } from "../model/column-batch.ts";
import type { BoundStatement } from "../model/statement.ts";
import { inputsOf } from "../model/statement.ts";
import type { CompiledJoins, Port } from "../plan/code/compile-joins.ts";
import { Flag, type RowMarks, type TimeColumn } from "../plan/code/task.ts";
import { lagsOf } from "../state/operators/new-operators.ts";
import type { JoinedRows, LateFate, Operator, SideRows } from "../state/operators/operator.ts";
import type { BatchMarks, MarkVariant } from "./batch-marks.ts";
import { BesideStages } from "./beside-stages.ts";
import type { InputPlace } from "./input-place.ts";
import { behindOf, recordGiversOf, timedPaths } from "./operator-chains.ts";
import { type PlaceMark, placeMarks, writePlace } from "./place-marks.ts";
import { offsetOfPlace, partitionOf, placeOf } from "./record-place.ts";
import { TakenRecords } from "./taken-records.ts";
import type { VersionClock } from "./version-clock.ts";

export interface JoinedLogOptions {
  readonly statement: BoundStatement;
  readonly compiled: CompiledJoins;
  /** Of `compiled`. */
  readonly operators: readonly Operator[];
  readonly places: readonly InputPlace[];
  /** By place: which of `inputsOf` it is of; several are where all partitions of a topic are read. */
  readonly inputOf: readonly number[];
  readonly isGathered: boolean;
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
  /** Of rows that an operator has given to the next one; `isRecord`: each is one of the records that are being taken. */
  failGiven(rows: JoinedRows, row: number, message: string, isRecord: boolean): boolean;
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
  /** By row of those that the loop is at. */
  private flags = new Uint8Array(0);
  private latest = new Float64Array(0);
  /** The rows that the loop is at. */
  private current: JoinedRows | null = null;
  private readonly options: JoinedLogOptions;
  /** By operator: by how much its rows may come out behind its stream time, and rows for the loop. */
  private readonly lagsMs: readonly number[];
  private readonly behindMs: readonly number[];
  /** By operator: by how much its stream time may be behind that of the records. */
  private readonly beforeMs: readonly number[];
  /** By operator: itself, and those that its rows go through, where one of them goes by time; else empty. */
  private readonly timed: readonly (readonly number[])[];
  /** null: no records of a stream are being taken. */
  private taken: TakenRecords | null = null;
  private readonly besides: BesideStages;
  /** The last record that was given to operators, which is the cause of what it lets go. */
  private readonly cause = { sequence: 0, version: 0 };
  /** The loop reads what a stage gives. */
  readonly isStaged: boolean;
  private readonly inputs: InputBatch[];
  private readonly marks: readonly PlaceMark[];
  /** By operator: its rows are records of the input that is being taken, whose offset is the first of their coordinates. */
  private readonly recordGivers: readonly boolean[];
  /** Stages read one topic, by whose offsets they go. */
  private readonly isPlain: boolean;
  /** Rows of the loop are the records as they are. */
  readonly rowsArePassed: boolean;
  /** Each row of the loop is one record: that of a stream with what tables have of it. */
  readonly rowsAreRecords: boolean;

  constructor(options: JoinedLogOptions) {
    this.options = options;
    this.places = options.places;
    this.sequence = options.sequence;
    const { compiled, statement, operators, isGathered, partition } = options;
    this.lagsMs = lagsOf(compiled).own;
    this.beforeMs = lagsOf(compiled).before;
    this.timed = timedPaths(compiled);
    this.behindMs = behindOf(this.lagsMs, compiled);
    this.besides = new BesideStages(compiled, inputsOf(statement), operators);
    this.isPlain = !isGathered && compiled.operators.every(({ kind }) => kind !== "join");
    const { kind } = must(compiled.operators.at(-1));
    this.rowsArePassed = kind === "passing";
    this.isStaged = kind !== "join" && kind !== "passing";
    this.inputs = options.places.map((place) => new InputBatch(isGathered ? place.partition : null));
    const { joins, source, stage } = statement;
    this.rowsAreRecords = stage === null && source.reads === "stream" && joins.every(({ within }) => within === null);
    const isOfRecords = compiled.operators.every((operator) => operator.kind !== "groups" && operator.kind !== "rows");
    this.marks = placeMarks(statement, { partition, isGathered, isStaged: this.isStaged, isOfRecords });
    this.recordGivers = recordGiversOf(compiled);
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
    const { operators, compiled } = this.options;
    const isFed = (index: number): boolean => compiled.inputs.some(({ operator }) => operator === index);
    return operators.filter((_, index) => compiled.operators[index]?.kind === "join" || isFed(index));
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
    return Math.max(...this.options.compiled.inputs.map(({ operator }) => must(this.behindMs[operator])));
  }

  /** Stream time for the loop: no row comes out any more whose time is below it. */
  get streamTimeMs(): number {
    return must(this.options.operators.at(-1)).streamTimeMs - must(this.behindMs.at(-1));
  }

  /** The flags of the input's rows. */
  variantOf(input: number, marks: BatchMarks): MarkVariant {
    return must(this.inputs[input]).variantFor(marks, must(this.places[input]));
  }

  /** Of the rows that are being taken of an input: their versions, and their places in the merge. */
  numbersOf(input: number): { readonly versions: Float64Array; readonly sequences: Float64Array } {
    return must(this.inputs[input]);
  }

  /** Takes rows [from, to) of an input; gives the row it stopped before: `to`, or less where the statement has failed. */
  take(input: number, marks: BatchMarks, from: number, to: number, fates: RowFates): number {
    const batch = must(this.inputs[input]);
    const variant = this.variantOf(input, marks);
    const { clock, compiled } = this.options;
    const times = variant.timesOf(must(compiled.times[this.inputOf(input)]));
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
    this.cause.sequence = this.isPlain ? must(this.places[0]).cursor : this.sequence;
    this.cause.version = this.options.clock.value;
    const { besides, behindMs } = this;
    if (!besides.isNone) this.advanceBesides(streamTimeMs + this.lagMs, fates);
    for (const [index, behind] of behindMs.entries()) if (!besides.isBeside(index)) this.advanceTo(index, streamTimeMs + behind, fates);
  }

  /** What waits for a barrier goes to the loop. */
  flush(fates: RowFates): void {
    for (const index of this.options.operators.keys()) this.flushOne(index, fates);
  }

  /** Marks of the rows that came out, valid until the next ones: there may be a few rows of a large batch at a time. */
  marksOf({ batch, from, to, streamTimesMs, timesMs }: JoinedRows): RowMarks {
    const { conditions, slices } = batch;
    if (this.flags.length < to) {
      this.flags = new Uint8Array(to * 2);
      this.latest = new Float64Array(to * 2);
    }
    const { flags, latest } = this;
    let isSound = true;
    const lastMs = must(this.behindMs.at(-1));
    for (let row = from; row < to; row++) {
      latest[row] = (streamTimesMs[row] as number) - lastMs;
      flags[row] = Flag.none;
      if (conditions[row] !== Condition.tombstone) continue;
      flags[row] = Flag.tombstone;
      isSound = false;
    }
    const column: TimeColumn = { times: timesMs ?? slices.timestampsMs, latest, isSound: true };
    return { flags, isSound, timesOf: () => column };
  }

  /** What tells a row from others: the places of the records that it is made of. */
  writeId(row: number, writer: ByteWriter): void {
    const { coordinates, ordinals } = must(this.current);
    if (this.isStaged) {
      // The results of a stage have one place: that of the record which made them, and which of its results they are.
      writePlace(must(this.marks[0]), [must(coordinates[0]), ordinals], row, writer);
      return;
    }
    let isFirst = true;
    for (const mark of this.marks) {
      if (mark.prefix === null) continue;
      if (!isFirst) writer.ascii("+");
      isFirst = false;
      writePlace(mark, coordinates, row, writer);
    }
  }

  /** The first record that the row is made of, as far as that is at hand: which input, and its offset. */
  coordinatesOf(row: number): { readonly topic: string; readonly partition: number; readonly offset: number } {
    const { coordinates } = must(this.current);
    const [first] = this.marks;
    const found = this.marks.find(({ coordinate }) => !Number.isNaN(must(coordinates[coordinate])[row] as number)) ?? must(first);
    const { topic } = must(inputsOf(this.options.statement)[found.input]);
    const place = must(coordinates[found.coordinate])[row] as number;
    if (!found.isGathered) return { topic, partition: this.options.partition, offset: place };
    return { topic, partition: partitionOf(place), offset: offsetOfPlace(place) };
  }

  private takeRows(input: number, rows: InputBatch, variant: MarkVariant, times: TimeColumn, { from, to, fates }: Stretch): number {
    const { compiled } = this.options;
    const { operator } = must(compiled.inputs[this.inputOf(input)]);
    const isTable = this.readsTable(input);
    const side: SideRows = {
      ...rows.side(!this.isPlain && must(compiled.operators[operator]).kind !== "join"),
      timesMs: times.times,
      // A timestamp that is too far ahead moves no stream time.
      ...(isTable ? {} : { latestMs: times.latest }),
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
      if (isFlagged ? fates.flaggedRow(row) : fates.failRow(row, compiled.missingTime[this.inputOf(input)] ?? "", "RECORD_EVENT_TIME"))
        return row;
      row++;
    }
    return to;
  }

  private push(input: number, rows: SideRows, stretch: Stretch): number {
    const { from, to } = stretch;
    this.taken = this.readsTable(input) ? null : new TakenRecords(rows, from, to, this.numbersIn(rows));
    const reached = this.pushTaken(input, rows, stretch);
    this.taken = null;
    return reached;
  }

  /** Stages that are joined have the stream time of all records, and what they have made until then is there. */
  private pushTaken(input: number, rows: SideRows, { from, to, fates }: Stretch): number {
    const { operator, side } = must(this.options.compiled.inputs[this.inputOf(input)]);
    const { besides } = this;
    if (besides.isNone) return this.pushInto(operator, side, rows, { from, to, fates });
    for (const index of besides.others(this.inputOf(input))) this.flushOne(index, fates);
    const isTable = this.readsTable(input);
    if (!isTable && besides.isBeside(operator)) this.advanceTo(operator, besides.streamTimeMs, fates);
    let limitMs = besides.limitMs;
    const { latestMs = rows.timesMs } = rows;
    for (let row = from; row < to && fates.failure === null; ) {
      if (!isTable && (latestMs[row] as number) >= limitMs) {
        this.note(rows, row);
        this.advanceBesides(latestMs[row] as number, fates);
        limitMs = besides.limitMs;
      }
      let end = row + 1;
      while (end < to && (isTable || (latestMs[end] as number) < limitMs)) end++;
      const reached = fates.failure === null ? this.pushInto(operator, side, rows, { from: row, to: end, fates }) : row;
      this.passOn(fates);
      if (reached < end) return reached;
      row = end;
    }
    return fates.failure === null ? to : from;
  }

  /** Stages that are joined go on side by side: of what they let go the older comes first, or it would be late for what it is joined to. */
  private advanceBesides(toMs: number, fates: RowFates): void {
    const { besides } = this;
    // Some go at the time that is their limit, some just after it.
    for (let [timeMs, tries] = [besides.limitMs, 0]; timeMs < toMs && tries < 2 && fates.failure === null; ) {
      for (const index of besides.fed) this.advanceTo(index, timeMs, fates);
      const { limitMs } = besides;
      tries = limitMs > timeMs ? 0 : tries + 1;
      timeMs = Math.max(timeMs + 1, limitMs);
    }
    for (const index of besides.fed) this.advanceTo(index, toMs, fates);
    this.passOn(fates);
  }

  /** What stages are joined to goes on to where these are. */
  private passOn(fates: RowFates): void {
    const { operators, compiled } = this.options;
    for (const index of this.besides.outlets) {
      const { streamTimeMs } = must(operators[index]);
      const next = must(compiled.nexts[index]).operator;
      if (streamTimeMs > Number.NEGATIVE_INFINITY) this.advanceTo(next, streamTimeMs - must(this.lagsMs[index]), fates);
    }
  }

  private pushInto(index: number, side: 0 | 1, rows: SideRows, { from, to, fates }: Stretch): number {
    const operator = must(this.options.operators[index]);
    const isLast = index === this.options.operators.length - 1;
    let row = from;
    while (row < to) {
      row = operator.take(side, rows, row, to);
      if (fates.failure !== null) return row;
      if (row > from) this.note(rows, row - 1);
      if (!isLast || row < to || !operator.collects) this.giveOn(index, fates);
    }
    return row;
  }

  /** What is let go from now on has this cause. */
  private note(rows: SideRows, row: number): void {
    this.cause.sequence = this.numbersIn(rows)[row] as number;
    this.cause.version = rows.versions[row] as number;
  }

  /** By row: the number of the record that it is, or that made it. */
  private numbersIn({ batch, sequences }: SideRows): Float64Array {
    return this.isPlain ? batch.slices.offsets : sequences;
  }

  private flushOne(index: number, fates: RowFates): void {
    const operator = must(this.options.operators[index]);
    for (let isDone = false; !isDone && fates.failure === null; ) {
      isDone = operator.flush?.(this.options.clock.value) ?? true;
      this.giveOn(index, fates);
    }
  }

  private advanceTo(index: number, streamTimeMs: number, fates: RowFates): void {
    const operator = must(this.options.operators[index]);
    const { sequence, version } = this.cause;
    let isDone = false;
    while (!isDone && fates.failure === null) {
      isDone = operator.advance(streamTimeMs, sequence, version);
      this.giveOn(index, fates);
    }
  }

  /** Which of `inputsOf` a log is of. */
  inputOf(place: number): number {
    return must(this.options.inputOf[place]);
  }

  private readsTable(input: number): boolean {
    return must(inputsOf(this.options.statement)[this.inputOf(input)]).reads === "table";
  }

  /** What an operator gives goes to the next one, whose stream time follows, or to the loop. */
  private giveOn(index: number, fates: RowFates): void {
    const { operators, compiled } = this.options;
    const next = compiled.nexts[index] ?? null;
    if (next === null) {
      this.workOff(fates);
      return;
    }
    const operator = must(operators[index]);
    const lagMs = must(this.lagsMs[index]);
    const nextOperator = must(compiled.operators[next.operator]);
    const isIntoJoin = nextOperator.kind === "join" && must(compiled.operators[index]).kind !== "join";
    const isIntoStreams = nextOperator.kind === "join" && nextOperator.step.within !== null;
    const isRecord = must(this.recordGivers[index]);
    const follows = !this.besides.waits(index);
    const taken = follows && must(this.timed[next.operator]).length > 0 ? this.taken : null;
    for (let rows = operator.drain(); rows !== null && fates.failure === null; rows = operator.drain()) {
      const { batch, versions, ordinals, from, to } = rows;
      const { timestampsMs: timesMs, offsets: sequences } = batch.slices;
      // What waits for rows of another stream has the time of each of its rows, which may be ahead of what is behind by so much.
      const isAsItIs = lagMs === 0 && !isIntoStreams;
      const latestMs = isAsItIs ? rows.streamTimesMs : latestOf(rows, lagMs, isIntoStreams);
      const fail: SideRows["fail"] = (row, message) => fates.failGiven(rows, row, message, isRecord);
      const coordinates = isIntoJoin ? [sequences, Float64Array.from(rows.ordinals)] : rows.coordinates;
      const given: SideRows = { batch, timesMs, latestMs, versions, sequences, ordinals, coordinates, fail };
      if (taken === null) this.pushInto(next.operator, next.side, given, { from, to, fates });
      else this.pushByRecord(taken, next, given, { from, to, fates }, operator.streamTimeMs - lagMs);
    }
    const toMs = operator.streamTimeMs - lagMs;
    if (toMs === Number.NEGATIVE_INFINITY || !follows) return;
    if (taken === null) this.advanceTo(next.operator, toMs, fates);
    else this.follow(taken, next.operator, toMs, fates);
  }

  /** What records before the one that made a row let go by their time comes before it. `untilMs`: where stream time ends. */
  private pushByRecord(
    taken: TakenRecords,
    { operator, side }: Port,
    given: SideRows,
    { from, to, fates }: Stretch,
    untilMs: number,
  ): void {
    const numbers = this.numbersIn(given);
    for (let row = from; row < to && fates.failure === null; ) {
      let end = row + 1;
      while (end < to && numbers[end] === numbers[row]) end++;
      const record = taken.rowOf(numbers[row] as number);
      if (record >= 0) {
        this.follow(taken, operator, Math.min(taken.timeBeforeMs(record) - must(this.beforeMs[operator]), untilMs), fates);
        taken.at = Math.max(taken.at, record);
      }
      this.pushInto(operator, side, given, { from: row, to: end, fates });
      row = end;
    }
  }

  /** Stream time of an operator goes on to where records have moved it, with each by which something leaves there or behind. */
  private follow(taken: TakenRecords, operator: number, toMs: number, fates: RowFates): void {
    const beforeMs = must(this.beforeMs[operator]);
    for (let least = taken.at; least <= taken.last && fates.failure === null; least++) {
      const limitMs = this.limitOf(operator);
      if (limitMs > toMs + beforeMs) break;
      const row = Math.max(least, taken.reaching(limitMs));
      if (row > taken.last) break;
      taken.at = row;
      this.note(taken.rows, row);
      this.advanceTo(operator, Math.min(taken.timeAfterMs(row) - beforeMs, toMs), fates);
      least = row;
    }
    if (toMs > Number.NEGATIVE_INFINITY && fates.failure === null) this.advanceTo(operator, toMs, fates);
  }

  /** The stream time of the records at which something leaves the operator, or one behind it; Infinity: nothing waits. */
  private limitOf(operator: number): number {
    const { operators } = this.options;
    return Math.min(...must(this.timed[operator]).map((index) => must(operators[index]).nextExpiryMs + must(this.beforeMs[index])));
  }
}

/** Stream time after each row, less the lag; `isAhead`: a row's own time counts as well. */
function latestOf({ batch, streamTimesMs }: JoinedRows, lagMs: number, isAhead: boolean): Float64Array {
  const { timestampsMs } = batch.slices;
  return streamTimesMs.map((timeMs, row) => (isAhead ? Math.max(timestampsMs[row] as number, timeMs - lagMs) : timeMs - lagMs));
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
  sequences = new Float64Array(0);
  private places = new Float64Array(0);
  /** null: only the task's own is read. */
  private readonly partition: number | null;
  private marks: BatchMarks | null = null;
  private batch: ColumnBatch | null = null;
  private variant: MarkVariant | null = null;

  constructor(partition: number | null) {
    this.partition = partition;
  }

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

  /** `isNumbered`: to what reads them their numbers are their offsets. */
  side(isNumbered: boolean): Omit<SideRows, "timesMs" | "fail"> {
    const { versions, sequences, places } = this;
    const batch = must(this.batch);
    const numbered = isNumbered ? { ...batch, slices: { ...batch.slices, offsets: sequences } } : batch;
    if (this.partition === null) return { batch: numbered, versions, sequences, coordinates: [batch.slices.offsets] };
    return { batch: numbered, versions, sequences, places, coordinates: [places] };
  }

  number(marks: BatchMarks, from: number, to: number, first: number, clock: VersionClock): void {
    marks.stamp(clock, from, to, this.versions);
    for (let row = from; row < to; row++) this.sequences[row] = first + row - from;
    const { partition, places } = this;
    if (partition === null) return;
    const { offsets } = marks.batch.slices;
    if (places.length < to) this.places = new Float64Array(to * 2);
    for (let row = from; row < to; row++) this.places[row] = placeOf(offsets[row] as number, partition);
  }

  /** Rows were taken of what other statements wrote. */
  follow({ repeats }: InputPlace, from: number, reached: number): void {
    const origins = this.marks?.origins ?? null;
    if (origins !== null) repeats.take(origins, from, reached);
  }
}
