import type { Projection } from "./projection.ts";
import type { DataType } from "./type.ts";
import type { Interval } from "./value.ts";
import type { WindowPart } from "./window.ts";

/**
 * Expressions after analysis: names resolved, types known, plain data (a plan is printed, compared and sent as JSON).
 * Two phases share the nodes. In the *row* phase leaves are columns of a record; in the *group* phase, after
 * aggregation, leaves are grouping values, aggregates and window bounds.
 * A leaf of type `any` yields what the record holds; the operator above it says what it needs and a misfit is the
 * row's error (RECORD_TYPE), never a silent null.
 */
export type BoundExpr =
  /** Of DECIMAL, and of an integer beyond 2^53, the digits as text. */
  | { readonly kind: "literal"; readonly type: DataType; readonly value: null | boolean | number | string | Interval }
  /** A field of the record: index into `BoundStatement.fields`. */
  | { readonly kind: "field"; readonly type: DataType; readonly index: number }
  /** `_offset`, `_partition`, `_timestamp`, `_topic` */
  /** `event-time`: that of the row, whatever it is declared to be; only where rows are aggregated. */
  | { readonly kind: "meta"; readonly type: DataType; readonly name: "offset" | "partition" | "timestamp" | "topic" | "event-time" }
  /** The i-th grouping expression (group phase). */
  | { readonly kind: "group"; readonly type: DataType; readonly index: number }
  /** The i-th aggregate (group phase). */
  | { readonly kind: "aggregate"; readonly type: DataType; readonly index: number }
  | { readonly kind: "window"; readonly type: DataType; readonly bound: WindowPart }
  /** A value made of the rows around: index into the calls with OVER of its SELECT. A stage adds it to the rows, where it is a field. */
  | { readonly kind: "over"; readonly type: DataType; readonly index: number; readonly text: string }
  /** The element of an array (`BoundStatement.unnests`) that makes the row; `text` is its name, for messages. Row phase. */
  | { readonly kind: "element"; readonly type: DataType; readonly unnest: number; readonly array: number; readonly text: string }
  /** A parameter of a lambda around it: how many parameters stand before it, those of outer lambdas first. */
  | { readonly kind: "parameter"; readonly type: DataType; readonly index: number; readonly name: string }
  | { readonly kind: "not"; readonly type: DataType; readonly operand: BoundExpr }
  | { readonly kind: "negate"; readonly type: DataType; readonly operand: BoundExpr }
  | { readonly kind: "binary"; readonly type: DataType; readonly op: BoundOp; readonly left: BoundExpr; readonly right: BoundExpr }
  /** `operand IN (list)` with SQL's three-valued result. */
  | { readonly kind: "in"; readonly type: DataType; readonly operand: BoundExpr; readonly list: readonly BoundExpr[] }
  | {
      readonly kind: "like";
      readonly type: DataType;
      readonly op: "like" | "ilike" | "rlike";
      readonly operand: BoundExpr;
      readonly pattern: BoundExpr;
      readonly escape: string | null;
    }
  | { readonly kind: "is"; readonly type: DataType; readonly operand: BoundExpr; readonly what: "null" | "true" | "false" }
  /** Searched CASE; the simple form is rewritten to it. */
  | {
      readonly kind: "case";
      readonly type: DataType;
      readonly branches: readonly { readonly when: BoundExpr; readonly then: BoundExpr }[];
      readonly otherwise: BoundExpr | null;
    }
  | { readonly kind: "cast"; readonly type: DataType; readonly operand: BoundExpr; readonly safe: boolean }
  /** An element of an array or a text, counted from 1 or from the end; a value of a map. NULL: there is none. */
  | { readonly kind: "index"; readonly type: DataType; readonly operand: BoundExpr; readonly index: BoundExpr }
  /** A field of a STRUCT, or of an object of unknown type. */
  | { readonly kind: "member"; readonly type: DataType; readonly operand: BoundExpr; readonly name: string }
  /** What a projection keeps of an object, or of each object of an array. */
  | { readonly kind: "project"; readonly type: DataType; readonly operand: BoundExpr; readonly projection: Projection }
  | { readonly kind: "array"; readonly type: DataType; readonly items: readonly BoundExpr[] }
  | { readonly kind: "map"; readonly type: DataType; readonly keys: readonly BoundExpr[]; readonly values: readonly BoundExpr[] }
  /** The values of the type's fields, in their order. */
  | { readonly kind: "struct"; readonly type: DataType & { readonly kind: "struct" }; readonly values: readonly BoundExpr[] }
  /** Only an argument of a call. The type is that of the body; `parameters` are the indexes and names that the body knows. */
  | {
      readonly kind: "lambda";
      readonly type: DataType;
      readonly parameters: readonly (BoundExpr & { readonly kind: "parameter" })[];
      readonly body: BoundExpr;
    }
  /** A scalar function of `src/functions`, by its canonical lower-case name. */
  | { readonly kind: "call"; readonly type: DataType; readonly name: string; readonly args: readonly BoundExpr[] };

export type BoundOp =
  | "or"
  | "and"
  | "="
  | "<>"
  | "<"
  | "<="
  | ">"
  | ">="
  | "is distinct from"
  | "is not distinct from"
  | "+"
  | "-"
  | "*"
  | "/"
  | "%"
  | "||"
  | "at time zone";
