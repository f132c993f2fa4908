import { unreachable } from "../../assert.ts";
import type { CqlType } from "./cql-type.ts";
import { type CqlValue, Misfit, misfit, type ToCql } from "./cql-value.ts";
import { exactDecimal, NumberText } from "./exact-json.ts";
import { NATIVE } from "./native-value.ts";
import { int64Bytes } from "./wire-value.ts";

export function toCql(type: CqlType): ToCql {
  switch (type.kind) {
    case "native":
      return NATIVE[type.name];
    case "list":
    case "set":
      return list(toCql(type.element));
    case "map":
      return map(keyToCql(type.key), toCql(type.value));
    case "other":
      return () => {
        throw new Misfit(`columns of type ${type.text} are not written`);
      };
    default:
      return unreachable(type);
  }
}

/** As `toCql`, but eight-byte integers as their bytes, which the driver passes on: its own way to them takes a microsecond each. */
export function toWire(type: CqlType): ToCql {
  const convert = toCql(type);
  if (type.kind !== "native" || (type.name !== "timestamp" && type.name !== "bigint")) return convert;
  return (value) => int64Bytes(convert(value) as number | bigint);
}

/** Whether values of the type need the digits of every number. */
export function needsDigits(type: CqlType): boolean {
  switch (type.kind) {
    case "native":
      return type.name === "decimal";
    case "list":
    case "set":
      return needsDigits(type.element);
    case "map":
      return needsDigits(type.value);
    default:
      return false;
  }
}

/** An empty list on the wire; the driver sends null in its place, which is another value where the list is frozen. */
const EMPTY_LIST = Buffer.alloc(4);

function list(element: ToCql): ToCql {
  return (value) => {
    if (!Array.isArray(value)) throw misfit(value);
    return value.length === 0 ? EMPTY_LIST : value.map((item: unknown) => inside(element, item));
  };
}

function map(key: ToCql, element: ToCql): ToCql {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value) || value instanceof NumberText) throw misfit(value);
    return new Map(Object.entries(value).map(([name, item]) => [key(name), inside(element, item)]));
  };
}

/** Keys of a JSON object are text; of a map with numbers as keys they are the numbers' text. */
function keyToCql(type: CqlType): ToCql {
  const convert = toCql(type);
  const numeric = type.kind === "native" && /int|decimal|double|float/.test(type.name);
  if (!numeric) return convert;
  return (name) => {
    if (typeof name !== "string" || exactDecimal(name) === null) throw misfit(name);
    return convert(new NumberText(name));
  };
}

function inside(element: ToCql, item: unknown): CqlValue {
  if (item === null || item === undefined) throw new Misfit("a collection cannot hold null");
  return element(item);
}
