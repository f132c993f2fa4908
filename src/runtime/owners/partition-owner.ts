import { must } from "../../assert.ts";
import type { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { CompiledStatement } from "../../plan/code/compile-statement.ts";
import type { PipelinePlan, StatementPlan } from "../../plan/pipeline-plan.ts";
import type { LogBounds, TopicDescription } from "../../ports/source.ts";
import type { StateLog } from "../../ports/state-log.ts";
import type { Note } from "../../state/journal/blob.ts";
import type { Journal } from "../../state/journal/journal.ts";
import type { MergingState } from "../../state/merging-state.ts";
import { newGroupedState, newMergingState, newPartialState } from "../../state/new-grouped-state.ts";
import type { PartialState } from "../../state/partial-state.ts";
import { asSluiceError } from "../as-error.ts";
import { NO_COUNTERS } from "../counters.ts";
import type { Environment, PipelineEvents } from "../environment.ts";
import { FarAhead } from "../feeds/far-ahead.ts";
import type { Feed } from "../feeds/feed.ts";
import { logBounds } from "../feeds/log-bounds.ts";
import { openMerged } from "../feeds/open-merged.ts";
import { BEGIN_ANEW, checkCursor, PartitionFeed } from "../feeds/partition-feed.ts";
import { recordsAt } from "../feeds/records-at.ts";
import { SharedLog } from "../feeds/shared-log.ts";
import { TimeNotes } from "../feeds/time-notes.ts";
import { WallTimes } from "../feeds/wall-times.ts";
import { BatchLookups } from "../lookups/batch-lookups.ts";
import type { SharedLookup } from "../lookups/shared-lookup.ts";
import type { OwnedSource } from "../pipeline-sources.ts";
import type { RunStart, StreamTimeStep } from "../protocol.ts";
import { NamedTargets } from "../routes/named-targets.ts";
import type { Route } from "../routes/route.ts";
import { TargetNames } from "../routes/target-names.ts";
import { CoupledTasks } from "../tasks/coupled-tasks.ts";
import { inSteps } from "../tasks/in-steps.ts";
import { MergingTask } from "../tasks/merging-task.ts";
import { PartialsTask } from "../tasks/partials-task.ts";
import { StatementTask } from "../tasks/statement-task.ts";
import type { StatementTaskOptions } from "../tasks/task-options.ts";
import { checkTopic, startAt, startFrom, TaskStarts } from "../tasks/task-starts.ts";
import { CheckpointWriter } from "./checkpoint-writer.ts";
import type { Lease } from "./lease.ts";
import { Tenure } from "./tenure.ts";

/** A statement's parts that all partitions of this process share. */
export interface SharedStatement {
  readonly plan: StatementPlan;
  readonly compiled: CompiledStatement;
  readonly route: Route;
  readonly deadLetterRoute: Route | null;
  readonly lateRoute: Route | null;
  readonly idSuffix: string;
  readonly lateIdSuffix: string;
  /** What is looked up for its records. */
  readonly lookups: readonly SharedLookup[];
}

export interface PartitionOwnerOptions {
  readonly pipeline: PipelinePlan;
  readonly partition: number;
  readonly sources: readonly OwnedSource[];
  readonly statements: readonly SharedStatement[];
  readonly stateLog: StateLog | null;
  readonly lease: Lease;
  readonly owner: string;
  readonly start: RunStart | null;
  readonly emitAtEnd: boolean;
  /** Statements of which the end of the run sends no more than is due. */
  readonly holdsBack: readonly string[];
  readonly env: Environment;
  readonly events: PipelineEvents;
  readonly onFetched: (records: number, bytes: number) => void;
  readonly onWorked: (durationMs: number) => void;
  /** Nobody waits for the end of the run any more. */
  readonly stopping: AbortSignal;
  readonly isBounded: () => boolean;
}

/**
 * Owns partition n of all sources of a pipeline: claims its state log, restores its statements, feeds them, and keeps
 * what they make durable.
 */
export class PartitionOwner {
  readonly feeds: Feed[] = [];
  private readonly options: PartitionOwnerOptions;
  /** By connection and topic. */
  private readonly logs = new Map<string, SharedLog>();
  private journal: Journal | null = null;
  private checkpoints: CheckpointWriter | null = null;
  private openStarts: TaskStarts | null = null;
  private readonly lookups: { readonly feed: Feed; readonly lookups: BatchLookups }[] = [];
  /** By topic. */
  private readonly farAhead = new Map<string, FarAhead>();
  /** By topic between stages: where its log was made to begin. */
  private readonly trimmed = new Map<string, number>();
  private readonly coupled = new CoupledTasks();
  private readonly tenure: Tenure;

  constructor(options: PartitionOwnerOptions) {
    this.options = options;
    const { partition, owner, lease, stopping, env } = options;
    const { clock } = env;
    const onLost = (error: SluiceError): void => {
      for (const task of this.tasks) task.abandon(error);
      for (const feed of this.feeds) void feed.stop();
    };
    const onFailed = (error: SluiceError): void => {
      for (const task of this.tasks) task.fail(error);
    };
    this.tenure = new Tenure({ partition, owner, lease, clock, stopping, onLost, onFailed });
  }

  get tasks(): readonly StatementTask[] {
    return this.feeds.flatMap((feed) => feed.tasks);
  }

  get partition(): number {
    return this.options.partition;
  }

  private get starts(): TaskStarts {
    return must(this.openStarts);
  }

  /** Others have the partition. */
  get isLost(): boolean {
    return this.tenure.lost.aborted;
  }

  async open(): Promise<void> {
    const { stateLog, partition } = this.options;
    this.journal = stateLog === null ? null : await this.tenure.claim(stateLog);
    const { journal } = this;
    const { start, env } = this.options;
    this.openStarts = new TaskStarts({ partition, journal, start, openedMs: env.clock.now(), versionsBefore: journal?.versionMax ?? 0 });
    this.checkpoints = new CheckpointWriter(this.journal, (error) => {
      for (const task of this.tasks) task.abandon(error);
    });
    for (const source of this.options.sources) {
      if (partition < source.description.partitions) await this.openFeed(source);
    }
    for (const shared of this.options.statements) if (!readsAsIs(shared) && this.isPartOf(shared)) await this.openMerged(shared);
    for (const { plan } of this.options.statements) this.tellOfKept(plan.statement.name);
    this.journal?.releaseRestored();
    for (const task of this.tasks) task.checkRoutes();
  }

  start(): void {
    if (this.isLost) return;
    for (const feed of this.feeds) feed.start();
  }

  /** Others may have claimed the partition since, who do not know that it is ours: then it is lost. */
  async confirm(): Promise<void> {
    // What cannot be asked now is told by the next blob.
    await this.journal?.confirm().catch(() => {});
  }

  /** What it waits for to open is not needed any more. */
  giveUp(): void {
    this.tenure.giveUp();
  }

  /** What the group does not allow at once is not written any more. */
  hurry(): void {
    this.tenure.hurry();
  }

  /** Nothing more of it is written: others own the partition, and make anew what is not durable. */
  abandon(): void {
    this.tenure.lose();
  }

  /** Emits and closes open windows at the cursors, after a note that says so; none waits for the targets of others. */
  async close(feeds: readonly Feed[]): Promise<void> {
    const closing: Promise<void>[] = [];
    for (const feed of feeds) {
      const tasks = feed.tasks.filter((task) => task.failure === null);
      if (tasks.every((task) => task.closingTimeMs === null)) continue;
      const offset = Math.max(...tasks.map((task) => task.cursor));
      await this.journal?.appendNotes([{ kind: "close", topic: feed.topic, offset, ...statementOf(feed.timesOf) }]);
      closing.push(...tasks.map((task) => inSteps(task, this.tenure.givenUp, () => task.closeAll())));
    }
    await Promise.all(closing);
  }

  /** Stream time goes on at the cursors. No note says so, but of a silence: a trial run is not resumed in the middle. */
  async advance(step: StreamTimeStep, feeds: readonly Feed[]): Promise<void> {
    const { env } = this.options;
    for (const feed of feeds) {
      if ("silentMs" in step) await feed.fallSilent(step.silentMs, env.clock.now(), this.tenure.givenUp);
      else {
        const moveOn = (task: StatementTask): Promise<void> => {
          const toMs = steppedMs(step, this.partition, task.recordsTimeMs);
          return inSteps(task, this.tenure.givenUp, () => task.moveOn(toMs));
        };
        await Promise.all(feed.tasks.map(moveOn));
      }
    }
  }

  /** Stops feeding and makes everything taken so far durable, as far as the routes allow within the signal. */
  async drain(signal: AbortSignal): Promise<void> {
    await Promise.all(this.feeds.map((feed) => feed.stop()));
    const isOver = AbortSignal.any([signal, this.tenure.lost]);
    await Promise.all(this.tasks.map((task) => this.settle(task, isOver)));
    await this.settled();
    this.tenure.end();
    if (this.isLost) return;
    await this.endLookups();
  }

  /** Who goes on from here need not know what was looked up before, where nothing can have been taken behind what is durable. */
  private async endLookups(): Promise<void> {
    const ended = this.lookups.filter(({ feed }) =>
      feed.tasks.every((task) => task.failure === null && task.durableCursor === task.cursor),
    );
    const notes = ended.flatMap(({ feed, lookups }) => {
      const offset = feed.offsets.find(({ topic }) => topic === lookups.topic)?.offset;
      return offset === undefined ? [] : lookups.endNotes(offset);
    });
    // Without them what was found counts on, as after a crash.
    if (notes.length > 0) await this.appendNotes(notes).catch(() => {});
  }

  /** Gives up the notes that no cursor will come to any more: far-ahead timestamps would pile up else. */
  async forgetNotes(): Promise<void> {
    const lowest = new Map<string, number>();
    for (const { topic, offset } of this.feeds.flatMap((feed) => feed.lowest)) {
      lowest.set(topic, Math.min(offset, lowest.get(topic) ?? Number.POSITIVE_INFINITY));
    }
    await this.trim(lowest);
    for (const [topic, offset] of lowest) {
      for (const feed of this.feeds) feed.forgetBelow(topic, offset);
      if (this.journal?.notes.some((note) => note.topic === topic && note.offset < offset) !== true) continue;
      // One that cannot be written any more is told by the next blob.
      await this.journal.forgetNotes(topic, offset).catch(() => {});
    }
  }

  /** Nobody will go back to what lies between the stages of a statement below its durable cursors. `lowest`: by topic. */
  private async trim(lowest: ReadonlyMap<string, number>): Promise<void> {
    for (const { plan, source } of this.options.sources) {
      const offset = plan.isInternal === true ? (lowest.get(plan.topic) ?? 0) : 0;
      if (offset < (this.trimmed.get(plan.topic) ?? 0) + LIMITS.internalRecordsKept) continue;
      this.trimmed.set(plan.topic, offset);
      // What is not trimmed now is with the next.
      await source.trim(plan.topic, this.partition, offset).catch(() => {});
    }
  }

  /** Resolves when everything that was acknowledged is durable. */
  async settled(): Promise<void> {
    await this.checkpoints?.settled();
  }

  /** A statement that has failed makes no further barrier, but what it took before the record that stopped it is kept. */
  private async settle(task: StatementTask, signal: AbortSignal): Promise<void> {
    const changed = (): Promise<void> =>
      new Promise((resolve) => {
        task.onChange(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    while (task.isBackedUp && task.failure === null && !signal.aborted) await changed();
    const sendsAll = !this.options.holdsBack.includes(task.name);
    while (task.failure === null && !signal.aborted && !task.barrier(true, sendsAll)) await changed();
    while (!(sendsAll ? task.isSettled : task.isKept) && !signal.aborted) await changed();
  }

  private async openFeed({ plan, source, description }: OwnedSource): Promise<void> {
    const { partition, env, onWorked, statements } = this.options;
    const readers = plan.statements.map((index) => statements[index] as SharedStatement).filter(readsAsIs);
    if (readers.length === 0) return;
    const notes = (this.journal?.notes ?? []).filter((note) => note.topic === plan.topic);
    const farAhead = this.farAheadOf(plan.topic);
    const timesOf = plan.lookups?.[0]?.statement ?? null;
    const timeNotes = new TimeNotes(notes, timesOf);
    const wallTimes = new WallTimes(notes);
    const tasks: StatementTask[] = [];
    for (const shared of readers) {
      const task = await this.openTask(shared, { plan, source, description }, notes);
      if (task !== null) tasks.push(task);
    }
    const others = [...(this.journal?.restored.values() ?? [])].map(({ header }) => header);
    const running = new Set(statements.map((shared) => shared.plan.statement.name));
    const idle = others.filter(({ statement, topic }) => topic === plan.topic && !running.has(statement));
    const idleCursor = Math.min(...idle.map(({ cursor }) => cursor), tasks.length < readers.length ? 0 : Number.POSITIVE_INFINITY);
    const { appendNotes, coupled } = this;
    const lookups = await this.lookupsFor(readers, { plan, source, description }, notes);
    const feed = new PartitionFeed({
      log: this.logOf({ plan, source, description }),
      plan,
      partition,
      tasks,
      coupled,
      idleCursor,
      farAhead,
      timeNotes,
      timesOf,
      wallTimes,
      lookups,
      env,
      appendNotes,
      onWorked,
    });
    this.addFeed(feed, lookups);
  }

  private addFeed(feed: Feed, lookups: BatchLookups | null): void {
    this.feeds.push(feed);
    for (const task of feed.tasks) this.coupled.add(task);
    if (lookups !== null) this.lookups.push({ feed, lookups });
  }

  /** What was found too far ahead is so for all that read the topic: also for joins, which would find otherwise a moment later. */
  private readonly farAheadOf = (topic: string): FarAhead => {
    const known = this.farAhead.get(topic);
    if (known !== undefined) return known;
    const farAhead = new FarAhead();
    for (const note of this.journal?.notes ?? []) if (note.kind === "far-ahead" && note.topic === topic) farAhead.add(note);
    this.farAhead.set(topic, farAhead);
    return farAhead;
  };

  /** null: nothing is looked up for the records of the source. */
  private async lookupsFor(readers: readonly SharedStatement[], owned: OwnedSource, notes: readonly Note[]): Promise<BatchLookups | null> {
    const { env } = this.options;
    const topic = owned.description.name;
    const lookups = readers.flatMap((shared) => shared.lookups);
    if (lookups.length === 0) return null;
    const { endOffset: openedAt } = await this.boundsOf(owned);
    return new BatchLookups({ lookups, topic, notes, openedAt, env, appendNotes: this.appendNotes });
  }

  /** Other topics of the pipeline may have more partitions than those that a statement reads. */
  private isPartOf({ plan: { inputs, gathered } }: SharedStatement): boolean {
    const { sources, partition } = this.options;
    // Who has the first partition reads all of them.
    if (gathered !== undefined) return partition === 0;
    return inputs.some(({ source }) => partition < must(sources[source]).description.partitions);
  }

  /** A statement that joins has a feed of its own. */
  private async openMerged(shared: SharedStatement): Promise<void> {
    const { partition, env, onWorked, sources } = this.options;
    const { plan } = shared;
    const { name } = plan.statement;
    try {
      const read = plan.inputs.map(({ source }) => must(sources[source]));
      const lookups = read[0] === undefined ? null : await this.lookupsFor([shared], read[0], this.journal?.notes ?? []);
      const feed = await openMerged({
        shared,
        sources: read,
        partition,
        starts: this.starts,
        notes: this.journal?.notes ?? [],
        env,
        coupled: this.coupled,
        lookups,
        appendNotes: this.appendNotes,
        dropNotes: async (isNeedless) => this.journal?.dropNotes(isNeedless),
        onWorked,
        logOf: this.logOf,
        boundsOf: this.boundsOf,
        farAheadOf: this.farAheadOf,
        taskOptions: (log, rest) => this.taskOptions(shared, { name: log, id: null }, rest),
      });
      this.addFeed(feed, lookups);
    } catch (error) {
      this.tellOfFailure(name, asSluiceError(error, { statement: name, partition }));
    }
  }

  /** All that read a topic share its fetches. */
  private readonly logOf = (owned: OwnedSource, partition = this.options.partition): SharedLog => {
    const { plan, source, description } = owned;
    const { name: topic } = description;
    const place = JSON.stringify([plan.connection, topic, partition]);
    const known = this.logs.get(place);
    if (known !== undefined) return known;
    const log = new SharedLog({ source, topic, partition, onFetched: this.countsOf(owned, partition) });
    this.logs.set(place, log);
    return log;
  };

  /** Records of another partition count here where no statement reads them there. */
  private countsOf({ plan }: OwnedSource, partition: number): (records: number, bytes: number) => void {
    const { statements, sources, onFetched } = this.options;
    const isRead = ({ plan: { gathered, inputs } }: SharedStatement): boolean =>
      gathered === undefined && inputs.some(({ source }) => sources[source]?.plan === plan);
    const isOwn = partition === this.partition || !statements.some(isRead);
    return isOwn && plan.isInternal !== true ? onFetched : () => {};
  }

  private readonly appendNotes = async (added: readonly Note[]): Promise<void> => this.journal?.appendNotes(added);

  /** null: the statement cannot go on here; that has been told. */
  private async openTask(shared: SharedStatement, owned: OwnedSource, notes: readonly Note[]): Promise<StatementTask | null> {
    const { partition } = this.options;
    const { source, description } = owned;
    const { plan } = shared;
    const { statement } = plan;
    const { name } = statement;
    try {
      const { restored, goesOn } = this.starts.restoredOf(plan);
      const staged = newStaged(shared);
      const state = staged?.state ?? (statement.aggregated ? newGroupedState(statement, shared.compiled) : null);
      if (goesOn) {
        checkTopic(name, must(restored).header, description.id);
        const { payloads, header } = must(restored);
        for (const [index, payload] of payloads.entries()) state?.apply(payload, header.unsent === true && index === payloads.length - 1);
      }
      // What puts partials together begins anew with a topic of its own.
      const kept = goesOn || (plan.beginning.from === "here" && staged?.kind !== "merging") ? restored : null;
      const bounds = await this.boundsOf(owned);
      if (kept !== null) checkCursor(kept.header.cursor, bounds, name);
      const position = kept === null ? startAt(await this.starts.firstOffset(plan, owned, bounds)) : startFrom(kept.header);
      const start = goesOn ? position : { ...position, counters: NO_COUNTERS };
      const log = { topic: owned.plan.topic, cursor: start.cursor, partitions: description.partitions };
      const clock = await this.starts.clockOf(plan, log, notes);
      this.tellOfSharedIds(plan, description);
      const options = this.taskOptions(shared, description, { state, clock, start });
      if (staged?.kind === "partials") return new PartialsTask(options, staged.state, staged.partitions);
      if (staged?.kind === "merging") return new MergingTask(options, staged.state);
      return new StatementTask(state === null ? { ...options, recordsAt: recordsAt(source, description.name, partition) } : options);
    } catch (error) {
      this.tellOfFailure(name, asSluiceError(error, { statement: name, topic: owned.plan.topic, partition }));
      return null;
    }
  }

  private readonly boundsOf = (owned: OwnedSource, partition = this.partition): Promise<LogBounds> => {
    const { env, events, isBounded } = this.options;
    const onTrouble = (connection: string, message: string): void => events.trouble(connection, message);
    return logBounds(owned, partition, { env, stopping: this.tenure.givenUp, isBounded, onTrouble });
  };

  /** What was given up while it was opened has not failed. */
  private tellOfFailure(name: string, error: SluiceError): void {
    if (error.code !== "STOPPED") this.options.events.statementFailed(name, error);
  }

  /** Where the run was to begin is for those that have no position. */
  private tellOfKept(name: string): void {
    if (this.options.start === null || this.journal?.restored.has(name) !== true) return;
    this.options.events.notice(name, `it goes on from where it was, not from where this run was to begin. To begin there, ${BEGIN_ANEW}`);
  }

  /** Of a topic without declared partitions only the topic itself says whether it matters. */
  private tellOfSharedIds({ statement, route }: StatementPlan, { name, partitions }: TopicDescription): void {
    const isKnown = statement.source.partitions !== null || statement.idsCoveredByKey;
    if (isKnown || route === null || partitions === 1 || this.partition !== 0) return;
    const hint = "if rows of one key come from several of them, the highest version wins";
    this.options.events.notice(statement.name, `${name} has ${partitions} partitions, and PK is not known to hold the record key: ${hint}`);
  }

  private taskOptions(
    shared: SharedStatement,
    log: Pick<TopicDescription, "name" | "id">,
    rest: Pick<StatementTaskOptions, "state" | "clock" | "start">,
  ): StatementTaskOptions {
    const { pipeline, partition, events, emitAtEnd, env } = this.options;
    const { plan, compiled, route, deadLetterRoute, lateRoute, idSuffix, lateIdSuffix } = shared;
    return {
      plan,
      compiled,
      topic: log.name,
      topicId: log.id,
      partition,
      pipeline: pipeline.origin,
      generation: this.journal?.generation ?? 0,
      route,
      deadLetterRoute,
      lateRoute,
      targetNames: TargetNames.of(plan.route),
      namedTargets: NamedTargets.of(plan),
      idSuffix,
      lateIdSuffix,
      checkpoints: this.checkpoints as CheckpointWriter,
      events,
      place: env.place,
      emitAtEnd,
      ...rest,
    };
  }
}

function statementOf(statement: string | null): { readonly statement?: string } {
  return statement === null ? {} : { statement };
}

/** It reads one topic, and nothing stands in front of its loop. */
function readsAsIs({ plan: { inputs, stage, gathered } }: SharedStatement): boolean {
  return inputs.length === 1 && stage === null && gathered === undefined;
}

/** The stream time to which a partition comes by a step. */
function steppedMs(step: Exclude<StreamTimeStep, { readonly silentMs: number }>, partition: number, streamTimeMs: number): number {
  if ("byMs" in step) return streamTimeMs + step.byMs;
  if ("toMs" in step) return streamTimeMs === Number.NEGATIVE_INFINITY ? streamTimeMs : step.toMs;
  const { watermark } = step;
  return typeof watermark === "number" ? watermark : (watermark[partition] ?? streamTimeMs);
}

type Staged =
  | { readonly kind: "partials"; readonly state: PartialState; readonly partitions: number }
  | { readonly kind: "merging"; readonly state: MergingState };

/** The empty state of a stage; null: the statement has no stages. */
function newStaged({ plan: { statement, repartition }, compiled }: SharedStatement): Staged | null {
  if (repartition === undefined) return null;
  const { kind, partitions } = repartition;
  if (kind === "partials") return { kind, state: newPartialState(statement), partitions };
  return { kind, state: newMergingState(statement, compiled, partitions) };
}
