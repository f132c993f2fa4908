import type { ErrorCode } from "../errors.ts";
import type { LogPlace, PipelinePlan } from "../plan/pipeline-plan.ts";
import type { ConnectionConfig } from "../ports/connection.ts";
import type { Revocation } from "../ports/source.ts";
import type { CommittedOffset, ShareState } from "./owners/partition-share.ts";
import type { PartitionEnd } from "./pipeline-sources.ts";
import type { StatementStretch } from "./work-place.ts";

/**
 * The messages between whoever runs a pipeline (CLI, server) and the pipeline, over a MessagePort.
 * Everything is structured-clonable, so that the pipeline may live in the same thread or in a worker.
 */
export interface StartMessage {
  readonly kind: "start";
  readonly plan: PipelinePlan;
  readonly connections: readonly ConnectionConfig[];
  /** Where embedded connections keep their file. */
  readonly dataDirectory: string;
  /**
   * `follow`: run until stopped. `ends`: read to the ends that the topics have now, then finish.
   * A follower becomes bounded by a `finish` message.
   */
  readonly until: "follow" | "ends";
  /** With a bounded run: emit and close windows that are still open at the end; all of them, or those that stream time passes. */
  readonly close: boolean | StreamTimeStep;
  /** Statements that keep for the next run, at the end of a bounded one, what EMIT EVERY holds back: for tests of rows. */
  readonly holdsBack?: readonly string[];
  /** Where statements begin that have no state; null: as their setting says. */
  readonly start: RunStart | null;
  /** Where a bounded run ends, if that is before the ends of its topics; null: at these. */
  readonly to: RunPlace | null;
  /** A bounded run fails where a source topic does not exist; a follower waits for it. */
  readonly progressIntervalMs: number;
  /** How many threads share the partitions, as far as there are so many. */
  readonly parallelism: number;
  /** Among which threads were lost before: they are taken one at a time, so that a thread that is lost again was at one record. */
  readonly suspects?: readonly StatementStretch[];
}

export type RunStart = "earliest" | "latest" | RunPlace;

/** `whole`: topics, as `connection.topic`, for which the place does not hold, since the run itself writes them. */
export interface RunPlace {
  readonly place: LogPlace;
  readonly whole: readonly string[];
}

/** How stream time goes on without a record of that time: for tests of rows. */
export type StreamTimeStep =
  /** On every partition that has one. */
  | { readonly byMs: number }
  | { readonly toMs: number }
  /** To a time on all partitions, or to those of the partitions that have one here. */
  | { readonly watermark: number | Readonly<Record<string, number>> }
  /** As `idle.timeout` has it when nothing has come for so long. */
  | { readonly silentMs: number };

/** To one of several threads of a pipeline: as `start`, but which partitions are its own comes by `partitions`. */
export interface StartPartMessage extends Omit<StartMessage, "kind"> {
  readonly kind: "start-part";
  /** Of a bounded run: the same for all threads. */
  readonly ends: readonly PartitionEnd[] | null;
}

/** Read to these ends, then finish; null: to those that the topics have now. */
export interface FinishMessage {
  readonly kind: "finish";
  readonly ends: readonly PartitionEnd[] | null;
}

/** To one of several threads: what it owns from now on. Answered by `settled` once what it owned beyond that is given up. */
export interface PartitionsMessage {
  readonly kind: "partitions";
  readonly number: number;
  /** Whether what it does not own any more has other owners already. */
  readonly how: Revocation;
  readonly own: readonly number[];
  /** Owned by other threads of the pipeline, which count on from where this one was. */
  readonly elsewhere: readonly number[];
}

/** To one of several threads: nobody else is given what it owns before that wall time (ms since 1970). */
export interface HeldMessage {
  readonly kind: "held";
  readonly untilMs: number;
}

/** To one of several threads: all of them have come to their ends. */
export interface EndMessage {
  readonly kind: "end";
}

/** Drain: stop feeding, write what is under way, keep the cursors, end. */
export interface StopMessage {
  readonly kind: "stop";
  readonly withinMs: number;
}

/** The rows of the `rows` message with that number were taken: send more. */
export interface RowsTakenMessage {
  readonly kind: "rows-taken";
  readonly batch: number;
}

/** A thread that has told nothing for a while is to show by its `WorkPlace` that it goes on. */
export interface BeatMessage {
  readonly kind: "beat";
}

export type ToPipeline = FinishMessage | StopMessage | RowsTakenMessage | PartitionsMessage | HeldMessage | EndMessage | BeatMessage;

/** Counters of one statement since the beginning of its state (they survive restarts). */
export interface StatementCounters {
  readonly in: number;
  readonly applied: number;
  readonly filtered: number;
  readonly late: number;
  readonly deadLettered: number;
  /** Changes: `sent = written + superseded + rejected` once all are acknowledged. */
  readonly sent: number;
  readonly written: number;
  readonly superseded: number;
  readonly rejected: number;
}

export const STATEMENT_STATES = ["starting", "running", "detached", "failed", "finished", "stopped"] as const;
export type StatementState = (typeof STATEMENT_STATES)[number];

