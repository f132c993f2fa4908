import type { RecordSlices } from "../model/record-slices.ts";
import type { CatalogLog } from "./catalog-log.ts";
import type { Lookup, LookupTarget } from "./lookup.ts";
import type { TopicSchemas } from "./schemas.ts";
import type { RouteTarget, Sink, TargetKind } from "./sink.ts";
import type { Source } from "./source.ts";
import type { KeptState, StateLog } from "./state-log.ts";
import type { StatusLog } from "./status-log.ts";

export type ConnectionKind = "embedded" | "kafka" | "elasticsearch" | "cassandra";

/** A connection of `sluice.yaml` after `${ENV}` substitution; `settings` are the adapter's own, checked by it. */
export interface ConnectionConfig {
  readonly name: string;
  readonly kind: ConnectionKind;
  /** Embedded only: which system it stands in for, so that clauses mean the same (`elasticsearch`: targets are indexes …). */
  readonly as: ConnectionKind;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** One line of `sluice doctor`. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to do about it, where it is not ok. */
  readonly advice: string | null;
}

/** Trouble that is being retried inside an adapter; for progress output and events. */
export type TroubleListener = (connection: string, message: string) => void;

export interface RelationInfo {
  readonly name: string;
  readonly kind: TargetKind;
}

/** Something that a target has against a route. */
export interface TargetFinding {
  /** A warning: it can be written to, but maybe not as was meant. */
  readonly severity: "error" | "warning";
  readonly code: "TARGET_MISSING" | "TARGET_MISMATCH";
  /** The output column that it is about; null: the target as a whole. */
  readonly column: string | null;
  readonly message: string;
  readonly hint: string | null;
  /** A name that is not there, and those that are: one of them may have been meant. */
  readonly unknown?: { readonly name: string; readonly among: readonly string[] };
}

/** An outside system, opened lazily: making a connection does no I/O, the first use does. */
export interface Connection {
  readonly config: ConnectionConfig;
  /** null where the system has no topics. */
  readonly source: Source | null;
  /** Left out: no schema registry is configured for its topics. */
  readonly schemas?: TopicSchemas;
  /**
   * Checks the target (existence, key, columns), creates it where it may, and gives the sink of one route.
   * Rejects with TARGET_MISSING, TARGET_MISMATCH, CONNECTION_FAILED.
   */
  openSink(target: RouteTarget): Promise<Sink>;
  /** All that `openSink` would find wrong, and what only people can judge. Changes nothing. Rejects with CONNECTION_FAILED. */
  checkTarget(target: RouteTarget): Promise<readonly TargetFinding[]>;
  /**
   * What was put beside a target for it to be made goes (index templates); what was written to it stays. Left out: nothing is.
   * Rejects with CONNECTION_FAILED, CONNECTION_REFUSED_RIGHTS.
   */
  forgetTarget?(target: RouteTarget): Promise<void>;
  /**
   * The state log of a pipeline with so many partitions; null where the system cannot keep one. `transactional`: statements whose rows
   * are written in transactions with their blobs.
   */
  openStateLog(pipeline: string, partitions: number, transactional?: readonly string[]): Promise<StateLog> | null;
  /** Left out: the system cannot keep the catalog of several servers. Closing the log leaves the connection open. */
  catalogLog?(topic: string): CatalogLog;
  /** The same of what these servers tell each other. It ends with the connection. */
  statusLog?(topic: string): StatusLog;
  /** null where the system cannot keep any. */
  readonly keptState: KeptState | null;
  /** What an index or table holds, as records whose values are JSON documents; null where there is no such relation. */
  readTable(name: string, signal: AbortSignal): AsyncIterable<RecordSlices> | null;
  /**
   * Rows of an index or table by their key; left out: the system has none. Rejects with TARGET_MISSING, TARGET_MISMATCH,
   * CONNECTION_FAILED, CONNECTION_REFUSED_RIGHTS.
   */
  openLookup?(target: LookupTarget): Promise<Lookup>;
  /** Topics, indexes and tables that exist. */
  listRelations(): Promise<readonly RelationInfo[]>;
  /** Reachable, version, rights. Never rejects. */
  diagnose(): Promise<readonly Finding[]>;
  close(): Promise<void>;
}
