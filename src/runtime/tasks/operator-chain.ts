import { must } from "../../assert.ts";
import type { BoundSource } from "../../model/statement.ts";
import type { CompiledJoins, Port } from "../../plan/code/compile-joins.ts";
import { lagsOf } from "../../state/operators/new-operators.ts";
import type { JoinedRows, Operator, SideRows } from "../../state/operators/operator.ts";
import { TakenRecords } from "../feeds/taken-records.ts";
import { BesideStages } from "./beside-stages.ts";
import { behindOf, recordGiversOf, timedPaths } from "./operator-paths.ts";
import type { RowFates } from "./row-fates.ts";
import type { VersionClock } from "./version-clock.ts";

export interface OperatorChainOptions {
  readonly compiled: CompiledJoins;
  /** Of `compiled`. */
  readonly operators: readonly Operator[];
  /** Of the statement. */
  readonly inputs: readonly BoundSource[];
  /** Records are numbered by their offsets, not in the order of the merge. */
  readonly isPlain: boolean;
  readonly clock: VersionClock;
  readonly fates: Pick<RowFates, "failure" | "failGiven">;
  /** The loop's part: rows are worked off at once, and what comes after them is valid only then. */
  work(rows: JoinedRows): void;
}

/**
 * The operators of a statement, each of which gives its rows to the next one and the last one to the loop. What goes by stream time on
 * the way follows each record, so that what comes out depends on the log alone and not on how many records are taken at once.
 */
export class OperatorChain {
  private readonly options: OperatorChainOptions;
  /** By operator: by how much its rows may come out behind its stream time, and rows for the loop. */
  private readonly lagsMs: readonly number[];
  private readonly behindMs: readonly number[];
  /** By operator: by how much its stream time may be behind that of the records. */
  private readonly beforeMs: readonly number[];
  /** By operator: itself, and those that its rows go through, where one of them goes by time; else empty. */
  private readonly timed: readonly (readonly number[])[];
  private readonly isTimed: boolean;
  /** null: no records of a stream are being taken. */
  private taken: TakenRecords | null = null;
  private readonly besides: BesideStages;
  /** The last record that was given to operators, which is the cause of what it lets go. */
  private readonly cause = { sequence: 0, version: 0 };
  /** By operator: its rows are records of the input that is being taken, whose offset is the first of their coordinates. */
  private readonly recordGivers: readonly boolean[];

  constructor(options: OperatorChainOptions) {
    this.options = options;
    const { compiled, inputs, operators } = options;
    const { own, before } = lagsOf(compiled);
    this.lagsMs = own;
    this.beforeMs = before;
    this.behindMs = behindOf(own, compiled);
    this.timed = timedPaths(compiled);
    this.isTimed = this.timed.some((path) => path.length > 0);
    this.besides = new BesideStages(compiled, inputs, operators);
    this.recordGivers = recordGiversOf(compiled);
  }

  /** By how much the loop's stream time is behind that of the records. */
  get lagMs(): number {
    return Math.max(...this.options.compiled.inputs.map(({ operator }) => must(this.behindMs[operator])));
  }

  /** By how much the loop's stream time is behind that of the last operator. */
  get lastLagMs(): number {
    return must(this.behindMs.at(-1));
  }

