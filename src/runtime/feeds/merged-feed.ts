import { LIMITS } from "../../limits.ts";
import type { Note, QuietNote } from "../../state/journal/blob.ts";
import { asSluiceError } from "../as-error.ts";
import type { Environment } from "../environment.ts";
import type { CoupledTasks } from "../tasks/coupled-tasks.ts";
import { inSteps } from "../tasks/in-steps.ts";
import type { JoinTask } from "../tasks/join-task.ts";
import type { Feed, FeedOffset, LogOffset } from "./feed.ts";
import type { MergedInput } from "./merged-input.ts";
import { PlaceInLog } from "./place-in-log.ts";
import { Silence } from "./silence.ts";
import type { Piece, TableLoad } from "./table-load.ts";
import type { TimeNotes } from "./time-notes.ts";

export interface MergedFeedOptions {
  readonly partition: number;
  /** Of the statement's own log, which is that of its inputs merged. */
  readonly log: string;
  readonly task: JoinTask;
  /** In the order of FROM … JOIN. */
  readonly inputs: readonly MergedInput[];
  readonly coupled: CoupledTasks;
  readonly tableLoad: TableLoad;
  readonly timeNotes: TimeNotes;
  readonly env: Environment;
  readonly appendNotes: (notes: readonly Note[]) => Promise<void>;
  readonly dropNotes: (isNeedless: (note: Note) => boolean) => Promise<void>;
  readonly onWorked: (durationMs: number) => void;
}

/** Records that are no older are those that are just made. */
const LIVE_MS = 10_000;

/**
 * Feeds a statement that joins: records of its inputs in the order (log time, input, offset), which is a function of the logs and notes
 * alone (`runtime.md` §9). A record is taken when every other input has shown a later one, or has been found quiet, which is noted.
 */
export class MergedFeed implements Feed {
  private readonly options: MergedFeedOptions;
  private readonly stopping = new AbortController();
  private readonly silence = new Silence();
  private readonly place: PlaceInLog;
  private running: Promise<void> = Promise.resolve();
  private changed = Promise.withResolvers<void>();
  /** Since when records wait for an input that has none; null: none do. */
  private stuckMs: number | null = null;
  /** All that was taken has been worked off, also what a full barrier has cut. */
  private isWorkedOff = false;

  constructor(options: MergedFeedOptions) {
    this.options = options;
    this.place = new PlaceInLog(options.env.place, options.log, options.partition);
    for (const input of options.inputs) input.onChange = () => this.wake();
  }

  get tasks(): readonly JoinTask[] {
    return [this.options.task];
  }

  get topic(): string {
    return this.options.log;
  }

  /** Nobody else has that log. */
  readonly timesOf = null;

  get shownTopic(): string {
    return this.options.inputs[0]?.place.topic ?? this.topic;
  }

  get partition(): number {
    return this.options.partition;
  }

  get isAtEnd(): boolean {
    const { task, inputs } = this.options;
    return task.failure !== null || (this.isWorkedOff && inputs.every((input) => input.isAtEnd));
  }

  lagOf(): number {
    return this.options.inputs.reduce((lag, input) => lag + Math.max(input.logEndOffset - input.place.cursor, 0), 0);
  }

  get offsets(): readonly FeedOffset[] {
    const { task, inputs } = this.options;
    if (task.failure !== null) return [];
    return inputs.map(({ place: { topic, partition } }, index) => ({ topic, partition, offset: task.durableInputs[index] ?? 0 }));
  }

  get lowest(): readonly LogOffset[] {
    const { task, log, inputs } = this.options;
    const own = inputs.map(({ place }, index) => ({ topic: place.log, offset: task.durableInputs[index] ?? 0 }));
    return [...own, { topic: log, offset: task.durableCursor }];
  }

  forgetBelow(topic: string, offset: number): void {
    const { log, timeNotes, inputs } = this.options;
    if (topic === log) timeNotes.forget(offset);
    for (const input of inputs) if (input.place.log === topic) input.options.farAhead.forget(offset);
  }

  /** Something was fetched, or the feed is to look again. */
  wake(): void {
    this.changed.resolve();
    this.changed = Promise.withResolvers();
  }

  start(): void {
    this.running = this.run();
  }

  finishAt(endOf: (topic: string, partition: number) => number): void {
    for (const input of this.options.inputs) input.endOffset = endOf(input.place.topic, input.place.partition);
    this.wake();
  }

