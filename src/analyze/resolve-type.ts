import type { TypeRef } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import {
  BIGINT,
  BOOLEAN,
  BYTES,
  DATE,
  type DataType,
  DECIMAL_DIGITS_MAX,
  DOUBLE,
  INT,
  INTERVAL,
  STRING,
  type StructField,
  TIME,
  TIMESTAMP,
} from "../model/type.ts";
import { didYouMean, type Reporter } from "./reporter.ts";

const SCALARS: Readonly<Record<string, DataType>> = {
  STRING,
  VARCHAR: STRING,
  TEXT: STRING,
  CHAR: STRING,
  INT,
  INTEGER: INT,
  BIGINT,
  LONG: BIGINT,
  DOUBLE,
  FLOAT: DOUBLE,
  REAL: DOUBLE,
  BOOLEAN,
  BOOL: BOOLEAN,
  TIMESTAMP,
  DATETIME: TIMESTAMP,
  DATE,
  TIME,
  INTERVAL,
  BYTES,
  BLOB: BYTES,
  VARBINARY: BYTES,
};

export const TYPE_NAMES = [...Object.keys(SCALARS), "DECIMAL", "NUMERIC", "ARRAY", "MAP", "STRUCT"];

/** A type as written, with the synonyms of other dialects. */
export function resolveType(type: TypeRef, report: Reporter): DataType | null {
  if (type.name === "") return null;
  switch (type.name) {
    case "ARRAY": {
      const element = argumentsOf(type, 1, "ARRAY<STRING>", report)?.[0];
      const resolved = element === undefined ? null : resolveType(element.type, report);
      return resolved === null ? null : { kind: "array", element: resolved };
    }
    case "MAP":
      return resolveMap(type, report);
    case "STRUCT":
      return resolveStruct(type, report);
    case "DECIMAL":
    case "NUMERIC":
      return resolveDecimal(type, report);
    default:
      return resolveScalar(type, report);
  }
}

function resolveScalar(type: TypeRef, report: Reporter): DataType | null {
  const scalar = SCALARS[type.name];
  if (scalar === undefined) {
    const hint =
      didYouMean(nearest(type.name, TYPE_NAMES)) ??
      "types are STRING, INT, BIGINT, DOUBLE, BOOLEAN, TIMESTAMP, DATE, ARRAY<…>, MAP<…>, STRUCT<…>";
    return report.error("UNKNOWN_TYPE", type.span, `there is no type ${type.name}`, hint);
  }
  if (type.parameters.length === 0 && type.arguments.length === 0) return scalar;
  return report.error("UNKNOWN_TYPE", type.span, `${type.name} takes no parameters`, `write ${type.name}`);
}

function resolveDecimal(type: TypeRef, report: Reporter): DataType | null {
  const [precision = 18, scale = 0] = type.parameters;
  if (type.parameters.length <= 2 && precision >= 1 && precision <= DECIMAL_DIGITS_MAX && scale <= precision) {
    return { kind: "decimal", precision, scale };
  }
  const message = `${type.name} takes a precision from 1 to ${DECIMAL_DIGITS_MAX} and a scale up to it`;
  return report.error("UNKNOWN_TYPE", type.span, message, "for example DECIMAL(10, 2)");
}

function resolveMap(type: TypeRef, report: Reporter): DataType | null {
  const parameters = argumentsOf(type, 2, "MAP<STRING, INT>", report);
  const [key, value] = parameters?.map((argument) => resolveType(argument.type, report)) ?? [];
  if (parameters === null || key === undefined || key === null || value === undefined || value === null) return null;
  if (key.kind === "string") return { kind: "map", value };
  return report.error("UNKNOWN_TYPE", type.span, "the keys of a MAP are STRING", "for example MAP<STRING, INT>");
}

function resolveStruct(type: TypeRef, report: Reporter): DataType | null {
  const fields: StructField[] = [];
  for (const argument of type.arguments) {
    const resolved = resolveType(argument.type, report);
    if (resolved === null || argument.name === null) return null;
    const { name, span } = argument.name;
    if (fields.some((field) => field.name === name))
      report.error("DUPLICATE_NAME", span, `STRUCT has two fields '${name}'`, "give one of them another name");
    fields.push({ name, type: resolved });
  }
  if (fields.length > 0) return { kind: "struct", fields };
  return report.error("UNKNOWN_TYPE", type.span, "STRUCT needs its fields", "for example STRUCT<a INT, b STRING>");
}

function argumentsOf(type: TypeRef, count: number, example: string, report: Reporter): TypeRef["arguments"] | null {
  if (type.arguments.length === count && type.parameters.length === 0) return type.arguments;
  const message = `${type.name} needs ${count === 1 ? "the type of its elements" : "the types of its keys and values"}`;
  return report.error("UNKNOWN_TYPE", type.span, message, `for example ${example}`);
}
