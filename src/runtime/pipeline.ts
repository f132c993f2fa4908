import { SluiceError } from "../errors.ts";
import { nextTickMs } from "../next-tick-ms.ts";
import { isTransactional, type PipelinePlan, type RepartitionStage, type StatementPlan } from "../plan/pipeline-plan.ts";
import type { Connection } from "../ports/connection.ts";
import type { Random } from "../ports/random.ts";
import type { Sink } from "../ports/sink.ts";
import type { StateLog } from "../ports/state-log.ts";
import { asSluiceError } from "./as-error.ts";
import { NO_COUNTERS } from "./counters.ts";
import { Durations } from "./durations.ts";
import type { Environment, PipelineEvents } from "./environment.ts";
import type { Feed } from "./feeds/feed.ts";
import { checkPartitions } from "./owners/check-partitions.ts";
import { Lease } from "./owners/lease.ts";
import { OwnedPartitions } from "./owners/owned-partitions.ts";
import { PartitionOwner, type SharedStatement } from "./owners/partition-owner.ts";
import type { PartitionShare, ShareState } from "./owners/partition-share.ts";
import { type Patience, patiently } from "./patience.ts";
import { limitsOf, nextEnds, type OwnedSource, openRepartitioned, type PartitionEnd, partitionsOf } from "./pipeline-sources.ts";
import type {
  PartitionProgress,
  Progress,
  RouteProgress,
  StartMessage,
  StartPartMessage,
  StatementCounters,
  StatementProgress,
  StatementState,
} from "./protocol.ts";
import { reportedStatements } from "./reported-statements.ts";
import { sharedStatements } from "./tasks/shared-statements.ts";
import type { StatementTask } from "./tasks/statement-task.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { withinTime } from "./within-time.ts";

export interface PipelineOptions {
  readonly start: StartMessage | StartPartMessage;
  readonly env: Environment;
  readonly events: PipelineEvents & { waiting(topics: readonly string[]): void; running(): void };
  /** Where rows of statements without a target go. */
  readonly rowsSink: (plan: StatementPlan) => Sink;
  /** A connection by name, opened once for all its uses. */
  readonly connection: (name: string) => Promise<Connection>;
  /** Which partitions are ours. */
  readonly shareOf: (sources: readonly OwnedSource[]) => PartitionShare;
}

/** How often the pipeline looks whether a bounded run has come to its end. */
const END_CHECK_MS = 20;
/** The same of one that goes on until it is told, or a part of one: what ends it wakes it, but that its starter has nothing for a part. */
const FOLLOW_CHECK_MS = { start: 1000, "start-part": 250 };
/** It has been at rest at more looks than that: until something comes, pauses are so many times as long, and end together. */
const CALM_LOOKS = 2;
const CALM_PAUSES = 10;
const COMMIT_INTERVAL_MS = 1000;
/** What the group has been told is told again after so long: it may not have heard. */
const COMMIT_AGAIN_MS = 10_000;

/** One running pipeline: its sources, the partitions that it owns, and the routes that they share. */
export class Pipeline {
  private readonly options: PipelineOptions;
  /** Once the sources are open: with what is repartitioned as two statements. */
  private plan: PipelinePlan;
  private readonly owned: OwnedPartitions;
  private readonly lease: Lease;
  private readonly stopping = new AbortController();
  /** It has come to its end by itself, and nobody has asked it to stop since. */
  private isAtEnd = false;
  /** Of a run that has come to its end and was drained: statements of which not all is written, though nothing is wrong with them. */
  unwritten: readonly string[] = [];
  private sources: readonly OwnedSource[] = [];
  private statements: readonly SharedStatement[] = [];
  private share: PartitionShare | null = null;
  private stateLog: StateLog | null = null;
  private ends: readonly PartitionEnd[] | null = null;
  private isFinishRequested = false;
  private failure: SluiceError | null = null;
  private readonly statementFailures = new Set<string>();
  private messages = 0;
  private bytes = 0;
  private messagesAtLook = 0;
  private readonly batches = new Durations();
  private firstFetchMs: number | null = null;
  private endedMs: number | null = null;
  /** Ends the pauses between looks. */
  private waking = new AbortController();
  /** Looks at which it was at rest, one after the other. */
  private calmLooks = 0;
  private committed = { text: "", atMs: Number.NEGATIVE_INFINITY };
  /** Feeds at the end of a bounded run whose open windows were seen to. */
  private readonly closed = new Set<Feed>();

