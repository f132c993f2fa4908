import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { ColumnBatch } from "../../model/column-batch.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import { nextTickMs } from "../../next-tick-ms.ts";
import type { SourcePlan } from "../../plan/pipeline-plan.ts";
import type { Decoder } from "../../ports/codec.ts";
import type { FetchResult, PartitionReader } from "../../ports/source.ts";
import type { Note } from "../../state/journal/blob.ts";
import { asSluiceError } from "../as-error.ts";
import type { Environment } from "../environment.ts";
import type { BatchLookups } from "../lookups/batch-lookups.ts";
import type { CoupledTasks } from "../tasks/coupled-tasks.ts";
import { inSteps } from "../tasks/in-steps.ts";
import type { StatementTask } from "../tasks/statement-task.ts";
import { BatchMarks } from "./batch-marks.ts";
import type { FarAhead } from "./far-ahead.ts";
import type { Feed, FeedOffset, LogOffset } from "./feed.ts";
import { PlaceInLog } from "./place-in-log.ts";
import type { SharedLog } from "./shared-log.ts";
import { Silence } from "./silence.ts";
import type { TimeNotes } from "./time-notes.ts";
import type { WallTimes } from "./wall-times.ts";

export interface PartitionFeedOptions {
  readonly log: SharedLog;
  readonly plan: SourcePlan;
  readonly partition: number;
  readonly tasks: readonly StatementTask[];
  readonly coupled: CoupledTasks;
  /** The lowest cursor of statements that are kept and do not run; Infinity: there are none. */
  readonly idleCursor: number;
  readonly farAhead: FarAhead;
  readonly timeNotes: TimeNotes;
  readonly wallTimes: WallTimes;
  /** The statement that is alone in reading, and has notes about time of its own; null: others read with it. */
  readonly timesOf: string | null;
  /** For the records of that statement; null: nothing is looked up. */
  readonly lookups: BatchLookups | null;
  readonly env: Environment;
  /** Notes become durable before what they decide has an effect. */
  readonly appendNotes: (notes: readonly Note[]) => Promise<void>;
  /** A batch was decoded and fed, which took so long. */
  readonly onWorked: (durationMs: number) => void;
}

/** Statements whose cursors are together: one fetch and one scan for all of them. */
interface Cohort {
  cursor: number;
  /** They wait for all that are coupled; these and others do not travel together. */
  readonly isCoupled: boolean;
  readonly tasks: Set<StatementTask>;
  readonly silence: Silence;
}

/** What a fetch gave, and when. */
interface Fetched {
  /** That was asked for. */
  readonly offset: number;
  readonly result: FetchResult;
  /** On the monotonic clock. */
  readonly atMs: number;
  readonly waitMs: number;
}

/**
 * Feeds the tasks of one partition. Tasks whose cursors are together travel in one cohort; one whose route is full is
 * detached and, when there is room, comes back as a cohort of its own that runs until it meets another
 * (`runtime.md` §1). Nobody waits for anybody, except for the fetch in which two meet, and those that are coupled.
 */
export class PartitionFeed implements Feed {
  private readonly options: PartitionFeedOptions;
  private readonly cohorts = new Set<Cohort>();
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private readonly place: PlaceInLog;
  /** Offset at which a bounded run ends; Infinity: follow. */
  private endOffset = Number.POSITIVE_INFINITY;
  /** One past the last record that can be read, as of the last fetch. */
  private logEndOffset = 0;

  constructor(options: PartitionFeedOptions) {
    this.options = options;
    this.place = new PlaceInLog(options.env.place, options.plan.topic, options.partition);
  }

  get tasks(): readonly StatementTask[] {
    return this.options.tasks;
  }

  get topic(): string {
    return this.options.plan.topic;
  }

  get timesOf(): string | null {
    return this.options.timesOf;
  }

  get shownTopic(): string {
    return this.topic;
  }

  get partition(): number {
    return this.options.partition;
  }

  get offsets(): readonly FeedOffset[] {
    const cursors = this.tasks.filter((task) => task.failure === null).map((task) => task.durableCursor);
    return cursors.length === 0 ? [] : [{ topic: this.topic, partition: this.partition, offset: Math.min(...cursors) }];
  }

