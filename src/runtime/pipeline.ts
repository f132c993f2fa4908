import { must } from "../assert.ts";
import { SluiceError } from "../errors.ts";
import { compileStatement } from "../plan/code/compile-statement.ts";
import type { PipelinePlan, SourcePlan, StatementPlan } from "../plan/pipeline-plan.ts";
import type { Connection } from "../ports/connection.ts";
import type { RouteTarget, Sink } from "../ports/sink.ts";
import type { GroupMembership, Source, TopicPartition } from "../ports/source.ts";
import type { StateLog } from "../ports/state-log.ts";
import { asSluiceError } from "./as-error.ts";
import { addCounters, NO_COUNTERS } from "./counters.ts";
import type { Environment, PipelineEvents } from "./environment.ts";
import { type OwnedSource, PartitionOwner, type SharedStatement } from "./partition-owner.ts";
import type { StartMessage, StatementCounters, StatementProgress, StatementState } from "./protocol.ts";
import { Route } from "./route.ts";
import { TableSource } from "./table-source.ts";

export interface PipelineOptions {
  readonly start: StartMessage;
  readonly env: Environment;
  readonly events: PipelineEvents & { waiting(topics: readonly string[]): void; running(): void };
  /** Where rows of statements without a target go. */
  readonly rowsSink: (plan: StatementPlan) => Sink;
  /** A connection by name, opened once for all its uses. */
  readonly connection: (name: string) => Connection;
}

/** How often a missing topic is looked for. */
const WAITING_INTERVAL_MS = 500;
/** How often the pipeline looks whether a bounded run has come to its end. */
const END_CHECK_MS = 20;

/** One running pipeline: its sources, the partitions that it owns, and the routes that they share. */
export class Pipeline {
  private readonly options: PipelineOptions;
  private readonly plan: PipelinePlan;
  private readonly owners = new Map<number, PartitionOwner>();
  private readonly opening = new Map<number, Promise<void>>();
  private readonly stopping = new AbortController();
  private sources: readonly OwnedSource[] = [];
  private statements: readonly SharedStatement[] = [];
  private memberships: GroupMembership[] = [];
  private stateLog: StateLog | null = null;
  private ends: Map<string, number> | null = null;
  private isOpen = false;
  private isFinishRequested = false;
  private isAssigned = false;
  private failure: SluiceError | null = null;
  private readonly statementFailures = new Set<string>();
  /** What the statements had counted on partitions given up in this run. One that comes back goes on from there. */
  private readonly released = new Map<number, ReadonlyMap<string, StatementCounters>>();
  private messages = 0;
  private bytes = 0;
  private firstFetchMs: number | null = null;
  private endedMs: number | null = null;

  constructor(options: PipelineOptions) {
    this.options = options;
    this.plan = options.start.plan;
  }

  /** Runs until stopped, or until a bounded run has come to its end. Rejects where the pipeline as a whole cannot go on. */
  async run(): Promise<void> {
    const { start, events } = this.options;
    this.sources = await this.openSources();
    if (this.stopping.signal.aborted) return;
    this.isOpen = true;
    this.statements = this.plan.statements.map((statement) => this.shared(statement));
    this.checkGrouping();
    if (start.until === "ends" || this.isFinishRequested) await this.finish();
    await this.openStateLog();
    await this.assign();
    for (const { route } of this.statements) route.open();
    events.running();
    await this.untilDone();
  }

  /** From now on bounded: reads to the ends that the topics have now. */
  async finish(): Promise<void> {
    this.isFinishRequested = true;
    if (!this.isOpen) return;
    const ends = new Map<string, number>();
    for (const { source, description } of this.sources) {
      for (let partition = 0; partition < description.partitions; partition++) {
        const { endOffset } = await source.bounds(description.name, partition);
        ends.set(endKey(description.name, partition), endOffset);
      }
    }
    this.ends = ends;
    for (const owner of this.owners.values()) this.boundOwner(owner);
  }

  /** Makes `run` reject; `stop` follows. */
  fail(error: SluiceError): void {
    this.failure ??= error;
  }

  /** Makes `run` return; `stop` follows. */
  requestStop(): void {
    this.stopping.abort();
  }

