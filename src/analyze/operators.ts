import { isDeepStrictEqual } from "node:util";
import type { Span } from "../../grammar/ast.ts";
import { castOf } from "../functions/cast.ts";
import { timeOperator } from "../functions/time-operators.ts";
import { decimalText, parseDecimal } from "../model/decimal.ts";
import type { BoundExpr, BoundOp } from "../model/expression.ts";
import { PARSERS } from "../model/json-value.ts";
import { BIGINT, BOOLEAN, type DataType, DOUBLE, INTERVAL, isNested, isNumeric, STRING, TIMESTAMP, typeName } from "../model/type.ts";
import { node, type Scope } from "./scope.ts";
import { commonType, decimalResult, isInteger, isTime, isTimed, mayBe } from "./type-rules.ts";

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
  if (operand.kind === "literal" && kind === "string" && isNumeric(operand.type)) return `write '${operand.value}' in quotes`;
  if (isNested(operand.type)) return partHint(operand.type);
  if (kind === "string") return "CAST(… AS STRING)";
  if (kind === "boolean") return isText ? "compare it: … = 'text'" : "compare it: … <> 0";
  if (operand.type.kind === "boolean") return "CASE WHEN … THEN 1 ELSE 0 END makes a number of it";
  if ((kind === "number" || kind === "integer") && isText) return numberHint(operand);
  return kind === "integer" && isNumeric(operand.type) ? "CAST(… AS BIGINT)" : null;
}

/** How something inside of a value is named that is too much as a whole; null: the value has no parts. */
export function partHint(type: DataType): string | null {
  switch (type.kind) {
    case "array":
      return "an element of it is …[1]";
    case "map":
      return "a value of it is …['key']";
    case "struct":
      return `a field of it is ….${type.fields[0]?.name ?? "name"}`;
    default:
      return null;
  }
}

/** For a text where a number belongs. */
function numberHint(operand: BoundExpr): string | null {
  if (operand.kind !== "literal") return "CAST(… AS DOUBLE)";
  const text = String(operand.value).trim();
  return text !== "" && Number.isFinite(Number(text)) ? `write ${text} without quotes` : "write a number";
}

/** Of an integer beyond 2^53 a literal holds the digits. */
export function isWideLiteral(operand: BoundExpr): boolean {
  if (operand.kind !== "literal" || typeof operand.value !== "string") return false;
  return operand.type.kind === "bigint" || (operand.type.kind === "decimal" && operand.type.scale === 0);
}

/** What would be computed as a double, and is none: refused rather than rounded silently. */
export function refuseWide(scope: Scope, operand: BoundExpr, span: Span): boolean {
  if (!isWideLiteral(operand)) return false;
  const message = "this integer is beyond 2^53 and cannot be computed with here: no double holds it";
  scope.report.error("INVALID_VALUE", span, message, "CAST(… AS DOUBLE) takes the nearest double; comparisons are exact");
  return true;
}

/** For what would compute decimals as doubles without saying so. */
export function refuseDecimal(scope: Scope, operand: BoundExpr, span: Span): boolean {
  if (operand.type.kind !== "decimal") return false;
  if (refuseWide(scope, operand, span)) return true;
  scope.report.error("NOT_SUPPORTED_YET", span, "DECIMAL is not supported here yet", "CAST(… AS DOUBLE) computes with doubles");
  return true;
}

/** An operand with the place where it is written. */
export interface Operand {
  readonly expr: BoundExpr;
  readonly span: Span;
}

/** The value as one of another type that it can be: as it is where generated code takes it so, else by a cast. */
export function conform(scope: Scope, { expr, span }: Operand, type: DataType): BoundExpr | null {
  if (!needsCast(expr.type, type)) return expr;
  return foldedDecimal(scope, { expr, span }, type) ?? node(scope, span, { kind: "cast", type, operand: expr, safe: false });
}

function needsCast(from: DataType, to: DataType): boolean {
  if (from.kind === "null" || isDeepStrictEqual(from, to)) return false;
  const isPlain = (type: DataType): boolean => type.kind === "boolean" || type.kind === "string" || isDoubleOrInteger(type);
  if (to.kind === "any" || from.kind === "any") return !isPlain(to.kind === "any" ? from : to);
  return !(isDoubleOrInteger(from) && isDoubleOrInteger(to));
}

function isDoubleOrInteger(type: DataType): boolean {
  return isInteger(type) || type.kind === "double";
}