  get lowest(): readonly LogOffset[] {
    return [{ topic: this.topic, offset: Math.min(this.options.idleCursor, ...this.tasks.map((task) => task.durableCursor)) }];
  }

  lagOf(task: StatementTask): number {
    return Math.max(this.logEndOffset - task.cursor, 0);
  }

  forgetBelow(topic: string, offset: number): void {
    if (topic !== this.topic) return;
    this.options.farAhead.forget(offset);
    this.options.timeNotes.forget(offset);
    this.options.wallTimes.forget(offset);
  }

  /** Every task has come to the end of the bounded run, and done what notes say there, or has failed. */
  get isAtEnd(): boolean {
    const { timeNotes } = this.options;
    return this.tasks.every((task) => task.failure !== null || (task.cursor >= this.endOffset && timeNotes.areTakenBy(task)));
  }

  start(): void {
    for (const task of this.tasks) this.attach(task);
  }

  finishAt(endOf: (topic: string, partition: number) => number): void {
    this.endOffset = endOf(this.topic, this.partition);
  }

  async fallSilent(silentMs: number, wallMs: number, stopping: AbortSignal): Promise<void> {
    const { timeNotes, appendNotes } = this.options;
    const tasks = this.tasks.filter((task) => task.failure === null);
    const cursor = Math.max(...tasks.map((task) => task.cursor));
    const note = timeNotes.noteOfSilence(tasks, this.topic, cursor, silentMs, wallMs);
    if (note === null) return;
    await appendNotes([note]);
    timeNotes.add(note);
    await Promise.all(tasks.map((task) => inSteps(task, stopping, () => timeNotes.apply(task))));
  }

  /** Stops feeding; resolves when no cohort is under way any more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.running);
  }

  /** The cohort at the task's cursor, or a new one. */
  private attach(task: StatementTask): void {
    if (task.failure !== null || this.stopping.signal.aborted) return;
    const isCoupled = this.options.coupled.includes(task);
    for (const cohort of this.cohorts) {
      if (cohort.cursor === task.cursor && cohort.isCoupled === isCoupled) {
        cohort.tasks.add(task);
        return;
      }
    }
    const cohort: Cohort = { cursor: task.cursor, isCoupled, tasks: new Set([task]), silence: new Silence() };
    this.cohorts.add(cohort);
    const run = this.run(cohort).finally(() => this.running.delete(run));
    this.running.add(run);
  }

  private detach(cohort: Cohort, task: StatementTask): void {
    cohort.tasks.delete(task);
    if (task.failure !== null) return;
    const back = (): void => {
      if (task.isBlocked) task.onChange(back);
      else this.attach(task);
    };
    task.onChange(back);
  }

  private async run(cohort: Cohort): Promise<void> {
    try {
      const reader = this.options.log.open();
      await this.follow(cohort, reader).finally(() => reader.close());
    } catch (error) {
      this.giveUp(cohort, error);
    }
  }

  private async follow(cohort: Cohort, reader: PartitionReader): Promise<void> {
    const { plan, env } = this.options;
    const decoder = env.createDecoder(plan);
    const marks = new BatchMarks();
    let ahead: Promise<Fetched> | null = null;
    try {
      while (cohort.tasks.size > 0 && !this.stopping.signal.aborted) {
        this.takeNotes(cohort);
        if (cohort.tasks.size === 0 || cohort.cursor >= this.endOffset || this.merged(cohort)) break;
        if (this.isHeld(cohort)) {
          await this.waitForOthers(cohort);
          continue;
        }
        const fetched: Fetched = await (ahead ?? this.fetch(reader, cohort.cursor, this.waitMs(cohort)));
        const { result } = fetched;
        if (cohort.cursor < fetched.offset) {
          // The cohort before which it stopped has gone on meanwhile: what lies between is read first.
          ahead = null;
          result.release?.();
          continue;
        }
        this.logEndOffset = result.bounds.endOffset;
        // The next fetch is under way while this one is worked off. Where there is nothing to work off, how long it waits goes by that.
        const hasMore = result.batches.length > 0 && result.nextOffset < this.endOffset && cohort.tasks.size > 0;
        ahead = hasMore ? this.fetch(reader, result.nextOffset, this.waitMs(cohort)) : null;
        ahead?.catch(() => {});
        if (await this.workAll(cohort, result, decoder, marks)) this.skip(cohort, result);
        await this.listen(cohort, fetched);
        for (const task of cohort.tasks) if (task.isBarrierDue(env.clock.monotonic())) task.barrier();
        if (cohort.isCoupled) this.options.coupled.tell();
        result.release?.();
      }
    } catch (error) {
      this.giveUp(cohort, error);
    } finally {
      // At once, so that no task joins a cohort that has ended.
      this.cohorts.delete(cohort);
      const unused = await ahead?.catch(() => null);
      unused?.result.release?.();
    }
  }

