/**
 * A case of the oracle as plain data: what lies in the topics, and the statements that read it. Printed as SQL by `print-sql.ts`,
 * worked out row by row by `reference.ts`, made by chance in `generate/`, and kept as JSON in `regressions/`.
 */

export type ColumnType = "BIGINT" | "DOUBLE" | "STRING" | "TIMESTAMP" | "BOOLEAN" | "ARRAY<BIGINT>";

/** TIMESTAMP: epoch ms. */
export type Cell = number | string | boolean | null | readonly Cell[];

/** A document that does not fit the declared type: what lies there instead. */
export interface BadCell {
  readonly bad: string;
}

export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
}

export interface RecordSpec {
  readonly partition: number;
  readonly key: string | null;
  readonly timestampMs: number;
  /** By column; null: a record without a value. What is not there is absent from the document. */
  readonly values: Readonly<Record<string, Cell | BadCell>> | null;
}

/** A declared stream or table on a topic of its name. */
export interface SourceSpec {
  readonly name: string;
  readonly kind: "stream" | "table";
  readonly partitions: number;
  readonly columns: readonly ColumnSpec[];
  /** The column that the record key equals. */
  readonly keyColumn: string | null;
  /** The event time; null: the record's timestamp. */
  readonly timeColumn: string | null;
  /** In the order of their writing, all partitions mixed. */
  readonly records: readonly RecordSpec[];
}

// --- expressions -------------------------------------------------------------------------------

export type BinaryOp = "+" | "-" | "*" | "/" | "%" | "||" | "=" | "<>" | "<" | "<=" | ">" | ">=" | "AND" | "OR" | "IS DISTINCT FROM";
export type FunctionName = "COALESCE" | "UPPER" | "ABS" | "LENGTH" | "NULLIF";

export type ExprSpec =
  /** `of`: the alias of the relation, where there are several. */
  | { readonly kind: "column"; readonly name: string; readonly of: string | null; readonly type: ColumnType }
  | { readonly kind: "literal"; readonly type: ColumnType; readonly value: number | string | boolean | null }
  | { readonly kind: "binary"; readonly op: BinaryOp; readonly type: ColumnType; readonly left: ExprSpec; readonly right: ExprSpec }
  | { readonly kind: "not"; readonly operand: ExprSpec }
  | { readonly kind: "is-null"; readonly operand: ExprSpec; readonly negated: boolean }
  | { readonly kind: "in"; readonly operand: ExprSpec; readonly list: readonly ExprSpec[] }
  | {
      readonly kind: "case";
      readonly type: ColumnType;
      readonly when: ExprSpec;
      readonly then: ExprSpec;
      readonly otherwise: ExprSpec | null;
    }
  | { readonly kind: "call"; readonly name: FunctionName; readonly type: ColumnType; readonly args: readonly ExprSpec[] }
  | AggregateSpec
  | { readonly kind: "window-bound"; readonly bound: "start" | "end" }
  /** Over the rows of one key in the order of the log. */
  | {
      readonly kind: "over";
      readonly aggregate: AggregateSpec;
      readonly partitionBy: readonly ExprSpec[];
      readonly preceding: number;
    };

export type AggregateName =
  | "COUNT"
  | "SUM"
  | "AVG"
  | "MIN"
  | "MAX"
  | "COLLECT_LIST"
  | "COLLECT_SET"
  | "MIN_BY"
  | "MAX_BY"
  | "LATEST_BY_OFFSET"
  | "EARLIEST_BY_OFFSET"
  | "FIRST"
  | "LAST"
  | "TOPK"
  | "STRING_AGG";

export interface AggregateSpec {
  readonly kind: "aggregate";
  readonly name: AggregateName;
  /** COUNT without any is COUNT(*). TOPK has its number as a literal behind the value. */
  readonly args: readonly ExprSpec[];
  readonly distinct: boolean;
  readonly filter: ExprSpec | null;
}

export interface ItemSpec {
  readonly name: string;
  readonly expr: ExprSpec;
}

// --- statements --------------------------------------------------------------------------------

interface TimedWindow {
  readonly graceMs: number;
  readonly offsetMs: number;
  readonly timeZone: string | null;
}
export type WindowSpec =
  | (TimedWindow & { readonly kind: "tumbling"; readonly sizeMs: number })
  | (TimedWindow & { readonly kind: "hopping" | "cumulating"; readonly sizeMs: number; readonly advanceMs: number })
  | { readonly kind: "session"; readonly gapMs: number; readonly graceMs: number }
  | { readonly kind: "count"; readonly sizeRows: number; readonly advanceRows: number };

/** What the relations of a join are called: FROM, then each JOIN. */
export const ALIASES = ["l", "r", "q"] as const;

export interface JoinSpec {
  readonly type: "INNER" | "LEFT" | "RIGHT" | "FULL";
  readonly right: string;
  /** `left = right`, of columns. `of`: whose the left one is, if not that of FROM. */
  readonly on: { readonly left: string; readonly right: string; readonly of?: "r" };
  /** Streams: how far apart in time; null: the right side is a table. */
  readonly within: { readonly beforeMs: number; readonly afterMs: number; readonly graceMs: number } | null;
}