/** A number that is written out becomes the decimal that is written, not that of the double. */
function foldedDecimal(scope: Scope, { expr, span }: Operand, type: DataType): BoundExpr | null {
  if (expr.kind !== "literal" || type.kind !== "decimal" || !isNumeric(expr.type)) return null;
  const unscaled = parseDecimal(scope.numberTexts.get(expr) ?? String(expr.value), type);
  return unscaled === undefined ? null : node(scope, span, { kind: "literal", type, value: decimalText(unscaled, type.scale) });
}

// --- arithmetic --------------------------------------------------------------------------------

type Arithmetic = "+" | "-" | "*" | "/" | "%";

/** `/` gives a DOUBLE, all else keeps integers and decimals; null: an operand does not fit. */
export function arithmetic(scope: Scope, op: Arithmetic, left: Operand, right: Operand, span: Span): BoundExpr | null {
  if (isTimed(left.expr.type) || isTimed(right.expr.type)) return timeArithmetic(scope, op, left, right, span);
  const operands = [left, right] as const;
  if (op === "+" && operands.every(({ expr }) => expr.type.kind === "string")) {
    return scope.report.error("TYPE_MISMATCH", left.span, "+ adds numbers, but this is STRING", "|| joins texts");
  }
  const fits = operands.map(({ expr, span: at }) => expectKind(scope, expr, at, "number", op));
  if (fits.includes(false)) return null;
  const [a, b] = [besideDecimal(scope, left, right.expr.type), besideDecimal(scope, right, left.expr.type)];
  const type = numberResult(op, a, b);
  if (type.kind !== "double") return node(scope, span, { kind: "binary", type, op, left: a, right: b });
  const isWide = [
    { expr: a, span: left.span },
    { expr: b, span: right.span },
  ].some((operand) => refuseWide(scope, operand.expr, operand.span));
  const doubles = [asDouble(scope, a, left.span), asDouble(scope, b, right.span)] as const;
  if (isWide || doubles[0] === null || doubles[1] === null) return null;
  return node(scope, span, { kind: "binary", type, op, left: doubles[0], right: doubles[1] });
}

/** A number with a fraction is a DOUBLE, but written beside a decimal it is the decimal that it looks like. */
function besideDecimal(scope: Scope, { expr, span }: Operand, other: DataType): BoundExpr {
  const text = other.kind === "decimal" && expr.type.kind === "double" ? scope.numberTexts.get(expr) : undefined;
  const [, whole = "", fraction = ""] = /^-?0*(\d*)\.?(\d*)$/.exec(text ?? "e") ?? [];
  const precision = Math.max(whole.length + fraction.length, 1);
  if (text === undefined || precision > 38 || whole + fraction === "") return expr;
  return foldedDecimal(scope, { expr, span }, { kind: "decimal", precision, scale: fraction.length }) ?? expr;
}

function numberResult(op: Arithmetic, { type: left }: BoundExpr, { type: right }: BoundExpr): DataType {
  if (op === "/") return DOUBLE;
  const isExact = (type: DataType): boolean => isInteger(type) || type.kind === "decimal" || type.kind === "null";
  if (!isExact(left) || !isExact(right)) return DOUBLE;
  return left.kind === "decimal" || right.kind === "decimal" ? (decimalResult(op, left, right) ?? DOUBLE) : BIGINT;
}

function asDouble(scope: Scope, expr: BoundExpr, span: Span): BoundExpr | null {
  return expr.type.kind === "decimal" ? conform(scope, { expr, span }, DOUBLE) : expr;
}

/** What a field of unknown type, or NULL, is taken for beside a time. */
const TAKEN_FOR: Readonly<Record<string, DataType>> = {
  "any + interval": TIMESTAMP,
  "any - interval": TIMESTAMP,
  "interval + any": TIMESTAMP,
  "interval - any": INTERVAL,
  "timestamp - any": TIMESTAMP,
  "any - timestamp": TIMESTAMP,
  "any - date": TIMESTAMP,
  "date + any": BIGINT,
  "date - any": BIGINT,
  "any + date": BIGINT,
  "any * interval": DOUBLE,
  "interval * any": DOUBLE,
  "interval / any": DOUBLE,
  "timestamp + any": INTERVAL,
  "any + timestamp": INTERVAL,
  "time + any": INTERVAL,
  "time - any": INTERVAL,
  "any + time": INTERVAL,
};