  constructor(options: PipelineOptions) {
    this.options = options;
    this.plan = options.start.plan;
    this.isFinishRequested = options.start.until === "ends";
    this.ends = options.start.kind === "start-part" ? options.start.ends : null;
    this.lease = new Lease(options.env.clock, () => this.share?.heldUntilMs ?? Number.POSITIVE_INFINITY);
    this.owned = new OwnedPartitions({
      clock: options.env.clock,
      newOwner: (partition) => this.newOwner(partition),
      onOpened: () => this.wake(),
      onFailed: (error) => this.fail(asSluiceError(error)),
    });
  }

  /** Runs until stopped, or until a bounded run has come to its end. Rejects where the pipeline as a whole cannot go on. */
  async run(): Promise<void> {
    const { signal } = this.stopping;
    // Nobody waits for a source that does not answer once it is stopped.
    const share = await unlessAborted(this.open(), signal);
    if (share === undefined) return;
    this.options.events.running();
    await this.untilDone(share);
  }

  /** From now on bounded: reads to these ends, or to those that the topics have now. */
  async finish(ends: readonly PartitionEnd[] | null): Promise<void> {
    this.isFinishRequested = true;
    this.ends = ends;
    if (this.sources.length === 0) return;
    this.ends ??= await nextEnds(this.plan, this.sources, null, this.options.start.to);
    this.owned.finishAt(this.ends ?? []);
    this.wake();
  }

  /** Makes `run` reject; `stop` follows. */
  fail(error: SluiceError): void {
    this.failure ??= error;
    this.wake();
  }

  /** Makes `run` return; `stop` follows. */
  requestStop(): void {
    this.isAtEnd = false;
    this.stopping.abort();
  }

  /**
   * Drains: what was taken becomes durable as far as the targets allow within the time. Of a run that has come to its end all of it,
   * as long as they have taken something each time that it is over.
   */
  async stop(withinMs: number): Promise<void> {
    this.stopping.abort();
    const { clock } = this.options.env;
    let answered = this.answered;
    const comesCloser = (): boolean => {
      const before = answered;
      answered = this.answered;
      return this.isAtEnd && answered > before;
    };
    await withinTime(clock, withinMs, (limit) => this.owned.drain(limit), comesCloser);
    if (this.isAtEnd) this.unwritten = this.unwrittenNow();
    this.endedMs ??= clock.monotonic();
    await Promise.all(
      this.statements.flatMap(({ route, deadLetterRoute, lateRoute }) => [route.close(), deadLetterRoute?.close(), lateRoute?.close()]),
    );
    // What was acknowledged while the routes closed.
    await this.owned.settled();
    await this.commit();
    await this.owned.forgetNotes();
    await this.share?.leave();
    await this.stateLog?.close();
  }

  /**
   * For `ms`, of a pipeline at rest for some times that, or until something happens that it should be looked at for. Gives how many ms
   * later it ended than it was to: so long the thread was busy.
   */
  async pause(ms: number, signal: AbortSignal): Promise<number> {
    const { clock } = this.options.env;
    const nowMs = clock.monotonic();
    const pauseMs = this.isCalm ? nextTickMs(nowMs, CALM_PAUSES * ms) : ms;
    await clock.sleep(pauseMs, AbortSignal.any([signal, this.waking.signal]));
    return Math.max(0, clock.monotonic() - nowMs - pauseMs);
  }