  /** Drains: what was taken becomes durable as far as the targets allow within the time. */
  async stop(withinMs: number): Promise<void> {
    this.stopping.abort();
    const { clock } = this.options.env;
    const limit = new AbortController();
    const timer = new AbortController();
    void clock.sleep(withinMs, timer.signal).then(() => limit.abort());
    await Promise.all(this.opening.values()).catch(() => {});
    await Promise.all([...this.owners.values()].map((owner) => owner.drain(limit.signal)));
    timer.abort();
    this.endedMs ??= clock.monotonic();
    await Promise.all(this.statements.flatMap(({ route, deadLetterRoute }) => [route.close(), deadLetterRoute?.close()]));
    // What was acknowledged while the routes closed.
    await Promise.all([...this.owners.values()].map((owner) => owner.settled()));
    await this.commit();
    await Promise.all([...this.owners.values()].map((owner) => owner.forgetNotes()));
    await Promise.all(this.memberships.map((membership) => membership.leave().catch(() => {})));
    await this.stateLog?.close();
  }

  progress(): { messages: number; bytes: number; seconds: number; statements: StatementProgress[] } {
    const now = this.endedMs ?? this.options.env.clock.monotonic();
    const seconds = this.firstFetchMs === null ? 0 : (now - this.firstFetchMs) / 1000;
    return {
      messages: this.messages,
      bytes: this.bytes,
      seconds,
      statements: this.plan.statements.map((statement) => this.statementProgress(statement)),
    };
  }

  // --- sources -----------------------------------------------------------------------------------

  private async openSources(): Promise<OwnedSource[]> {
    const { start, events, env } = this.options;
    for (;;) {
      // Asked before looking: whoever asks to finish may have made the topic just before.
      const isLastLook = start.until === "ends" || this.isFinishRequested;
      const found = await Promise.all(this.plan.sources.map((plan) => this.openSource(plan)));
      const missing = this.plan.sources.filter((_, index) => found[index] === null).map((plan) => `${plan.connection}.${plan.topic}`);
      if (missing.length === 0 || this.stopping.signal.aborted) return found.filter((source) => source !== null);
      if (isLastLook) throw topicMissing(missing);
      events.waiting(missing);
      await env.clock.sleep(WAITING_INTERVAL_MS, this.stopping.signal);
    }
  }

  /** A topic, or for an ad hoc query an index or table, read as if it were one. */
  private async openSource(plan: SourcePlan): Promise<OwnedSource | null> {
    const connection = this.options.connection(plan.connection);
    const { source } = connection;
    const description = source === null ? null : await this.describe(source, plan.topic, plan.connection);
    if (source !== null && description !== null) return { plan, source, description };
    if (this.plan.stateConnection !== null) {
      if (source === null) throw new SluiceError("TOPIC_MISSING", `${plan.connection} has no topics to read from`);
      return null;
    }
    const table = await TableSource.open(connection, plan.topic);
    return table === null ? null : { plan, source: table, description: await table.describeTopic() };
  }

  /** A source that does not answer, though its connection tries for a while, is tried again unless the run is bounded. */
  private async describe(source: Source, topic: string, connection: string) {
    const { start, env, events } = this.options;
    for (let attempt = 1; ; attempt++) {
      try {
        return await source.describeTopic(topic);
      } catch (error) {
        const known = asSluiceError(error);
        if (!known.retryable || start.until === "ends" || this.stopping.signal.aborted) throw known;
        events.trouble(connection, known.message);
        await env.clock.sleep(WAITING_INTERVAL_MS * attempt, this.stopping.signal);
      }
    }
  }

  private checkGrouping(): void {
    for (const { plan, description } of this.sources) {
      if (description.partitions === 1) continue;
      for (const index of plan.statements) {
        const { statement } = must(this.plan.statements[index]);
        if (!statement.needsSinglePartition) continue;
        throw new SluiceError(
          "STATEMENT_INVALID",
          `${statement.name}: GROUP BY is not covered by the record key, and ${description.name} has ${description.partitions} partitions`,
          {
            hint: "group by the record key (GROUP BY _key, or declare it: WITH (key = 'field')); repartitioning comes later",
            coordinates: { statement: statement.name, topic: description.name },
          },
        );
      }
    }
  }

