import { isDeepStrictEqual } from "node:util";
import type {
  AtTimeZone,
  Between,
  Binary,
  Case,
  Cast,
  Expr,
  InList,
  IntervalLiteral,
  Is,
  Like,
  Negate,
  Not,
  NumberLiteral,
  Span,
} from "../../grammar/ast.ts";
import { regularExpression } from "../functions/regular-expression.ts";
import { type ExactNumber, integerOf, isInt64 } from "../model/exact-number.ts";
import type { BoundExpr, BoundOp } from "../model/expression.ts";
import { intervalOf, parseInterval } from "../model/interval.ts";
import { isTimeZone } from "../model/time-zone.ts";
import {
  BIGINT,
  BOOLEAN,
  DATE,
  type DataType,
  DOUBLE,
  INT,
  INTERVAL,
  isNumeric,
  NULL,
  STRING,
  TIME,
  TIMESTAMP,
  typeName,
} from "../model/type.ts";
import { bindCall } from "./bind-call.ts";
import { bindAccess, bindArray, bindIndex, bindMap, bindParameter, bindStruct } from "./bind-nested.ts";
import {
  arithmetic,
  atTimeZone,
  canCast,
  compare,
  conform,
  expectKind,
  isIn,
  isWideLiteral,
  type Operand,
  partHint,
  timeLiteral,
} from "./operators.ts";
import { resolveField } from "./resolve-field.ts";
import { resolveType } from "./resolve-type.ts";
import { node, type Place } from "./scope.ts";
import { commonType, hasText, mayBe, numberType } from "./type-rules.ts";

/** An expression with its names resolved and its types checked; null: what is wrong with it was reported. */
export function bindExpression(expr: Expr, place: Place): BoundExpr | null {
  switch (expr.kind) {
    case "null":
      return literal(expr.span, place, NULL, null);
    case "boolean":
      return literal(expr.span, place, BOOLEAN, expr.value);
    case "string":
      return literal(expr.span, place, STRING, expr.value);
    case "number":
      return bindNumber(expr, place);
    case "typed":
      return timeLiteral(place.scope, expr.text, expr.span, LITERAL_TYPES[expr.type]);
    case "interval":
      return bindInterval(expr, place);
    case "array":
      return bindArray(expr, place, bindExpression);
    case "map":
      return bindMap(expr, place, bindExpression);
    case "struct":
      return bindStruct(expr, place, bindExpression);
    case "ref": {
      const parameter = bindParameter(expr, place);
      return parameter === undefined ? resolveField(expr.path, place) : parameter;
    }
    case "index":
      return bindIndex(expr, place, bindExpression);
    case "access":
      return bindAccess(expr, place, bindExpression);
    case "call":
      return bindCall(expr, place, bindExpression);
    case "not":
      return bindNot(expr, place);
    case "negate":
      return bindNegate(expr, place);
    case "binary":
      return bindBinary(expr, place);
    case "between":
      return bindBetween(expr, place);
    case "in":
      return bindIn(expr, place);
    case "like":
      return bindLike(expr, place);
    case "is":
      return bindIs(expr, place);
    case "case":
      return bindCase(expr, place);
    case "cast":
      return bindCast(expr, place);
    case "at-time-zone":
      return bindAtTimeZone(expr, place);
    case "lambda":
      return place.scope.report.error(
        "TYPE_MISMATCH",
        expr.span,
        "a lambda stands alone",
        "it is an argument of a function: transform(a, x => x + 1)",
      );
    case "missing":
      return null;
  }
}

/** An expression that must be true or false: a condition, or an operand of AND, OR, NOT. */
export function bindCondition(expr: Expr, place: Place, what: string): BoundExpr | null {
  const bound = bindExpression(expr, place);
  return bound !== null && expectKind(place.scope, bound, expr.span, "boolean", what) ? bound : null;
}

type Literal = BoundExpr & { readonly kind: "literal" };

function literal(span: Span, { scope }: Place, type: DataType, value: Literal["value"]): BoundExpr | null {
  return node(scope, span, { kind: "literal", type, value });
}

const INT_MAX = 2_147_483_647;

function bindNumber({ text, span }: NumberLiteral, place: Place): BoundExpr | null {
  const { report } = place.scope;
  const value = Number(text);
  if (!Number.isFinite(value)) return report.error("INVALID_VALUE", span, `the number ${text} is too large`);
  const integer = integerOf(text);
  if (integer !== undefined) return integerLiteral(span, place, integer);
  return fraction(literal(span, place, DOUBLE, value), text, place);
}

/** Beside a decimal its digits count, all of them. */
function fraction(bound: BoundExpr | null, text: string, { scope }: Place): BoundExpr | null {
  if (bound !== null && !/e/i.test(text)) scope.numberTexts.set(bound, text);
  return bound;
}

/** The smallest type that holds the integer; beyond 2^53 its digits are the value. */
function integerLiteral(span: Span, place: Place, value: ExactNumber): BoundExpr | null {
  if (typeof value === "number") return literal(span, place, Math.abs(value) <= INT_MAX ? INT : BIGINT, value);
  const digits = String(value);
  const type: DataType = isInt64(value) ? BIGINT : { kind: "decimal", precision: digits.replace("-", "").length, scale: 0 };
  return literal(span, place, type, digits);
}

