/**
 * The syntax tree: plain data, one shape per kind, no optional fields, spans in UTF-16 offsets (half open).
 * Names are not resolved here. Parentheses are not nodes: the printer writes the necessary ones.
 */
export interface Span {
  readonly start: number;
  readonly end: number;
}

interface Node {
  readonly span: Span;
}

export interface Ident extends Node {
  readonly name: string;
  /** Written in back-ticks or double quotes. */
  readonly quoted: boolean;
}

/** `a.b.c`: resolved by the analyzer. A raw topic name such as `my.topic-1` is one Ident per dot-separated part. */
export interface Path extends Node {
  readonly parts: readonly Ident[];
}

// --- expressions -------------------------------------------------------------------------------

export type BinaryOp =
  | "OR"
  | "AND"
  | "="
  | "<>"
  | "<"
  | "<="
  | ">"
  | ">="
  | "IS DISTINCT FROM"
  | "IS NOT DISTINCT FROM"
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "||";

export type Expr =
  | NullLiteral
  | BooleanLiteral
  | NumberLiteral
  | StringLiteral
  | Ref
  | Call
  | Not
  | Negate
  | Binary
  | Between
  | InList
  | Like
  | Is
  | Case
  | Cast
  | Missing;

export interface NullLiteral extends Node {
  readonly kind: "null";
}
export interface BooleanLiteral extends Node {
  readonly kind: "boolean";
  readonly value: boolean;
}
/** As written, so that big integers and decimals stay exact. */
export interface NumberLiteral extends Node {
  readonly kind: "number";
  readonly text: string;
}
export interface StringLiteral extends Node {
  readonly kind: "string";
  readonly value: string;
}
/** A field, `_key`, `_value.a.b`, `_header.x`, `_offset`, `window_start` … */
export interface Ref extends Node {
  readonly kind: "ref";
  readonly path: Path;
}
export interface Call extends Node {
  readonly kind: "call";
  readonly name: Ident;
  readonly args: readonly Expr[];
  /** `COUNT(*)` */
  readonly star: boolean;
  readonly distinct: boolean;
}
export interface Not extends Node {
  readonly kind: "not";
  readonly operand: Expr;
}
export interface Negate extends Node {
  readonly kind: "negate";
  readonly operand: Expr;
}
export interface Binary extends Node {
  readonly kind: "binary";
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
}
export interface Between extends Node {
  readonly kind: "between";
  readonly operand: Expr;
  readonly low: Expr;
  readonly high: Expr;
  readonly negated: boolean;
}
export interface InList extends Node {
  readonly kind: "in";
  readonly operand: Expr;
  readonly list: readonly Expr[];
  readonly negated: boolean;
}
export interface Like extends Node {
  readonly kind: "like";
  readonly operand: Expr;
  readonly pattern: Expr;
  readonly escape: Expr | null;
  readonly negated: boolean;
}
export interface Is extends Node {
  readonly kind: "is";
  readonly operand: Expr;
  readonly what: "NULL" | "TRUE" | "FALSE";
  readonly negated: boolean;
}
export interface Case extends Node {
  readonly kind: "case";
  /** `CASE operand WHEN value …`; null for the searched form. */
  readonly operand: Expr | null;
  readonly branches: readonly { readonly when: Expr; readonly then: Expr }[];
  readonly otherwise: Expr | null;
}
export interface Cast extends Node {
  readonly kind: "cast";
  readonly operand: Expr;
  readonly type: TypeRef;
  /** TRY_CAST: null instead of an error. */
  readonly safe: boolean;
}
/** Stands where an expression is missing or was not understood; made by error recovery only. */
export interface Missing extends Node {
  readonly kind: "missing";
}

/** `BIGINT`, `DECIMAL(10, 2)`, `ARRAY<STRING>`, `MAP<STRING, INT>`, `STRUCT<a INT, b STRING>`. */
export interface TypeRef extends Node {
  /** As written, upper case. */
  readonly name: string;
  /** Numbers in parentheses. */
  readonly parameters: readonly number[];
  /** In angle brackets; `name` is null except in STRUCT. */
  readonly arguments: readonly { readonly name: Ident | null; readonly type: TypeRef }[];
}