  /** Stream time for the loop: no row comes out any more whose time is below it. */
  get streamTimeMs(): number {
    return must(this.options.operators.at(-1)).streamTimeMs - this.lastLagMs;
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

  /** Takes rows [from, to) of an input; gives the row it stopped before: `to`, or less where the statement has failed. */
  take(input: number, rows: SideRows, from: number, to: number): number {
    if (this.isTimed && !this.readsTable(input)) this.taken = new TakenRecords(rows, from, to, this.numbersIn(rows));
    const reached = this.takeBeside(input, rows, from, to);
    this.taken = null;
    return reached;
  }

  /** Gives to the loop what has come out. */
  workOff(): void {
    const { fates, operators, work } = this.options;
    const last = must(operators.at(-1));
    for (let rows = last.drain(); rows !== null && fates.failure === null; rows = last.drain()) work(rows);
  }

  /** Stream time of the loop goes on without a record: what waits no longer leaves, behind the record of that number. */
  advance(streamTimeMs: number, sequence: number): void {
    this.cause.sequence = sequence;
    this.cause.version = this.options.clock.value;
    const { besides, behindMs } = this;
    if (!besides.isNone) this.advanceBesides(streamTimeMs + this.lagMs);
    for (const [index, behind] of behindMs.entries()) if (!besides.isBeside(index)) this.advanceTo(index, streamTimeMs + behind);
  }

  /** What waits for a barrier goes to the loop. */
  flush(): void {
    for (const index of this.options.operators.keys()) this.flushOne(index);
  }

  /** Stages that are joined have the stream time of all records, and what they have made until then is there. */
  private takeBeside(input: number, rows: SideRows, from: number, to: number): number {
    const { compiled, fates } = this.options;
    const { operator, side } = must(compiled.inputs[input]);
    const { besides } = this;
    if (besides.isNone) return this.push(operator, side, rows, from, to);
    for (const index of besides.others(input)) this.flushOne(index);
    const isTable = this.readsTable(input);
    if (!isTable && besides.isBeside(operator)) this.advanceTo(operator, besides.streamTimeMs);
    let limitMs = besides.limitMs;
    const { latestMs = rows.timesMs } = rows;
    for (let row = from; row < to && fates.failure === null; ) {
      if (!isTable && (latestMs[row] as number) >= limitMs) {
        this.note(rows, row);
        this.advanceBesides(latestMs[row] as number);
        limitMs = besides.limitMs;
      }
      let end = row + 1;
      while (end < to && (isTable || (latestMs[end] as number) < limitMs)) end++;
      const reached = fates.failure === null ? this.push(operator, side, rows, row, end) : row;
      this.passOn();
      if (reached < end) return reached;
      row = end;
    }
    return fates.failure === null ? to : from;
  }

  /** Stages that are joined go on side by side: of what they let go the older comes first, or it would be late for what it is joined to. */
  private advanceBesides(toMs: number): void {
    const { besides } = this;
    const { fates } = this.options;
    // Some go at the time that is their limit, some just after it.
    for (let [timeMs, tries] = [besides.limitMs, 0]; timeMs < toMs && tries < 2 && fates.failure === null; ) {
      for (const index of besides.fed) this.advanceTo(index, timeMs);
      const { limitMs } = besides;
      tries = limitMs > timeMs ? 0 : tries + 1;
      timeMs = Math.max(timeMs + 1, limitMs);
    }
    for (const index of besides.fed) this.advanceTo(index, toMs);
    this.passOn();
  }

  /** What stages are joined to goes on to where these are. */
  private passOn(): void {
    const { operators, compiled } = this.options;
    for (const index of this.besides.outlets) {
      const { streamTimeMs } = must(operators[index]);
      const next = must(compiled.nexts[index]).operator;
      if (streamTimeMs > Number.NEGATIVE_INFINITY) this.advanceTo(next, streamTimeMs - must(this.lagsMs[index]));
    }
  }

  /** Gives rows [from, to) to a side of an operator, and what it makes of them to the next one; gives the row it stopped before. */
  private push(index: number, side: 0 | 1, rows: SideRows, from: number, to: number): number {
    const { operators, fates } = this.options;
    const operator = must(operators[index]);
    const isLast = index === operators.length - 1;
    let row = from;
    while (row < to) {
      row = operator.take(side, rows, row, to);
      if (fates.failure !== null) return row;
      if (row > from) this.note(rows, row - 1);
      if (!isLast || row < to || !operator.collects) this.giveOn(index);
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
    return this.options.isPlain ? batch.slices.offsets : sequences;
  }

  private readsTable(input: number): boolean {
    return must(this.options.inputs[input]).reads === "table";
  }

  private flushOne(index: number): void {
    const { operators, clock, fates } = this.options;
    const operator = must(operators[index]);
    for (let isDone = false; !isDone && fates.failure === null; ) {
      isDone = operator.flush?.(clock.value) ?? true;
      this.giveOn(index);
    }
  }

  private advanceTo(index: number, streamTimeMs: number): void {
    const { operators, fates } = this.options;
    const operator = must(operators[index]);
    const { sequence, version } = this.cause;
    let isDone = false;
    while (!isDone && fates.failure === null) {
      isDone = operator.advance(streamTimeMs, sequence, version);
      this.giveOn(index);
    }
  }

  /** What an operator gives goes to the next one, whose stream time follows, or to the loop. */
  private giveOn(index: number): void {
    const { operators, compiled, fates } = this.options;
    const next = compiled.nexts[index] ?? null;
    if (next === null) {
      this.workOff();
      return;
    }
    const operator = must(operators[index]);
    const follows = !this.besides.waits(index);
    const taken = follows && must(this.timed[next.operator]).length > 0 ? this.taken : null;
    for (let rows = operator.drain(); rows !== null && fates.failure === null; rows = operator.drain()) {
      const given = this.givenOf(index, next, rows);
      const { from, to } = rows;
      if (taken === null) this.push(next.operator, next.side, given, from, to);
      else this.pushByRecord(taken, next, given, { from, to, untilMs: operator.streamTimeMs - must(this.lagsMs[index]) });
    }
    const toMs = operator.streamTimeMs - must(this.lagsMs[index]);
    if (toMs === Number.NEGATIVE_INFINITY || !follows) return;
    if (taken === null) this.advanceTo(next.operator, toMs);
    else this.follow(taken, next.operator, toMs);
  }

  /** Rows that an operator has made, as the next one takes them. */
  private givenOf(index: number, next: Port, rows: JoinedRows): SideRows {
    const { compiled, fates } = this.options;
    const { batch, versions, ordinals } = rows;
    const lagMs = must(this.lagsMs[index]);
    const into = must(compiled.operators[next.operator]);
    const isIntoJoin = into.kind === "join" && must(compiled.operators[index]).kind !== "join";
    // What waits for rows of another stream has the time of each of its rows, which may be ahead of what is behind by so much.
    const isIntoStreams = into.kind === "join" && into.step.within !== null;
    const isAsItIs = lagMs === 0 && !isIntoStreams;
    const latestMs = isAsItIs ? rows.streamTimesMs : latestOf(rows, lagMs, isIntoStreams);
    const { timestampsMs: timesMs, offsets: sequences } = batch.slices;
    const coordinates = isIntoJoin ? [sequences, Float64Array.from(ordinals)] : rows.coordinates;
    const isRecord = must(this.recordGivers[index]);
    const fail: SideRows["fail"] = (row, message) => fates.failGiven(rows, row, message, isRecord);
    return { batch, timesMs, latestMs, versions, sequences, ordinals, coordinates, fail };
  }

  /** What records before the one that made a row let go by their time comes before it. `untilMs`: where stream time ends. */
  private pushByRecord(
    taken: TakenRecords,
    { operator, side }: Port,
    given: SideRows,
    { from, to, untilMs }: { readonly from: number; readonly to: number; readonly untilMs: number },
  ): void {
    const { fates } = this.options;
    const numbers = this.numbersIn(given);
    for (let row = from; row < to && fates.failure === null; ) {
      let end = row + 1;
      while (end < to && numbers[end] === numbers[row]) end++;
      const record = taken.rowOf(numbers[row] as number);
      if (record >= 0) {
        this.follow(taken, operator, Math.min(taken.timeBeforeMs(record) - must(this.beforeMs[operator]), untilMs));
        taken.at = Math.max(taken.at, record);
      }
      this.push(operator, side, given, row, end);
      row = end;
    }
  }

  /** Stream time of an operator goes on to where records have moved it, with each by which something leaves there or behind. */
  private follow(taken: TakenRecords, operator: number, toMs: number): void {
    const { fates } = this.options;
    const beforeMs = must(this.beforeMs[operator]);
    for (let least = taken.at; least <= taken.last && fates.failure === null; least++) {
      const limitMs = this.limitOf(operator);
      if (limitMs > toMs + beforeMs) break;
      const row = Math.max(least, taken.reaching(limitMs));
      if (row > taken.last) break;
      taken.at = row;
      this.note(taken.rows, row);
      const reachedMs = taken.timeAfterMs(row) - beforeMs;
      this.advanceTo(operator, Math.min(reachedMs, toMs));
      // Records behind it let go what waits still.
      if (reachedMs >= toMs) return;
      least = row;
    }
    if (toMs > Number.NEGATIVE_INFINITY && fates.failure === null) this.advanceTo(operator, toMs);
  }

  /** The stream time of the records at which something leaves the operator, or one behind it; Infinity: nothing waits. */
  private limitOf(operator: number): number {
    const { operators } = this.options;
    let limitMs = Number.POSITIVE_INFINITY;
    for (const index of must(this.timed[operator]))
      limitMs = Math.min(limitMs, must(operators[index]).nextExpiryMs + must(this.beforeMs[index]));
    return limitMs;
  }
}

/** Stream time after each row, less the lag; `isAhead`: a row's own time counts as well. */
function latestOf({ batch, streamTimesMs }: JoinedRows, lagMs: number, isAhead: boolean): Float64Array {
  const { timestampsMs } = batch.slices;
  return streamTimesMs.map((timeMs, row) => (isAhead ? Math.max(timestampsMs[row] as number, timeMs - lagMs) : timeMs - lagMs));
}
