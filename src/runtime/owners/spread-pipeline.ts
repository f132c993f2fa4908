import { must } from "../../assert.ts";
import type { PipelinePlan } from "../../plan/pipeline-plan.ts";
import type { Connection } from "../../ports/connection.ts";
import type { Revocation } from "../../ports/source.ts";
import { asSluiceError, reportOf } from "../as-error.ts";
import { NO_COUNTERS } from "../counters.ts";
import { nextEnds, type OwnedSource, openRepartitioned, type PartitionEnd, partitionsOf } from "../pipeline-sources.ts";
import type { ErrorReport, FailedMessage, FromPart, FromPipeline, LastMessage, Progress, StartMessage } from "../protocol.ts";
import { reportedStatements } from "../reported-statements.ts";
import type { PipelineHandle, StartOptions } from "../start-pipeline.ts";
import { sumProgress } from "../sum-progress.ts";
import { unlessAborted } from "../unless-aborted.ts";
import { type CommittedOffset, GroupShare } from "./partition-share.ts";
import { SpreadPart } from "./spread-part.ts";
import { spreadPartitions } from "./spread-partitions.ts";

/**
 * A pipeline whose partitions are spread over several threads. It is one member of the consumer group; what the group
 * gives it, it gives on to its threads. All of them are bounded by the same ends, and end together.
 */
export class SpreadPipeline implements PipelineHandle {
  readonly ended: Promise<LastMessage>;
  private readonly start: StartMessage;
  private readonly options: StartOptions;
  private readonly connections = new Map<string, Promise<Connection>>();
  private readonly stopping = new AbortController();
  /** Once the sources are open: with what is repartitioned as two statements. */
  private plan: PipelinePlan;
  private sources: readonly OwnedSource[] = [];
  private parts: readonly SpreadPart[] = [];
  private share: GroupShare | null = null;
  private isFinishRequested: boolean;
  private failure: Omit<FailedMessage, "kind" | "pipeline"> | null = null;
  /** What this process owns, and on which thread each partition is or was last. */
  private owned: readonly number[] = [];
  private readonly homes = new Map<number, number>();
  /** Of the last assignment given to the threads. */
  private number = 0;
  private isEnding = false;
  /** Of a bounded run. */
  private ends: readonly PartitionEnd[] | null = null;
  private isReadingOn = false;
  /** One change of the assignment after the other. */
  private turn: Promise<void> = Promise.resolve();
  private committing: Promise<void> = Promise.resolve();
  private runningParts = 0;

  constructor(start: StartMessage, options: StartOptions) {
    this.start = start;
    this.plan = start.plan;
    this.options = options;
    this.isFinishRequested = start.until === "ends";
    this.ended = this.run();
  }

  finish(): void {
    this.isFinishRequested = true;
    if (this.parts.length === 0) return;
    this.bound().catch((error: unknown) => this.fail(reportOf(asSluiceError(error))));
  }

  stop(withinMs: number): void {
    this.stopping.abort();
    for (const part of this.parts) part.tell({ kind: "stop", withinMs });
  }

  /** Ad hoc queries are not spread. */
  rowsTaken(): void {}

  private async run(): Promise<LastMessage> {
    await unlessAborted(this.open(), this.stopping.signal).catch((error: unknown) => this.fail(reportOf(asSluiceError(error))));
    await Promise.all(this.parts.map((part) => part.ended));
    await this.committing;
    await this.share?.leave();
    await Promise.allSettled([...this.connections.values()].map(async (connection) => (await connection).close()));
    const { name } = this.start.plan;
    const last: LastMessage =
      this.failure === null ? { kind: "done", pipeline: name, ...this.progress() } : { kind: "failed", pipeline: name, ...this.failure };
    this.options.onMessage(last);
    return last;
  }

  private async open(): Promise<void> {
    const { env, onMessage } = this.options;
    const name = this.start.plan.name;
    const { signal } = this.stopping;
    const { plan, sources } = await openRepartitioned({
      plan: this.start.plan,
      env,
      connection: (name) => this.connection(name),
      isBounded: () => this.isFinishRequested,
      stopping: signal,
      onWaiting: (topics) => onMessage({ kind: "waiting", pipeline: name, topics }),
      onTrouble: (subject, message) => onMessage({ kind: "trouble", pipeline: name, subject, message }),
    });
    this.plan = plan;
    this.sources = sources;
    if (signal.aborted) return;
    this.ends = this.isFinishRequested ? await nextEnds(plan, this.sources, null, this.start.to) : null;
    if (signal.aborted) return;
    this.startParts(this.ends);
    this.share = new GroupShare(plan.name, this.sources, (untilMs) => {
      for (const part of this.parts) part.tell({ kind: "held", untilMs });
    });
    await this.share.join({
      onAssigned: (partitions) => void this.reassign(() => [...new Set([...this.owned, ...partitions])]),
      onRevoked: (partitions, how) => this.reassign(() => this.owned.filter((partition) => !partitions.includes(partition)), how),
      onElsewhere: () => {},
      onFailed: (error) => this.fail(reportOf(error)),
    });
  }

