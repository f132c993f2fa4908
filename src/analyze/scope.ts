import { isDeepStrictEqual } from "node:util";
import type { Span } from "../../grammar/ast.ts";
import { LIMITS } from "../limits.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundAggregate, FieldRef } from "../model/statement.ts";
import type { DataType } from "../model/type.ts";
import { operandsOf } from "./bound-tree.ts";
import type { Reporter } from "./reporter.ts";
import type { ResolvedSource } from "./resolve-name.ts";

/** What the names of one statement mean, and what its expressions have been found to use. Grows while it is bound. */
export interface Scope {
  readonly source: ResolvedSource;
  /** `FROM temperatures t` */
  readonly alias: string | null;
  readonly windowed: boolean;
  readonly report: Reporter;
  readonly fields: FieldRef[];
  readonly aggregates: BoundAggregate[];
  /** Where each bound node was written, for errors that are found later. */
  readonly spans: WeakMap<BoundExpr, Span>;
  readonly nodeCounts: WeakMap<BoundExpr, number>;
  /** First uses of the record key, as a whole and by fields of it. */
  readonly keyUse: { whole: Span | null; fields: Span | null };
}

export function createScope(source: ResolvedSource, alias: string | null, windowed: boolean, report: Reporter): Scope {
  return {
    source,
    alias,
    windowed,
    report,
    fields: [],
    aggregates: [],
    spans: new WeakMap(),
    nodeCounts: new WeakMap(),
    keyUse: { whole: null, fields: null },
  };
}

type Clause = "SELECT" | "WHERE" | "GROUP BY" | "HAVING" | "PK";

/** Where an expression stands, which decides what its names may mean. */
export interface Place {
  readonly scope: Scope;
  readonly clause: Clause;
  /** Inside an aggregate's argument: rows again, also in SELECT and HAVING. */
  readonly inAggregate: boolean;
  /** Names of SELECT that stand for their expression here. */
  readonly alias: (name: string) => BoundExpr | null;
}

/** A bound node with its place in the text. null: the expression has grown beyond all bounds. */
export function node(scope: Scope, span: Span, expr: BoundExpr): BoundExpr | null {
  let count = 1;
  for (const operand of operandsOf(expr)) count += scope.nodeCounts.get(operand) ?? 1;
  if (count > LIMITS.expressionNodesMax) {
    const hint = "BETWEEN and CASE x WHEN repeat their operand: select it under a name of its own first";
    return scope.report.error("TOO_LARGE", span, `the expression has more than ${LIMITS.expressionNodesMax} parts`, hint);
  }
  scope.nodeCounts.set(expr, count);
  scope.spans.set(expr, span);
  return expr;
}

/** A leaf for a field of the record; the statement reads it once, however often it is named. */
export function fieldLeaf(scope: Scope, span: Span, root: FieldRef["root"], path: readonly string[], type: DataType): BoundExpr | null {
  const known = scope.fields.findIndex((field) => field.root === root && isDeepStrictEqual(field.path, path));
  const index = known >= 0 ? known : scope.fields.push({ root, path, type, text: fieldText(root, path) }) - 1;
  return node(scope, span, { kind: "field", type, index });
}

function fieldText(root: FieldRef["root"], path: readonly string[]): string {
  if (root === "value") return path.length === 0 ? "_value" : path.join(".");
  return [`_${root}`, ...path].join(".");
}

/** Whether the node is this field of the value. */
export function isValueField(scope: Scope, expr: BoundExpr, name: string): boolean {
  const field = expr.kind === "field" ? scope.fields[expr.index] : undefined;
  return field?.root === "value" && field.path.length === 1 && field.path[0] === name;
}
