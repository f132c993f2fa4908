import { must } from "../../assert.ts";
import type { SluiceError } from "../../errors.ts";
import type { ByteWriter } from "../../model/byte-writer.ts";
import type { ColumnBatch } from "../../model/column-batch.ts";
import type { LateTask } from "../../plan/code/task.ts";
import type { TimeNote } from "../../state/journal/blob.ts";
import type { JoinedRows, LateFate } from "../../state/operators/operator.ts";
import type { RecordCounters } from "../counters.ts";
import type { BatchMarks } from "../feeds/batch-marks.ts";
import { headerOf } from "../feeds/input-place.ts";
import { NO_RECORD } from "../feeds/no-marks.ts";
import { offsetOfPlace } from "../feeds/record-place.ts";
import type { Stretch } from "../work-place.ts";
import type { JoinedLog } from "./joined-log.ts";
import type { RowFates } from "./row-fates.ts";
import { StatementTask } from "./statement-task.ts";
import type { TaskPlace } from "./task-blobs.ts";
import type { StatementTaskOptions } from "./task-options.ts";

/**
 * The task of a statement that joins. Its log is that of its inputs merged, whose records are counted by numbers that rise: `cursor` is
 * the next one. A barrier comes between records, when all that they gave has been worked off.
 */
export class JoinTask extends StatementTask implements RowFates {
  /** By input: the next offset that a restart would take. */
  durableInputs: readonly number[];
  private readonly joined: JoinedLog;
  /** The rows that the loop is at; null: records are being joined. */
  private rows: JoinedRows | null = null;
  /** The records that these are made of. */
  private given: ColumnBatch | null = null;
  private input = 0;
  /** Of the record that was taken last, in the topic of that input. */
  private lastOffset = 0;
  private readonly lastRow = { cause: -1, ordinal: 0 };
  /** It may need several calls. */
  private noteUnderWay: TimeNote | null = null;
  /** So may a step of time that no note tells of. */
  private isStepping = false;
  private inputsAtBarrier: readonly number[];
  /** Of barriers that are not durable yet: the places of the inputs. */
  private readonly barriers: (readonly number[])[] = [];

  constructor(options: StatementTaskOptions, joinedLog: (fates: RowFates) => JoinedLog) {
    super(options);
    this.joined = joinedLog(this);
    this.durableInputs = this.joined.places.map(({ cursor }) => cursor);
    this.inputsAtBarrier = this.durableInputs;
  }

  /**
   * Takes rows [from, to) of an input; gives the row it stopped before: less than `to` where it has failed, or has first to send what a
   * barrier has begun. `workOff` comes after it.
   */
  take(input: number, marks: BatchMarks, from: number, to: number): number {
    if (!this.endEmission()) return from;
    this.input = input;
    this.runFrom = from;
    this.batch = marks.batch;
    this.marks = this.joined.variantOf(input, marks);
    this.versions = this.joined.numbersOf(input).versions;
    this.notices.beginBatch();
    const reached = this.computed(() => this.joined.take(input, marks, from, to), from);
    this.end();
    this.records.in += reached - from;
    this.cursor = this.joined.sequence;
    if (reached > from) {
      this.logTimeMs = Math.max(this.logTimeMs, marks.latestOf(from, reached));
      this.lastOffset = marks.batch.slices.offsets[reached - 1] as number;
    }
    this.checkSize();
    return reached;
  }

  /** The loop takes what was joined, and stream time goes on. False: its routes are full; to be called again when there is room. */
  workOff(): boolean {
    if (!this.endEmission()) return false;
    if (this.failure === null) this.computed(() => this.joined.workOff(), undefined);
    const isDone = super.reach(this.joined.streamTimeMs);
    if (isDone && this.isBarrierFull && !this.outbox.isFull && this.failure === null) this.makeRoom();
    this.outbox.sendSoon();
    return isDone;
  }

  workRows(rows: JoinedRows): void {
    const { applied, filtered, late, batch, marks, versions } = this;
    this.rows = rows;
    this.given = batch;
    this.batch = rows.batch;
    this.marks = this.joined.marksOf(rows);
    this.versions = rows.versions;
    let row = rows.from;
    while (row < rows.to && this.failure === null) {
      const reached = this.options.compiled.rows(rows.batch, row, rows.to, this);
      // Where nothing more should be sent they are kept: the task is blocked by them, and is not fed. But a row that closes more windows
      // than a barrier holds has to come to its end.
      if (this.isBarrierFull && (reached === row || !this.outbox.isFull)) this.outbox.send();
      row = reached;
    }
    Object.assign(this, { batch, marks, versions, rows: null });
    if (this.joined.rowsArePassed) return;
    // What is counted are records, whose fate is known by now; but each that met the rows of tables alone is one row here, or none.
    Object.assign(this, { applied, filtered });
    if (!this.joined.rowsAreRecords) this.late = late;
  }

