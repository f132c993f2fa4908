import type { ErrorCode } from "../errors.ts";
import type { ChangeBatch } from "../model/change.ts";
import type { TargetOptions } from "../model/target-options.ts";
import type { DataType } from "../model/type.ts";

export type TargetKind = "topic" | "index" | "table";

/** Everything a sink must know of one route's target; plain data, part of the physical plan. */
export interface RouteTarget {
  readonly connection: string;
  readonly kind: TargetKind;
  /** Index, table (`keyspace.table`) or topic, without the dated suffix. */
  readonly name: string;
  /** INSERT writes whole rows (absent columns become null); UPSERT leaves columns alone that the statement does not name. */
  readonly mode: "insert" | "upsert";
  /** Output columns in order; empty where the statement selects `*` from a schemaless stream. */
  readonly columns: readonly { readonly name: string; readonly type: DataType }[];
  /** Output columns that identify a row (PK, or grouping fields and window); empty: the id is made of topic, partition and offset. */
  readonly keyColumns: readonly string[];
  /** Java date pattern text as written (`_{yyyy-MM-dd}`), or null; `ChangeBatch.targets` has the names made of it. */
  readonly suffix: string | null;
  readonly autocreate: boolean;
  /** Rows in one request to the target (BATCH), or null for the sink's default. */
  readonly batchSize: number | null;
  /** TTL in seconds, or null. */
  readonly ttlSeconds: number | null;
  /** For topics: how readers must take the records (`runtime.md` §10). */
  readonly topicReading: "stream" | "table";
  /** For topics that are made: the latest record of each key is all that has to be kept. */
  readonly compacted: boolean;
  /** Partitions of a topic that must be created first; null: the connection's default. */
  readonly partitions: number | null;
  readonly options: TargetOptions;
  /**
   * The pipeline with whose state the rows are written: they become visible together with the blob of the next barrier, or not at all.
   * Left out: at once. Only of topics of the connection that keeps the state.
   */
  readonly transactionOf?: string;
}

/** Who writes: goes into the headers of topic records, so that readers can drop repeats and zombies. */
export interface Origin {
  readonly pipeline: string;
  readonly statement: string;
  readonly partition: number;
  readonly generation: number;
}

/** What became of one change. */
export const Outcome = {
  written: 0,
  /** The target has this version or a newer one already. */
  superseded: 1,
  /** Not taken for the moment: send it again. */
  retry: 2,
  /** Refused for good. */
  rejected: 3,
} as const;

export interface ChangeError {
  readonly code: ErrorCode;
  readonly message: string;
}

export interface WriteResult {
  /** One `Outcome` per change of the batch. */
  readonly outcomes: Uint8Array;
  /** For each change that is `retry` or `rejected`: why. */
  readonly errors: ReadonlyMap<number, ChangeError>;
  /** The target asked for a pause (Retry-After), or null. */
  readonly retryAfterMs: number | null;
}

/** Writes the changes of one route. */
export interface Sink {
  /** Calls for different source partitions may overlap. Left out: one call at a time. */
  readonly overlaps?: boolean;
  /** Takes changes for any target that `ChangeBatch.targets` names, not only for its own. */
  readonly spreads?: boolean;
  /**
   * Resolves when the outcome of every change is known and what is `written` is durable; in a transaction it is so with the blob.
   * Rejects with a `SluiceError` when nothing is known of the whole batch (connection lost, time-out); sending it again is
   * always allowed: a change is identified by id and version, and a repeat is `written` or `superseded`.
   * Changes of the same id keep their order. Inside, a sink may have several requests in flight. With `stopsAtRefusal` a store sends
   * nothing more of what stands behind a change that it has refused, and has it as `retry`; what stands before it is sent all the same.
   */
  write(batch: ChangeBatch, origin: Origin, signal: AbortSignal, stopsAtRefusal?: boolean): Promise<WriteResult>;
  close(): Promise<void>;
}