  async fallSilent(silentMs: number, wallMs: number, stopping: AbortSignal): Promise<void> {
    const { task, log, timeNotes, appendNotes } = this.options;
    const note = timeNotes.noteOfSilence([task], log, task.cursor, silentMs, wallMs);
    if (note === null) return;
    await appendNotes([note]);
    timeNotes.add(note);
    await inSteps(task, stopping, () => timeNotes.apply(task));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    for (const input of this.options.inputs) input.giveUp();
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    const { task, inputs } = this.options;
    try {
      await this.follow();
    } catch (error) {
      task.fail(asSluiceError(error, { topic: this.topic, partition: this.partition }));
    } finally {
      for (const input of inputs) await input.close();
    }
  }

  private async follow(): Promise<void> {
    const { task, inputs, coupled, tableLoad, timeNotes, env } = this.options;
    while (!this.stopping.signal.aborted && task.failure === null) {
      const { changed } = this;
      this.isWorkedOff = !task.isBlocked && task.workOff() && timeNotes.apply(task);
      if (!this.isWorkedOff) {
        task.onChange(() => this.wake());
        await changed.promise;
        continue;
      }
      if (coupled.includes(task) && coupled.isBlocked) {
        await coupled.untilChange((change) => env.clock.sleep(LIMITS.fetchWaitMs, AbortSignal.any([this.stopping.signal, change])));
        if (task.isBarrierDue(env.clock.monotonic())) task.barrier();
        continue;
      }
      for (const input of inputs) await input.load();
      await tableLoad.goOn();
      const { cursor } = task;
      if (!this.takePieces()) await this.wait(changed.promise);
      else if (this.place.suspecting([task], cursor) === undefined) this.place.leave();
      else {
        await this.place.linger();
        if (this.place.isSuspectOfResults(task, cursor)) task.push(false);
      }
      if (task.isBarrierDue(env.clock.monotonic())) task.barrier();
    }
  }

  /** Takes what can be taken without waiting for anything, and is seen there afterwards; false: there was nothing. */
  private takePieces(): boolean {
    const { task, inputs, env, onWorked } = this.options;
    const startMs = env.clock.monotonic();
    const first = task.cursor;
    let any = false;
    for (let piece = this.nextPiece(); piece !== null; piece = this.nextPiece()) {
      const input = inputs[piece.input] as MergedInput;
      const { topic, partition } = input.place;
      const { offsets } = input.marks.batch.slices;
      const shown = { topic, partition, first: offsets[input.row] as number, last: offsets[piece.to - 1] as number };
      this.place.enter(task, first, task.cursor + piece.to - input.row - 1, shown);
      const reached = task.take(piece.input, input.marks, input.row, piece.to);
      if (reached > input.row) input.taken(reached);
      any = true;
      // What is to be taken alone is also worked off alone.
      if (this.place.endOfPiece(task, first) < Number.POSITIVE_INFINITY) break;
      if (reached < piece.to || !input.hasHead || task.isBlocked || task.failure !== null) break;
    }
    if (!any) return false;
    this.isWorkedOff = task.workOff();
    this.stuckMs = null;
    this.silence.end();
    onWorked(env.clock.monotonic() - startMs);
    return true;
  }

  private nextPiece(): Piece | null {
    const { inputs, tableLoad } = this.options;
    if (!tableLoad.isDone) return this.piece(tableLoad.nextPiece());
    const next = this.first((input) => input.hasHead);
    if (next < 0) return null;
    const other = this.first((input) => input !== inputs[next]);
    const { row, rows, logTimes } = inputs[next] as MergedInput;
    if (other < 0) return this.piece({ input: next, to: rows });
    const limitMs = (inputs[other] as MergedInput).nextTimeMs;
    const isBefore = (timeMs: number): boolean => timeMs < limitMs || (timeMs === limitMs && next < other);
    let to = row;
    while (to < rows && isBefore(logTimes[to] as number)) to++;
    return this.piece({ input: next, to });
  }

  /** So many rows of it as are taken at once; null: it has none. */
  private piece(whole: Piece | null): Piece | null {
    if (whole === null) return null;
    const { task, inputs } = this.options;
    const { row } = inputs[whole.input] as MergedInput;
    const rowsMax = Math.min(LIMITS.mergedRowsMax, this.place.endOfPiece(task, task.cursor) - task.cursor);
    return whole.to === row ? null : { input: whole.input, to: Math.min(whole.to, row + rowsMax) };
  }