  /** For what it is joined to, or the windows of a stage. */
  lateRecord(row: number, timeMs: number): LateFate {
    const { input, lateIdAfter, joined, recordPartition: partition } = this;
    const batch = must(this.batch);
    const topic = this.recordTopic;
    const { versions, sequences } = joined.numbersOf(input);
    const task: LateTask = { versions, sequences, idBefore: `${topic}-${partition}-`, lateIdAfter, writeId: () => {} };
    const why = this.options.compiled.joins?.late[joined.inputOf(input)]?.(batch, row, task, this.outbox.late) ?? null;
    if (why !== null) return this.failRow(row, `the record is late, and cannot be kept: ${why}`) ? "stop" : "failed";
    const over = joined.isStaged ? "windows" : "matches";
    this.notices.late(timeMs, { topic, partition, offset: batch.slices.offsets[row] as number }, over);
    return "late";
  }

  override lateRow(row: number, timeMs: number): boolean {
    const { rows } = this;
    const why = rows === null ? null : (this.options.compiled.late?.(rows.batch, row, this, this.outbox.late) ?? null);
    if (why !== null) return this.failRow(row, `the record is late, and cannot be kept: ${why}`);
    this.late++;
    this.notices.late(timeMs, this.joined.coordinatesOf(row));
    return false;
  }

  override writeId(row: number, writer: ByteWriter): void {
    this.joined.writeId(row, writer);
  }

  override ordinalOf(cause: number): number {
    const next = this.lastRow.cause === cause ? this.lastRow.ordinal + 1 : 0;
    this.lastRow.cause = cause;
    this.lastRow.ordinal = next;
    return next;
  }

  override ordinalAt(row: number): number {
    return must(this.rows).ordinals[row] as number;
  }

  override fail(error: SluiceError): void {
    super.fail(error);
    if (this.failure === null) return;
    // Records before this one may be joined in part: nothing after the last barrier counts.
    this.stateTornByFailure = true;
    this.outbox.discard();
  }

  override failRow(row: number, message: string, code?: Parameters<StatementTask["failRow"]>[2]): boolean {
    const { rows } = this;
    if (rows === null) return super.failRow(row, message, code);
    if (this.joined.rowsArePassed) return this.asRecords(() => super.failRow(row, message, code));
    const { topic, partition, offset } = this.joined.coordinatesOf(row);
    return this.refuseRow(rows, row, message, { place: `${topic}-${partition}-${offset}`, offset });
  }

  failGiven(rows: JoinedRows, row: number, message: string, isRecord: boolean): boolean {
    const { offsets, count } = this.batch?.slices ?? { offsets: new Float64Array(0), count: 0 };
    const place = must(rows.coordinates[0])[row] as number;
    const record = isRecord ? offsets.indexOf(this.plan.gathered === undefined ? place : offsetOfPlace(place)) : -1;
    if (record >= 0 && record < count) return super.failRow(record, message);
    const offset = rows.batch.slices.offsets[row] as number;
    return this.refuseRow(rows, row, message, { place: `${this.options.topic}-${this.partition}-${offset}-${rows.ordinals[row]}`, offset });
  }

  /** What happens to rows that are the records themselves happens to these. */
  private asRecords<T>(act: () => T): T {
    const { batch } = this;
    this.batch = this.given;
    try {
      return act();
    } finally {
      this.batch = batch;
    }
  }

  private refuseRow(
    { batch, versions }: JoinedRows,
    row: number,
    why: string,
    { place, offset }: { readonly place: string; readonly offset: number },
  ): boolean {
    return this.refuseResult({
      group: place,
      why,
      causeOffset: offset,
      version: versions[row] as number,
      timestampMs: batch.slices.timestampsMs[row] as number,
    });
  }

  /** Its place is that in the topic of FROM. */
  override get progress(): StatementTask["progress"] {
    const { cursor: position = 0 } = this.joined.places[0] ?? {};
    return { ...super.progress, position, durable: this.durableInputs[0] ?? 0 };
  }

