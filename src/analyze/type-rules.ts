import { isDeepStrictEqual } from "node:util";
import { ANY, BIGINT, type DataType, DECIMAL_DIGITS_MAX, type DecimalType, DOUBLE, isNumeric, TIMESTAMP } from "../model/type.ts";

/** The type that values of both types can be read as; null: there is none. `any` is known per record only. */
export function commonType(left: DataType, right: DataType): DataType | null {
  if (left.kind === "null" || isDeepStrictEqual(left, right)) return right;
  if (right.kind === "null") return left;
  if (left.kind === "any" || right.kind === "any") return ANY;
  if (isNumeric(left) && isNumeric(right)) return widerNumber(left, right);
  if (isTime(left) && isTime(right)) return TIMESTAMP;
  if (left.kind === "array" && right.kind === "array") {
    const element = commonType(left.element, right.element);
    return element === null ? null : { kind: "array", element };
  }
  if (left.kind === "map" && right.kind === "map") {
    const value = commonType(left.value, right.value);
    return value === null ? null : { kind: "map", value };
  }
  return left.kind === "struct" && right.kind === "struct" ? commonStruct(left, right) : null;
}

type Struct = DataType & { kind: "struct" };

/** Fields of the same names, in the order of the first. */
function commonStruct(left: Struct, right: Struct): DataType | null {
  if (left.fields.length !== right.fields.length) return null;
  const fields: Struct["fields"][number][] = [];
  for (const { name, type } of left.fields) {
    const other = right.fields.find((field) => field.name === name);
    const common = other === undefined ? null : commonType(type, other.type);
    if (common === null) return null;
    fields.push({ name, type: common });
  }
  return { kind: "struct", fields };
}

function widerNumber(left: DataType, right: DataType): DataType {
  if (left.kind === "double" || right.kind === "double") return DOUBLE;
  const [a, b] = [asDecimal(left), asDecimal(right)];
  if (left.kind !== "decimal" && right.kind !== "decimal") return BIGINT;
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  return { kind: "decimal", precision: Math.min(whole + scale, DECIMAL_DIGITS_MAX), scale };
}

/** The DECIMAL that holds every value of an exact number type. */
export function asDecimal(type: DataType): DecimalType {
  if (type.kind === "decimal") return type;
  return { kind: "decimal", precision: type.kind === "int" ? 10 : 19, scale: 0 };
}

/** Decimals of up to so many digits stay such: what is larger is the row's error, as in DuckDB. */
const SHORT_DIGITS = 18;

/** The type of `+ - * %` with a decimal among the operands; null: the product has more decimals than there are digits. */
export function decimalResult(op: "+" | "-" | "*" | "%", left: DataType, right: DataType): DataType | null {
  const a = asDecimal(left.kind === "null" ? right : left);
  const b = asDecimal(right.kind === "null" ? left : right);
  const scale = op === "*" ? a.scale + b.scale : Math.max(a.scale, b.scale);
  if (scale > DECIMAL_DIGITS_MAX) return null;
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  const precision = op === "*" ? a.precision + b.precision : whole + scale + (op === "%" ? 0 : 1);
  const isShort = op !== "%" && Math.max(a.precision, b.precision) <= SHORT_DIGITS && (op !== "*" || scale < SHORT_DIGITS);
  return { kind: "decimal", precision: Math.min(precision, isShort ? SHORT_DIGITS : DECIMAL_DIGITS_MAX), scale };
}

/** Whether a value of one type is taken where another is asked for, as it is or without loss. Of `any` each record tells. */
export function isAssignable(from: DataType, to: DataType): boolean {
  if (to.kind === "any" || from.kind === "null" || from.kind === "any") return true;
  const common = commonType(from, to);
  return common !== null && (isDeepStrictEqual(common, to) || (common.kind === "decimal" && to.kind === "decimal"));
}

export function isTime(type: DataType): boolean {
  return type.kind === "timestamp" || type.kind === "date";
}

/** What has operators of its own with intervals, and literals that are texts. */
export function isTimed(type: DataType): boolean {
  return isTime(type) || type.kind === "time" || type.kind === "interval";
}

export function isInteger(type: DataType): boolean {
  return type.kind === "int" || type.kind === "bigint";
}

/** What an operator takes that needs this kind: also what may turn out to be one, per record. */
export function mayBe(type: DataType, accepts: (type: DataType) => boolean): boolean {
  return type.kind === "any" || type.kind === "null" || accepts(type);
}

/** Of a number that is known at run time only. */
export function numberType(type: DataType): DataType {
  return isNumeric(type) ? type : DOUBLE;
}

const SCALARS_TO_TEXT: readonly DataType["kind"][] = [
  "string",
  "boolean",
  "int",
  "bigint",
  "double",
  "decimal",
  "timestamp",
  "date",
  "time",
  "interval",
];

export function hasText(type: DataType): boolean {
  return SCALARS_TO_TEXT.includes(type.kind);
}
