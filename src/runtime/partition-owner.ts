import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { CompiledStatement } from "../plan/code/compile-statement.ts";
import type { PipelinePlan, StatementPlan } from "../plan/pipeline-plan.ts";
import type { LogBounds, TopicDescription } from "../ports/source.ts";
import type { StateLog } from "../ports/state-log.ts";
import type { GroupedState } from "../state/grouped-state.ts";
import type { BaseNote, Note } from "../state/journal/blob.ts";
import { Journal, type RestoredStatement } from "../state/journal/journal.ts";
import { newGroupedState } from "../state/new-grouped-state.ts";
import { asSluiceError } from "./as-error.ts";
import { CheckpointWriter } from "./checkpoint-writer.ts";
import { countersFrom, NO_COUNTERS } from "./counters.ts";
import type { Environment, PipelineEvents } from "./environment.ts";
import { FarAhead } from "./far-ahead.ts";
import { NamedTargets } from "./named-targets.ts";
import { BEGIN_ANEW, checkCursor, PartitionFeed } from "./partition-feed.ts";
import type { OwnedSource } from "./pipeline-sources.ts";
import type { StreamTimeStep } from "./protocol.ts";
import { RepeatFilter } from "./repeat-filter.ts";
import type { Route } from "./route.ts";
import { StatementTask } from "./statement-task.ts";
import { TargetNames } from "./target-names.ts";
import type { TaskStart } from "./task-options.ts";
import { TimeNotes } from "./time-notes.ts";
import { strideFor, VersionClock } from "./version-clock.ts";

/** A statement's parts that all partitions of this process share. */
export interface SharedStatement {
  readonly plan: StatementPlan;
  readonly compiled: CompiledStatement;
  readonly route: Route;
  readonly deadLetterRoute: Route | null;
  readonly lateRoute: Route | null;
  readonly idSuffix: string;
  readonly lateIdSuffix: string;
}

export interface PartitionOwnerOptions {
  readonly pipeline: PipelinePlan;
  readonly partition: number;
  readonly sources: readonly OwnedSource[];
  readonly statements: readonly SharedStatement[];
  readonly stateLog: StateLog | null;
  readonly owner: string;
  readonly start: "earliest" | "latest" | null;
  readonly emitAtEnd: boolean;
  readonly env: Environment;
  readonly events: PipelineEvents;
  readonly onFetched: (records: number, bytes: number) => void;
  readonly onWorked: (durationMs: number) => void;
}

/**
 * Owns partition n of all sources of a pipeline: claims its state log, restores its statements, feeds them, and keeps
 * what they make durable.
 */
export class PartitionOwner {
  readonly feeds: PartitionFeed[] = [];
  private readonly options: PartitionOwnerOptions;
  private journal: Journal | null = null;
  private checkpoints: CheckpointWriter | null = null;
  /** When the statements were opened, and the highest version then: statements opened together begin with one base, and keep together. */
  private openedMs = 0;
  private versionsBefore = 0;

  constructor(options: PartitionOwnerOptions) {
    this.options = options;
  }

  get tasks(): readonly StatementTask[] {
    return this.feeds.flatMap((feed) => feed.tasks);
  }

  get partition(): number {
    return this.options.partition;
  }

  async open(): Promise<void> {
    const { stateLog, partition, owner } = this.options;
    this.journal = stateLog === null ? null : await Journal.open(stateLog, partition, owner);
    this.versionsBefore = this.journal?.versionMax ?? 0;
    this.openedMs = this.options.env.clock.now();
    this.checkpoints = new CheckpointWriter(this.journal, (error) => {
      for (const task of this.tasks) task.abandon(error);
    });
    for (const source of this.options.sources) {
      if (partition < source.description.partitions) await this.openFeed(source);
    }
    this.journal?.releaseRestored();
    for (const task of this.tasks) task.checkRoutes();
    for (const feed of this.feeds) feed.start();
  }

  /** Emits and closes open windows at the cursors, after a note that says so. */
  async close(): Promise<void> {
    for (const feed of this.feeds) {
      const tasks = feed.tasks.filter((task) => task.failure === null);
      if (tasks.every((task) => task.closingTimeMs === null)) continue;
      const offset = Math.max(...tasks.map((task) => task.cursor));
      await this.journal?.appendNotes([{ kind: "close", topic: feed.topic, offset }]);
      for (const task of tasks) task.closeAll();
    }
  }

  /** Stream time goes on at the cursors. No note says so: a trial run is not resumed in the middle. */
  advance(step: StreamTimeStep): void {
    for (const task of this.tasks) task.closeUntil("toMs" in step ? step.toMs : task.streamTimeMs + step.byMs);
  }

  /** Stops feeding and makes everything taken so far durable, as far as the routes allow within the signal. */
  async drain(signal: AbortSignal): Promise<void> {
    await Promise.all(this.feeds.map((feed) => feed.stop()));
    await Promise.all(this.tasks.map((task) => this.settle(task, signal)));
    await this.settled();
  }