  // --- partitions --------------------------------------------------------------------------------

  private async openStateLog(): Promise<void> {
    const { stateConnection, name } = this.plan;
    if (stateConnection === null) return;
    const partitions = Math.max(...this.sources.map(({ description }) => description.partitions));
    const log = this.options.connection(stateConnection).openStateLog(name, partitions);
    if (log === null) throw new SluiceError("CONFIG_INVALID", `connection ${stateConnection} cannot keep the state of a pipeline`);
    this.stateLog = await log;
  }

  /** Ad hoc queries read every partition; pipelines share them within a consumer group. */
  private async assign(): Promise<void> {
    if (this.plan.stateConnection === null) {
      const partitions = Math.max(...this.sources.map(({ description }) => description.partitions));
      for (let partition = 0; partition < partitions; partition++) this.take(partition);
      this.isAssigned = true;
      return;
    }
    const bySource = new Map<Source, string[]>();
    for (const { source, description } of this.sources) bySource.set(source, [...(bySource.get(source) ?? []), description.name]);
    for (const [source, topics] of bySource) {
      const membership = await source.join(`sluice.${this.plan.name}`, topics, {
        onAssigned: (partitions) => {
          for (const number of numbersOf(partitions)) this.take(number);
          this.isAssigned = true;
        },
        onRevoked: (partitions) => this.release(numbersOf(partitions)),
        onFailed: (error) => {
          this.failure = asSluiceError(error);
        },
      });
      this.memberships.push(membership);
    }
  }

  private take(partition: number): void {
    if (this.owners.has(partition)) return;
    const { start, env, events } = this.options;
    const owner = new PartitionOwner({
      pipeline: this.plan,
      partition,
      sources: this.sources,
      statements: this.statements,
      stateLog: this.stateLog,
      owner: `${process.pid}-${Math.floor(env.random.next() * 1e9).toString(36)}`,
      start: start.start,
      emitAtEnd: this.plan.stateConnection === null && start.until === "ends",
      env,
      events: { ...events, statementFailed: (statement, error) => this.onStatementFailed(statement, error) },
      onFetched: (records, bytes) => {
        this.firstFetchMs ??= env.clock.monotonic();
        this.messages += records;
        this.bytes += bytes;
      },
    });
    this.owners.set(partition, owner);
    this.released.delete(partition);
    const opening = owner.open().then(
      () => this.boundOwner(owner),
      (error: unknown) => {
        this.failure = asSluiceError(error);
      },
    );
    this.opening.set(
      partition,
      opening.finally(() => this.opening.delete(partition)),
    );
  }

  private async release(partitions: readonly number[]): Promise<void> {
    const limit = AbortSignal.timeout(REVOKE_MS_MAX);
    await Promise.all(
      partitions.map(async (partition) => {
        await this.opening.get(partition);
        const owner = this.owners.get(partition);
        if (owner === undefined) return;
        this.owners.delete(partition);
        await owner.drain(limit);
        if (!this.owners.has(partition)) this.released.set(partition, new Map(owner.tasks.map((task) => [task.name, task.counters])));
      }),
    );
  }

  private boundOwner(owner: PartitionOwner): void {
    if (this.ends === null) return;
    for (const feed of owner.feeds) feed.finishAt(this.ends.get(endKey(feed.topic, feed.partition)) ?? 0);
  }

  private async untilDone(): Promise<void> {
    const { env, start } = this.options;
    let committedMs = env.clock.monotonic();
    while (!this.stopping.signal.aborted) {
      await env.clock.sleep(END_CHECK_MS, this.stopping.signal);
      if (this.failure !== null) throw this.failure;
      if (env.clock.monotonic() - committedMs > COMMIT_INTERVAL_MS) {
        committedMs = env.clock.monotonic();
        await this.commit();
        await Promise.all([...this.owners.values()].map((owner) => owner.forgetNotes()));
      }
      if (!this.isAtEnd()) continue;
      if (start.close) for (const owner of this.owners.values()) await owner.close();
      return;
    }
  }

