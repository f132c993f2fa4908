/** Expressions and types as canonical text: parentheses and back-ticks only where the grammar needs them. */
import type { Call, Expr, Frame, FrameBound, Over, TypeRef } from "./ast.ts";
import { isPlainName } from "./names.ts";
import { PRECEDENCE, precedenceOf } from "./precedence.ts";
import { printFreeName, printName, printPath, printString, quote } from "./print-names.ts";
import { isReserved } from "./tokens.ts";

export function printType(type: TypeRef): string {
  const parameters = type.parameters.length > 0 ? `(${type.parameters.join(", ")})` : "";
  const typeArguments = type.arguments.map(({ name, type: inner }) => (name === null ? "" : `${printName(name)} `) + printType(inner));
  const name = isPlainName(type.name) && !isReserved(type.name) ? type.name : quote("`", type.name);
  return name + parameters + (typeArguments.length > 0 ? `<${typeArguments.join(", ")}>` : "");
}

const NOT_CHAINING: ReadonlySet<number> = new Set([PRECEDENCE["="], PRECEDENCE["IS DISTINCT FROM"]]);

export function printExpr(expr: Expr): string {
  switch (expr.kind) {
    case "null":
      return "NULL";
    case "boolean":
      return expr.value ? "TRUE" : "FALSE";
    case "number":
      return expr.text;
    case "string":
      return printString(expr.value);
    case "typed":
      return `${expr.type} ${printString(expr.text)}`;
    case "interval":
      return `INTERVAL ${printString(expr.text)}${expr.unit === null ? "" : ` ${expr.unit}`}`;
    case "array":
      return `ARRAY[${printList(expr.items)}]`;
    case "map":
      return `MAP(${expr.entries.map(({ key, value }) => `${printExpr(key)} := ${printExpr(value)}`).join(", ")})`;
    case "struct":
      return `STRUCT(${expr.fields.map(({ name, value }) => `${printName(name)} := ${printExpr(value)}`).join(", ")})`;
    case "ref":
      return printPath(expr.path);
    case "access":
      return `${TAKES_DOT.has(expr.operand.kind) ? printExpr(expr.operand) : `(${printExpr(expr.operand)})`}.${printFreeName(expr.name)}`;
    case "index":
      return `${indexed(expr.operand)}[${printExpr(expr.index)}]`;
    case "call":
      return printCall(expr);
    case "lambda": {
      const [only, ...others] = expr.parameters.map(printName);
      return `${others.length === 0 ? only : `(${[only, ...others].join(", ")})`} => ${printExpr(expr.body)}`;
    }
    case "not":
      return `NOT ${atLeast(PRECEDENCE.not, expr.operand)}`;
    case "negate":
      return `-${atLeast(PRECEDENCE["at-time-zone"], expr.operand)}`; // `--` would start a comment
    case "at-time-zone":
      return `${atLeast(PRECEDENCE["at-time-zone"], expr.operand)} AT TIME ZONE ${printZone(expr.zone)}`;
    case "binary": {
      const precedence = PRECEDENCE[expr.op];
      // comparisons do not chain, the others group to the left
      const left = atLeast(NOT_CHAINING.has(precedence) ? precedence + 1 : precedence, expr.left);
      return `${left} ${expr.op} ${atLeast(precedence + 1, expr.right)}`;
    }
    case "is":
      return `${atLeast(PRECEDENCE.is + 1, expr.operand)} IS ${not(expr)}${expr.what}`;
    case "between":
      return `${member(expr.operand)} ${not(expr)}BETWEEN ${member(expr.low)} AND ${member(expr.high)}`;
    case "in":
      return `${member(expr.operand)} ${not(expr)}IN (${printList(expr.list)})`;
    case "like": {
      const mark = expr.escape === null ? "" : ` ESCAPE ${printExpr(expr.escape)}`;
      return `${member(expr.operand)} ${not(expr)}${expr.op} ${member(expr.pattern)}${mark}`;
    }
    case "case": {
      const operand = expr.operand === null ? "" : ` ${printExpr(expr.operand)}`;
      const branches = expr.branches.map(({ when, then }) => ` WHEN ${printExpr(when)} THEN ${printExpr(then)}`).join("");
      const otherwise = expr.otherwise === null ? "" : ` ELSE ${printExpr(expr.otherwise)}`;
      return `CASE${operand}${branches}${otherwise} END`;
    }
    case "cast":
      return `${expr.safe ? "TRY_CAST" : "CAST"}(${printExpr(expr.operand)} AS ${printType(expr.type)})`;
    case "missing":
      return "";
  }
}

function printCall({ name, args, star, distinct, nulls, filter, over }: Call): string {
  // without arguments these two are constructors
  const word = args.length === 0 && !star && /^(MAP|STRUCT)$/i.test(name.name) ? quote("`", name.name) : printName(name);
  const treatment = nulls === undefined ? "" : ` ${nulls} NULLS`;
  const call = `${word}(${star ? "*" : (distinct ? "DISTINCT " : "") + printList(args)}${treatment})`;
  const filtered = filter === null ? "" : ` FILTER (WHERE ${printExpr(filter)})`;
  return call + filtered + (over === null ? "" : ` OVER (${printOver(over)})`);
}

function printOver({ partitionBy, orderBy, frame }: Over): string {
  const items = orderBy.map(
    ({ expr, descending, nulls }) => printExpr(expr) + (descending ? " DESC" : "") + (nulls === null ? "" : ` NULLS ${nulls}`),
  );
  const parts = [
    partitionBy.length === 0 ? "" : `PARTITION BY ${printList(partitionBy)}`,
    items.length === 0 ? "" : `ORDER BY ${items.join(", ")}`,
    frame === null ? "" : printFrame(frame),
  ];
  return parts.filter((part) => part !== "").join(" ");
}

function printFrame({ unit, start, end }: Frame): string {
  return end === null ? `${unit} ${printBound(start)}` : `${unit} BETWEEN ${printBound(start)} AND ${printBound(end)}`;
}

function printBound({ direction, distance }: FrameBound): string {
  if (direction === "CURRENT ROW") return direction;
  if (distance === null) return `UNBOUNDED ${direction}`;
  const text = atLeast(PRECEDENCE["||"], distance);
  return `${/^(UNBOUNDED|CURRENT)$/i.test(text) ? quote("`", text) : text} ${direction}`;
}

/** What a dot behind it makes no part of itself, as it would of a path or a number. */
const TAKES_DOT: ReadonlySet<Expr["kind"]> = new Set(["access", "index", "call", "array", "map", "struct", "cast", "case"]);

/** `ARRAY[1]` makes an array, and a unit before a bracket belongs to the interval. */
function indexed(operand: Expr): string {
  const text = atLeast(PRECEDENCE.primary, operand);
  return /^ARRAY$/i.test(text) ? quote("`", text) : text;
}

/** One operand without anything behind it. */
function printZone(zone: Expr): string {
  return zone.kind === "index" || zone.kind === "access" ? `(${printExpr(zone)})` : atLeast(PRECEDENCE.primary, zone);
}

export const printList = (exprs: readonly Expr[]): string => exprs.map(printExpr).join(", ");
const not = (expr: { readonly negated: boolean }): string => (expr.negated ? "NOT " : "");
const member = (expr: Expr): string => atLeast(PRECEDENCE.membership + 1, expr);

/** In parentheses where it binds more loosely than its place allows. */
function atLeast(precedence: number, expr: Expr): string {
  const text = printExpr(expr);
  return precedenceOf(expr) < precedence ? `(${text})` : text;
}