// --- SELECT ------------------------------------------------------------------------------------

export type SelectItem = StarItem | ExprItem;
export interface StarItem extends Node {
  readonly kind: "star";
  /** `a.b.*`: the path before the star; null for a bare star. */
  readonly prefix: Path | null;
}
export interface ExprItem extends Node {
  readonly kind: "expr";
  readonly expr: Expr;
  readonly alias: Ident | null;
}

/** A topic, stream, index or table, with its connection if given: `kafka.temperatures`. */
export interface Relation extends Node {
  readonly path: Path;
  readonly alias: Ident | null;
}

export interface Duration extends Node {
  readonly count: number;
  readonly unit: "MILLISECOND" | "SECOND" | "MINUTE" | "HOUR" | "DAY";
}

export type Window = TumblingWindow;
export interface TumblingWindow extends Node {
  readonly kind: "tumbling";
  readonly size: Duration;
  readonly grace: Duration | null;
}

export interface Select extends Node {
  readonly items: readonly SelectItem[];
  readonly from: Relation;
  readonly where: Expr | null;
  readonly window: Window | null;
  readonly groupBy: readonly Expr[];
  readonly having: Expr | null;
  readonly emit: Emit | null;
  readonly limit: Limit | null;
  /** KCQL and other clauses, in the order written. */
  readonly clauses: readonly Clause[];
}

export interface Emit extends Node {
  readonly mode: "CHANGES" | "FINAL";
}
export interface Limit extends Node {
  readonly count: number;
}

export type Clause = PkClause | IndexSuffixClause | BatchClause | TtlClause | AutocreateClause;
export interface PkClause extends Node {
  readonly kind: "pk";
  readonly columns: readonly Path[];
}
/** `WITHINDEXSUFFIX = _{yyyy-MM-dd}`: the text as written. */
export interface IndexSuffixClause extends Node {
  readonly kind: "withindexsuffix";
  readonly pattern: string;
}
export interface BatchClause extends Node {
  readonly kind: "batch";
  readonly count: number;
}
/** `TTL = 86400`: seconds. */
export interface TtlClause extends Node {
  readonly kind: "ttl";
  readonly seconds: number;
}
export interface AutocreateClause extends Node {
  readonly kind: "autocreate";
}

// --- statements --------------------------------------------------------------------------------

export type Statement = InsertStatement | SelectStatement | CreateStreamStatement | SetStatement | ExplainStatement;

export interface InsertStatement extends Node {
  readonly kind: "insert";
  /** `@name` in a comment before the statement, or null. */
  readonly name: string | null;
  readonly mode: "INSERT" | "UPSERT";
  readonly target: Path;
  readonly select: Select;
}
export interface SelectStatement extends Node {
  readonly kind: "select";
  readonly select: Select;
}
export interface CreateStreamStatement extends Node {
  readonly kind: "create-stream";
  readonly name: Path;
  readonly columns: readonly ColumnDefinition[];
  readonly options: readonly Option[];
}
export interface ColumnDefinition extends Node {
  readonly name: Ident;
  readonly type: TypeRef;
}
/** `WITH (key = 'deviceId', partitions = 4)` */
export interface Option extends Node {
  readonly name: Ident;
  readonly value: string | number | boolean;
}
/** `SET 'sink' = 'elastic'` */
export interface SetStatement extends Node {
  readonly kind: "set";
  readonly name: string;
  readonly value: string | number | boolean;
}
export interface ExplainStatement extends Node {
  readonly kind: "explain";
  readonly statement: InsertStatement | SelectStatement;
}

// --- diagnostics -------------------------------------------------------------------------------

/** What is wrong with a text and where; never thrown. Codes are stable and listed in docs/errors.md. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  /** For example `SYNTAX`, `UNKNOWN_FIELD`: from `grammar/diagnostic-codes.ts`. */
  readonly code: string;
  readonly message: string;
  /** What to write instead, or null. */
  readonly hint: string | null;
  readonly span: Span;
}

export interface ParseResult {
  readonly text: string;
  readonly statements: readonly Statement[];
  readonly diagnostics: readonly Diagnostic[];
  /** The text ends inside a statement: a REPL asks for more. */
  readonly incomplete: boolean;
}