function bindNot({ operand, span }: Not, place: Place): BoundExpr | null {
  return negated(bindCondition(operand, place, "NOT"), true, span, place);
}

/** `NOT x` where it is negated, else `x`. */
function negated(operand: BoundExpr | null, isNegated: boolean, span: Span, { scope }: Place): BoundExpr | null {
  return operand === null || !isNegated ? operand : node(scope, span, { kind: "not", type: BOOLEAN, operand });
}

function bindNegate({ operand, span }: Negate, place: Place): BoundExpr | null {
  const { scope } = place;
  const bound = bindExpression(operand, place);
  if (bound?.kind === "literal" && isWideLiteral(bound)) return integerLiteral(span, place, -BigInt(bound.value as string));
  if (bound === null) return null;
  if (bound.kind === "literal" && typeof bound.value === "number" && isNumeric(bound.type)) {
    return fraction(literal(span, place, bound.type, -bound.value), `-${scope.numberTexts.get(bound) ?? "e"}`, place);
  }
  if (bound.type.kind === "interval") return node(scope, span, { kind: "negate", type: INTERVAL, operand: bound });
  if (!expectKind(scope, bound, operand.span, "number", "-")) return null;
  return node(scope, span, { kind: "negate", type: numberType(bound.type), operand: bound });
}

const LITERAL_TYPES = { TIMESTAMP, DATE, TIME } as const;

function bindInterval({ text, unit, span }: IntervalLiteral, place: Place): BoundExpr | null {
  const value = unit === null ? parseInterval(text) : intervalOf(Number(text.trim() === "" ? "?" : text), unit);
  if (value !== undefined) return literal(span, place, INTERVAL, value);
  const message = unit === null ? `'${text}' is no INTERVAL` : `'${text}' is no whole number of ${unit.toLowerCase()}s`;
  return place.scope.report.error("INVALID_VALUE", span, message, "for example INTERVAL '90' MINUTE or INTERVAL '1 day 2 hours'");
}

function bindAtTimeZone({ operand, zone, span }: AtTimeZone, place: Place): BoundExpr | null {
  const [time, name] = [bindExpression(operand, place), bindExpression(zone, place)];
  if (time === null || name === null) return null;
  if (name.kind === "literal" && typeof name.value === "string" && !isTimeZone(name.value)) {
    const hint = "zones are named as in the IANA database: 'Europe/Berlin', 'UTC', '+02:00'";
    return place.scope.report.error("INVALID_VALUE", zone.span, `there is no time zone '${name.value}'`, hint);
  }
  return atTimeZone(place.scope, { expr: time, span: operand.span }, { expr: name, span: zone.span }, span);
}

function bindBinary({ op, left, right, span }: Binary, place: Place): BoundExpr | null {
  const { scope } = place;
  if (op === "AND" || op === "OR") {
    const sides = [bindCondition(left, place, op), bindCondition(right, place, op)] as const;
    return combine(op === "AND" ? "and" : "or", BOOLEAN, sides, span, place);
  }
  const a = bindExpression(left, place);
  const b = bindExpression(right, place);
  if (a === null || b === null) return null;
  switch (op) {
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(scope, op, { expr: a, span: left.span }, { expr: b, span: right.span }, span);
    case "||": {
      const fits = [expectText(a, left.span, place), expectText(b, right.span, place)].every(Boolean);
      return fits ? combine("||", STRING, [a, b], span, place) : null;
    }
    default:
      return compare(scope, op.toLowerCase() as BoundOp, { expr: a, span: left.span }, { expr: b, span: right.span }, span);
  }
}

function combine(op: BoundOp, type: DataType, [left, right]: readonly [BoundExpr | null, BoundExpr | null], span: Span, { scope }: Place) {
  return left === null || right === null ? null : node(scope, span, { kind: "binary", type, op, left, right });
}

function expectText(operand: BoundExpr, span: Span, { scope }: Place): boolean {
  if (mayBe(operand.type, hasText)) return true;
  scope.report.error("TYPE_MISMATCH", span, `|| cannot take ${typeName(operand.type)}`, partHint(operand.type));
  return false;
}

function bindBetween({ operand, low, high, negated: isNegated, span }: Between, place: Place): BoundExpr | null {
  const value = bindExpression(operand, place);
  const bounds = [bindExpression(low, place), bindExpression(high, place)] as const;
  if (value === null || bounds[0] === null || bounds[1] === null) return null;
  const { scope } = place;
  const subject = { expr: value, span: operand.span };
  const above = compare(scope, ">=", subject, { expr: bounds[0], span: low.span }, span);
  const below = compare(scope, "<=", subject, { expr: bounds[1], span: high.span }, span);
  return negated(combine("and", BOOLEAN, [above, below], span, place), isNegated, span, place);
}

