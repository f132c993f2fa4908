import type { BoundPipeline } from "../model/statement.ts";
import type { LogPlace, PipelinePlan } from "../plan/pipeline-plan.ts";
import type { Environment } from "../runtime/environment.ts";
import type { StartThread } from "../runtime/pipeline-thread.ts";
import type { FromPipeline, LastMessage, StartMessage } from "../runtime/protocol.ts";
import { type PipelineHandle, startPipeline } from "../runtime/start-pipeline.ts";
import type { Project } from "./project.ts";
import { startMessageOf } from "./start-message.ts";

export interface GroupOptions {
  readonly project: Project;
  readonly pipelines: readonly BoundPipeline[];
  readonly env: Environment;
  /** Where pipelines run. */
  readonly startThread: StartThread;
  /** Threads of each pipeline; null: as its own setting says. */
  readonly parallelism?: number | null;
  /** `ends`: to the ends that the topics have now; topics that a pipeline of the group writes are read until it is done. */
  readonly until: "follow" | "ends";
  /** At the end of a bounded run, emit and close windows that are still open. */
  readonly close: StartMessage["close"];
  /** See `StartMessage`. */
  readonly holdsBack?: readonly string[];
  /** Where statements begin that have no position; a place holds for what the group does not write itself. null: as their settings say. */
  readonly start?: "earliest" | "latest" | LogPlace | null;
  /** Where a bounded run ends on what the group does not write itself; null: at the ends of the topics. */
  readonly to?: LogPlace | null;
  /** Keep cursors and state under the pipelines' names; ad hoc queries do not. */
  readonly keepState?: boolean;
  readonly progressIntervalMs?: number;
  readonly onMessage: (message: FromPipeline, handle: PipelineHandle) => void;
}

interface Member {
  readonly message: StartMessage;
  handle: PipelineHandle | null;
  /** Members whose topics this one reads. */
  readonly upstream: Member[];
  hasEnded: boolean;
  isFinishing: boolean;
}

/**
 * Pipelines that run together in one process. Each is started, fails and ends by itself; in a bounded run one that reads
 * what another writes ends after it.
 */
export class PipelineGroup {
  /** The last message of each pipeline, in the order given. */
  readonly ended: Promise<readonly LastMessage[]>;
  private readonly options: GroupOptions;
  private readonly members: readonly Member[];
  private isBounded: boolean;

  private constructor(options: GroupOptions, members: readonly Member[]) {
    this.options = options;
    this.isBounded = options.until === "ends";
    this.members = members;
    this.ended = Promise.all(members.map((member) => this.run(member)));
  }

  /** Rejects with CONNECTION_UNKNOWN and CONFIG_INVALID; then nothing was started. */
  static async start(options: GroupOptions): Promise<PipelineGroup> {
    const messages = await Promise.all(options.pipelines.map((pipeline) => messageOf(pipeline, options)));
    const { start = null, to = null } = options;
    const whole = messages.flatMap(({ plan }) => topicsWritten(plan));
    const span = {
      start: start === null || typeof start === "string" ? start : { place: start, whole },
      to: to === null ? null : { place: to, whole },
    };
    const { holdsBack = [] } = options;
    const members = messages.map((message) => newMember({ ...message, ...span, holdsBack }));
    for (const member of members) {
      member.upstream.push(
        ...members.filter((other) => other !== member && feeds(other.message.plan, member.message.plan) && !reaches(member, other)),
      );
    }
    return new PipelineGroup(options, members);
  }

  /** Makes a following group bounded: everything that is there now is read to its end. */
  finish(): void {
    this.isBounded = true;
    this.finishReady();
  }

  /** Drains and ends all of it; cursors and state are kept. */
  stop(withinMs: number): void {
    for (const { handle, hasEnded } of this.members) if (!hasEnded) handle?.stop(withinMs);
  }

  private async run(member: Member): Promise<LastMessage> {
    const { env, startThread, onMessage } = this.options;
    const isRoot = member.upstream.length === 0;
    const until = this.isBounded && isRoot ? "ends" : "follow";
    member.isFinishing = until === "ends";
    const handle = startPipeline(
      { ...member.message, until },
      {
        env,
        startThread,
        onMessage: (message) => onMessage(message, handle),
      },
    );
    member.handle = handle;
    const last = await handle.ended;
    member.hasEnded = true;
    if (this.isBounded) this.finishReady();
    return last;
  }

  /** Those whose upstream is done read to the end of what it has written. */
  private finishReady(): void {
    for (const member of this.members) {
      if (member.isFinishing || member.hasEnded || !member.upstream.every((other) => other.hasEnded)) continue;
      member.isFinishing = true;
      member.handle?.finish();
    }
  }
}

function messageOf(pipeline: BoundPipeline, options: GroupOptions): Promise<StartMessage> {
  const { project, close, until, keepState = true, parallelism = null, progressIntervalMs = 500 } = options;
  const run = { close, until, start: null, to: null, keepState, beginnings: {}, parallelism, progressIntervalMs };
  return startMessageOf(project, pipeline, run);
}

function newMember(message: StartMessage): Member {
  return { message, handle: null, upstream: [], hasEnded: false, isFinishing: false };
}

/** As `connection.topic`. */
function topicsWritten({ statements }: PipelinePlan): readonly string[] {
  return statements.flatMap(({ route }) => (route?.kind === "topic" ? [`${route.connection}.${route.name}`] : []));
}

/** Whether a topic that `writer` writes is one that `reader` reads. */
function feeds(writer: PipelinePlan, reader: PipelinePlan): boolean {
  return writer.statements.some(({ route }) =>
    reader.sources.some((source) => route?.kind === "topic" && route.connection === source.connection && route.name === source.topic),
  );
}

/** Whether `member` is upstream of `other` already: pipelines that read each other's topics do not wait for each other. */
function reaches(member: Member, other: Member): boolean {
  return other.upstream.some((upstream) => upstream === member || reaches(member, upstream));
}
