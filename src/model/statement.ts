import type { FieldPath } from "./column-batch.ts";
import type { BoundExpr } from "./expression.ts";
import type { Format, RecordLayout } from "./format.ts";
import type { NameRule } from "./target-name.ts";
import type { TargetOptions } from "./target-options.ts";
import type { DataType } from "./type.ts";
import { isPerGroup, type QueryWindow } from "./window.ts";

/** A field that a statement reads; `type` is `any` in a schemaless stream, else as declared. */
export interface FieldRef extends FieldPath {
  readonly type: DataType;
  /** As written, for messages: `room.temp`, `_key.id`. */
  readonly text: string;
  /** Of a statement that joins: which of its sides the field is read from, as in `sidesOf`. Left out: the first one. */
  readonly input?: number;
  /**
   * Of a row that is looked up: of which of the statement's `lookups`. Left out: of a record.
   */
  readonly lookup?: number;
  /** No field of that row, but whether there is one. */
  readonly isPresence?: true;
}

export interface BoundAggregate {
  /** Of `src/functions`, canonical. */
  readonly name: string;
  /** null: COUNT(*). With FILTER, it is null in the rows that the filter does not take. */
  readonly argument: BoundExpr | null;
  /** Further arguments; of one that is `timed` the last ones are the event time and the offset. */
  readonly more: readonly BoundExpr[];
  /** Each combination of arguments counts once. */
  readonly distinct: boolean;
  /** FILTER (WHERE …), where it does not follow from a null argument which rows it takes. */
  readonly filter: BoundExpr | null;
  /** What happens to its states beside taking rows in; left out: nothing. */
  readonly handling?: AggregateHandling;
  readonly type: DataType;
  /** As written, for EXPLAIN. */
  readonly text: string;
}

/**
 * States of parts of a group are put together (panes, sessions), or rows are taken back (tables); these are put together as well.
 * `repartitioned`: merged, of rows that lie in several partitions.
 */
export type AggregateHandling = "merged" | "retracted" | "repartitioned";

/** Arrays side by side whose elements are rows: as many as the longest has, where the others are NULL. */
export interface BoundUnnest {
  readonly arrays: readonly BoundExpr[];
  /** LEFT JOIN: where there are no elements, one row without. */
  readonly outer: boolean;
}

/** What a statement reads: a stream or table on a topic of a connection. */
export interface BoundSource {
  /** Of a stream every record counts, of a table the latest one of each key. */
  readonly reads: "stream" | "table";
  readonly connection: string;
  readonly topic: string;
  readonly valueFormat: Format;
  readonly keyFormat: Format;
  /** What is needed to read what lies there neither as JSON nor as plain text. */
  readonly layout: RecordLayout;
  /** Event time: a declared column, or null for the record's timestamp. Index into `fields`. */
  readonly eventTime: number | null;
  /** Where EVENTTIME BY makes it of something else than a time column; left out: it does not. Text: as written. */
  readonly eventTimeExpr?: { readonly expr: BoundExpr; readonly text: string };
  /** The value field that the record key equals (`WITH (key = …)`), or null. */
  readonly keyField: string | null;
  /** Declared partition count (`WITH (partitions = n)`), or null. */
  readonly partitions: number | null;
  /** Columns where declared; null: schemaless. */
  readonly columns: readonly { readonly name: string; readonly type: DataType }[] | null;
}

/** A relation whose rows are joined to those before it, in the order of the text. */
export interface BoundJoinStep {
  readonly type: "inner" | "left" | "right" | "full";
  /** Where that is a stage, what it reads in the end, with what it gives: a stream or a table. */
  readonly right: BoundSource;
  /** Left out: it is a topic. */
  readonly stage?: BoundStatement;
  /** What is equal, row phase: fields of the inputs before it, and of its own. Of a table the right sides are its key. */
  readonly keys: readonly { readonly left: BoundExpr; readonly right: BoundExpr }[];
  /** What else has to be true of the rows of both sides; null: nothing. */
  readonly residual: BoundExpr | null;
  /** Of two streams: how far apart in time they may be. */
  readonly within: { readonly beforeMs: number; readonly afterMs: number; readonly graceMs: number } | null;
  /** Of tables that are joined by another field of the left one than its key: that key. null: any other join. */
  readonly leftKey: readonly BoundExpr[] | null;
  /** Rows that are equal lie in partitions of one number; else all topics must have one partition. */
  readonly coPartitioned: boolean;
}