function timeArithmetic(scope: Scope, op: BoundOp, left: Operand, right: Operand, span: Span): BoundExpr | null {
  const unknown = ({ kind }: DataType): string => (kind === "null" ? "any" : kind);
  const taken = TAKEN_FOR[`${unknown(left.expr.type)} ${op} ${unknown(right.expr.type)}`];
  const read = ({ expr, span: at }: Operand): BoundExpr | null => {
    if (taken !== undefined && unknown(expr.type) === "any")
      return node(scope, at, { kind: "cast", type: taken, operand: expr, safe: false });
    return asDouble(scope, expr, at);
  };
  const [a, b] = [read(left), read(right)];
  if (a === null || b === null) return null;
  const operator = timeOperator(a.type, op, b.type);
  if (operator !== null) return node(scope, span, { kind: "binary", type: operator.result, op, left: a, right: b });
  const message = `${typeName(a.type)} ${op} ${typeName(b.type)} has no meaning`;
  return scope.report.error("TYPE_MISMATCH", span, message, timeHint(op, a.type, b.type));
}

function timeHint(op: BoundOp, left: DataType, right: DataType): string | null {
  const other = isTimed(left) ? right : left;
  if (isNumeric(other) && (op === "+" || op === "-")) return "INTERVAL '1' DAY is a length of time; epoch_ms(a) makes a number of a time";
  if (other.kind === "string") return `${op} takes a length of time, for example INTERVAL '1' HOUR`;
  return isTime(left) && isTime(right) ? "a - b is the time between them" : null;
}

/** `x AT TIME ZONE zone`: what the clocks of the zone show then. */
export function atTimeZone(scope: Scope, operand: Operand, zone: Operand, span: Span): BoundExpr | null {
  const read = readLiteral(scope, operand, TIMESTAMP);
  if (read === null || !expectKind(scope, zone.expr, zone.span, "string", "AT TIME ZONE")) return null;
  const isUnknown = read.type.kind === "any" || read.type.kind === "null";
  const time = isUnknown ? node(scope, operand.span, { kind: "cast", type: TIMESTAMP, operand: read, safe: false }) : read;
  if (time === null) return null;
  const name =
    zone.expr.type.kind === "string" ? zone.expr : node(scope, zone.span, { kind: "cast", type: STRING, operand: zone.expr, safe: false });
  if (name === null) return null;
  if (isTime(time.type)) return node(scope, span, { kind: "binary", type: TIMESTAMP, op: "at time zone", left: time, right: name });
  const message = `AT TIME ZONE needs a TIMESTAMP, but this is ${typeName(time.type)}`;
  return scope.report.error("TYPE_MISMATCH", operand.span, message, "CAST(… AS TIMESTAMP)");
}

// --- comparisons -------------------------------------------------------------------------------

/** A comparison; a literal text beside a time is read as one. null: the operands can never be compared. */
export function compare(scope: Scope, op: BoundOp, left: Operand, right: Operand, span: Span): BoundExpr | null {
  const a = readLiteral(scope, left, right.expr.type);
  const b = readLiteral(scope, right, left.expr.type);
  if (a === null || b === null) return null;
  const type = comparedAs([a, b]);
  if (type === null || (!EQUALITIES.has(op) && hasNoOrder(type))) return refuseComparison(scope, left.span, a, right.span, b);
  const isNull = [a, b].some(({ kind, type: own }) => kind === "literal" && own.kind === "null") && !op.startsWith("is ");
  if (isNull) warnOfNull(scope, span);
  const first = conform(scope, { expr: a, span: left.span }, type);
  const second = conform(scope, { expr: b, span: right.span }, type);
  return first === null || second === null ? null : node(scope, span, { kind: "binary", type: BOOLEAN, op, left: first, right: second });
}

function warnOfNull({ report }: Scope, span: Span): void {
  report.warning("NEVER_TRUE", span, "a comparison with NULL is never true", "write IS NULL or IS NOT NULL");
}

const EQUALITIES: ReadonlySet<BoundOp> = new Set(["=", "<>", "is distinct from", "is not distinct from"]);

function hasNoOrder(type: DataType): boolean {
  return type.kind === "map" || (type.kind === "array" && hasNoOrder(type.element));
}

