/**
 * The syntax tree: plain data, one shape per kind, no optional fields, spans in UTF-16 offsets (half open).
 * Names are not resolved here. Parentheses are not nodes: the printer writes the necessary ones.
 */
import type { ClauseOf } from "./clause-table.ts";

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Node {
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
  | TypedLiteral
  | IntervalLiteral
  | ArrayLiteral
  | MapLiteral
  | StructLiteral
  | Ref
  | Access
  | Index
  | Call
  | Lambda
  | Not
  | Negate
  | AtTimeZone
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
/** `TIMESTAMP '2026-01-01 00:00:00'`: what stands in the quotes is checked later. */
export interface TypedLiteral extends Node {
  readonly kind: "typed";
  readonly type: "TIMESTAMP" | "DATE" | "TIME";
  readonly text: string;
}
export type IntervalUnit = Duration["unit"] | "MONTH" | "QUARTER" | "YEAR";
/** `INTERVAL '1' DAY`, `INTERVAL 5 MINUTES`; without a unit the text names them: `INTERVAL '1 day 2 hours'`. */
export interface IntervalLiteral extends Node {
  readonly kind: "interval";
  readonly text: string;
  readonly unit: IntervalUnit | null;
}
/** `ARRAY[1, 2]` */
export interface ArrayLiteral extends Node {
  readonly kind: "array";
  readonly items: readonly Expr[];
}
/** `MAP('a' := 1)` */
export interface MapLiteral extends Node {
  readonly kind: "map";
  readonly entries: readonly { readonly key: Expr; readonly value: Expr }[];
}
/** `STRUCT(a := 1)` */
export interface StructLiteral extends Node {
  readonly kind: "struct";
  readonly fields: readonly { readonly name: Ident; readonly value: Expr }[];
}
/** A field, `_key`, `_value.a.b`, `_header.x`, `_offset`, `window_start` … */
export interface Ref extends Node {
  readonly kind: "ref";
  readonly path: Path;
}
/** `f(x).name`, `a[1].name`: a member of anything but a plain path, which is one `Ref`. */
export interface Access extends Node {
  readonly kind: "access";
  readonly operand: Expr;
  readonly name: Ident;
}
/** `a[1]`: an element of an array, or a value of a map. */
export interface Index extends Node {
  readonly kind: "index";
  readonly operand: Expr;
  readonly index: Expr;
}
export interface Call extends Node {
  readonly kind: "call";
  readonly name: Ident;
  readonly args: readonly Expr[];
  /** `COUNT(*)` */
  readonly star: boolean;
  readonly distinct: boolean;
  /** `IGNORE NULLS`, of functions with OVER; left out: nothing is said. */
  readonly nulls?: "IGNORE" | "RESPECT";
  /** `FILTER (WHERE …)` */
  readonly filter: Expr | null;
  readonly over: Over | null;
}
/** `OVER (PARTITION BY … ORDER BY … ROWS BETWEEN … AND …)` */
export interface Over extends Node {
  readonly partitionBy: readonly Expr[];
  readonly orderBy: readonly OrderItem[];
  readonly frame: Frame | null;
}
export interface OrderItem extends Node {
  readonly expr: Expr;
  readonly descending: boolean;
  readonly nulls: "FIRST" | "LAST" | null;
}
export interface Frame extends Node {
  readonly unit: "ROWS" | "RANGE";
  readonly start: FrameBound;
  /** Null without BETWEEN: the current row. */
  readonly end: FrameBound | null;
}
export interface FrameBound extends Node {
  readonly direction: "PRECEDING" | "CURRENT ROW" | "FOLLOWING";
  /** Null for UNBOUNDED and for the current row. */
  readonly distance: Expr | null;
}
/** `x => x + 1`, `(k, v) => v`: only as an argument of a call. */
export interface Lambda extends Node {
  readonly kind: "lambda";
  readonly parameters: readonly Ident[];
  readonly body: Expr;
}
export interface Not extends Node {
  readonly kind: "not";
  readonly operand: Expr;
}
export interface Negate extends Node {
  readonly kind: "negate";
  readonly operand: Expr;
}
/** `ts AT TIME ZONE 'Europe/Berlin'` */
export interface AtTimeZone extends Node {
  readonly kind: "at-time-zone";
  readonly operand: Expr;
  readonly zone: Expr;
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
  /** RLIKE takes a regular expression. */
  readonly op: "LIKE" | "ILIKE" | "RLIKE";
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

export type FromItem = Relation | DerivedTable | Unnest;
/** A topic, stream, index or table, with its connection if given: `kafka.temperatures`; or a stage of WITH. */
export interface Relation extends Node {
  readonly kind: "relation";
  readonly path: Path;
  readonly alias: Ident | null;
}
/** `(SELECT …) AS name` */
export interface DerivedTable extends Node {
  readonly kind: "derived";
  readonly select: Select;
  readonly alias: Ident | null;
}
/** `CROSS JOIN UNNEST(items) AS t(item)`: one row for each element. */
export interface Unnest extends Node {
  readonly kind: "unnest";
  readonly operand: Expr;
  readonly alias: Ident | null;
  readonly columns: readonly Ident[];
}

export interface Join extends Node {
  readonly type: "INNER" | "LEFT" | "RIGHT" | "FULL" | "CROSS";
  readonly right: FromItem;
  readonly on: Expr | null;
  /** `USING (a, b)` */
  readonly using: readonly Ident[];
  readonly within: Within | null;
}
/** `WITHIN 1 HOUR`: both ways; `WITHIN (1 MINUTE, 2 MINUTES)`: the right row so long before, or so long after the left. */
export interface Within extends Node {
  readonly before: Duration;
  readonly after: Duration;
  readonly grace: Duration | null;
}

export interface Duration extends Node {
  readonly count: number;
  readonly unit: "MILLISECOND" | "SECOND" | "MINUTE" | "HOUR" | "DAY" | "WEEK";
}

export type Window = TumblingWindow | HoppingWindow | CumulatingWindow | SlidingWindow | SessionWindow | CountWindow;
export interface AnyWindow extends Node {
  readonly grace: Duration | null;
  /** Moves the bounds, which else are multiples of the size since 1970 in the time zone. */
  readonly offset: Duration | null;
  /** `TIME ZONE 'Europe/Berlin'`: where days begin. */
  readonly timeZone: string | null;
  /** ksqlDB's; kept, but nothing follows from it. */
  readonly retention: Duration | null;
}
export interface TumblingWindow extends AnyWindow {
  readonly kind: "tumbling";
  readonly size: Duration;
}
export interface HoppingWindow extends AnyWindow {
  readonly kind: "hopping";
  readonly size: Duration;
  readonly advance: Duration;
}
/** From the start of each `size` to the end of each `advance` in it. */
export interface CumulatingWindow extends AnyWindow {
  readonly kind: "cumulating";
  readonly size: Duration;
  readonly advance: Duration;
}
/** Of each row: itself and what came in the time `size` before it. */
export interface SlidingWindow extends AnyWindow {
  readonly kind: "sliding";
  readonly size: Duration;
}
export interface SessionWindow extends AnyWindow {
  readonly kind: "session";
  readonly gap: Duration;
}
/** So many rows of a group; `advance` rows later the next one begins, null: when this one is full. */
export interface CountWindow extends AnyWindow {
  readonly kind: "count";
  readonly size: number;
  readonly advance: number | null;
}

/** A member of WITH: a query with a name. */
export interface Stage extends Node {
  readonly name: Ident;
  readonly select: Select;
}

/** Formats by upper-case name: `_ktype = 'STRING' AND _vtype = 'AVRO'` in WHERE, `STORE KEY AS STRING VALUE AS AVRO`. */
export interface Formats extends Node {
  readonly key: string | null;
  readonly value: string | null;
}

export interface StartAt extends Node {
  readonly position: "EARLIEST" | "LATEST" | "TIME";
  /** For TIME. */
  readonly time: Expr | null;
}

/** Of a UNION the first SELECT; it carries what belongs to the whole: stages, EMIT, START AT, LATE INTO, LIMIT, clauses. */
export interface Select extends Node {
  readonly with: readonly Stage[];
  /** `SELECT STREAM`, `SELECT TABLE` */
  readonly readAs: "STREAM" | "TABLE" | null;
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from: FromItem;
  readonly joins: readonly Join[];
  /** How the records are to be read, where WHERE says so. */
  readonly formats: Formats | null;
  readonly where: Expr | null;
  readonly window: Window | null;
  readonly groupBy: readonly Expr[];
  readonly having: Expr | null;
  readonly partitionBy: readonly Expr[];
  /** `EVENTTIME BY …` */
  readonly eventTime: Expr | null;
  readonly startAt: StartAt | null;
  /** `LATE INTO …`: where records go that come too late for their window. */
  readonly late: Path | null;
  readonly emit: Emit | null;
  readonly limit: Limit | null;
  /** The further SELECTs of UNION ALL. */
  readonly union: readonly Select[];
  /** KCQL and other clauses, in the order written. */
  readonly clauses: readonly Clause[];
}

export interface Emit extends Node {
  readonly mode: "CHANGES" | "FINAL" | "EVERY";
  /** For EVERY. */
  readonly every: Duration | null;
}
export interface Limit extends Node {
  readonly count: number;
}

/** KCQL's clauses, in a few shapes; `name` is the word that begins the clause, a row of `clause-table.ts`. */
export type Clause =
  | FlagClause
  | NumberClause
  | TextClause
  | FieldsClause
  | TimeClause
  | StoreAsClause
  | TagsClause
  | PropertiesClause
  | BucketsClause
  | OffsetsClause
  | SampleClause;
export interface FlagClause extends Node {
  readonly kind: "flag";
  readonly name: ClauseOf<"flag">;
}
/** `TTL = 86400` */
export interface NumberClause extends Node {
  readonly kind: "number";
  readonly name: ClauseOf<"number">;
  readonly value: number;
}
/** `WITHINDEXSUFFIX = _{yyyy-MM-dd}`: without the quotes around it; one of a few words in upper case; a path as written. */
export interface TextClause extends Node {
  readonly kind: "text";
  readonly name: ClauseOf<"text" | "word" | "path" | "delimiter">;
  readonly text: string;
  readonly textSpan: Span;
}
/** `PK deviceId, _key.site` */
export interface FieldsClause extends Node {
  readonly kind: "fields";
  readonly name: ClauseOf<"fields" | "names">;
  readonly fields: readonly Path[];
}
/** `WITHTIMESTAMP ts`; null: sys_time(). */
export interface TimeClause extends Node {
  readonly kind: "time";
  readonly name: ClauseOf<"time">;
  readonly field: Path | null;
}
export interface StoreAsClause extends Node {
  readonly kind: "storeas";
  readonly name: ClauseOf<"storeas">;
  readonly type: string;
  readonly parameters: readonly Property[];
}
/** `WITHTAG (site, origin=lab, meta.unit AS unit)`: with a value a constant, with an alias a field under another name. */
export interface TagsClause extends Node {
  readonly kind: "tags";
  readonly name: ClauseOf<"tags">;
  readonly tags: readonly Tag[];
}
export interface Tag extends Node {
  readonly key: string;
  readonly type: "DEFAULT" | "CONSTANT" | "ALIAS";
  /** Null for DEFAULT. */
  readonly value: string | null;
}
export interface PropertiesClause extends Node {
  readonly kind: "properties";
  readonly name: ClauseOf<"properties">;
  readonly properties: readonly Property[];
}
export interface Property extends Node {
  readonly key: string;
  readonly value: string;
}
/** `CLUSTERBY region INTO 8 BUCKETS` */
export interface BucketsClause extends Node {
  readonly kind: "buckets";
  readonly name: ClauseOf<"buckets">;
  readonly fields: readonly Path[];
  readonly count: number;
}
export interface OffsetsClause extends Node {
  readonly kind: "offsets";
  readonly name: ClauseOf<"offsets">;
  readonly offsets: readonly { readonly partition: number; readonly offset: number | null }[];
}
/** `SAMPLE 1 EVERY 100` */
export interface SampleClause extends Node {
  readonly kind: "sample";
  readonly name: ClauseOf<"sample">;
  readonly count: number;
  readonly every: number;
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
