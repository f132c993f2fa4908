import type { AggregateSpec, BadCell, BinaryOp, Cell, ExprSpec } from "./spec.ts";
import { isBad } from "./spec.ts";

/** A value that does not fit its column was looked at: the record cannot be taken. */
export class BadValue extends Error {}

export interface Scope {
  /** Of a row. */
  readonly column: (name: string, of: string | null) => Cell | BadCell;
  /** Of a group: what is grouped by, and the aggregates; null: not there. */
  readonly group: ((expr: ExprSpec) => Cell | undefined) | null;
}

/** SQL's three values and DuckDB's arithmetic, for what `ExprSpec` can say. Throws BadValue. */
export function evaluate(expr: ExprSpec, scope: Scope): Cell {
  const grouped = scope.group?.(expr);
  if (grouped !== undefined) return grouped;
  switch (expr.kind) {
    case "column":
      return fitting(scope.column(expr.name, expr.of));
    case "literal":
      return expr.value;
    case "binary":
      return binary(expr.op, expr.left, expr.right, scope);
    case "not": {
      const value = evaluate(expr.operand, scope);
      return value === null ? null : value !== true;
    }
    case "is-null":
      return (evaluate(expr.operand, scope) === null) !== expr.negated;
    case "in":
      return isIn(evaluate(expr.operand, scope), expr.list, scope);
    case "case":
      if (evaluate(expr.when, scope) === true) return evaluate(expr.then, scope);
      return expr.otherwise === null ? null : evaluate(expr.otherwise, scope);
    case "call":
      return call(expr.name, expr.args, scope);
    default:
      throw new Error(`${expr.kind} has no value here`);
  }
}

/** Whether rows are taken; behind a conjunct that is not true, be it NULL, nothing is looked at. */
export function isTaken(where: ExprSpec | null, scope: Scope): boolean {
  if (where === null) return true;
  if (where.kind === "binary" && where.op === "AND") return isTaken(where.left, scope) && isTaken(where.right, scope);
  return evaluate(where, scope) === true;
}

function fitting(cell: Cell | BadCell): Cell {
  if (isBad(cell)) throw new BadValue(cell.bad);
  return cell;
}

function binary(op: BinaryOp, left: ExprSpec, right: ExprSpec, scope: Scope): Cell {
  const a = evaluate(left, scope);
  if (op === "AND" && a === false) return false;
  if (op === "OR" && a === true) return true;
  const b = evaluate(right, scope);
  if (op === "AND") return b === false ? false : a === null || b === null ? null : true;
  if (op === "OR") return b === true ? true : a === null || b === null ? null : false;
  if (op === "IS DISTINCT FROM") return a === null || b === null ? a !== b : compare(a, b) !== 0;
  if (a === null || b === null) return null;
  return op === "||"
    ? `${a}${b}`
    : typeof a === "number" && typeof b === "number" && ARITHMETIC.has(op)
      ? compute(op, a, b)
      : holds(op, compare(a, b));
}

const ARITHMETIC: ReadonlySet<BinaryOp> = new Set<BinaryOp>(["+", "-", "*", "/", "%"]);

function compute(op: BinaryOp, a: number, b: number): number | null {
  switch (op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    default:
      return b === 0 ? null : a % b;
  }
}

function holds(op: BinaryOp, order: number): boolean {
  switch (op) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    default:
      return order >= 0;
  }
}

/** Texts by their bytes. */
export function compare(a: Cell, b: Cell): number {
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Math.sign(Number(a) - Number(b));
}

function isIn(value: Cell, list: readonly ExprSpec[], scope: Scope): Cell {
  const values = list.map((item) => evaluate(item, scope));
  if (value === null) return null;
  if (values.some((item) => item !== null && compare(item, value) === 0)) return true;
  return values.includes(null) ? null : false;
}

function call(name: (ExprSpec & { kind: "call" })["name"], args: readonly ExprSpec[], scope: Scope): Cell {
  if (name === "COALESCE") {
    // What stands behind the first value is not looked at.
    for (const arg of args) {
      const value = evaluate(arg, scope);
      if (value !== null) return value;
    }
    return null;
  }
  const [first = null, second = null] = args.map((arg) => evaluate(arg, scope));
  if (name === "NULLIF") return first !== null && second !== null && compare(first, second) === 0 ? null : first;
  if (first === null) return null;
  if (name === "UPPER") return String(first).toUpperCase();
  return name === "ABS" ? Math.abs(Number(first)) : [...String(first)].length;
}

// --- aggregates --------------------------------------------------------------------------------

/** A row of a group, with its place in time; a group has its rows in the order of the log. */
export interface GroupRow {
  readonly scope: Scope;
  readonly timeMs: number;
}

/** An aggregate worked out anew from all rows. */
export function aggregate({ name, args, distinct, filter }: AggregateSpec, rows: readonly GroupRow[]): Cell {
  const taken = filter === null ? rows : rows.filter(({ scope }) => evaluate(filter, scope) === true);
  const [value, second] = args;
  if (value === undefined) return taken.length;
  const all = taken.map(({ scope, timeMs }) => ({
    timeMs,
    value: evaluate(value, scope),
    by: second === undefined ? null : evaluate(second, scope),
  }));
  if (name === "COLLECT_LIST") return all.map((row) => row.value);
  if (name === "COLLECT_SET") return unique(all.map((row) => row.value));
  const present = all.filter((row) => row.value !== null);
  const values = distinct ? unique(present.map((row) => row.value)) : present.map((row) => row.value);
  const numbers = values.map(Number);
  const sum = numbers.reduce((total, number) => total + number, 0);
  switch (name) {
    case "COUNT":
      return values.length;
    case "SUM":
      return values.length === 0 ? null : sum;
    case "AVG":
      return values.length === 0 ? null : sum / values.length;
    case "MIN":
      return extreme(values, -1);
    case "MAX":
      return extreme(values, 1);
    case "MIN_BY":
    case "MAX_BY": {
      const known = present.filter(({ by }) => by !== null);
      const best = extreme(
        known.map(({ by }) => by),
        name === "MIN_BY" ? -1 : 1,
      );
      return known.find(({ by }) => by === best)?.value ?? null;
    }
    case "EARLIEST_BY_OFFSET":
      return values[0] ?? null;
    case "LATEST_BY_OFFSET":
      return values.at(-1) ?? null;
    case "FIRST": {
      const least = Math.min(...present.map(({ timeMs }) => timeMs));
      return present.find(({ timeMs }) => timeMs === least)?.value ?? null;
    }
    case "LAST": {
      const greatest = Math.max(...present.map(({ timeMs }) => timeMs));
      return present.findLast(({ timeMs }) => timeMs === greatest)?.value ?? null;
    }
    case "TOPK":
      return numbers.sort((a, b) => b - a).slice(0, Number(all[0]?.by ?? 0));
    case "STRING_AGG":
      return values.length === 0 ? null : values.join(String(all[0]?.by ?? ","));
  }
}

function unique(values: readonly Cell[]): readonly Cell[] {
  return values.filter((value, index) => values.indexOf(value) === index);
}

/** The least (-1) or greatest (1) value; the first of equals. */
function extreme(values: readonly Cell[], direction: -1 | 1): Cell {
  let best: Cell = null;
  for (const value of values) if (best === null || compare(value, best) * direction > 0) best = value;
  return best;
}
