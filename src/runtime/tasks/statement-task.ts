import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { ByteWriter } from "../../model/byte-writer.ts";
import type { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import type { ColumnBatch } from "../../model/column-batch.ts";
import type { LogMark } from "../../model/record-slices.ts";
import { PredicateTables } from "../../plan/code/predicate-tables.ts";
import { Flag, type NamedTarget, type RowMarks, type RowTask } from "../../plan/code/task.ts";
import { type StatementPlan, writtenName } from "../../plan/pipeline-plan.ts";
import type { GroupedState } from "../../state/grouped-state.ts";
import type { Blob, TimeNote } from "../../state/journal/blob.ts";
import { reportOf } from "../as-error.ts";
import { NO_COUNTERS, type RecordCounters } from "../counters.ts";
import type { BatchMarks, MarkVariant } from "../feeds/batch-marks.ts";
import { NO_MARKS, NO_RECORD, NO_VERSIONS } from "../feeds/no-marks.ts";
import type { RepeatFilter } from "../feeds/repeat-filter.ts";
import { TakenNotes } from "../feeds/taken-notes.ts";
import { TimeNotices } from "../feeds/time-notices.ts";
import type { PartitionProgress, StatementCounters, StatementState } from "../protocol.ts";
import { LetterWriter } from "../routes/dead-letter.ts";
import type { Outbox } from "../routes/outbox.ts";
import type { Settlement } from "../routes/route.ts";
import type { Stretch } from "../work-place.ts";
import { ErrorBudget } from "./error-budget.ts";
import type { RefusedResult } from "./group-emission.ts";
import { type RefusalCode, Refusals } from "./refusals.ts";
import { TaskBlobs, type TaskPlace } from "./task-blobs.ts";
import { TaskListeners } from "./task-listeners.ts";
import type { StatementTaskOptions } from "./task-options.ts";
import { newTaskOutbox } from "./task-outbox.ts";
import { newTaskResults, type TaskResults } from "./task-results.ts";

/**
 * One statement on one partition: a cursor and a state, and what is on its way from them to durability.
 * Everything synchronous happens between two awaits of its cohort; acknowledgements come back through callbacks.
 */
export class StatementTask implements RowTask {
  readonly plan: StatementPlan;
  readonly state: GroupedState;
  readonly out: ChangeBatchBuilder;
  readonly keyWriter = new ByteWriter(256);
  readonly idBefore: string;
  readonly idAfter: string;
  readonly lateIdAfter: string;
  readonly predicates = new PredicateTables();
  readonly record: Float64Array;
  marks: RowMarks = NO_MARKS;
  versions: Float64Array = NO_VERSIONS;
  streamTimeMs: number;
  applied = 0;
  filtered = 0;
  late = 0;
  /** The next offset to take. */
  cursor: number;
  /** The next offset that a restart would take. */
  durableCursor: number;
  failure: SluiceError | null = null;
  isFinished = false;
  protected readonly options: StatementTaskOptions;
  protected readonly outbox: Outbox;
  private readonly refusals: Refusals;
  private readonly blobs: TaskBlobs;
  protected readonly results: TaskResults;
  protected readonly records: RecordCounters;
  private readonly repeats: RepeatFilter;
  private work: BatchMarks | null = null;
  protected readonly notices: TimeNotices;
  /** What its loop is at. */
  protected batch: ColumnBatch | null = null;
  private variant: MarkVariant | null = null;
  /** The row that its loop began with, before which all are counted. */
  protected runFrom = 0;
  protected logTimeMs: number;
  private mark: LogMark | null;
  private readonly notes: TakenNotes;
  private cursorAtBarrier: number;
  private lastBarrierMs = 0;
  /** Of `records.in`. */
  private takenAtBarrier: number;
  protected stateTornByFailure = false;
  /** A note has moved stream time since the last barrier. */
  protected isMoved = false;
  private readonly listeners: TaskListeners;

  constructor(options: StatementTaskOptions) {
    this.options = options;
    this.plan = options.plan;
    this.idBefore = `${options.topic}-${options.partition}-`;
    this.record = this.recordTold(options);
    this.idAfter = options.idSuffix;
    this.lateIdAfter = options.lateIdSuffix;
    this.state = options.state as GroupedState;
    this.listeners = new TaskListeners([options.route, options.deadLetterRoute, options.lateRoute]);
    const { start } = options;
    const { counters } = start;
    this.cursor = start.cursor;
    this.durableCursor = start.cursor;
    this.cursorAtBarrier = start.cursor;
    this.streamTimeMs = start.streamTimeMs;
    this.logTimeMs = start.logTimeMs;
    this.notes = new TakenNotes(start, start.cursor);
    this.mark = start.mark;
    this.repeats = start.repeats;
    this.records = { in: counters.in, applied: 0, filtered: 0, late: 0, deadLettered: counters.deadLettered };
    this.takenAtBarrier = counters.in;
    this.applied = counters.applied;
    this.filtered = counters.filtered;
    this.late = counters.late;
    this.notices = new TimeNotices(options.plan.statement.name, options.events);
    const { deadLettersMask, errorBudget } = options.plan.statement.settings;
    const letters = new LetterWriter(options.plan.deadLetterRoute, deadLettersMask);
    const budget = new ErrorBudget(errorBudget, () => this.records.in - counters.in);
    this.outbox = newTaskOutbox(options, counters, {
      letters,
      budget,
      onFailed: (error) => {
        this.fail(error);
        // One that had failed before may still wait for what it has sent.
        this.tell();
      },
      onDurable: (cursor) => {
        this.durable(cursor);
        this.listeners.tell();
      },
    });
    this.refusals = new Refusals(options, { letters, budget }, this.records, this.outbox, {
      fail: (error) => this.fail(error),
      tear: (error) => this.tear(error),
    });
    this.out = this.outbox.changes;
    this.blobs = new TaskBlobs(options);
    this.results = newTaskResults(options, this, (result) => this.refuseResult(result));
  }

  get name(): string {
    return this.plan.statement.name;
  }

  get partition(): number {
    return this.options.partition;
  }

  /** Not fed at the moment: as much is collected as a barrier holds, and no further barrier can be made. */
  get isBlocked(): boolean {
    return this.outbox.isFull && (this.isBarrierFull || this.results.isCut);
  }

  /** No further barrier can be made for the moment; what comes is collected for the next one. */
  get isBackedUp(): boolean {
    return this.outbox.isFull;
  }

  /** Nothing is on its way any more, and nothing is left to be sent. */
  get isSettled(): boolean {
    return this.isKept && (this.failure !== null || !this.results.isHeldBack);
  }

  /** Nothing is on its way any more, and what EMIT EVERY holds back is in the state. */
  get isKept(): boolean {
    return this.outbox.isSettled && (this.failure !== null || !this.hasMoved);
  }

  get status(): StatementState {
    if (this.failure !== null) return "failed";
    if (this.isFinished) return "finished";
    return this.isBlocked ? "detached" : "running";
  }

  get counters(): StatementCounters {
    return { ...NO_COUNTERS, ...this.recordCounters(), ...this.outbox.settlement };
  }

  /** How it stands; where that is, and how much there is to read, its feed knows. */
  get progress(): Omit<PartitionProgress, "topic" | "lag"> {
    const { partition, status: state, cursor: position, durableCursor: durable, counters, failure } = this;
    return {
      partition,
      state,
      generation: this.options.generation,
      position,
      durable,
      counters,
      recordTimeMs: knownTime(this.logTimeMs),
      streamTimeMs: knownTime(this.streamTimeMs),
      stateBytes: this.stateBytes,
      error: failure === null ? null : reportOf(failure),
    };
  }

  /** Calls once, when the task may be fed again, has failed, or a barrier has become durable. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  /** A batch whose rows follow; `end` comes after them. */
  begin(work: BatchMarks): void {
    this.work = work;
    this.notices.beginBatch();
    this.batch = work.batch;
    this.variant = work.variantFor(this.repeats);
    this.marks = this.variant;
    this.versions = work.versionsFor(this.options.clock);
  }

  end(): void {
    this.work = null;
    this.batch = null;
    this.variant = null;
    this.marks = NO_MARKS;
    this.versions = NO_VERSIONS;
  }

  /**
   * Takes rows [from, to) of the batch, whose row `from` is the first at or after the cursor. Gives the row it stopped
   * before: `to`, or less where the task is blocked or has failed.
   */
  feed(from: number, to: number): number {
    let row = from;
    while (row < to && this.failure === null && !this.isBlocked) {
      if (!this.endEmission() || (this.isBarrierFull && !this.makeRoom())) break;
      this.runFrom = row;
      const reached = this.run(row, to);
      this.advance(row, reached, to);
      row = reached;
    }
    // What came before the record that stopped the statement is not lost.
    if (this.failure !== null) this.barrier();
    this.outbox.sendSoon();
    this.checkSize();
    return row;
  }

  /** Nothing but markers and holes up to there. */
  skipTo(offset: number): void {
    if (offset > this.cursor && this.failure === null) this.cursor = offset;
  }

  isBarrierDue(nowMs: number): boolean {
    if (this.failure !== null || this.isBackedUp) return false;
    if (this.results.isDue) {
      this.lastBarrierMs = nowMs;
      return true;
    }
    if (!this.hasMoved) return false;
    const sinceMs = nowMs - this.lastBarrierMs;
    if (sinceMs < this.plan.statement.settings.commitIntervalMs) return false;
    if (this.isDeltaDear && sinceMs < LIMITS.deltaWaitMsMax) return false;
    this.lastBarrierMs = nowMs;
    return true;
  }

  /** What there is goes to the routes now, as far as they take it; `sendsAll`: also what EMIT EVERY holds back. */
  push(sendsAll = true): void {
    if ((this.hasMoved || (sendsAll && this.results.isHeldBack)) && this.failure === null && !this.isBackedUp)
      this.barrier(false, sendsAll);
  }

  /**
   * Hands the changes so far to the routes; when they have acknowledged, cursor and state become durable. False: there is more to be sent
   * before than the routes take for the moment; to be called again.
   */
  barrier(isLast = false, sendsAll = isLast): boolean {
    if (this.stateTornByFailure) return true;
    const emits = this.results.belongToBarrier(isLast, sendsAll);
    if (emits && !this.asResults(() => this.emitChanges(isLast))) return this.stateTornByFailure;
    if (!emits && this.computed(() => this.results.gone(), true)) return true;
    if (this.plan.statement.window !== null) this.notices.units(this.logTimeMs, this.streamTimeMs);
    this.beforeBarrier();
    this.cursorAtBarrier = this.cursor;
    this.isMoved = false;
    this.takenAtBarrier = this.records.in;
    this.outbox.barrier(this.cursor, this.encoded(isLast, emits));
    return true;
  }

  /**
   * Emits and frees the open windows, as if stream time had just passed them all (`--close`), at the cursor. A statement
   * goes by its own windows: one of an hour beside it must not make its records of the next minutes late. False: as much is made as
   * its routes take; to be called again when there is room.
   */
  closeAll(): boolean {
    return this.closeUntil(this.closingTimeMs ?? Number.NEGATIVE_INFINITY);
  }

  /** The same with stream time at least there, which may leave windows open. */
  private closeUntil(streamTimeMs: number): boolean {
    if (!this.reach(streamTimeMs)) return false;
    this.notes.closed(this.cursor);
    return true;
  }

  /** The largest event time of the records that were taken; −Infinity: of none. */
  get recordsTimeMs(): number {
    return this.streamTimeMs;
  }

  /** As if a record of that time had come: windows close, and nothing is taken. False: as `closeAll`. */
  moveOn(recordsTimeMs: number): boolean {
    return this.closeUntil(recordsTimeMs);
  }

  /**
   * Does at the cursor what a note says, whose silence counts so much for the statement. False: as much is made as its routes take;
   * to be called again when there is room.
   */
  takeNote(note: TimeNote, idleMs: number): boolean {
    if (this.failure !== null) return true;
    const toMs = note.kind === "close" ? this.closingTimeMs : this.idleTimeMs(note.wallMs, idleMs);
    if (!this.reach(toMs ?? Number.NEGATIVE_INFINITY)) return false;
    this.notes.add(note, this.cursor);
    this.outbox.sendSoon();
    return true;
  }

  /** Whether what the note says is in the state already, or was over before the statement began. */
  hasTaken(note: TimeNote): boolean {
    return this.notes.has(note);
  }

  /** Whether so much more of silence would close a window. */
  wouldClose(wallMs: number, idleMs: number): boolean {
    return this.failure === null && this.results.nextCloseMs <= this.idleTimeMs(wallMs, idleMs);
  }

  /** The stream time that closes all windows that are open; null: there are none. */
  get closingTimeMs(): number | null {
    return this.results.closingTimeMs;
  }

  /** Takes note of routes that failed before the task was there. */
  checkRoutes(): void {
    const { route, deadLetterRoute, lateRoute } = this.options;
    const failure = route.failure ?? deadLetterRoute?.failure ?? lateRoute?.failure ?? null;
    if (failure !== null) this.fail(failure);
  }

  /** The journal is gone: nothing that is under way will become durable. */
  abandon(error: SluiceError): void {
    this.outbox.abandon(error);
  }

  fail(error: SluiceError): void {
    if (this.failure !== null || error.code === "STOPPED") return;
    const offset = this.batch === null ? {} : { offset: this.cursor };
    const coordinates = {
      statement: writtenName(this.plan),
      topic: this.options.topic,
      partition: this.partition,
      ...offset,
      ...error.coordinates,
    };
    const hint = error.hint === null ? {} : { hint: error.hint };
    this.failure = new SluiceError(error.code, error.message, { ...hint, coordinates, cause: error });
    this.options.events.statementFailed(this.name, this.failure);
    this.listeners.tell();
  }

  // --- called by generated code ------------------------------------------------------------------

  failRow(row: number, message: string, code: RefusalCode = "RECORD_TYPE"): boolean {
    const { recordTopic: topic, recordPartition: partition } = this;
    const refused = { topic, partition, message, code, before: row - this.runFrom };
    return this.refusals.row(must(this.batch).slices, row, this.versions[row] as number, refused);
  }

  flaggedRow(row: number): boolean {
    const flag = this.marks.flags[row];
    if (flag === Flag.repeat) {
      this.filtered++;
      return false;
    }
    if (flag === Flag.tombstone && this.plan.statement.tombstones === "ignore") {
      this.filtered++;
      return false;
    }
    if (flag === Flag.broken) {
      const batch = must(this.batch);
      const failure = batch.failures?.get(row);
      return failure === undefined ? this.failRow(row, batch.brokenReason(row), "RECORD_MALFORMED") : this.failRow(row, failure);
    }
    const why =
      this.options.state !== null
        ? "an aggregate cannot take it in"
        : "no delete can be made of it, because the id does not come from the record key";
    return this.failRow(row, `the record has no value, and ${why}`, "RECORD_TOMBSTONE");
  }

  lateRow(row: number, timeMs: number): boolean {
    const batch = must(this.batch);
    const why = this.options.compiled.late?.(batch, row, this, this.outbox.late) ?? null;
    if (why !== null) return this.failRow(row, `the record is late, and cannot be kept: ${why}`);
    this.late++;
    const { recordTopic: topic, partition } = this;
    this.notices.late(timeMs, { topic, partition, offset: batch.slices.offsets[row] as number });
    return false;
  }

  writeId(_row: number, _writer: ByteWriter): void {
    throw new Error("assertion failed: rows of one input are identified by its offsets");
  }

  ordinalOf(_offset: number): number {
    return 0;
  }

  ordinalAt(_row: number): number {
    return 0;
  }

  closeWindows(streamTimeMs: number, row: number): boolean {
    return this.results.closed(streamTimeMs, must(this.batch).slices.offsets[row] as number) !== "all";
  }

  windowFilled(row: number): boolean {
    return this.results.filled(must(this.batch).slices.offsets[row] as number);
  }

  targetAt(timeMs: number): string | null {
    return this.options.targetNames === null ? null : this.options.targetNames.at(timeMs);
  }

  targetNamed(name: string, timeMs: number): NamedTarget {
    return must(this.options.namedTargets).at(name, timeMs);
  }

  // --- private -----------------------------------------------------------------------------------

  /** The topic of the records that it is at. */
  protected get recordTopic(): string {
    return this.options.topic;
  }

  protected get recordPartition(): number {
    return this.options.partition;
  }

  protected get stateBytes(): number {
    return this.results.byteLength;
  }

  protected checkSize(): void {
    if (this.stateBytes <= LIMITS.stateBytesMax || this.failure !== null) return;
    this.fail(new SluiceError("LIMIT_EXCEEDED", `the state is larger than ${LIMITS.stateBytesMax} bytes (stateBytesMax)`));
  }

  /** There is something that no barrier has taken yet. */
  protected get hasMoved(): boolean {
    return this.cursorAtBarrier !== this.cursor || this.isMoved;
  }

  protected idleTimeMs(wallMs: number, idleMs: number): number {
    return Math.min(wallMs, this.streamTimeMs + idleMs);
  }

  /** Stream time comes there at least, and closes windows. False: a barrier is full, and no further one can be made. */
  protected reach(streamTimeMs: number): boolean {
    if (this.options.state === null || this.failure !== null) return true;
    if (!this.endEmission()) return false;
    const toMs = Math.max(this.streamTimeMs, streamTimeMs);
    while (this.computed(() => this.results.closed(toMs, this.cursor), "failed") === "cut") {
      if (this.isBlocked || !this.barrier()) return false;
    }
    // The end of all times closes windows that time says nothing about, and is none itself.
    if (toMs === Number.POSITIVE_INFINITY) return true;
    this.isMoved ||= toMs > this.streamTimeMs;
    this.streamTimeMs = toMs;
    return true;
  }

  protected get isBarrierFull(): boolean {
    const { barrierChangesMax, barrierBytesMax } = LIMITS;
    for (const { count, byteLength } of [this.out, this.outbox.deadLetters, this.outbox.late]) {
      if (count >= barrierChangesMax || byteLength >= barrierBytesMax) return true;
    }
    return this.results.isFull;
  }

  private get isDeltaDear(): boolean {
    return this.results.isDeltaDear(this.records.in - this.takenAtBarrier);
  }

  /** Changes may leave before the barrier (decision 0006), and need not drag a dear delta along. */
  protected makeRoom(): boolean {
    if (this.isDeltaDear && !this.results.isFull) {
      this.outbox.send();
      return true;
    }
    return this.barrier();
  }

  /** Sends what is left of an emission that was cut: before it is at its end nothing is taken or closed. False: there is no room for it. */
  protected endEmission(): boolean {
    return !this.results.isCut || this.barrier();
  }

  /** What is computed of all that was taken since the last barrier: where that is, the thread is seen meanwhile. */
  protected asResults<T>(compute: () => T): T {
    const { place, topic, partition } = this.options;
    const [first, last] = [this.cursorAtBarrier, this.cursor - 1];
    if (place === undefined || first > last) return compute();
    const log = { topic, partition, first, last };
    return place.during({ ...log, statement: this.name, isOfResults: true }, this.shown(log), compute);
  }

  /** Where its loop tells the offset that it is at. */
  protected recordTold({ place }: StatementTaskOptions): Float64Array {
    return place?.record ?? NO_RECORD;
  }

  /** As the records of its log are shown. */
  protected shown(log: Stretch): Stretch {
    return log;
  }

  /** False: cut, or failed. */
  private emitChanges(isLast: boolean): boolean {
    for (;;) {
      const made = this.computed(() => this.results.changed(isLast), "failed");
      if (made === "failed") return false;
      if (made === "all") break;
      this.outbox.send();
      if (this.outbox.isFull && this.results.isSpaced) return false;
    }
    this.results.begin();
    return true;
  }

  protected durable(cursor: number): void {
    this.durableCursor = cursor;
  }

  /** What goes behind all changes of a barrier. */
  protected beforeBarrier(): void {}

  protected run(from: number, to: number): number {
    return this.computed(() => this.options.compiled.rows(must(this.batch), from, to, this), from);
  }

  /** What generated code gives, or `otherwise` where it throws: that is the end of this statement, and of no other. */
  protected computed<T>(compute: () => T, otherwise: T): T {
    try {
      return compute();
    } catch (error) {
      this.tear(
        error instanceof SluiceError ? error : new SluiceError("INTERNAL", `a defect while computing: ${String(error)}`, { cause: error }),
      );
      return otherwise;
    }
  }

  /** Fails in the middle of a computation: of what it has changed and made so far, nothing counts. */
  protected tear(error: SluiceError): void {
    this.stateTornByFailure = true;
    this.outbox.discard();
    this.fail(error);
  }

  private advance(from: number, reached: number, to: number): void {
    if (this.stateTornByFailure) return;
    const work = must(this.work);
    const { slices } = work.batch;
    const isWhole = from === work.from && reached === work.to;
    this.records.in += reached - from;
    if (reached > from) this.options.clock.value = this.versions[reached - 1] as number;
    this.logTimeMs = Math.max(this.logTimeMs, isWhole ? work.latestMs : work.latestOf(from, reached));
    if (isWhole) this.repeats.origins = must(this.variant).after;
    else if (work.origins !== null) this.repeats.take(work.origins, from, reached);
    this.cursor = reached < slices.count ? (slices.offsets[reached] as number) : slices.nextOffset;
    if (reached === to && to === slices.count) this.mark = slices.mark ?? this.mark;
  }

  protected recordCounters(): RecordCounters {
    return { ...this.records, applied: this.applied, filtered: this.filtered, late: this.late };
  }

  protected refuseResult(result: RefusedResult): boolean {
    return this.refusals.result(result);
  }

  private encoded(drained: boolean, hasEmitted: boolean): (changes: Settlement) => Blob {
    const unsent = this.results.isHeldBack && !hasEmitted;
    return this.blobs.encode({ ...this.place(drained), unsent }, this.recordCounters());
  }

  protected place(drained: boolean): TaskPlace {
    const { cursor, streamTimeMs, logTimeMs, mark } = this;
    const { finals } = this.results;
    return { cursor, streamTimeMs, logTimeMs, ...this.notes.marks, finals, mark, origins: this.repeats.kept(), drained };
  }

  protected tell(): void {
    this.listeners.tell();
  }
}

function knownTime(timeMs: number): number | null {
  return timeMs === Number.NEGATIVE_INFINITY ? null : timeMs;
}
