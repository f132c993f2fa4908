import type { Expr, Select, Statement } from "./ast.ts";

/** The expressions directly inside an expression, in the order written. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "null":
    case "boolean":
    case "number":
    case "string":
    case "ref":
    case "missing":
      return [];
    case "call":
      return expr.args;
    case "not":
    case "negate":
    case "is":
    case "cast":
      return [expr.operand];
    case "binary":
      return [expr.left, expr.right];
    case "between":
      return [expr.operand, expr.low, expr.high];
    case "in":
      return [expr.operand, ...expr.list];
    case "like":
      return expr.escape === null ? [expr.operand, expr.pattern] : [expr.operand, expr.pattern, expr.escape];
    case "case": {
      const branches = expr.branches.flatMap(({ when, then }) => [when, then]);
      return [...(expr.operand === null ? [] : [expr.operand]), ...branches, ...(expr.otherwise === null ? [] : [expr.otherwise])];
    }
  }
}

/** The outermost expressions of a SELECT: items, WHERE, GROUP BY, HAVING. */
export function expressionsOf(select: Select): readonly Expr[] {
  const items = select.items.flatMap((item) => (item.kind === "expr" ? [item.expr] : []));
  return [...items, select.where, ...select.groupBy, select.having].filter((expr) => expr !== null);
}

/** The SELECT of a statement that has one. */
export function selectOf(statement: Statement): Select | null {
  switch (statement.kind) {
    case "insert":
    case "select":
      return statement.select;
    case "explain":
      return statement.statement.select;
    case "create-stream":
    case "set":
      return null;
  }
}

/** Calls back for an expression and all inside it, parents first. Needs no stack space for deep trees. */
export function walk(root: Expr, visit: (expr: Expr, depth: number) => void): void {
  const pending: [Expr, number][] = [[root, 1]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [expr, depth] = next;
    visit(expr, depth);
    for (const child of childrenOf(expr).toReversed()) pending.push([child, depth + 1]);
  }
}
