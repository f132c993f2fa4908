import type { Expr, Over, Select } from "./ast.ts";
import type { Statement } from "./statement-ast.ts";

/** The expressions directly inside an expression, in the order written. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case "null":
    case "boolean":
    case "number":
    case "string":
    case "typed":
    case "interval":
    case "ref":
    case "missing":
      return [];
    case "call":
      return [...expr.args, ...(expr.filter === null ? [] : [expr.filter]), ...(expr.over === null ? [] : operandsOf(expr.over))];
    case "array":
      return expr.items;
    case "map":
      return expr.entries.flatMap(({ key, value }) => [key, value]);
    case "struct":
      return expr.fields.map(({ value }) => value);
    case "lambda":
      return [expr.body];
    case "index":
      return [expr.operand, expr.index];
    case "at-time-zone":
      return [expr.operand, expr.zone];
    case "not":
    case "negate":
    case "is":
    case "cast":
    case "access":
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

function operandsOf({ partitionBy, orderBy, frame }: Over): Expr[] {
  const distances = [frame?.start.distance ?? null, frame?.end?.distance ?? null].filter((distance) => distance !== null);
  return [...partitionBy, ...orderBy.map(({ expr }) => expr), ...distances];
}

/** The outermost expressions of one SELECT, in the order of the clauses; not those of SELECTs inside it. */
export function expressionsOf(select: Select): readonly Expr[] {
  const items = select.items.flatMap((item) => (item.kind === "expr" ? [item.expr] : []));
  const joined = select.joins.flatMap(({ right, on }) => [right.kind === "unnest" ? right.operand : null, on]);
  const { where, groupBy, having, partitionBy, eventTime, startAt } = select;
  const all = [...items, ...joined, eventTime, where, ...groupBy, having, ...partitionBy, startAt?.time ?? null];
  return all.filter((expr) => expr !== null);
}

/** The SELECT of a statement that has one. */
export function selectOf(statement: Statement): Select | null {
  switch (statement.kind) {
    case "insert":
    case "select":
    case "create":
      return statement.select;
    case "explain":
      return statement.statement.select;
    default:
      return null;
  }
}

/** All SELECTs of a statement: stages, sub-queries and the members of unions too. */
export function selectsOf(statement: Statement): readonly Select[] {
  const found: Select[] = [];
  const select = selectOf(statement);
  const pending = select === null ? [] : [select];
  if (statement.kind === "with") pending.push(...statement.stages.map((stage) => stage.select));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    found.push(next);
    const items = [next.from, ...next.joins.map(({ right }) => right)];
    const derived = items.flatMap((item) => (item.kind === "derived" ? [item.select] : []));
    pending.push(...next.with.map((stage) => stage.select), ...derived, ...next.union);
  }
  return found;
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
