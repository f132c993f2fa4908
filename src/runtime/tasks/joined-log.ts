import { must } from "../../assert.ts";
import type { ByteWriter } from "../../model/byte-writer.ts";
import { Condition } from "../../model/column-batch.ts";
import type { BoundStatement } from "../../model/statement.ts";
import { inputsOf } from "../../model/statement.ts";
import type { CompiledJoins } from "../../plan/code/compile-joins.ts";
import { Flag, type RowMarks, type TimeColumn } from "../../plan/code/task.ts";
import type { JoinedRows, Operator, SideRows } from "../../state/operators/operator.ts";
import type { BatchMarks, MarkVariant } from "../feeds/batch-marks.ts";
import { InputBatch } from "../feeds/input-batch.ts";
import type { InputPlace } from "../feeds/input-place.ts";
import { type PlaceMark, placeMarks, writePlace } from "../feeds/place-marks.ts";
import { offsetOfPlace, partitionOf } from "../feeds/record-place.ts";
import { OperatorChain } from "./operator-chain.ts";
import type { RowFates } from "./row-fates.ts";
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
  readonly fates: RowFates;
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
  private readonly chain: OperatorChain;
  /** The loop reads what a stage gives. */
  readonly isStaged: boolean;
  private readonly inputs: InputBatch[];
  private readonly marks: readonly PlaceMark[];
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
    const { compiled, statement, operators, isGathered, partition, clock, fates } = options;
    this.isPlain = !isGathered && compiled.operators.every(({ kind }) => kind !== "join");
    this.chain = new OperatorChain({
      compiled,
      operators,
      inputs: inputsOf(statement),
      isPlain: this.isPlain,
      clock,
      fates,
      work: (rows) => {
        this.current = rows;
        fates.workRows(rows);
        this.current = null;
      },
    });
    const { kind } = must(compiled.operators.at(-1));
    this.rowsArePassed = kind === "passing";
    this.isStaged = kind !== "join" && kind !== "passing";
    this.inputs = options.places.map((place) => new InputBatch(isGathered ? place.partition : null));
    const { joins, source, stage } = statement;
    this.rowsAreRecords = stage === null && source.reads === "stream" && joins.every(({ within }) => within === null);
    const isOfRecords = compiled.operators.every((operator) => operator.kind !== "groups" && operator.kind !== "rows");
    this.marks = placeMarks(statement, { partition, isGathered, isStaged: this.isStaged, isOfRecords });
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
    return this.chain.nextExpiryMs;
  }

  /** The stream time of the loop at which nothing waits any more; null: nothing does. */
  get closingTimeMs(): number | null {
    return this.chain.closingTimeMs;
  }

  get byteLength(): number {
    return this.options.operators.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /** By how much the loop's stream time is behind that of the records. */
  get lagMs(): number {
    return this.chain.lagMs;
  }

  /** Stream time for the loop: no row comes out any more whose time is below it. */
  get streamTimeMs(): number {
    return this.chain.streamTimeMs;
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
  take(input: number, marks: BatchMarks, from: number, to: number): number {
    const batch = must(this.inputs[input]);
    const variant = this.variantOf(input, marks);
    const { clock, compiled } = this.options;
    const times = variant.timesOf(must(compiled.times[this.inputOf(input)]));
    batch.number(marks, from, to, this.sequence, clock);
    const reached = this.takeRows(input, batch, variant, times, { from, to });
    if (reached > from) {
      this.sequence += reached - from;
      clock.value = batch.versions[reached - 1] as number;
      batch.follow(must(this.places[input]), from, reached);
    }
    return reached;
  }

  /** Gives to the loop what has come out. */
  workOff(): void {
    this.chain.workOff();
  }

  /** Stream time of the loop goes on without a record: what waits no longer leaves. */
  advance(streamTimeMs: number): void {
    this.chain.advance(streamTimeMs, this.isPlain ? must(this.places[0]).cursor : this.sequence);
  }

  /** What waits for a barrier goes to the loop. */
  flush(): void {
    this.chain.flush();
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
    const { lastLagMs } = this.chain;
    for (let row = from; row < to; row++) {
      latest[row] = (streamTimesMs[row] as number) - lastLagMs;
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

  private takeRows(input: number, rows: InputBatch, variant: MarkVariant, times: TimeColumn, { from, to }: Stretch): number {
    const { compiled, fates } = this.options;
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
        const reached = this.chain.take(this.inputOf(input), side, row, end);
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

  /** Which of `inputsOf` a log is of. */
  inputOf(place: number): number {
    return must(this.options.inputOf[place]);
  }

  private readsTable(input: number): boolean {
    return must(inputsOf(this.options.statement)[this.inputOf(input)]).reads === "table";
  }
}

/** Rows [from, to) of an input. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}
