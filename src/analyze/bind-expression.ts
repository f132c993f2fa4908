import type { Between, Binary, Case, Cast, Expr, InList, Is, Like, Negate, Not, NumberLiteral, Span } from "../../grammar/ast.ts";
import { type ExactNumber, integerOf, isInt64 } from "../model/exact-number.ts";
import type { BoundExpr, BoundOp } from "../model/expression.ts";
import { BIGINT, BOOLEAN, type DataType, DOUBLE, INT, NULL, STRING, typeName } from "../model/type.ts";
import { bindCall } from "./bind-call.ts";
import { arithmeticType, compare, expectKind, isWideLiteral, refuseDecimal } from "./operators.ts";
import { resolveField } from "./resolve-field.ts";
import { resolveType } from "./resolve-type.ts";
import { node, type Place } from "./scope.ts";
import { canCast, commonType, hasText, mayBe, numberType } from "./type-rules.ts";

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
    case "ref":
      return resolveField(expr.path, place);
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
    default: // not understood by the parser, or refused by `not-yet.ts`
      return null;
  }
}

/** An expression that must be true or false: a condition, or an operand of AND, OR, NOT. */
export function bindCondition(expr: Expr, place: Place, what: string): BoundExpr | null {
  const bound = bindExpression(expr, place);
  return bound !== null && expectKind(place.scope, bound, expr.span, "boolean", what) ? bound : null;
}

function literal(span: Span, { scope }: Place, type: DataType, value: null | boolean | number | string): BoundExpr | null {
  return node(scope, span, { kind: "literal", type, value });
}

const INT_MAX = 2_147_483_647;

function bindNumber({ text, span }: NumberLiteral, place: Place): BoundExpr | null {
  const { report } = place.scope;
  const value = Number(text);
  if (!Number.isFinite(value)) return report.error("INVALID_VALUE", span, `the number ${text} is too large`);
  const integer = integerOf(text);
  return integer === undefined ? literal(span, place, DOUBLE, value) : integerLiteral(span, place, integer);
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
  if (bound === null || !expectKind(scope, bound, operand.span, "number", "-") || refuseDecimal(scope, bound, operand.span)) return null;
  if (bound.kind === "literal" && typeof bound.value === "number") return literal(span, place, bound.type, -bound.value);
  return node(scope, span, { kind: "negate", type: numberType(bound.type), operand: bound });
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
    case "%": {
      const type = arithmeticType(scope, op, a, left.span, b, right.span);
      return type === null ? null : combine(op, type, [a, b], span, place);
    }
    case "||": {
      const fits = [expectText(a, left.span, place), expectText(b, right.span, place)].every(Boolean);
      return fits ? combine("||", STRING, [a, b], span, place) : null;
    }
    default:
      return compare(scope, op.toLowerCase() as BoundOp, a, left.span, b, right.span, span);
  }
}

function combine(op: BoundOp, type: DataType, [left, right]: readonly [BoundExpr | null, BoundExpr | null], span: Span, { scope }: Place) {
  return left === null || right === null ? null : node(scope, span, { kind: "binary", type, op, left, right });
}

function expectText(operand: BoundExpr, span: Span, { scope }: Place): boolean {
  if (mayBe(operand.type, hasText)) return true;
  scope.report.error("TYPE_MISMATCH", span, `|| cannot take ${typeName(operand.type)}`);
  return false;
}

function bindBetween({ operand, low, high, negated: isNegated, span }: Between, place: Place): BoundExpr | null {
  const value = bindExpression(operand, place);
  const bounds = [bindExpression(low, place), bindExpression(high, place)] as const;
  if (value === null || bounds[0] === null || bounds[1] === null) return null;
  const { scope } = place;
  const above = compare(scope, ">=", value, operand.span, bounds[0], low.span, span);
  const below = compare(scope, "<=", value, operand.span, bounds[1], high.span, span);
  return negated(combine("and", BOOLEAN, [above, below], span, place), isNegated, span, place);
}

function bindIn({ operand, list, negated: isNegated, span }: InList, place: Place): BoundExpr | null {
  const { scope } = place;
  const value = bindExpression(operand, place);
  const items: BoundExpr[] = [];
  for (const item of list) {
    const bound = bindExpression(item, place);
    if (value === null || bound === null) continue;
    const equal = compare(scope, "=", value, operand.span, bound, item.span, item.span);
    // The comparison checks the types and reads a text as the timestamp that it is compared with.
    if (equal?.kind === "binary") items.push(equal.right);
  }
  if (value === null || items.length < list.length) return null;
  return negated(node(scope, span, { kind: "in", type: BOOLEAN, operand: value, list: items }), isNegated, span, place);
}

function bindLike({ operand, pattern, escape: written, negated: isNegated, span }: Like, place: Place): BoundExpr | null {
  const { scope } = place;
  const value = bindExpression(operand, place);
  const bound = bindExpression(pattern, place);
  const checks = [
    value !== null && expectKind(scope, value, operand.span, "string", "LIKE"),
    bound !== null && expectKind(scope, bound, pattern.span, "string", "LIKE"),
  ];
  if (value === null || bound === null || checks.includes(false)) return null;
  const character = written === null ? null : written.kind === "string" ? written.value : undefined;
  if (character === undefined || character === "") return null;
  return negated(
    node(scope, span, { kind: "like", type: BOOLEAN, operand: value, pattern: bound, escape: character }),
    isNegated,
    span,
    place,
  );
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
      subject === null || operand === null ? when : compare(scope, "=", subject, operand.span, when, branch.when.span, branch.when.span);
    if (test !== null) results.push({ when: test, then });
  }
  const last = otherwise === null ? null : bindExpression(otherwise, place);
  if (last !== null && otherwise !== null) widen(last, otherwise.span);
  if (results.length < branches.length || (otherwise !== null && last === null) || type === null) return null;
  return node(scope, span, { kind: "case", type, branches: results, otherwise: last });
}

function bindCast({ operand, type, safe, span }: Cast, place: Place): BoundExpr | null {
  const { scope } = place;
  const bound = bindExpression(operand, place);
  const target = resolveType(type, scope.report);
  if (bound === null || target === null) return null;
  switch (canCast(bound.type, target)) {
    case "not yet":
      return scope.report.error("NOT_SUPPORTED_YET", type.span, `CAST to ${typeName(target)} is not supported yet`);
    case "no": {
      const message = `${typeName(bound.type)} cannot be cast to ${typeName(target)}`;
      return scope.report.error("TYPE_MISMATCH", span, message, castHint(bound.type, target));
    }
    case "yes":
      return bound.type.kind === target.kind ? bound : node(scope, span, { kind: "cast", type: target, operand: bound, safe });
  }
}

function castHint(from: DataType, to: DataType): string | null {
  if (from.kind === "timestamp" && (to.kind === "int" || to.kind === "double")) return "CAST to BIGINT gives epoch milliseconds";
  if (to.kind === "timestamp" && from.kind === "double") return "CAST to BIGINT first: epoch milliseconds";
  return null;
}