  private isAtEnd(): boolean {
    if (!this.isAssigned || this.opening.size > 0) return false;
    const feeds = [...this.owners.values()].flatMap((owner) => owner.feeds);
    if (this.ends === null) return feeds.length > 0 && feeds.every((feed) => feed.tasks.every((task) => task.failure !== null));
    return feeds.every((feed) => feed.isAtEnd);
  }

  /** Told to the group for lag tools: the lowest durable cursor of the running statements. */
  private async commit(): Promise<void> {
    const offsets = [...this.owners.values()].flatMap((owner) =>
      owner.feeds.flatMap((feed) => {
        const cursors = feed.tasks.filter((task) => task.failure === null).map((task) => task.durableCursor);
        return cursors.length === 0 ? [] : [{ topic: feed.topic, partition: feed.partition, offset: Math.min(...cursors) }];
      }),
    );
    if (offsets.length === 0) return;
    for (const membership of this.memberships) await membership.commit(offsets).catch(() => {});
  }

  // --- statements --------------------------------------------------------------------------------

  private shared(plan: StatementPlan): SharedStatement {
    const { statement, route, deadLetterRoute } = plan;
    const sameTarget = this.plan.statements.filter(
      (other) => other.route !== null && route !== null && other.route.connection === route.connection && other.route.name === route.name,
    );
    return {
      plan,
      compiled: compileStatement(plan),
      route: this.newRoute(plan, statement.name, () =>
        route === null ? Promise.resolve(this.options.rowsSink(plan)) : this.openSink(route),
      ),
      deadLetterRoute:
        deadLetterRoute === null ? null : this.newRoute(plan, `${statement.name} dead letters`, () => this.openSink(deadLetterRoute)),
      idSuffix: sameTarget.length > 1 ? `-${statement.name}` : "",
    };
  }

  private openSink(target: RouteTarget): Promise<Sink> {
    return this.options.connection(target.connection).openSink(target);
  }

  private newRoute(plan: StatementPlan, name: string, openSink: () => Promise<Sink>): Route {
    const { env, events } = this.options;
    const { settings } = plan.statement;
    return new Route({
      name,
      settings,
      openSink,
      env,
      onTrouble: (message) => events.trouble(name, message),
      onFailed: (error) => {
        for (const owner of this.owners.values()) for (const task of owner.tasks) if (task.plan === plan) task.fail(error);
      },
    });
  }

  private onStatementFailed(statement: string, error: SluiceError): void {
    this.statementFailures.add(statement);
    this.options.events.statementFailed(statement, error);
  }

  private statementProgress({ statement, route }: StatementPlan): StatementProgress {
    const { name } = statement;
    let counters = NO_COUNTERS;
    for (const kept of this.released.values()) counters = addCounters(counters, kept.get(name) ?? NO_COUNTERS);
    let lag = 0;
    const states = new Set<StatementState>();
    for (const owner of this.owners.values()) {
      for (const feed of owner.feeds) {
        for (const task of feed.tasks.filter((candidate) => candidate.name === name)) {
          counters = addCounters(counters, task.counters);
          lag += Math.max(feed.logEndOffset - task.cursor, 0);
          states.add(task.status);
        }
      }
    }
    return { name, target: route === null ? "" : `${route.connection}.${route.name}`, state: this.stateOf(name, states), counters, lag };
  }

  private stateOf(name: string, states: ReadonlySet<StatementState>): StatementState {
    if (states.has("failed") || this.statementFailures.has(name)) return "failed";
    if (this.endedMs !== null) return this.ends === null ? "stopped" : "finished";
    if (states.has("detached")) return "detached";
    return states.size === 0 ? "starting" : "running";
  }
}

const COMMIT_INTERVAL_MS = 1000;
/** How long revoked partitions may drain; below the group's rebalance time-out. */
const REVOKE_MS_MAX = 10_000;

function topicMissing(topics: readonly string[]): SluiceError {
  const plural = topics.length > 1 ? "topics do" : "topic does";
  return new SluiceError("TOPIC_MISSING", `the source ${plural} not exist: ${topics.join(", ")}`, {
    hint: "create it, write to it first (sluice produce), or run without --until-end to wait for it",
  });
}

function endKey(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

function numbersOf(partitions: readonly TopicPartition[]): number[] {
  return [...new Set(partitions.map(({ partition }) => partition))];
}