  override wouldClose(wallMs: number, idleMs: number): boolean {
    const toMs = this.idleTimeMs(wallMs, idleMs);
    return super.wouldClose(wallMs, idleMs) || (this.failure === null && this.joined.nextExpiryMs <= toMs);
  }

  override get closingTimeMs(): number | null {
    const times = [super.closingTimeMs, this.joined.closingTimeMs].filter((time) => time !== null);
    return times.length === 0 ? null : Math.max(...times);
  }

  override takeNote(note: TimeNote, idleMs: number): boolean {
    if (!this.endEmission()) return false;
    if (this.noteUnderWay !== note) this.options.clock.tick();
    this.noteUnderWay = note;
    if (note.kind === "close") this.letGo();
    return super.takeNote(note, idleMs);
  }

  override get recordsTimeMs(): number {
    return this.loopTimeMs + this.joined.lagMs;
  }

  override moveOn(recordsTimeMs: number): boolean {
    return this.atOneVersion(() => super.moveOn(recordsTimeMs - this.joined.lagMs));
  }

  override closeAll(): boolean {
    return this.atOneVersion(() => {
      if (!this.endEmission()) return false;
      this.letGo();
      return super.closeAll();
    });
  }

  /** What leaves has a version of its own, also where it takes several calls. */
  private atOneVersion(step: () => boolean): boolean {
    if (!this.isStepping) this.options.clock.tick();
    this.isStepping = !step();
    return !this.isStepping;
  }

  /** What waits leaves, and what it opens closes after it. */
  private letGo(): void {
    for (let toMs = this.joined.closingTimeMs; toMs !== null && this.failure === null; toMs = this.joined.closingTimeMs) {
      const timeMs = toMs;
      this.computed(() => this.joined.advance(timeMs), undefined);
    }
  }

  /** What a stage has yet to tell of, since more had changed than it gives at once, comes before the barrier. */
  override barrier(isLast = false, sendsAll = isLast): boolean {
    const isBegun = this.results.isCut;
    if (!this.stateTornByFailure && !isBegun) this.asResults(() => this.computed(() => this.joined.flush(), undefined));
    return super.barrier(isLast, sendsAll);
  }

  /** The records' stream time, which is ahead of the loop's, does not go beyond the wall. */
  protected override idleTimeMs(wallMs: number, idleMs: number): number {
    return Math.min(wallMs - this.joined.lagMs, this.loopTimeMs + idleMs);
  }

  /** A loop without windows has no stream time of its own. */
  private get loopTimeMs(): number {
    return Math.max(this.streamTimeMs, this.joined.streamTimeMs);
  }

  /** Also past markers and holes, which are no records. */
  protected override get hasMoved(): boolean {
    return super.hasMoved || this.joined.places.some(({ cursor }, input) => cursor !== this.inputsAtBarrier[input]);
  }

  protected override get recordTopic(): string {
    return must(this.joined.places[this.input]).topic;
  }

  protected override get recordPartition(): number {
    return must(this.joined.places[this.input]).partition;
  }

  /** The rows of its loop are no records, whatever numbers they have. */
  protected override recordTold(): Float64Array {
    return NO_RECORD;
  }

  /** Those of the input that was taken from last. */
  protected override shown({ first, last }: Stretch): Stretch {
    const { recordTopic: topic, recordPartition: partition, lastOffset } = this;
    return { topic, partition, first: first === last ? lastOffset : (this.inputsAtBarrier[this.input] ?? lastOffset), last: lastOffset };
  }

  protected override reach(streamTimeMs: number): boolean {
    if (!this.endEmission()) return false;
    if (this.failure === null) this.computed(() => this.joined.advance(streamTimeMs), undefined);
    return super.reach(streamTimeMs);
  }

  protected override get stateBytes(): number {
    return super.stateBytes + this.joined.byteLength;
  }

  protected override recordCounters(): RecordCounters {
    const { in: taken, deadLettered } = this.records;
    const late = this.late + this.joined.late;
    const filtered = this.filtered + this.joined.filtered;
    return { in: taken, applied: taken - late - filtered - deadLettered, filtered, late, deadLettered };
  }

  protected override place(drained: boolean): TaskPlace {
    const { places } = this.joined;
    this.inputsAtBarrier = places.map(({ cursor }) => cursor);
    this.barriers.push(this.inputsAtBarrier);
    return { ...super.place(drained), inputs: places.map(headerOf) };
  }

  protected override durable(cursor: number): void {
    super.durable(cursor);
    this.durableInputs = must(this.barriers.shift());
  }
}