  private giveUp(cohort: Cohort, error: unknown): void {
    const known = asSluiceError(error, { topic: this.topic, partition: this.partition });
    this.cohorts.delete(cohort);
    if (known.code === "STOPPED") return;
    for (const task of cohort.tasks) task.fail(known);
    cohort.tasks.clear();
    this.options.coupled.tell();
  }

  /** Whether those that are coupled with it take nothing more, or are behind. */
  private isHeld({ isCoupled, cursor }: Cohort): boolean {
    if (!isCoupled) return false;
    const { coupled, tasks } = this.options;
    return coupled.isBlocked || tasks.some((task) => task.failure === null && task.cursor < cursor && coupled.includes(task));
  }

  /** Until one of the others has changed. What was taken before becomes durable meanwhile. */
  private async waitForOthers(cohort: Cohort): Promise<void> {
    const { coupled, env } = this.options;
    await coupled.untilChange((change) => env.clock.sleep(LIMITS.fetchWaitMs, AbortSignal.any([this.stopping.signal, change])));
    for (const task of cohort.tasks) if (task.isBarrierDue(env.clock.monotonic())) task.barrier();
  }

  /**
   * How long a fetch waits for records. Where there have been none for a while, and nothing is left to be written, fetches become few;
   * those of all partitions end at the same moments, and so become one request. Windows that the silence closes meanwhile do so in time.
   */
  private waitMs(cohort: Cohort): number {
    const { fetchWaitMs, restMs, restAfterMs } = LIMITS;
    const { silence, tasks } = cohort;
    if (silence.durationMs < restAfterMs || ![...tasks].every((task) => task.isSettled)) return fetchWaitMs;
    let waitMs = nextTickMs(this.options.env.clock.monotonic(), restMs);
    while (waitMs > fetchWaitMs && this.wouldClose(cohort, waitMs)) waitMs = Math.max(fetchWaitMs, waitMs / 2);
    return waitMs;
  }

  /** Whether a silence that lasts so much longer closes a window. */
  private wouldClose({ cursor, silence, tasks }: Cohort, moreMs: number): boolean {
    const { timeNotes, env } = this.options;
    const longer = Silence.of(silence.durationMs + moreMs, silence.notedMs);
    return timeNotes.idleNote(tasks, this.topic, cursor, longer, env.clock.now() + moreMs) !== null;
  }

  private async fetch(reader: PartitionReader, offset: number, waitMs: number): Promise<Fetched> {
    const { fetchBytesMax: maxBytes } = LIMITS;
    const result = await reader.fetch({ offset, maxBytes, waitMs, signal: this.stopping.signal });
    return { offset, result, atMs: this.options.env.clock.monotonic(), waitMs };
  }

  /** What notes say at the cohort's place is done in its tasks. */
  private takeNotes(cohort: Cohort): void {
    for (const task of [...cohort.tasks]) if (!this.options.timeNotes.apply(task)) this.detach(cohort, task);
  }