  /** Looks whether it is at rest, since the last look. */
  look(): void {
    const { messages, owned } = this;
    const isQuiet = messages === this.messagesAtLook && !owned.isOpening;
    this.messagesAtLook = messages;
    const { tasks } = owned;
    this.calmLooks = isQuiet && tasks.length > 0 && tasks.every((task) => task.isSettled) ? this.calmLooks + 1 : 0;
  }

  progress(): Progress {
    const now = this.endedMs ?? this.options.env.clock.monotonic();
    const seconds = this.firstFetchMs === null ? 0 : (now - this.firstFetchMs) / 1000;
    const partitions = this.owned.progress();
    return {
      messages: this.messages,
      bytes: this.bytes,
      seconds,
      loopLagMs: 0,
      batches: this.batches.now,
      statements: reportedStatements(this.plan, (plan, index) =>
        this.statementProgress(plan, this.statements[index], partitions.get(plan.statement.name) ?? []),
      ),
    };
  }

  /** undefined: it was stopped meanwhile. */
  private async open(): Promise<PartitionShare | undefined> {
    const { env, events, connection, rowsSink, shareOf } = this.options;
    const { signal } = this.stopping;
    const patience: Patience = { env, isBounded: () => this.isFinishRequested, stopping: signal, onTrouble: events.trouble };
    const { plan, sources } = await openRepartitioned({ ...patience, plan: this.plan, connection, onWaiting: events.waiting });
    if (signal.aborted) return undefined;
    this.plan = plan;
    this.sources = sources;
    this.statements = sharedStatements({
      plan,
      env,
      connection,
      rowsSink,
      lease: this.lease,
      onTrouble: events.unavailable,
      onRecovered: events.recovered,
      onFailed: (statement, error) => this.owned.failStatement(statement, error),
    });
    checkPartitions(plan, sources);
    const { to } = this.options.start;
    if (this.isFinishRequested) await this.finish(this.ends);
    else if (to !== null) this.owned.finishAt(await limitsOf(plan, sources, to));
    await this.openStateLog(patience);
    if (signal.aborted) return undefined;
    this.share = shareOf(sources);
    await this.join(this.share);
    if (signal.aborted) return undefined;
    for (const { plan, route, lateRoute, deadLetterRoute } of this.statements) {
      route.open();
      lateRoute?.open();
      // Indexes of letters are deleted by their age also where no more letters come; otherwise their target waits for the first one.
      if ((plan.deadLetterRoute?.options.retirement ?? null) !== null) deadLetterRoute?.open();
    }
    return this.share;
  }

  private async openStateLog(patience: Patience): Promise<void> {
    const { stateConnection, name } = this.plan;
    if (stateConnection === null) return;
    const connection = await this.options.connection(stateConnection);
    const names = this.plan.statements.filter(isTransactional).map(({ statement }) => statement.name);
    const open = async (): Promise<StateLog | null> => connection.openStateLog(name, partitionsOf(this.sources), names);
    this.stateLog = await patiently(stateConnection, open, patience);
    if (this.stateLog === null)
      throw new SluiceError("CONFIG_INVALID", `connection ${stateConnection} cannot keep the state of a pipeline`);
  }

  private join(share: PartitionShare): Promise<void> {
    const { owned } = this;
    return share.join({
      onAssigned: (partitions) => {
        this.wake();
        if (!this.stopping.signal.aborted) for (const partition of partitions) owned.take(partition);
      },
      onRevoked: (partitions, how) => owned.release(partitions, how).finally(() => this.wake()),
      onElsewhere: (partitions) => owned.forget(partitions),
      onFailed: (error) => this.fail(error),
    });
  }

  private newOwner(partition: number): PartitionOwner {
    const { start, env, events } = this.options;
    return new PartitionOwner({
      pipeline: this.plan,
      partition,
      sources: this.sources,
      statements: this.statements,
      stateLog: this.stateLog,
      lease: this.lease,
      owner: ownerName(env.random),
      start: start.start,
      emitAtEnd: this.plan.stateConnection === null && start.until === "ends",
      holdsBack: start.holdsBack ?? [],
      env,
      events: { ...events, statementFailed: (statement, error) => this.onStatementFailed(statement, error) },
      onFetched: (records, bytes) => {
        this.firstFetchMs ??= env.clock.monotonic();
        this.messages += records;
        this.bytes += bytes;
        if (this.isCalm) this.wake();
      },
      onWorked: (durationMs) => this.batches.add(durationMs),
      stopping: this.stopping.signal,
      isBounded: () => this.isFinishRequested,
    });
  }

