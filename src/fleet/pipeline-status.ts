import type { Diagnostic } from "../../grammar/ast.ts";
import { NO_DURATIONS } from "../runtime/durations.ts";
import type { DurationCounts, ErrorReport, FromPipeline, StatementProgress } from "../runtime/protocol.ts";

/** `waiting`: for source topics that do not exist yet. `failed`: nothing of it runs; it is tried again where that can help. */
export const PIPELINE_STATES = ["starting", "waiting", "running", "stopping", "paused", "failed"] as const;
export type PipelineState = (typeof PIPELINE_STATES)[number];

/** What servers tell each other of a pipeline, and whoever asks. */
export interface ToldStatus {
  readonly state: PipelineState;
  /** ISO 8601, UTC: since when it is in that state. */
  readonly since: string;
  /** Source topics that do not exist. */
  readonly waitingFor: readonly string[];
  /** Of this run: records fetched, their bytes, and records a second since the message before. */
  readonly messages: number;
  readonly bytes: number;
  readonly messagesPerSecond: number;
  readonly statements: readonly ToldStatement[];
  /** What stopped it, or one of its statements; the last ones. */
  readonly failures: readonly PipelineFailure[];
  /** Records and changes that were skipped by policy: samples, the last ones. */
  readonly skipped: readonly PipelineFailure[];
  /** Records that were late for all their windows: samples, the last ones. */
  readonly late: readonly PipelineFailure[];
  /** What is being retried now, by subject. */
  readonly troubles: Readonly<Record<string, string>>;
  /** Those of the subjects that are statements whose target does not take what is sent to it. */
  readonly unavailable: readonly string[];
  /** How often it was started again after it failed. */
  readonly restarts: number;
}

/** How its ways out fare is for metrics, which each server tells by itself. */
export type ToldStatement = Omit<StatementProgress, "routes" | "lookups">;

/** All that a server knows of a pipeline that it runs. */
export interface PipelineStatus extends ToldStatus {
  /** How late its last message came: for so long its thread did other things. */
  readonly loopLagMs: number;
  /** Of this run: how long batches took. */
  readonly batches: DurationCounts;
  readonly statements: readonly StatementProgress[];
  /** Of its text; with errors among them it cannot start. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface PipelineFailure extends ErrorReport {
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Kept of failures and of skipped records each. */
export const SAMPLES = 20;

/** How a pipeline stands, made of what it tells. */
export class StatusBoard {
  private status: PipelineStatus;
  private readonly nowIso: () => string;

  constructor(nowIso: () => string) {
    this.nowIso = nowIso;
    this.status = {
      state: "starting",
      since: nowIso(),
      waitingFor: [],
      messages: 0,
      bytes: 0,
      messagesPerSecond: 0,
      loopLagMs: 0,
      batches: NO_DURATIONS,
      statements: [],
      failures: [],
      skipped: [],
      late: [],
      troubles: {},
      unavailable: [],
      diagnostics: [],
      restarts: 0,
    };
  }

  get now(): PipelineStatus {
    return this.status;
  }

  set(state: PipelineState, more: Partial<PipelineStatus> = {}): void {
    const since = state === this.status.state ? this.status.since : this.nowIso();
    const calm = state === "running" ? {} : { messagesPerSecond: 0 };
    this.status = { ...this.status, ...calm, ...more, state, since };
  }

  take(message: FromPipeline): void {
    switch (message.kind) {
      case "progress":
      case "done":
        this.progress(message);
        break;
      case "running":
        this.set("running", { waitingFor: [], troubles: this.lastingTroubles() });
        break;
      case "waiting":
        this.set("waiting", { waitingFor: message.topics });
        break;
      case "trouble":
        this.update({ troubles: { ...this.status.troubles, [message.subject]: message.message } });
        if (message.isTarget) this.update({ unavailable: [...new Set([...this.status.unavailable, message.subject])] });
        break;
      case "recovered":
        this.recovered(message.subject);
        break;
      case "skipped":
        this.update({ skipped: this.sampled(this.status.skipped, message.error) });
        break;
      case "late":
        this.update({ late: this.sampled(this.status.late, message.error) });
        break;
      case "statement-failed":
      case "failed":
        this.recovered(message.error.statement);
        this.update({ failures: this.sampled(this.status.failures, message.error) });
        break;
      case "notice":
      case "rows":
        break;
    }
  }

  /** The target of a statement, and that of its dead letters; also of one that has failed: nobody waits for it any more. */
  private recovered(statement: string | null): void {
    const { troubles, unavailable } = this.status;
    const isOver = (subject: string): boolean =>
      unavailable.includes(subject) && (subject === statement || subject.startsWith(`${statement} `));
    this.update({
      troubles: Object.fromEntries(Object.entries(troubles).filter(([subject]) => !isOver(subject))),
      unavailable: unavailable.filter((subject) => !isOver(subject)),
    });
  }

  /** Those that are told when they are over. */
  private lastingTroubles(): PipelineStatus["troubles"] {
    const { troubles, unavailable } = this.status;
    return Object.fromEntries(Object.entries(troubles).filter(([subject]) => unavailable.includes(subject)));
  }

  private update(more: Partial<PipelineStatus>): void {
    this.status = { ...this.status, ...more };
  }

  private progress({ messages, bytes, seconds, loopLagMs, batches, statements }: FromPipeline & { kind: "progress" | "done" }): void {
    const messagesPerSecond = this.rate(messages, seconds);
    // Whoever makes progress has got over what it had to try again.
    const troubles = messages > this.status.messages ? this.lastingTroubles() : this.status.troubles;
    this.update({ messages, bytes, messagesPerSecond, loopLagMs, batches, statements, troubles });
  }

  private last = { messages: 0, seconds: 0 };

  private rate(messages: number, seconds: number): number {
    const before = seconds < this.last.seconds ? { messages: 0, seconds: 0 } : this.last;
    this.last = { messages, seconds };
    return seconds > before.seconds ? Math.round((messages - before.messages) / (seconds - before.seconds)) : 0;
  }

  private sampled(before: readonly PipelineFailure[], error: ErrorReport): readonly PipelineFailure[] {
    return [...before.slice(1 - SAMPLES), { ...error, at: this.nowIso() }];
  }
}