  /** At the confirmed end of the log: where nothing has come for long enough to close a window, a note says so. */
  private async listen(cohort: Cohort, { result, atMs, waitMs }: Fetched): Promise<void> {
    const { timeNotes, env, appendNotes } = this.options;
    const { silence, cursor, tasks } = cohort;
    const { batches, bounds } = result;
    if (batches.length > 0 || cursor < bounds.endOffset || cursor >= this.endOffset) {
      silence.end();
      return;
    }
    silence.confirm(atMs, waitMs);
    const note = timeNotes.idleNote(tasks, this.topic, cursor, silence, env.clock.now());
    if (note === null) return;
    await appendNotes([note]);
    silence.notedMs = silence.durationMs;
    timeNotes.add(note);
    this.takeNotes(cohort);
  }

  /** Markers and holes: nothing to feed up to there. */
  private skip(cohort: Cohort, result: FetchResult): void {
    const offset = Math.min(result.nextOffset, this.endOffset);
    if (cohort.cursor >= offset) return;
    for (const task of cohort.tasks) task.skipTo(offset);
    cohort.cursor = offset;
  }

  /** False: the cohort has met another one, or the end, before all of it was fed. */
  private async workAll(cohort: Cohort, { batches }: FetchResult, decoder: Decoder, marks: BatchMarks): Promise<boolean> {
    const { env, onWorked, lookups } = this.options;
    for (const slices of this.place.pieces(cohort.tasks, batches)) {
      // Who was detached goes on in a cohort of its own: what is looked up for it has one batch at a time.
      const [task] = cohort.tasks;
      if (task === undefined) return false;
      await this.decide(cohort, slices);
      let startMs = env.clock.monotonic();
      this.place.enterRows(task, slices);
      let batch = decoder.decode(slices);
      this.place.leave();
      if (lookups !== null) {
        const { from, to } = this.rangeOf(cohort, slices);
        onWorked(env.clock.monotonic() - startMs);
        batch = await this.barriersUntil(cohort, lookups.add(batch, from, to, this.stopping.signal));
        startMs = env.clock.monotonic();
      }
      const suspect = this.place.suspecting(cohort.tasks, slices.offsets[0] as number);
      const isWhole = this.work(cohort, batch, marks);
      onWorked(env.clock.monotonic() - startMs);
      if (suspect !== undefined) await this.linger(cohort, suspect, slices);
      if (!isWhole) return false;
    }
    return true;
  }

  /** After a record that was taken alone; what was taken becomes durable meanwhile. */
  private async linger({ tasks }: Cohort, suspect: StatementTask, slices: RecordSlices): Promise<void> {
    this.place.enterRows(suspect, slices);
    await this.place.linger();
    if (this.place.isSuspectOfResults(suspect, slices.offsets[0] as number)) suspect.push(false);
    for (const task of tasks) if (task.isBarrierDue(this.options.env.clock.monotonic())) task.barrier();
  }

  /** Work that may take its time; what was taken before becomes durable meanwhile. */
  private async barriersUntil<T>(cohort: Cohort, work: Promise<T>): Promise<T> {
    const { clock } = this.options.env;
    const ended = work.then(
      () => true,
      () => true,
    );
    const timer = new AbortController();
    const pause = (): Promise<boolean> => clock.sleep(LIMITS.fetchWaitMs, timer.signal).then(() => false);
    while (!(await Promise.race([ended, pause()]))) {
      for (const task of cohort.tasks) if (task.isBarrierDue(clock.monotonic())) task.barrier();
    }
    timer.abort();
    return work;
  }

  /** Far-ahead timestamps that nobody has decided about yet, and when records are read, are noted first. */
  private async decide(cohort: Cohort, slices: RecordSlices): Promise<void> {
    const { farAhead, wallTimes, env, appendNotes } = this.options;
    await farAhead.decide(slices, env.clock.now(), (note) => appendNotes([note]));
    // Again: who joins the cohort meanwhile has its own.
    for (;;) {
      const read = wallTimes.notesFor(cohort.tasks, slices, this.endOffset, env.clock.now());
      if (read.length === 0) return;
      await appendNotes(read);
      for (const note of read) wallTimes.add(note);
    }
  }