/** The type that values are read as to be compared. Fields of unknown type are read as the times and bytes beside them. */
export function comparedAs(operands: readonly BoundExpr[]): DataType | null {
  let type: DataType = { kind: "null" };
  for (const operand of operands) {
    const common = commonType(type, operand.type);
    if (common === null) return null;
    const known: DataType | undefined = [type, operand.type].find((one) => isTimed(one) || one.kind === "bytes");
    type = common.kind === "any" && known !== undefined ? known : common;
  }
  return type;
}

/** `operand IN (items)`: all are read as one type. */
export function isIn(scope: Scope, operand: Operand, items: readonly Operand[], span: Span): BoundExpr | null {
  const known = [operand, ...items].find(({ expr }) => isTimed(expr.type))?.expr.type ?? operand.expr.type;
  const subject = readLiteral(scope, operand, known);
  const read = items.map((item) => readLiteral(scope, item, known));
  if (subject === null) return null;
  const list: BoundExpr[] = [];
  for (const [index, item] of read.entries()) {
    const at = items[index]?.span ?? span;
    if (item !== null && comparedAs([subject, item]) === null) refuseComparison(scope, operand.span, subject, at, item);
    else if (item !== null) list.push(item);
  }
  const type = comparedAs([subject, ...list]);
  if (list.length < items.length) return null;
  if (type === null) return scope.report.error("TYPE_MISMATCH", span, "the values of IN have no common type", "CAST makes them one type");
  for (const [index, { kind, type: own }] of list.entries()) {
    if (kind === "literal" && own.kind === "null") warnOfNull(scope, items[index]?.span ?? span);
  }
  const conformed = list.map((expr, index) => conform(scope, { expr, span: items[index]?.span ?? span }, type));
  const first = conform(scope, { expr: subject, span: operand.span }, type);
  const sound = conformed.filter((item) => item !== null);
  if (first === null || sound.length < list.length) return null;
  return node(scope, span, { kind: "in", type: BOOLEAN, operand: first, list: sound });
}

function refuseComparison(scope: Scope, leftSpan: Span, left: BoundExpr, rightSpan: Span, right: BoundExpr): null {
  const isText = left.kind === "literal" && left.type.kind === "string";
  const [operand, other, at] = isText ? [left, right, leftSpan] : [right, left, rightSpan];
  const message = `${typeName(operand.type)} cannot be compared with ${typeName(other.type)}`;
  return scope.report.error("TYPE_MISMATCH", at, message, compareHint(operand, other.type));
}

function compareHint(operand: BoundExpr, other: DataType): string | null {
  const isLiteral = operand.kind === "literal";
  if (operand.type.kind === "string" && isNumeric(other)) return numberHint(operand);
  if (isLiteral && isNumeric(operand.type) && other.kind === "string") return `write '${operand.value}' in quotes`;
  if (isTime(other) && isNumeric(operand.type)) return `CAST(… AS ${typeName(other)})`;
  if (isNested(other) || isNested(operand.type)) return partHint(operand.type) ?? partHint(other);
  return isTime(operand.type) && isNumeric(other) ? "epoch_ms(…) gives milliseconds" : `CAST(… AS ${typeName(other)})`;
}

const EXAMPLES: Readonly<Partial<Record<DataType["kind"], string>>> = {
  timestamp: "for example '2026-03-04T12:00:00Z', in UTC unless a zone is given",
  date: "for example '2026-03-04'",
  time: "for example '14:30:00'",
  interval: "for example '1 day 2 hours' or 'P1DT2H'",
};

/** A literal text as the literal time that is wanted; anything else as it is. */
export function readLiteral(scope: Scope, { expr, span }: Operand, wanted: DataType): BoundExpr | null {
  if (expr.kind !== "literal" || typeof expr.value !== "string" || expr.type.kind !== "string" || !isTimed(wanted)) return expr;
  // A text with a time is a timestamp also beside a date.
  const type = wanted.kind === "date" && /\d[T ]\d/.test(expr.value) ? TIMESTAMP : wanted;
  return timeLiteral(scope, expr.value, span, type);
}

export function timeLiteral(scope: Scope, text: string, span: Span, type: DataType): BoundExpr | null {
  const kind = type.kind as keyof typeof PARSERS;
  const value = PARSERS[kind](text);
  if (value !== undefined) return node(scope, span, { kind: "literal", type, value: value as number });
  return scope.report.error("INVALID_VALUE", span, `'${text}' is no ${typeName(type)}`, EXAMPLES[kind] ?? null);
}

/** Whether some value of a type can be cast to another one. */
export function canCast(from: DataType, to: DataType): boolean {
  return castOf(from, to) !== null;
}
