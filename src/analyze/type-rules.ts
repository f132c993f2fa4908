import { isDeepStrictEqual } from "node:util";
import { ANY, type DataType, DOUBLE, isNumeric, TIMESTAMP } from "../model/type.ts";

/** The type that values of both types can be read as; null: there is none. `any` is known per record only. */
export function commonType(left: DataType, right: DataType): DataType | null {
  if (left.kind === "null" || isDeepStrictEqual(left, right)) return right;
  if (right.kind === "null") return left;
  if (left.kind === "any" || right.kind === "any") return ANY;
  if (isNumeric(left) && isNumeric(right)) return widerNumber(left, right);
  return isTime(left) && isTime(right) ? TIMESTAMP : null;
}

const NUMBER_WIDTH = ["int", "bigint", "decimal", "double"];

function widerNumber(left: DataType, right: DataType): DataType {
  if (left.kind === "decimal" && right.kind === "decimal") {
    return { kind: "decimal", precision: Math.max(left.precision, right.precision), scale: Math.max(left.scale, right.scale) };
  }
  return NUMBER_WIDTH.indexOf(left.kind) >= NUMBER_WIDTH.indexOf(right.kind) ? left : right;
}

export function isTime(type: DataType): boolean {
  return type.kind === "timestamp" || type.kind === "date";
}

export function isInteger(type: DataType): boolean {
  return type.kind === "int" || type.kind === "bigint";
}

/** Arrays, maps and structs have no order, and nothing to do with scalars. */
export function isNested(type: DataType): boolean {
  return type.kind === "array" || type.kind === "map" || type.kind === "struct";
}

/** Whether `=` and `<` can have such operands. */
export function isComparable(left: DataType, right: DataType): boolean {
  return !isNested(left) && !isNested(right) && commonType(left, right) !== null;
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
];

export function hasText(type: DataType): boolean {
  return SCALARS_TO_TEXT.includes(type.kind);
}

const CASTS: Readonly<Partial<Record<DataType["kind"], readonly DataType["kind"][]>>> = {
  boolean: ["string", "int", "bigint", "double"],
  int: ["string", "boolean", "bigint", "double", "decimal"],
  bigint: ["string", "boolean", "int", "double", "decimal", "timestamp"],
  double: ["string", "boolean", "int", "bigint", "decimal"],
  string: [...SCALARS_TO_TEXT, "bytes"],
  timestamp: ["string", "int", "bigint", "date"],
  date: ["string", "timestamp"],
};

/** Targets of CAST; their entries say from which types. */
export function canCast(from: DataType, to: DataType): "yes" | "no" | "not yet" {
  const sources = CASTS[to.kind];
  if (sources === undefined) return "not yet";
  return from.kind === to.kind || mayBe(from, (type) => sources.includes(type.kind)) ? "yes" : "no";
}