  /** Feeds a batch to every task of the cohort; false: the cohort has met another one, or the end, within it. */
  private work(cohort: Cohort, batch: ColumnBatch, marks: BatchMarks): boolean {
    const { slices } = batch;
    const { from, to, stopOffset } = this.rangeOf(cohort, slices);
    const { farAhead, wallTimes } = this.options;
    marks.begin(batch, from, to, farAhead, wallTimes);
    for (const task of [...cohort.tasks]) {
      this.place.enterRows(task, slices, from, to);
      task.begin(marks);
      const reached = this.feed(task, slices, from, to);
      task.end();
      this.place.leave();
      if (task.failure !== null || reached < to || task.isBlocked) this.detach(cohort, task);
    }
    marks.end();
    const isCut = to < slices.count;
    cohort.cursor = isCut ? stopOffset : slices.nextOffset;
    for (const task of cohort.tasks) task.skipTo(cohort.cursor);
    return !isCut;
  }

  /** Rows [from, to) are those of the cohort, which ends at the offset: of the run, or of another one. */
  private rangeOf(
    cohort: Cohort,
    { count, offsets }: RecordSlices,
  ): { readonly from: number; readonly to: number; readonly stopOffset: number } {
    const stopOffset = Math.min(this.endOffset, this.nextMeeting(cohort));
    let from = 0;
    while (from < count && (offsets[from] as number) < cohort.cursor) from++;
    let to = count;
    while (to > from && (offsets[to - 1] as number) >= stopOffset) to--;
    return { from, to, stopOffset };
  }

  /** Rows up to `to`, with what notes say done where they say it. Gives the row it stopped before. */
  private feed(task: StatementTask, slices: RecordSlices, from: number, to: number): number {
    const { timeNotes } = this.options;
    let row = from;
    for (;;) {
      if (!timeNotes.apply(task)) return row;
      const offset = timeNotes.nextAfter(task.cursor);
      let bound = row;
      if (offset === Number.POSITIVE_INFINITY) bound = to;
      else while (bound < to && (slices.offsets[bound] as number) < offset) bound++;
      const reached = task.feed(row, bound);
      if (reached < bound || bound === to || task.failure !== null) return reached;
      row = bound;
      task.skipTo(offset);
    }
  }

  /** The cursor of the nearest cohort ahead. */
  private nextMeeting(cohort: Cohort): number {
    let nearest = Number.POSITIVE_INFINITY;
    for (const other of this.cohorts) {
      const isAhead = other.isCoupled === cohort.isCoupled && other.cursor > cohort.cursor;
      if (isAhead && other.tasks.size > 0) nearest = Math.min(nearest, other.cursor);
    }
    return nearest;
  }

  /** Two cohorts at one place become one; true: this one has gone into the other. */
  private merged(cohort: Cohort): boolean {
    for (const other of this.cohorts) {
      if (other === cohort || other.isCoupled !== cohort.isCoupled || other.cursor !== cohort.cursor || other.tasks.size === 0) continue;
      for (const task of cohort.tasks) other.tasks.add(task);
      cohort.tasks.clear();
      return true;
    }
    return false;
  }
}

/** The way out where a statement cannot go on from what is kept of it. */
export const BEGIN_ANEW =
  "give the statement a new name (`-- @name …` before it), or replay the pipeline on its server: it begins anew, what it has written stays";

/** A cursor that the log does not hold any more: what is missing is said, never skipped. */
export function checkCursor(cursor: number, bounds: { readonly startOffset: number; readonly endOffset: number }, subject: string): void {
  if (cursor < bounds.startOffset) {
    throw new SluiceError(
      "OFFSET_OUT_OF_RANGE",
      `${subject}: the cursor is ${cursor}, but the log begins at ${bounds.startOffset}: ${bounds.startOffset - cursor} records are gone`,
      {
        hint: `restore the topic, or begin anew at the earliest record that is left: ${BEGIN_ANEW}`,
      },
    );
  }
  if (cursor > bounds.endOffset) {
    throw new SluiceError(
      "LOG_CHANGED",
      `${subject}: the cursor is ${cursor}, but the log ends at ${bounds.endOffset}: it was cut back or created again`,
      {
        hint: BEGIN_ANEW,
      },
    );
  }
}