/** A row of an index or table that is looked up by its key for each record of FROM, before anything else is done with that. */
export interface BoundLookup {
  /** Inner: records without such a row are filtered, by WHERE. */
  readonly type: "inner" | "left";
  readonly connection: string;
  /** Index, or table. */
  readonly name: string;
  /** As the statement calls it. */
  readonly alias: string;
  /** The fields by which it is found, and what they are equal to: of the record, or of what was looked up before. */
  readonly keys: readonly { readonly field: FieldPath; readonly value: BoundExpr }[];
  /** What else has to be true of both; null: nothing. */
  readonly residual: BoundExpr | null;
}

export type BoundItem =
  /** The whole document, or of a declared stream all its columns in order (then expanded to `column` items instead). */
  | { readonly kind: "star"; readonly without: readonly string[] }
  /** The members of an object that nothing declares, behind all columns: what has a name that is taken is called `name_1`. */
  | { readonly kind: "members"; readonly expr: BoundExpr & { readonly kind: "field" }; readonly without: readonly string[] }
  | { readonly kind: "column"; readonly name: string; readonly expr: BoundExpr };

/** How the identity of an output row is made. PK of an INSERT into a topic names the record key alone: there every row counts. */
export type BoundIdentity =
  /** `topic-partition-offset` of the record. */
  | { readonly kind: "coordinates" }
  /** Values of output columns or source fields, in PK order. `name` is the column's name at the target. */
  | { readonly kind: "columns"; readonly columns: readonly { readonly name: string; readonly expr: BoundExpr }[] };

export interface BoundTarget {
  readonly connection: string;
  readonly kind: "topic" | "index" | "table";
  readonly name: string;
}

/** What says which target a row goes to, where the row itself does. */
export interface BoundTargetName {
  /** Group phase where aggregated, else row phase. */
  readonly expr: BoundExpr;
  /** As written: `_value.site`. */
  readonly text: string;
  readonly rule: NameRule;
  /** Of names without a keyspace; left out: they are refused. */
  readonly keyspace?: string;
}

/** A time of a row: a TIMESTAMP, or a number of so many ms each. */
export interface BoundRecordTime {
  readonly expr: BoundExpr;
  readonly unitMs: number;
  /** As written. */
  readonly text: string;
}

export type ErrorPolicy = "throw" | "noop" | "retry";

/** Settings of a statement after SET, pipeline and connection configuration were merged; see docs/configuration.md. */
/** `percent` of the records that were taken. */
export type ErrorBudgetSize = { readonly kind: "number"; readonly max: number } | { readonly kind: "share"; readonly percent: number };

export interface StatementSettings {
  readonly errorPolicy: ErrorPolicy;
  readonly retriesMax: number;
  readonly retryIntervalMs: number;
  readonly commitIntervalMs: number;
  /** How long nothing comes until stream time goes on by the wall clock; 0: it never does. */
  readonly idleTimeoutMs: number;
  /** What event times are: as declared or by EVENTTIME BY, or the timestamps of records whatever is declared. */
  readonly time: "event" | "ingestion" | "processing";
  /** How much may be skipped of each partition until the statement stops; null: all. */
  readonly errorBudget: ErrorBudgetSize | null;
  /** `connection.name` of the dead letter target, or null. */
  readonly deadLetters: BoundTarget | null;
  /** Paths of fields that dead letters show covered. */
  readonly deadLettersMask: readonly string[];
  /** How long dead letters are kept; null: for good. */
  readonly deadLettersRetentionMs: number | null;
  /** A number: the first record of that time in ms, or of a later one. */
  readonly start: "earliest" | "latest" | number;
  /** Targets that are missing are made. */
  readonly autocreate: boolean;
  /** Whether it waits for the others of its pipeline that are paced together, and they for it. */
  readonly pace: "free" | "together";
  /** How topics are written: again after a crash, or in transactions with what they rest on. */
  readonly delivery: "idempotent" | "transactional";
  /** Of rows that are looked up: how many are kept in mind and for how long, and how long one request may take. */
  readonly lookup: { readonly cacheRows: number; readonly cacheTtlMs: number; readonly timeoutMs: number };
}

/** Columns that are added to the rows of a stage, made of the rows around: what stands before OVER. */
export type BoundOver = BoundRanking | BoundRunning;