  private async untilDone(share: PartitionShare): Promise<void> {
    const { env } = this.options;
    let committedMs = env.clock.monotonic();
    while (!this.stopping.signal.aborted) {
      const isFollowed = this.ends === null;
      const ms = isFollowed ? FOLLOW_CHECK_MS[this.options.start.kind] : END_CHECK_MS;
      if (isFollowed) await this.pause(ms, this.stopping.signal);
      else await env.clock.sleep(ms, AbortSignal.any([this.stopping.signal, this.waking.signal]));
      if (this.failure !== null) throw this.failure;
      if (env.clock.monotonic() - committedMs > COMMIT_INTERVAL_MS) {
        committedMs = env.clock.monotonic();
        await this.commit(COMMIT_AGAIN_MS);
        await this.owned.forgetNotes();
      }
      if (!share.isOver(this.shareState(share)) || (await this.readsOn())) continue;
      await this.close(this.owned.feeds);
      this.isAtEnd = !this.stopping.signal.aborted;
      return;
    }
  }

  private get isCalm(): boolean {
    return this.calmLooks > CALM_LOOKS;
  }

  private wake(): void {
    this.calmLooks = 0;
    this.waking.abort();
    this.waking = new AbortController();
  }

  private async close(feeds: readonly Feed[]): Promise<void> {
    const { close } = this.options.start;
    if (close === false) return;
    const open = feeds.filter((feed) => !this.closed.has(feed));
    for (const feed of open) this.closed.add(feed);
    await this.owned.close(close === true ? null : close, open);
  }

  /** The feed has come to its end; where others go on until its statements have written what they read, that is written. */
  private isRead(feed: Feed, ends: readonly PartitionEnd[]): boolean {
    if (this.waits(feed, ends)) return true;
    if (!feed.isAtEnd || ends.every(({ offset }) => offset < Number.POSITIVE_INFINITY)) return feed.isAtEnd;
    return this.isWritten(feed);
  }

  /** All that was taken so far is written, but for what is to be held back. */
  private isWritten({ tasks }: Feed): boolean {
    for (const task of tasks) task.push(!this.isHeldBack(task));
    return tasks.every((task) => this.isDone(task));
  }

  private isHeldBack({ name }: StatementTask): boolean {
    return this.options.start.holdsBack?.includes(name) === true;
  }

  /** What is to be written of it is, and what is not is kept. */
  private isDone(task: StatementTask): boolean {
    return this.isHeldBack(task) ? task.isKept : task.isSettled;
  }

  private unwrittenNow(): readonly string[] {
    const waiting = this.owned.tasks.filter((task) => task.failure === null && !this.isDone(task));
    return [...new Set(waiting.map(({ name }) => name))];
  }

  /** Changes that targets have answered, one way or another. */
  private get answered(): number {
    const routes = this.statements.flatMap(({ route, deadLetterRoute, lateRoute }) => [route, deadLetterRoute, lateRoute]);
    return routes.reduce((total, route) => total + (route?.answered ?? 0), 0);
  }

  /** It reads what statements of the pipeline still write. */
  private waits(feed: Feed, ends: readonly PartitionEnd[]): boolean {
    const unknown = ends.filter(({ offset }) => offset === Number.POSITIVE_INFINITY);
    const topics = feed.tasks.flatMap((task) => task.plan.inputs.map(({ source }) => this.plan.sources[source]?.topic));
    return unknown.some(({ topic }) => topics.includes(topic));
  }