  /** Gives up the notes that no cursor will come to any more: far-ahead timestamps would pile up else. */
  async forgetNotes(): Promise<void> {
    for (const feed of this.feeds) {
      const { topic, lowestCursor } = feed;
      feed.forgetBelow(lowestCursor);
      if (this.journal?.notes.some((note) => note.topic === topic && note.offset < lowestCursor) !== true) continue;
      // One that cannot be written any more is told by the next blob.
      await this.journal.forgetNotes(topic, lowestCursor).catch(() => {});
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
    if (task.failure === null && !signal.aborted) task.barrier(true);
    while (!task.isSettled && !signal.aborted) await changed();
  }

  private async openFeed({ plan, source, description }: OwnedSource): Promise<void> {
    const { partition, env, onFetched, onWorked, statements } = this.options;
    const farAhead = new FarAhead();
    const notes = (this.journal?.notes ?? []).filter((note) => note.topic === plan.topic);
    for (const note of notes) if (note.kind === "far-ahead") farAhead.add(note);
    const timeNotes = new TimeNotes(notes);
    const tasks: StatementTask[] = [];
    for (const index of plan.statements) {
      const shared = statements[index] as SharedStatement;
      const task = await this.openTask(shared, { plan, source, description }, notes);
      if (task !== null) tasks.push(task);
    }
    const others = [...(this.journal?.restored.values() ?? [])].map(({ header }) => header);
    const idle = others.filter(({ statement, topic }) => topic === plan.topic && tasks.every((task) => task.name !== statement));
    const idleCursor = Math.min(...idle.map(({ cursor }) => cursor), tasks.length < plan.statements.length ? 0 : Number.POSITIVE_INFINITY);
    const appendNotes = async (added: readonly Note[]): Promise<void> => this.journal?.appendNotes(added);
    this.feeds.push(
      new PartitionFeed({ source, plan, partition, tasks, idleCursor, farAhead, timeNotes, env, appendNotes, onFetched, onWorked }),
    );
  }

  /** null: the statement cannot go on here; that has been told. */
  private async openTask(shared: SharedStatement, owned: OwnedSource, notes: readonly Note[]): Promise<StatementTask | null> {
    const { partition, events } = this.options;
    const { name } = shared.plan.statement;
    try {
      const restored = this.journal?.restored.get(name) ?? null;
      const { statement, beginning } = shared.plan;
      const state = statement.aggregated ? newGroupedState(statement, shared.compiled) : null;
      const goesOn = restored !== null && !beginsAnew(shared.plan, restored, partition);
      if (goesOn) {
        this.checkFit(shared.plan, restored, owned.description);
        for (const payload of restored.payloads) state?.apply(payload);
      }
      const kept = goesOn || beginning.from === "here" ? restored : null;
      const position = await this.startOf(shared.plan, kept, owned);
      const start = goesOn ? position : { ...position, counters: NO_COUNTERS };
      const clock = await this.clockOf(shared.plan, restored, owned, start.cursor, notes);
      this.tellOfSharedIds(shared.plan, owned.description);
      return this.newTask(shared, owned.description, state, clock, start);
    } catch (error) {
      events.statementFailed(name, asSluiceError(error, { statement: name, topic: owned.plan.topic, partition }));
      return null;
    }
  }

  /** Of a topic without declared partitions only the topic itself says whether it matters. */
  private tellOfSharedIds({ statement, route }: StatementPlan, { name, partitions }: TopicDescription): void {
    const isKnown = statement.source.partitions !== null || statement.idsCoveredByKey;
    if (isKnown || route === null || partitions === 1 || this.partition !== 0) return;
    const hint = "if rows of one key come from several of them, the highest version wins";
    this.options.events.notice(statement.name, `${name} has ${partitions} partitions, and PK is not known to hold the record key: ${hint}`);
  }

  private checkFit(plan: StatementPlan, restored: RestoredStatement, description: TopicDescription): void {
    const { header } = restored;
    const name = plan.statement.name;
    if (header.topicId !== null && description.id !== null && header.topicId !== description.id) {
      throw new SluiceError("LOG_CHANGED", `topic ${description.name} was deleted and created again since ${name} last read it`, {
        hint: BEGIN_ANEW,
      });
    }
    if (stateOf(header.fingerprint) !== stateOf(plan.fingerprint)) {
      throw new SluiceError(
        "STATE_MISMATCH",
        `the kept state of ${name} was made by a statement with another source, key, filter, window, aggregates or functions`,
        { hint: BEGIN_ANEW },
      );
    }
  }

  private async startOf(plan: StatementPlan, restored: RestoredStatement | null, owned: OwnedSource): Promise<TaskStart> {
    const { source, description } = owned;
    const bounds = await source.bounds(description.name, this.options.partition);
    if (restored === null) {
      const cursor = await this.firstOffset(plan, owned, bounds);
      const none = Number.NEGATIVE_INFINITY;
      return {
        cursor,
        streamTimeMs: none,
        logTimeMs: none,
        closedAt: null,
        idleAt: null,
        finals: null,
        counters: NO_COUNTERS,
        mark: null,
        repeats: new RepeatFilter({}),
      };
    }
    const { header } = restored;
    checkCursor(header.cursor, bounds, plan.statement.name);
    return {
      cursor: header.cursor,
      streamTimeMs: header.streamTimeMs ?? Number.NEGATIVE_INFINITY,
      logTimeMs: header.logTimeMs ?? Number.NEGATIVE_INFINITY,
      closedAt: header.closedAt,
      idleAt: header.idleAt ?? null,
      finals: header.finals ?? null,
      counters: countersFrom(header.counters),
      mark: header.mark,
      repeats: new RepeatFilter(header.origins),
    };
  }

  /** Of a statement without a position; after somebody made it begin anew, where that was to be. */
  private async firstOffset(
    { beginning, statement }: StatementPlan,
    { source, description }: OwnedSource,
    { startOffset, endOffset }: LogBounds,
  ): Promise<number> {
    const { partition, start } = this.options;
    const timeAt = (timeMs: number): Promise<number> => source.offsetAt(description.name, partition, timeMs);
    const { count, from } = beginning;
    if (count > 0 && from !== "here" && from !== "start") {
      if (from === "earliest") return startOffset;
      if ("timeMs" in from) return timeAt(from.timeMs);
      const offset = from.offsets[partition];
      // Retention may have taken it since it was asked for.
      if (offset !== undefined) return Math.min(Math.max(offset, startOffset), endOffset);
    }
    const initial = start ?? statement.settings.start;
    if (typeof initial === "number") return timeAt(initial);
    return initial === "latest" ? endOffset : startOffset;
  }

  /**
   * The version clock goes on exactly from a blob of the same statement. Whatever does not, starts above all that was
   * written, and a note says where (`runtime.md` §2, "Base").
   */
  private async clockOf(
    plan: StatementPlan,
    restored: RestoredStatement | null,
    owned: OwnedSource,
    cursor: number,
    notes: readonly Note[],
  ): Promise<VersionClock> {
    const { partition } = this.options;
    const { name, idsCoveredByKey } = plan.statement;
    const stride = strideFor(idsCoveredByKey, owned.description.partitions);
    const isWhole = this.journal?.damaged.has(name) !== true;
    // A base that no blob has taken over: another run began with it, and may have sent anything above it.
    const bases = notes.filter((note): note is BaseNote => note.kind === "base" && note.statement === name);
    const [noted] = bases.filter(({ base }) => base > (restored?.header.base ?? 0)).sort((left, right) => right.base - left.base);
    const isSame = restored !== null && restored.header.fingerprint === plan.fingerprint && !beginsAnew(plan, restored, partition);
    if (noted === undefined && isWhole && isSame && restored.header.stride === stride) {
      return new VersionClock({ value: restored.header.clock, base: restored.header.base, stride, partition });
    }
    if (noted !== undefined && isWhole && noted.offset === cursor && noted.fingerprint === plan.fingerprint) {
      return new VersionClock({ value: 0, base: noted.base, stride, partition });
    }
    const drained = this.versionsBefore === 0 || (noted === undefined && restored?.drained === true);
    const base = Math.max(this.openedMs * 1000, this.versionsBefore) + 1 + (drained ? 0 : LIMITS.aheadMs * 1000);
    const { fingerprint } = plan;
    await this.journal?.appendNotes([{ kind: "base", topic: owned.plan.topic, offset: cursor, statement: name, fingerprint, base }]);
    return new VersionClock({ value: 0, base, stride, partition });
  }

  private newTask(
    shared: SharedStatement,
    description: TopicDescription,
    state: GroupedState | null,
    clock: VersionClock,
    start: TaskStart,
  ): StatementTask {
    const { pipeline, partition, events, emitAtEnd } = this.options;
    const { plan, compiled, route, deadLetterRoute, lateRoute, idSuffix, lateIdSuffix } = shared;
    return new StatementTask({
      plan,
      compiled,
      topic: description.name,
      topicId: description.id,
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
      state,
      clock,
      checkpoints: this.checkpoints as CheckpointWriter,
      events,
      emitAtEnd,
      start,
    });
  }
}

/** Whether somebody made the statement begin anew since that was kept. */
function beginsAnew({ beginning: { count, from } }: StatementPlan, { header }: RestoredStatement, partition: number): boolean {
  if (typeof from === "object" && "offsets" in from && from.offsets[partition] === undefined) return false;
  return count > (header.beginning ?? 0);
}

/** The part of a fingerprint that the kept state rests on. */
function stateOf(fingerprint: string): string {
  return fingerprint.slice(0, fingerprint.indexOf("."));
}