export interface StatementProgress {
  readonly name: string;
  readonly target: string;
  readonly state: StatementState;
  readonly counters: StatementCounters;
  /** Records between the statement's cursor and the ends of its topic's partitions. */
  readonly lag: number;
  /** Those that this process owns; of a UNION ALL those of all its members. */
  readonly partitions: readonly PartitionProgress[];
  /** Its ways out: to its target, and to its dead letters and late records where it keeps any. */
  readonly routes: readonly RouteProgress[];
  /** Of the tables in which it looks rows up; left out: there are none. */
  readonly lookups?: readonly LookupProgress[];
}

/** How a statement stands in one partition. */
export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  readonly state: StatementState;
  /** Of the claim by which the partition is owned: of two that tell of it, the higher one has it. */
  readonly generation: number;
  /** The next offset that it takes. */
  readonly position: number;
  /** The next offset that it would take after a crash: all before it is durable. */
  readonly durable: number;
  readonly lag: number;
  /** On this partition alone. */
  readonly counters: StatementCounters;
  /** The latest record timestamp that it has taken, ms since 1970; null: of no record. */
  readonly recordTimeMs: number | null;
  /** The latest event time, which closes windows; null: it goes by none. */
  readonly streamTimeMs: number | null;
  /** In memory, of groups and windows; 0 where it keeps none. */
  readonly stateBytes: number;
  /** Why it has failed here. */
  readonly error: ErrorReport | null;
}

/** How one way to a target fares in this run. */
export interface RouteProgress {
  readonly to: "target" | "dead-letters" | "late";
  readonly queuedBytes: number;
  /** Tries after the first: of opening, of whole writes, and of changes that were not taken. */
  readonly retries: number;
  /** Of single calls, however they ended. */
  readonly writes: DurationCounts;
}

/** Records for which a row was looked up, in this run: it was known, or had to be asked for. Errors: requests that failed. */
export interface LookupCounters {
  readonly hits: number;
  readonly misses: number;
  readonly errors: number;
}

export interface LookupProgress extends LookupCounters {
  /** `connection.name` */
  readonly table: string;
}

/** A histogram; its bounds are those of `durations.ts`. */
export interface DurationCounts {
  /** By bound, each without those before it. */
  readonly counts: readonly number[];
  readonly totalMs: number;
}

export interface Progress {
  /** Records fetched in this run, each counted once however many statements read it. */
  readonly messages: number;
  readonly bytes: number;
  /** Seconds since the first fetch began. */
  readonly seconds: number;
  /** How late the message comes: for so long its thread did other things. Of several threads, of the latest. */
  readonly loopLagMs: number;
  /** Of decoding a batch of one partition and feeding it to the statements that are together there. */
  readonly batches: DurationCounts;
  readonly statements: readonly StatementProgress[];
}

export interface ProgressMessage extends Progress {
  readonly kind: "progress";
  readonly pipeline: string;
}

export interface DoneMessage extends Progress {
  readonly kind: "done";
  readonly pipeline: string;
}

/** How a pipeline ended. */
export type LastMessage = DoneMessage | FailedMessage;

/** The pipeline as a whole could not start or go on. A `done` does not follow. */
export interface FailedMessage {
  readonly kind: "failed";
  readonly pipeline: string;
  readonly error: ErrorReport;
  /** Its thread was lost among these records, or soon after them; left out: it was not lost, or had taken none. */
  readonly lostIn?: StatementStretch;
}

export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
  readonly statement: string | null;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly offset: number | null;
  readonly stack: string | null;
}

export interface TroubleMessage {
  readonly kind: "trouble";
  readonly pipeline: string;
  readonly subject: string;
  readonly message: string;
  /** The subject is a statement whose target does not take what is sent to it, until it is `recovered` or has failed. */
  readonly isTarget?: true;
}

export type FromPipeline =
  | ProgressMessage
  | DoneMessage
  /** All sources are assigned and all statements are fed. */
  | { readonly kind: "running"; readonly pipeline: string }
  /** Source topics that do not exist yet; the pipeline goes on looking. */
  | { readonly kind: "waiting"; readonly pipeline: string; readonly topics: readonly string[] }
  /** Something that is being retried. */
  | TroubleMessage
  /** The target of that subject takes again what is sent to it. */
  | { readonly kind: "recovered"; readonly pipeline: string; readonly subject: string }
  /** Something that only shows when it runs and may not be what was meant, such as ids from several partitions. */
  | { readonly kind: "notice"; readonly pipeline: string; readonly statement: string; readonly message: string }
  /** A record or a change was skipped (NOOP). Samples only: at most a few a second. */
  | { readonly kind: "skipped"; readonly pipeline: string; readonly error: ErrorReport }
  /** A record was late for all its windows. Samples only: at most one of a statement in ten seconds. */
  | { readonly kind: "late"; readonly pipeline: string; readonly error: ErrorReport }
  /** A statement stopped on a partition; its neighbours go on. */
  | { readonly kind: "statement-failed"; readonly pipeline: string; readonly error: ErrorReport }
  | FailedMessage
  /** Result rows of an ad hoc query, as JSON documents; answered by `rows-taken`. */
  | { readonly kind: "rows"; readonly batch: number; readonly documents: readonly string[] };

/** What one of several threads tells whoever shares the partitions out; it goes no further. */
export type FromPart =
  | { readonly kind: "settled"; readonly number: number }
  /** How it stands with what the `partitions` message of that number gave. */
  | { readonly kind: "share-state"; readonly number: number; readonly state: ShareState }
  | { readonly kind: "commit"; readonly offsets: readonly CommittedOffset[] };