  /** Whether there is more to read: what statements of the pipeline have written for others of it. Several threads are told so. */
  private async readsOn(): Promise<boolean> {
    if (this.ends === null || this.options.start.kind === "start-part") return false;
    if (this.ends.some(({ offset }) => offset === Number.POSITIVE_INFINITY)) {
      const done = this.owned.feeds.filter((feed) => !this.waits(feed, this.ends ?? []));
      // What closes there is read by others.
      await this.close(done);
      if (!done.every((feed) => this.isWritten(feed))) return true;
    }
    const ends = await nextEnds(this.plan, this.sources, this.ends, this.options.start.to);
    if (ends === null) return false;
    this.ends = ends;
    this.owned.finishAt(ends);
    return true;
  }

  private shareState(share: PartitionShare): ShareState {
    if (!share.isKnown || this.owned.isOpening) return "open";
    const { feeds } = this.owned;
    if (this.ends !== null) return feeds.every((feed) => this.isRead(feed, this.ends ?? [])) ? "ended" : "open";
    if (feeds.length === 0) return "empty";
    return feeds.every((feed) => feed.tasks.every((task) => task.failure !== null)) ? "ended" : "open";
  }

  /** Told to the group for lag tools; the same as before not before so long has passed. */
  private async commit(againMs = 0): Promise<void> {
    const offsets = this.owned.offsets();
    const text = JSON.stringify(offsets);
    const nowMs = this.options.env.clock.monotonic();
    if (offsets.length === 0 || (text === this.committed.text && nowMs - this.committed.atMs < againMs)) return;
    this.committed = { text, atMs: nowMs };
    await this.share?.commit(offsets);
  }

  private onStatementFailed(statement: string, error: SluiceError): void {
    this.statementFailures.add(statement);
    this.wake();
    this.options.events.statementFailed(statement, error);
  }

  private statementProgress(
    { statement: { name }, route, repartition }: StatementPlan,
    shared: SharedStatement | undefined,
    partitions: readonly PartitionProgress[],
  ): StatementProgress {
    return {
      name,
      target: route === null ? "" : `${route.connection}.${route.name}`,
      state: this.stateOf(name, new Set(partitions.map(({ state }) => state))),
      counters: countersOf(this.owned.counters(name), repartition),
      lag: partitions.reduce((total, { lag }) => total + lag, 0),
      partitions: partitions.map((one) => ({ ...one, counters: countersOf(one.counters, repartition) })),
      routes: shared === undefined ? [] : routesOf(shared),
      ...(shared === undefined || shared.lookups.length === 0 ? {} : { lookups: shared.lookups.map(({ progress }) => progress) }),
    };
  }

  private stateOf(name: string, states: ReadonlySet<StatementState>): StatementState {
    if (states.has("failed") || this.statementFailures.has(name)) return "failed";
    if (this.endedMs !== null) return this.ends === null ? "stopped" : "finished";
    if (states.has("detached")) return "detached";
    return states.size === 0 ? "starting" : "running";
  }
}

/** 64 bits of chance: owners of a partition, whatever machine they are on, are told apart by it. */
function ownerName(random: Random): string {
  const part = (): string =>
    Math.floor(random.next() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return part() + part();
}

function routesOf({ route, deadLetterRoute, lateRoute }: SharedStatement): readonly RouteProgress[] {
  return [
    { to: "target", ...route.progress },
    ...(deadLetterRoute === null ? [] : [{ to: "dead-letters" as const, ...deadLetterRoute.progress }]),
    ...(lateRoute === null ? [] : [{ to: "late" as const, ...lateRoute.progress }]),
  ];
}

/** Of two stages the first has the records, the second the changes. */
function countersOf(counters: StatementCounters, stage: RepartitionStage | undefined): StatementCounters {
  if (stage === undefined) return counters;
  const { in: taken, applied, filtered, late, deadLettered } = counters;
  const records = { in: taken, applied, filtered, late, deadLettered };
  return stage.kind === "partials" ? { ...NO_COUNTERS, ...records } : { ...counters, ...NO_RECORDS };
}

const NO_RECORDS = { in: 0, applied: 0, filtered: 0, late: 0, deadLettered: 0 };