function bindIn({ operand, list, negated: isNegated, span }: InList, place: Place): BoundExpr | null {
  const value = bindExpression(operand, place);
  const items: Operand[] = [];
  for (const item of list) {
    const expr = bindExpression(item, place);
    if (expr !== null) items.push({ expr, span: item.span });
  }
  if (value === null || items.length < list.length) return null;
  return negated(isIn(place.scope, { expr: value, span: operand.span }, items, span), isNegated, span, place);
}

function bindLike({ op, operand, pattern, escape: written, negated: isNegated, span }: Like, place: Place): BoundExpr | null {
  const { scope } = place;
  const value = bindExpression(operand, place);
  const bound = bindExpression(pattern, place);
  const checks = [
    value !== null && expectKind(scope, value, operand.span, "string", op),
    bound !== null && expectKind(scope, bound, pattern.span, "string", op),
  ];
  if (value === null || bound === null || checks.includes(false)) return null;
  const character = written === null ? null : written.kind === "string" ? written.value : undefined;
  if (character === undefined || character === "" || (op === "RLIKE" && !isExpression(bound, pattern.span, place))) return null;
  const how = op.toLowerCase() as "like" | "ilike" | "rlike";
  const like = node(scope, span, { kind: "like", type: BOOLEAN, op: how, operand: value, pattern: bound, escape: character });
  return negated(like, isNegated, span, place);
}

/** Whether a pattern that is written out is a regular expression. */
function isExpression(pattern: BoundExpr, span: Span, { scope }: Place): boolean {
  if (pattern.kind !== "literal" || typeof pattern.value !== "string") return true;
  try {
    regularExpression(pattern.value);
    return true;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    scope.report.error("INVALID_VALUE", span, error.message, "% and _ belong to LIKE; here they are .* and .");
    return false;
  }
}

function bindIs({ operand, what, negated: isNegated, span }: Is, place: Place): BoundExpr | null {
  const bound = what === "NULL" ? bindExpression(operand, place) : bindCondition(operand, place, `IS ${what}`);
  if (bound === null) return null;
  const test = { NULL: "null", TRUE: "true", FALSE: "false" } as const;
  return negated(node(place.scope, span, { kind: "is", type: BOOLEAN, operand: bound, what: test[what] }), isNegated, span, place);
}

function bindCase({ operand, branches, otherwise, span }: Case, place: Place): BoundExpr | null {
  const { scope } = place;
  const subject = operand === null ? null : bindExpression(operand, place);
  const results: { when: BoundExpr; then: BoundExpr }[] = [];
  let type: DataType | null = NULL;
  const widen = (result: BoundExpr, at: Span): void => {
    const common: DataType | null = type === null ? null : commonType(type, result.type);
    if (common === null && type !== null) {
      const message = `one result of CASE is ${typeName(result.type)}, those before it are ${typeName(type)}`;
      scope.report.error("TYPE_MISMATCH", at, message, "CAST makes them one type");
    }
    type = common;
  };
  for (const branch of branches) {
    const when = operand === null ? bindCondition(branch.when, place, "WHEN") : bindExpression(branch.when, place);
    const then = bindExpression(branch.then, place);
    if (then !== null) widen(then, branch.then.span);
    if (when === null || then === null || (operand !== null && subject === null)) continue;
    const test =
      subject === null || operand === null
        ? when
        : compare(scope, "=", { expr: subject, span: operand.span }, { expr: when, span: branch.when.span }, branch.when.span);
    if (test !== null) results.push({ when: test, then });
  }
  const last = otherwise === null ? null : bindExpression(otherwise, place);
  if (last !== null && otherwise !== null) widen(last, otherwise.span);
  if (results.length < branches.length || (otherwise !== null && last === null) || type === null) return null;
  return conformCase({ kind: "case", type, branches: results, otherwise: last }, span, place);
}

/** All results as values of the type that they have in common. */
function conformCase({ type, branches, otherwise }: BoundExpr & { kind: "case" }, span: Span, { scope }: Place): BoundExpr | null {
  const read = (expr: BoundExpr): BoundExpr => conform(scope, { expr, span: scope.spans.get(expr) ?? span }, type) ?? expr;
  const results = branches.map(({ when, then }) => ({ when, then: read(then) }));
  return node(scope, span, { kind: "case", type, branches: results, otherwise: otherwise === null ? null : read(otherwise) });
}

function bindCast({ operand, type, safe, span }: Cast, place: Place): BoundExpr | null {
  const { scope } = place;
  const bound = bindExpression(operand, place);
  const target = resolveType(type, scope.report);
  if (bound === null || target === null) return null;
  if (canCast(bound.type, target)) {
    if (isDeepStrictEqual(bound.type, target)) return bound;
    return node(scope, span, { kind: "cast", type: target, operand: bound, safe });
  }
  const message = `${typeName(bound.type)} cannot be cast to ${typeName(target)}`;
  return scope.report.error("TYPE_MISMATCH", span, message, castHint(bound.type, target));
}

function castHint(from: DataType, to: DataType): string | null {
  if (from.kind === "timestamp" && (to.kind === "int" || to.kind === "double")) return "CAST to BIGINT gives epoch milliseconds";
  if (to.kind === "timestamp" && from.kind === "double") return "CAST to BIGINT first: epoch milliseconds";
  return partHint(from);
}
