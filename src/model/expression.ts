import type { DataType } from "./type.ts";

/**
 * Expressions after analysis: names resolved, types known, plain data (a plan is printed, compared and sent as JSON).
 * Two phases share the nodes. In the *row* phase leaves are columns of a record; in the *group* phase, after
 * aggregation, leaves are grouping values, aggregates and window bounds.
 * A leaf of type `any` yields what the record holds; the operator above it says what it needs and a misfit is the
 * row's error (RECORD_TYPE), never a silent null.
 */
export type BoundExpr =
  /** The digits where it is an integer beyond 2^53, of type BIGINT or DECIMAL. */
  | { readonly kind: "literal"; readonly type: DataType; readonly value: null | boolean | number | string }
  /** A field of the record: index into `BoundStatement.fields`. */
  | { readonly kind: "field"; readonly type: DataType; readonly index: number }
  /** `_offset`, `_partition`, `_timestamp`, `_topic` */
  | { readonly kind: "meta"; readonly type: DataType; readonly name: "offset" | "partition" | "timestamp" | "topic" }
  /** The i-th grouping expression (group phase). */
  | { readonly kind: "group"; readonly type: DataType; readonly index: number }
  /** The i-th aggregate (group phase). */
  | { readonly kind: "aggregate"; readonly type: DataType; readonly index: number }
  | { readonly kind: "window"; readonly type: DataType; readonly bound: "start" | "end" }
  | { readonly kind: "not"; readonly type: DataType; readonly operand: BoundExpr }
  | { readonly kind: "negate"; readonly type: DataType; readonly operand: BoundExpr }
  | { readonly kind: "binary"; readonly type: DataType; readonly op: BoundOp; readonly left: BoundExpr; readonly right: BoundExpr }
  /** `operand IN (list)` with SQL's three-valued result. */
  | { readonly kind: "in"; readonly type: DataType; readonly operand: BoundExpr; readonly list: readonly BoundExpr[] }
  | {
      readonly kind: "like";
      readonly type: DataType;
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
  | "||";
