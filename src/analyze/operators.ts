import type { Span } from "../../grammar/ast.ts";
import type { BoundExpr, BoundOp } from "../model/expression.ts";
import { parseDate, parseTimestamp } from "../model/timestamp-text.ts";
import { BIGINT, BOOLEAN, type DataType, DOUBLE, isNumeric, typeName } from "../model/type.ts";
import { node, type Scope } from "./scope.ts";
import { isComparable, isInteger, isTime, mayBe } from "./type-rules.ts";

const KINDS: Readonly<Record<"boolean" | "number" | "integer" | "string", (type: DataType) => boolean>> = {
  boolean: (type) => type.kind === "boolean",
  number: isNumeric,
  integer: isInteger,
  string: (type) => type.kind === "string",
};

const WANTED = { boolean: "true or false", number: "a number", integer: "a whole number", string: "a STRING" } as const;

/** Whether the operand is of the kind, or may turn out to be per record; else it is reported. */
export function expectKind(scope: Scope, operand: BoundExpr, span: Span, kind: keyof typeof KINDS, what: string): boolean {
  if (mayBe(operand.type, KINDS[kind])) return true;
  const message = `${what} needs ${WANTED[kind]}, but this is ${typeName(operand.type)}`;
  scope.report.error("TYPE_MISMATCH", span, message, kindHint(operand, kind));
  return false;
}

function kindHint(operand: BoundExpr, kind: keyof typeof KINDS): string | null {
  const isText = operand.type.kind === "string";
  if (operand.kind === "literal" && kind === "string") return `write '${operand.value}' in quotes`;
  if (kind === "string") return "CAST(… AS STRING)";
  if ((kind === "number" || kind === "integer") && isText) return numberHint(operand);
  return kind === "integer" && isNumeric(operand.type) ? "CAST(… AS BIGINT)" : null;
}

/** For a text where a number belongs. */
function numberHint(operand: BoundExpr): string | null {
  if (operand.kind !== "literal") return "CAST(… AS DOUBLE)";
  const text = String(operand.value).trim();
  return text !== "" && Number.isFinite(Number(text)) ? `write ${text} without quotes` : null;
}

/** Of an integer beyond 2^53 a literal holds the digits. */
export function isWideLiteral(operand: BoundExpr): boolean {
  return operand.kind === "literal" && typeof operand.value === "string" && isNumeric(operand.type);
}

/** What would be computed as a double, and is none: refused rather than rounded silently. */
export function refuseWide(scope: Scope, operand: BoundExpr, span: Span): boolean {
  if (!isWideLiteral(operand)) return false;
  const message = "this integer is beyond 2^53 and cannot be computed with here: no double holds it";
  scope.report.error("INVALID_VALUE", span, message, "CAST(… AS DOUBLE) takes the nearest double; comparisons are exact");
  return true;
}

/** Decimals would be computed as doubles, too. */
export function refuseDecimal(scope: Scope, operand: BoundExpr, span: Span): boolean {
  if (operand.type.kind !== "decimal") return false;
  if (refuseWide(scope, operand, span)) return true;
  scope.report.error("NOT_SUPPORTED_YET", span, "arithmetic with DECIMAL is not supported yet", "CAST(… AS DOUBLE) computes with doubles");
  return true;
}

type Arithmetic = "+" | "-" | "*" | "/" | "%";

/** `/` gives a DOUBLE, all else keeps integers; null: an operand does not fit. */
export function arithmeticType(
  scope: Scope,
  op: Arithmetic,
  left: BoundExpr,
  leftSpan: Span,
  right: BoundExpr,
  rightSpan: Span,
): DataType | null {
  const operands = [
    { operand: left, span: leftSpan },
    { operand: right, span: rightSpan },
  ];
  if (operands.some(({ operand }) => isTime(operand.type))) {
    const hint = op === "-" ? "epoch_ms(a) - epoch_ms(b) is their distance in milliseconds" : "epoch_ms(a) makes a number of it";
    const at = operands.find(({ operand }) => isTime(operand.type))?.span ?? leftSpan;
    return scope.report.error("NOT_SUPPORTED_YET", at, "arithmetic with times is not supported yet", hint);
  }
  if (op === "+" && operands.every(({ operand }) => operand.type.kind === "string")) {
    return scope.report.error("TYPE_MISMATCH", leftSpan, "+ adds numbers, but this is STRING", "|| joins texts");
  }
  const fits = operands.map(({ operand, span }) => expectKind(scope, operand, span, "number", op) && !refuseDecimal(scope, operand, span));
  if (fits.includes(false)) return null;
  if (op !== "/" && operands.every(({ operand }) => isInteger(operand.type) || operand.type.kind === "null")) return BIGINT;
  return operands.some(({ operand, span }) => refuseWide(scope, operand, span)) ? null : DOUBLE;
}

/** A comparison; a literal text beside a timestamp or date is read as one. null: the operands can never be compared. */
export function compare(
  scope: Scope,
  op: BoundOp,
  left: BoundExpr,
  leftSpan: Span,
  right: BoundExpr,
  rightSpan: Span,
  span: Span,
): BoundExpr | null {
  const a = readAsTime(scope, left, leftSpan, right.type);
  const b = readAsTime(scope, right, rightSpan, left.type);
  if (a === null || b === null) return null;
  if (isComparable(a.type, b.type)) {
    const isNull = [a, b].some(({ kind, type }) => kind === "literal" && type.kind === "null");
    if (isNull) scope.report.warning("NEVER_TRUE", span, "a comparison with NULL is never true", "write IS NULL or IS NOT NULL");
    return node(scope, span, { kind: "binary", type: BOOLEAN, op, left: a, right: b });
  }
  const [operand, other, at] = a.kind === "literal" && a.type.kind === "string" ? [a, b, leftSpan] : [b, a, rightSpan];
  const message = `${typeName(operand.type)} cannot be compared with ${typeName(other.type)}`;
  return scope.report.error("TYPE_MISMATCH", at, message, compareHint(operand, other.type));
}

function compareHint(operand: BoundExpr, other: DataType): string | null {
  const isLiteral = operand.kind === "literal";
  if (operand.type.kind === "string" && isNumeric(other)) return numberHint(operand);
  if (isLiteral && isNumeric(operand.type) && other.kind === "string") return `write '${operand.value}' in quotes`;
  if (isTime(other) && isNumeric(operand.type)) return `CAST(… AS ${typeName(other)})`;
  return isTime(operand.type) && isNumeric(other) ? "epoch_ms(…) gives milliseconds" : null;
}

/** A literal text as a literal timestamp or date, where one is wanted; anything else as it is. */
export function readAsTime(scope: Scope, operand: BoundExpr, span: Span, wanted: DataType): BoundExpr | null {
  if (operand.kind !== "literal" || typeof operand.value !== "string" || !isTime(wanted)) return operand;
  const value = wanted.kind === "date" && !/\d[T ]\d/.test(operand.value) ? parseDate(operand.value) : parseTimestamp(operand.value);
  if (value !== undefined) return node(scope, span, { kind: "literal", type: wanted, value });
  const message = `'${operand.value}' is no ${typeName(wanted)}`;
  return scope.report.error("INVALID_VALUE", span, message, "for example '2026-03-04T12:00:00Z', in UTC unless a zone is given");
}