/** Places that others can take: the rows change, as those of a table. */
export interface BoundRanking {
  readonly kind: "ranking";
  /** Columns of the stage's rows that are looked at; the numbers below are those of these. */
  readonly fields: readonly FieldRef[];
  readonly partitionBy: readonly number[];
  readonly orderBy: readonly BoundOrder[];
  readonly columns: readonly BoundOverColumn[];
  /** The last place that is asked for, and in which of the columns. */
  readonly limit: number;
  readonly limitedBy: number;
  /** All rows of a partition have one time: once stream time is beyond it, the partition is complete. */
  readonly closes: boolean;
  /** Which ids become nobody's: none, as those of places stay; those of rows that leave; or also those of rows that get another place. */
  readonly vacates: "nothing" | "left" | "moved";
}

/** Values made of the rows that came before: each row comes out once, with them. */
export interface BoundRunning {
  readonly kind: "running";
  /** By index of `over` in the items of the stage. */
  readonly calls: readonly BoundRunningCall[];
}

export interface BoundOrder {
  readonly field: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface BoundOverColumn {
  /** The column's name. */
  readonly name: string;
  /** Lower case. */
  readonly call: string;
  readonly type: DataType;
  /** As written, for EXPLAIN. */
  readonly text: string;
}

/** Expressions are of the row phase, over the fields of the stage. */
export interface BoundRunningCall extends Omit<BoundOverColumn, "name"> {
  readonly partitionBy: readonly BoundExpr[];
  /** null: it is one of `ROW_FUNCTIONS`. */
  readonly aggregate: BoundAggregate | null;
  readonly args: readonly BoundExpr[];
  /** Of those of `ROW_FUNCTIONS`. */
  readonly ignoresNulls: boolean;
  /** null: all rows up to the current one. */
  readonly frame: BoundFrame | null;
}

/** From so many rows, or ms, before the current row to so many before it. */
export interface BoundFrame {
  readonly unit: "rows" | "ms";
  /** null: from the first row on. */
  readonly from: number | null;
  /** 0: with the current row. */
  readonly to: number;
}

/** One INSERT (or ad hoc SELECT, whose target is null) after analysis. */
export interface BoundStatement {
  /** `@name`, else target and number: `temperatures_1m#1`. Says which state is its own. */
  readonly name: string;
  /** Of a member of a UNION ALL the name of the whole, by which it is reported; of any other its own. */
  readonly reportedAs: string;
  /** Canonical text. */
  readonly text: string;
  readonly mode: "insert" | "upsert";
  /** Of FROM; where that is a stage, what that reads in the end, with what the stage gives: a stream or a table. */
  readonly source: BoundSource;
  /** An aggregate, or rows with columns of OVER, which are the rows that it reads: of WITH, or a sub-query. */
  readonly stage: BoundStatement | null;
  /** Of a stage: what is added to its rows; null: nothing. */
  readonly over: BoundOver | null;
  readonly joins: readonly BoundJoinStep[];
  /** What is added to each record of FROM, in this order; its fields are fields of the first input. */
  readonly lookups: readonly BoundLookup[];
  readonly target: BoundTarget | null;
  /** null: all rows go to the target. */
  readonly targetName: BoundTargetName | null;
  readonly targetOptions: TargetOptions;
  /** Every field that any expression of the statement uses, without duplicates. */
  readonly fields: readonly FieldRef[];
  /** Each record is a row for each element, those of later ones within those of earlier ones; empty: each record is a row. */
  readonly unnests: readonly BoundUnnest[];
  readonly where: BoundExpr | null;
  /** null: a stateless statement, or an aggregate without window. */
  readonly window: QueryWindow | null;
  /** Row-phase expressions; with `aggregates` empty and this empty the statement is stateless. */
  readonly groupBy: readonly BoundExpr[];
  readonly aggregates: readonly BoundAggregate[];
  readonly aggregated: boolean;
  /** Of groups of joined tables: by what their rows are told apart, row phase. null: by the record key, or they need not be. */
  readonly rowKey: readonly BoundExpr[] | null;
  /** A group is a row that is written once and never changes: SELECT DISTINCT. Its id is all of it, where there is no PK. */
  readonly distinct: boolean;
  readonly having: BoundExpr | null;
  /** Group phase where aggregated, else row phase. */
  readonly items: readonly BoundItem[];
  readonly identity: BoundIdentity;
  /** What becomes the record key at a topic: PK, else the grouping without the window (empty: none); null: the source record's key. */
  readonly recordKey: readonly BoundExpr[] | null;
  /** Rows where it is NULL have no record key: those of an outer join of streams on a key that is NULL. Else they are errors. */
  readonly recordKeyMayBeNull: boolean;
  /** Stands between the parts of the record key (KEYDELIMITER); null: they are a JSON array. */
  readonly keyDelimiter: string | null;
  /** The timestamp of the records that are written (WITHTIMESTAMP); null: the event time. */
  readonly recordTime: BoundRecordTime | null;
  /** What a record without a value does: delete the row where its key says which, nothing, or be an error. */
  readonly tombstones: "delete" | "ignore" | "fail";
  readonly emit: "changes" | "final";
  /** EMIT EVERY: changes leave so far apart; null: as soon as they may. */
  readonly emitEveryMs: number | null;
  /** Where records go that are late for all their windows; null: they are counted only. */
  readonly late: BoundTarget | null;
  readonly suffix: string | null;
  readonly batchSize: number | null;
  readonly ttlSeconds: number | null;
  readonly autocreate: boolean;
  readonly limit: number | null;
  /** Whether each id is written from one source partition only (`runtime.md` §2). */
  readonly idsCoveredByKey: boolean;
  /** GROUP BY is not covered by the record key: allowed only where the topic has one partition, checked when it is known. */
  readonly needsSinglePartition: boolean;
  readonly settings: StatementSettings;
}

/** One `.sql` file after analysis. */
export interface BoundPipeline {
  readonly name: string;
  readonly statements: readonly BoundStatement[];
  /** Threads that share its partitions. */
  readonly parallelism: number;
  /** Topics declared by CREATE STREAM with a partition count, by `connection.topic`. */
  readonly declaredTopics: readonly { readonly connection: string; readonly topic: string; readonly partitions: number }[];
}

/** Whether groups whose rows lie in several partitions can be put together: each has a part of its own in each of them. */
export function canRepartition(statement: Pick<BoundStatement, "source" | "stage" | "over" | "joins" | "window">): boolean {
  return (
    statement.stage === null &&
    statement.over === null &&
    statement.joins.length === 0 &&
    !readsTable(statement) &&
    !isPerGroup(statement.window)
  );
}

/** Whether it keeps more than its position: groups, rows of a join, what a stage or OVER knows. */
export function isStateful({ aggregated, joins, stage, over }: Pick<BoundStatement, "aggregated" | "joins" | "stage" | "over">): boolean {
  return aggregated || joins.length > 0 || stage !== null || over !== null;
}

/** Whether what it reads are rows that replace each other, by their key. */
export function readsTable({ source, joins }: Pick<BoundStatement, "source" | "joins">): boolean {
  return source.reads === "table" && joins.every(({ right }) => right.reads === "table");
}

/** Whether what it writes are rows that replace each other: a topic of them is a table for its readers. */
export function writesTable(statement: Pick<BoundStatement, "source" | "joins" | "aggregated" | "emit">): boolean {
  return statement.aggregated ? statement.emit === "changes" : readsTable(statement);
}

/** Whether no two results have one record key: those of several windows of a group have, unless PK says otherwise. */
export function keepsWindowsApart({ window, recordKey }: Pick<BoundStatement, "window" | "recordKey">): boolean {
  return window === null || recordKey?.some((expr) => expr.kind === "window" && expr.bound === "start") === true;
}

/** What is read by FROM, or joined: a topic, or a stage, of which `source` says what it gives. */
export interface BoundSide {
  readonly source: BoundSource;
  /** null: it is a topic. */
  readonly stage: BoundStatement | null;
}

/** FROM, then each JOIN. */
export function sidesOf({ source, stage, joins }: Pick<BoundStatement, "source" | "stage" | "joins">): readonly BoundSide[] {
  return [{ source, stage }, ...joins.map((join) => ({ source: join.right, stage: join.stage ?? null }))];
}

/** The topics that a statement reads, in the order of its sides; of a stage those that it reads. */
export function inputsOf(statement: Pick<BoundStatement, "source" | "stage" | "joins">): readonly BoundSource[] {
  return sidesOf(statement).flatMap(({ source, stage }) => (stage === null ? [source] : inputsOf(stage)));
}