  /** The input whose next record comes first, of those; -1: there is none. */
  private first(isMeant: (input: MergedInput) => boolean): number {
    const { inputs } = this.options;
    let first = -1;
    let firstMs = Number.POSITIVE_INFINITY;
    for (const [index, input] of inputs.entries()) {
      if (!isMeant(input)) continue;
      const { nextTimeMs } = input;
      if (first >= 0 && nextTimeMs >= firstMs) continue;
      first = index;
      firstMs = nextTimeMs;
    }
    return first;
  }

  /** Until something comes, or those that have nothing have had nothing for long enough. */
  private async wait(changed: Promise<void>): Promise<void> {
    const { inputs, tableLoad, env } = this.options;
    const waiting = inputs.filter((input) => input.hasHead);
    const missing = inputs.filter((input) => !input.hasHead);
    if (waiting.length === 0) {
      await this.idle(changed);
      return;
    }
    if (!tableLoad.isDone) {
      await changed;
      return;
    }
    const now = env.clock.monotonic();
    this.stuckMs ??= now;
    // In a bounded run a topic without an end is one that the pipeline still writes.
    const isBounded = inputs.some((input) => input.endOffset < Number.POSITIVE_INFINITY);
    const isQuiet = missing.every((input) => input.isAtEnd || (!isBounded && input.quietMs !== null));
    const leftMs = this.stuckMs + this.waitMs(missing) - now;
    if (isQuiet && leftMs <= 0) {
      await this.noteQuiet(missing, waiting);
      return;
    }
    await this.untilChange(changed, Math.max(leftMs, 1));
  }

  private async untilChange(changed: Promise<void>, msMax: number): Promise<void> {
    const timer = new AbortController();
    await Promise.race([changed, this.options.env.clock.sleep(msMax, AbortSignal.any([this.stopping.signal, timer.signal]))]);
    timer.abort();
  }

  /** One that was found quiet stays so until something comes of it. */
  private waitMs(missing: readonly MergedInput[]): number {
    return missing.every((input) => input.isAtEnd || input.wasQuiet) ? 0 : LIMITS.quietMs;
  }

  private async noteQuiet(quiet: readonly MergedInput[], waiting: readonly MergedInput[]): Promise<void> {
    const { task, inputs, env, appendNotes, dropNotes } = this.options;
    const latestMs = Math.max(...waiting.map(({ logTimes, rows }) => logTimes[rows - 1] as number));
    const isHeldUpBy = ({ nextTimeMs }: MergedInput, number: number): boolean =>
      nextTimeMs < latestMs || (nextTimeMs === latestMs && waiting.some((other) => number < inputs.indexOf(other)));
    const missing = quiet.filter((input) => isHeldUpBy(input, inputs.indexOf(input)));
    // Behind all that waits; where that happens just now and goes on, one note is enough for what comes in the next moment.
    const isLive = env.clock.now() - latestMs < LIVE_MS && !missing.every((input) => input.isAtEnd);
    const timeMs = latestMs + (isLive ? LIMITS.quietMs : 1);
    const notes = missing.map((input): QuietNote => {
      const { log: topic, cursor } = input.place;
      return { kind: "quiet", topic, offset: cursor, statement: task.name, input: inputs.indexOf(input), timeMs };
    });
    await appendNotes(notes);
    for (const input of missing) input.foundQuiet(timeMs);
    const isEarlier = (note: Note): boolean =>
      note.kind === "quiet" &&
      note.timeMs < timeMs &&
      notes.some(
        ({ topic, offset, statement, input }) =>
          note.topic === topic && note.offset === offset && note.statement === statement && note.input === input,
      );
    await dropNotes(isEarlier);
  }

  /** Nothing is at hand of any input. */
  private async idle(changed: Promise<void>): Promise<void> {
    const { inputs, env, task, timeNotes, appendNotes, log } = this.options;
    const isBounded = inputs.some((input) => input.endOffset < Number.POSITIVE_INFINITY);
    const quiet = inputs.map(({ quietMs }) => quietMs ?? Number.NEGATIVE_INFINITY);
    const sinceMs = Math.min(...quiet);
    if (isBounded || sinceMs === Number.NEGATIVE_INFINITY) this.silence.end();
    else {
      this.silence.confirm(sinceMs);
      const note = timeNotes.idleNote([task], log, task.cursor, this.silence, env.clock.now());
      if (note !== null) {
        await appendNotes([note]);
        this.silence.notedMs = this.silence.durationMs;
        timeNotes.add(note);
        return;
      }
    }
    // A barrier may be due although nothing comes.
    await this.untilChange(changed, LIMITS.fetchWaitMs);
  }
}