export interface SelectSpec {
  /** A source, or a stage of WITH. */
  readonly from: string;
  readonly join: JoinSpec | null;
  /** A second one. */
  readonly further?: JoinSpec;
  /** `CROSS JOIN UNNEST(array) AS name`. */
  readonly unnest: { readonly array: string; readonly name: string } | null;
  readonly where: ExprSpec | null;
  readonly window: WindowSpec | null;
  readonly groupBy: readonly ExprSpec[];
  readonly having: ExprSpec | null;
  readonly distinct: boolean;
  readonly items: readonly ItemSpec[];
}

export type EmitSpec = { readonly mode: "changes" | "final" } | { readonly mode: "every"; readonly everyMs: number };

export interface StatementSpec {
  /** Also that of what it writes. */
  readonly name: string;
  /** Rows of a topic are appended, those of a table replace each other by id. */
  readonly into: "table" | "topic";
  readonly stages: readonly { readonly name: string; readonly select: SelectSpec }[];
  readonly select: SelectSpec;
  /** Further members of UNION ALL. */
  readonly union: readonly SelectSpec[];
  /** null: nothing is written, and the default holds. */
  readonly emit: EmitSpec | null;
  /** LATE INTO a topic of that name. */
  readonly lateInto: string | null;
  /** `SET 'time'`, if not event time. */
  readonly time?: TimeMode;
}

export type TimeMode = "event" | "ingestion" | "processing";

/** In their order. */
export function joinsOf({ join, further }: SelectSpec): readonly JoinSpec[] {
  return [join, further].filter((own) => own !== null && own !== undefined);
}

/** Statements of one pipeline. */
export interface CaseSpec {
  readonly sources: readonly SourceSpec[];
  readonly statements: readonly StatementSpec[];
  /**
   * How many records of each source (in the order of `sources`) are there when a run begins, run by run. The last run has all of
   * them.
   */
  readonly runs: readonly (readonly number[])[];
  /** The last run closes what is open. */
  readonly closes: boolean;
}

export function isBad(cell: Cell | BadCell | undefined): cell is BadCell {
  return typeof cell === "object" && cell !== null && "bad" in cell;
}

export function isAggregated({ groupBy, items, distinct }: SelectSpec): boolean {
  return distinct || groupBy.length > 0 || items.some(({ expr }) => someExpr(expr, ({ kind }) => kind === "aggregate"));
}

export function operandsOf(expr: ExprSpec): readonly ExprSpec[] {
  switch (expr.kind) {
    case "binary":
      return [expr.left, expr.right];
    case "not":
    case "is-null":
      return [expr.operand];
    case "in":
      return [expr.operand, ...expr.list];
    case "case":
      return [expr.when, expr.then, ...(expr.otherwise === null ? [] : [expr.otherwise])];
    case "call":
      return expr.args;
    case "aggregate":
      return [...expr.args, ...(expr.filter === null ? [] : [expr.filter])];
    case "over":
      return [...expr.partitionBy, ...expr.aggregate.args];
    default:
      return [];
  }
}

export function someExpr(expr: ExprSpec, is: (expr: ExprSpec) => boolean): boolean {
  return is(expr) || operandsOf(expr).some((operand) => someExpr(operand, is));
}

/** The type of a value, by its name in SQL. */
export function typeOf(expr: ExprSpec): string {
  switch (expr.kind) {
    case "column":
    case "literal":
    case "binary":
    case "case":
    case "call":
      return expr.type;
    case "window-bound":
      return "TIMESTAMP";
    case "aggregate":
      return aggregateType(expr);
    case "over":
      return aggregateType(expr.aggregate);
    default:
      return "BOOLEAN";
  }
}

function aggregateType({ name, args }: AggregateSpec): string {
  const [value] = args;
  if (name === "COUNT" || value === undefined) return "BIGINT";
  if (name === "AVG") return "DOUBLE";
  if (name === "STRING_AGG") return "STRING";
  return name === "COLLECT_LIST" || name === "COLLECT_SET" || name === "TOPK" ? `ARRAY<${typeOf(value)}>` : typeOf(value);
}

/** As if it read what a stage of rows before it reads: what the stage only renames is the same column. */
export function throughRows(select: SelectSpec, stage: SelectSpec): SelectSpec {
  const readBy = (expr: ExprSpec): ExprSpec =>
    (expr.kind === "column" ? stage.items.find(({ name }) => name === expr.name)?.expr : undefined) ?? expr;
  const items = select.items.map(({ name, expr }) => ({ name, expr: readBy(expr) }));
  return { ...select, from: stage.from, items, groupBy: select.groupBy.map(readBy) };
}

/** Whether rows of one group may lie in several partitions: what groups are made by lacks the key. */
export function isScattered(select: SelectSpec, sources: readonly SourceSpec[]): boolean {
  const { from, join, window, distinct, items, groupBy } = select;
  const source = sources.find(({ name }) => name === from);
  if (source === undefined || source.kind === "table" || source.partitions === 1 || join !== null) return false;
  const isPerGroup = window?.kind === "session" || window?.kind === "count";
  const keys = distinct ? items.map(({ expr }) => expr) : groupBy;
  return isAggregated(select) && !isPerGroup && !keys.some((expr) => expr.kind === "column" && expr.name === source.keyColumn);
}
