import { isDeepStrictEqual } from "node:util";
import { hasErrors } from "../analyze/reporter.ts";
import { ERRORS, type ErrorCode } from "../errors.ts";
import type { BoundPipeline } from "../model/statement.ts";
import { analyzeText, type Project } from "../project/project.ts";
import { startMessageOf } from "../project/start-message.ts";
import { asSluiceError, reportOf } from "../runtime/as-error.ts";
import { backOff } from "../runtime/backoff.ts";
import type { Environment } from "../runtime/environment.ts";
import type { StartThread } from "../runtime/pipeline-thread.ts";
import type { FromPipeline, LastMessage } from "../runtime/protocol.ts";
import { startPipeline } from "../runtime/start-pipeline.ts";
import type { StatementStretch } from "../runtime/work-place.ts";
import type { Deployment } from "./deployment.ts";
import { type PipelineStatus, StatusBoard } from "./pipeline-status.ts";

export interface ManagedOptions {
  readonly project: Project;
  readonly env: Environment;
  readonly startThread: StartThread;
  /** It begins once this is resolved. */
  readonly after: Promise<void>;
  /** A trouble that goes on is told once. */
  readonly onMessage: (message: FromPipeline) => void;
  /** How it stands may be another now. */
  readonly onStatus: () => void;
  /** Its state is another one now. */
  readonly onState: (status: PipelineStatus) => void;
}

const RESTART_INTERVAL_MS = 1_000;
const PROGRESS_INTERVAL_MS = 1_000;
/** After so long a run the next failure is the first one again. */
const SETTLED_MS = 60_000;

/**
 * One pipeline of a server, through all its runs: what is wanted of it comes by `want`, and it is started, stopped and,
 * after a failure that may pass, started again until it is so.
 */
export class ManagedPipeline {
  private readonly options: ManagedOptions;
  private readonly board: StatusBoard;
  private readonly life: Promise<void>;
  private wanted: Deployment;
  /** Aborted when something else is wanted than what runs now. */
  private current = new AbortController();
  private withinMs = 0;
  private isClosed = false;
  /** By statement and partition: where its thread was lost since it was started by somebody. */
  private readonly suspects = new Map<string, StatementStretch>();

  constructor(deployment: Deployment, options: ManagedOptions) {
    this.options = options;
    this.wanted = deployment;
    this.board = new StatusBoard(() => new Date(options.env.clock.now()).toISOString());
    this.life = this.live();
  }

  get deployment(): Deployment {
    return this.wanted;
  }

  get status(): PipelineStatus {
    return this.board.now;
  }

  /** From now on this is wanted. What runs by another text is drained first. */
  want(deployment: Deployment, withinMs: number): void {
    const isSame = isDeepStrictEqual(runOf(this.wanted), runOf(deployment));
    this.wanted = deployment;
    if (!isSame) this.interrupt(withinMs);
  }

  /** Drains and ends it for good. */
  async close(withinMs: number): Promise<void> {
    this.isClosed = true;
    this.interrupt(withinMs);
    await this.life;
  }

  private interrupt(withinMs: number): void {
    this.withinMs = withinMs;
    this.current.abort();
  }

  private async live(): Promise<void> {
    let failed = 0;
    await this.options.after;
    while (!this.isClosed) {
      this.current = new AbortController();
      const { signal } = this.current;
      const startedAt = this.options.env.clock.monotonic();
      // What made it fail stays to be seen while it is tried again.
      const isOver = await this.runUntilAborted(signal, failed > 0);
      if (signal.aborted) {
        failed = 0;
        this.suspects.clear();
      } else if (isOver) await aborted(signal);
      else {
        const hasSettled = this.options.env.clock.monotonic() - startedAt > SETTLED_MS;
        failed = hasSettled ? 1 : failed + 1;
        this.set("failed", { restarts: this.status.restarts + 1 });
        await backOff(failed, RESTART_INTERVAL_MS, null, this.options.env, signal);
      }
    }
  }

  /** One run; false: it failed as a whole, and the next one may not. A statement that failed waits for a person. */
  private async runUntilAborted(signal: AbortSignal, isAgain: boolean): Promise<boolean> {
    if (this.wanted.desired === "paused") {
      this.set("paused", { statements: [], troubles: {}, unavailable: [] });
      return true;
    }
    this.set("starting", {
      failures: isAgain ? this.status.failures : [],
      waitingFor: [],
      troubles: {},
      unavailable: [],
      messages: 0,
      bytes: 0,
    });
    const { pipeline, diagnostics } = analyzeText(this.options.project, this.wanted.name, this.wanted.text);
    this.set("starting", { diagnostics });
    if (pipeline === null || hasErrors(diagnostics)) {
      this.set("failed");
      return true;
    }
    const last = await this.run(pipeline, signal).catch((error: unknown): LastMessage => {
      const failed = { kind: "failed", pipeline: pipeline.name, error: reportOf(asSluiceError(error)) } as const;
      this.take(failed);
      return failed;
    });
    if (signal.aborted) return true;
    this.set("failed");
    this.suspect(last);
    return last.kind === "done" || !mayPass(last.error.code);
  }

  private async run(pipeline: BoundPipeline, signal: AbortSignal): Promise<LastMessage> {
    const { project, env, startThread } = this.options;
    const run = { until: "follow", close: false, start: null, to: null, keepState: true, parallelism: null } as const;
    const { beginnings, epoch } = this.wanted;
    const options = { ...run, beginnings, epoch, progressIntervalMs: PROGRESS_INTERVAL_MS };
    const start = { ...(await startMessageOf(project, pipeline, options)), suspects: [...this.suspects.values()] };
    const handle = startPipeline(start, { env, startThread, onMessage: (message) => this.take(message) });
    const stop = (): void => {
      this.set("stopping");
      handle.stop(this.withinMs);
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop);
    return handle.ended.finally(() => signal.removeEventListener("abort", stop));
  }

  /** The next run takes these records one at a time, and so is lost at one of them, or not at all. */
  private suspect(last: LastMessage): void {
    if (last.kind !== "failed" || last.lostIn === undefined) return;
    const { statement, topic, partition } = last.lostIn;
    this.suspects.set(JSON.stringify([statement, topic, partition]), last.lostIn);
  }

  private take(message: FromPipeline): void {
    const { state, troubles } = this.status;
    this.board.take(message);
    this.options.onStatus();
    const isKnown = message.kind === "trouble" && troubles[message.subject] === message.message;
    if (!isKnown) this.options.onMessage(message);
    if (this.status.state !== state) this.options.onState(this.status);
  }

  private set(...given: Parameters<StatusBoard["set"]>): void {
    const { state } = this.status;
    this.board.set(...given);
    this.options.onStatus();
    if (this.status.state !== state) this.options.onState(this.status);
  }
}

/** What of a deployment makes its run what it is. */
function runOf({ version, desired, beginnings, epoch, restarted }: Deployment): unknown {
  return { version, desired, beginnings, epoch, restarted };
}

/** Whether another start may go better than the one that failed: defects (a crash, an exhausted heap) now and then do. */
function mayPass(code: ErrorCode): boolean {
  return ERRORS[code].retryable || code === "INTERNAL" || code === "LIMIT_EXCEEDED";
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