  private startParts(ends: readonly PartitionEnd[] | null): void {
    const { start } = this;
    const { startThread } = this.options;
    const threads = Math.max(1, Math.min(start.parallelism, partitionsOf(this.sources)));
    const until = ends === null ? "follow" : "ends";
    const message = { ...start, kind: "start-part", until, ends } as const;
    this.parts = Array.from({ length: threads }, (_, index) => {
      const part: SpreadPart = new SpreadPart(
        (onMessage) => startThread(message, onMessage),
        (told) => this.take(index, told),
      );
      return part;
    });
  }

  private async bound(): Promise<void> {
    const ends = await nextEnds(this.plan, this.sources, null, this.start.to);
    this.ends = ends;
    for (const part of this.parts) part.tell({ kind: "finish", ends: ends ?? [] });
  }

  private connection(name: string): Promise<Connection> {
    const { start } = this;
    const { env, onMessage } = this.options;
    const open = this.connections.get(name);
    if (open !== undefined) return open;
    const config = must(
      start.connections.find((candidate) => candidate.name === name),
      `connection ${name}`,
    );
    const connection = env.openConnection(config, start.dataDirectory, (subject, message) =>
      onMessage({ kind: "trouble", pipeline: start.plan.name, subject, message }),
    );
    this.connections.set(name, connection);
    return connection;
  }

  // --- what the threads own ----------------------------------------------------------------------

  private reassign(change: () => readonly number[], how: Revocation = "asked"): Promise<void> {
    this.turn = this.turn.then(() => this.assign(change(), how));
    return this.turn;
  }

  private async assign(partitions: readonly number[], how: Revocation): Promise<void> {
    this.owned = partitions;
    if (this.isEnding) return;
    const shares = spreadPartitions(partitions, this.parts.length, this.homes);
    // What changes threads is given up by the one before the other takes it.
    await this.give((part, index) => part.own.filter((partition) => shares[index]?.includes(partition)), how);
    for (const [index, share] of shares.entries()) for (const partition of share) this.homes.set(partition, index);
    await this.give((_, index) => shares[index] ?? [], how);
  }

  private async give(ownOf: (part: SpreadPart, index: number) => readonly number[], how: Revocation): Promise<void> {
    const number = ++this.number;
    const owns = this.parts.map(ownOf);
    const all = owns.flat();
    await Promise.all(
      this.parts.map((part, index) => {
        const own = owns[index] ?? [];
        return part.give({ kind: "partitions", number, how, own, elsewhere: all.filter((partition) => !own.includes(partition)) });
      }),
    );
  }

  // --- what the threads tell ---------------------------------------------------------------------

  private take(index: number, message: FromPipeline | FromPart): void {
    const { onMessage } = this.options;
    switch (message.kind) {
      case "settled":
      case "done":
        break;
      case "share-state":
        this.endTogether();
        break;
      case "commit":
        this.commit(message.offsets);
        break;
      case "progress":
        if (index === 0) onMessage({ kind: "progress", pipeline: this.start.plan.name, ...this.progress() });
        break;
      case "running":
        if (++this.runningParts === this.parts.length) onMessage(message);
        break;
      case "failed":
        this.fail(message.error, message.lostIn);
        break;
      default:
        onMessage(message);
    }
  }

  private endTogether(): void {
    const states = this.parts.map((part) => part.stateAt(this.number));
    const isOpen = this.share?.isKnown !== true || this.isEnding || this.isReadingOn;
    if (isOpen || states.includes("open") || !states.includes("ended")) return;
    this.isReadingOn = true;
    this.readOn().then(
      (isOver) => {
        this.isReadingOn = false;
        this.isEnding = isOver;
        if (isOver) for (const part of this.parts) part.tell({ kind: "end" });
      },
      (error: unknown) => this.fail(reportOf(asSluiceError(error))),
    );
  }

  /** What statements of the pipeline have written for others of it is read as well. False: there is nothing of that left. */
  private async readOn(): Promise<boolean> {
    const ends = this.ends === null ? null : await nextEnds(this.plan, this.sources, this.ends, this.start.to);
    if (ends === null) return true;
    this.ends = ends;
    for (const part of this.parts) part.tell({ kind: "finish", ends });
    // What the threads have said before does not count any more.
    await this.reassign(() => this.owned);
    return false;
  }

  private commit(offsets: readonly CommittedOffset[]): void {
    this.committing = this.committing.then(() => this.share?.commit(offsets));
  }

  /** The parts that still run cannot go on alone: what the failed one owned would be missing. */
  private fail(error: ErrorReport, lostIn?: FailedMessage["lostIn"]): void {
    this.failure ??= lostIn === undefined ? { error } : { error, lostIn };
    this.stop(0);
  }

  private progress(): Progress {
    if (this.parts.length > 0) return sumProgress(this.parts.map((part) => part.progress));
    const statements = reportedStatements(this.start.plan, ({ statement, route }) => {
      const target = route === null ? "" : `${route.connection}.${route.name}`;
      return { name: statement.name, target, state: "stopped" as const, counters: NO_COUNTERS, lag: 0, partitions: [], routes: [] };
    });
    return { ...sumProgress([]), statements };
  }
}
