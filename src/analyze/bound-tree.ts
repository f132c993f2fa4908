import { isDeepStrictEqual } from "node:util";
import type { BoundExpr } from "../model/expression.ts";
import type { QueryField } from "../model/query.ts";

/** Direct operands, in the order written. */
export function operandsOf(expr: BoundExpr): readonly BoundExpr[] {
  switch (expr.kind) {
    case "not":
    case "negate":
    case "is":
    case "cast":
      return [expr.operand];
    case "binary":
      return [expr.left, expr.right];
    case "in":
      return [expr.operand, ...expr.list];
    case "like":
      return [expr.operand, expr.pattern];
    case "case":
      return [...expr.branches.flatMap(({ when, then }) => [when, then]), ...(expr.otherwise === null ? [] : [expr.otherwise])];
    case "call":
      return expr.args;
    case "index":
      return [expr.operand, expr.index];
    case "member":
    case "project":
      return [expr.operand];
    case "array":
      return expr.items;
    case "map":
      return [...expr.keys, ...expr.values];
    case "struct":
      return expr.values;
    case "lambda":
      return [expr.body];
    default:
      return [];
  }
}

/** Whether a bound of the window is in it. */
export function isOfWindow(expr: BoundExpr): boolean {
  return expr.kind === "window" || operandsOf(expr).some(isOfWindow);
}

/** The same expression over other operands. */
export function mapOperands(expr: BoundExpr, map: (operand: BoundExpr) => BoundExpr): BoundExpr {
  switch (expr.kind) {
    case "not":
    case "negate":
    case "is":
    case "cast":
      return { ...expr, operand: map(expr.operand) };
    case "binary":
      return { ...expr, left: map(expr.left), right: map(expr.right) };
    case "in":
      return { ...expr, operand: map(expr.operand), list: expr.list.map(map) };
    case "like":
      return { ...expr, operand: map(expr.operand), pattern: map(expr.pattern) };
    case "case":
      return {
        ...expr,
        branches: expr.branches.map(({ when, then }) => ({ when: map(when), then: map(then) })),
        otherwise: expr.otherwise === null ? null : map(expr.otherwise),
      };
    case "call":
      return { ...expr, args: expr.args.map(map) };
    case "index":
      return { ...expr, operand: map(expr.operand), index: map(expr.index) };
    case "member":
    case "project":
      return { ...expr, operand: map(expr.operand) };
    case "array":
      return { ...expr, items: expr.items.map(map) };
    case "map":
      return { ...expr, keys: expr.keys.map(map), values: expr.values.map(map) };
    case "struct":
      return { ...expr, values: expr.values.map(map) };
    case "lambda":
      return { ...expr, body: map(expr.body) };
    default:
      return expr;
  }
}

export function someNode(expr: BoundExpr, test: (node: BoundExpr) => boolean): boolean {
  return test(expr) || operandsOf(expr).some((operand) => someNode(operand, test));
}

/** Structural equality; quick for the usual case of two different leaves. */
export function isSame(left: BoundExpr | null, right: BoundExpr | null): boolean {
  if (left === null || right === null || left.kind !== right.kind) return false;
  if (left.kind === "field" && right.kind === "field") return left.index === right.index;
  return isDeepStrictEqual(left, right);
}

/** What AND holds together. */
export function conjuncts(expr: BoundExpr): readonly BoundExpr[] {
  return expr.kind === "binary" && expr.op === "and" ? [...conjuncts(expr.left), ...conjuncts(expr.right)] : [expr];
}

/** The relations of whose records it is made. */
export function relationsIn(expr: BoundExpr, fields: readonly QueryField[]): ReadonlySet<number> {
  const used = new Set<number>();
  someNode(expr, (leaf) => {
    const field = leaf.kind === "field" ? fields[leaf.index] : undefined;
    if (field !== undefined) used.add(field.relation);
    return false;
  });
  return used;
}
