import { isDeepStrictEqual } from "node:util";
import { DAY_MS, dayOf, parseDate, parseTime, timeOfDay } from "../model/calendar.ts";
import { decimalOfDouble, doubleOfDecimal, inPrecision, parseDecimal, rescale, roundHalfEven } from "../model/decimal.ts";
import { type ExactNumber, exactNumber, integerOf, isInt64, parseJson } from "../model/exact-number.ts";
import { parseInterval } from "../model/interval.ts";
import { anyOf, mapMembers, PARSERS } from "../model/json-value.ts";
import { parseTimestamp, TIMESTAMP_MS_MAX } from "../model/timestamp-text.ts";
import { ANY, BIGINT, BOOLEAN, type DataType, type DecimalType, DOUBLE, STRING } from "../model/type.ts";
import type { ObjectValue, Value } from "../model/value.ts";
import { memberOf } from "./comparator.ts";
import { parseBytesText, textOf } from "./value-text.ts";

/** A cast of values other than null, after DuckDB's rules; undefined: the value cannot be cast. */
export type Cast = (value: Value) => Value | undefined;

/** null: there is none between the types, for any value. */
export function castOf(from: DataType, to: DataType): Cast | null {
  if (isDeepStrictEqual(from, to) || to.kind === "null") return same;
  if (from.kind === "null") return same;
  if (to.kind === "any") return anyOf(from);
  if (from.kind === "any") return castAny(to);
  if (to.kind === "string") return textOf(from);
  if (from.kind === "string") return castText(to);
  switch (to.kind) {
    case "boolean":
    case "int":
    case "bigint":
    case "double":
    case "decimal":
      return castNumber(from, to);
    case "timestamp":
      if (from.kind === "date") return (days) => timestampOf((days as number) * DAY_MS);
      return from.kind === "bigint" ? (ms) => timestampOf(ms as ExactNumber) : null;
    case "date":
      return from.kind === "timestamp" ? (ms) => dayOf(ms as number) : null;
    case "time":
      return from.kind === "timestamp" ? (ms) => timeOfDay(ms as number) : null;
    case "array":
      return from.kind === "array" ? castArray(from.element, to.element) : null;
    case "map":
      return from.kind === "map" ? castMap(from.value, to.value) : null;
    case "struct":
      return from.kind === "struct" ? castStruct(from, to) : null;
    default:
      return null;
  }
}

function same(value: Value): Value {
  return value;
}

// --- numbers -----------------------------------------------------------------------------------

function castNumber(from: DataType, to: DataType): Cast | null {
  if (from.kind === "decimal") return castDecimal(from, to);
  if (from.kind === "timestamp") return to.kind === "bigint" ? same : null;
  if (from.kind !== "boolean" && from.kind !== "int" && from.kind !== "bigint" && from.kind !== "double") return null;
  switch (to.kind) {
    case "boolean":
      return (value) => Boolean(value);
    case "double":
      return Number;
    case "decimal":
      if (from.kind === "double") return (value) => decimalOfDouble(value as number, to);
      return (value) => inPrecision(rescale(BigInt(value as ExactNumber | boolean), 0, to.scale), to.precision);
    default:
      return (value) => integerIn(to, typeof value === "bigint" ? value : roundToInteger(Number(value)));
  }
}

function castDecimal({ scale }: DecimalType, to: DataType): Cast | null {
  switch (to.kind) {
    case "boolean":
      return Boolean;
    case "double":
      return (value) => doubleOfDecimal(value as bigint, scale);
    case "decimal":
      return (value) => inPrecision(rescale(value as bigint, scale, to.scale), to.precision);
    default:
      return (value) => integerIn(to, exactNumber(rescale(value as bigint, scale, 0)));
  }
}

const INT_MIN = -2_147_483_648;
const INT_MAX = 2_147_483_647;

function integerIn({ kind }: DataType, value: ExactNumber | undefined): ExactNumber | undefined {
  if (value === undefined) return undefined;
  return (kind === "int" ? value >= INT_MIN && value <= INT_MAX : isInt64(value)) ? value : undefined;
}

function roundToInteger(value: number): ExactNumber | undefined {
  if (!Number.isFinite(value)) return undefined;
  const rounded = roundHalfEven(value) + 0;
  return Number.isSafeInteger(rounded) ? rounded : exactNumber(BigInt(rounded));
}

function timestampOf(ms: ExactNumber): number | undefined {
  return typeof ms === "number" && Math.abs(ms) <= TIMESTAMP_MS_MAX ? Math.trunc(ms) : undefined;
}

// --- texts -------------------------------------------------------------------------------------

const BOOLEANS = new Map([
  ["true", true],
  ["t", true],
  ["1", true],
  ["yes", true],
  ["y", true],
  ["false", false],
  ["f", false],
  ["0", false],
  ["no", false],
  ["n", false],
]);

const FROM_TEXT: Partial<Record<DataType["kind"], (text: string) => Value | undefined>> = {
  boolean: (text) => BOOLEANS.get(text.trim().toLowerCase()),
  double: parseDouble,
  timestamp: parseTimestamp,
  date: parseDate,
  time: parseTime,
  interval: parseInterval,
  bytes: parseBytesText,
};

function castText(to: DataType): Cast | null {
  switch (to.kind) {
    case "int":
    case "bigint":
      return (text) => integerIn(to, parseInteger(text as string));
    case "decimal":
      return (text) => parseDecimal((text as string).trim(), to);
    case "array":
    case "map":
    case "struct": {
      const cast = castStructure(to);
      return (text) => {
        const parsed = parsedOf(text as string);
        return parsed === undefined || parsed === null ? undefined : cast(parsed);
      };
    }
    default:
      return (FROM_TEXT[to.kind] ?? null) as Cast | null;
  }
}

/** Of a text that is no JSON, undefined. */
function parsedOf(text: string): Value | undefined {
  try {
    return parseJson(text) as Value;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Wide enough for every integer of 64 bits, with nothing behind the point: halves go away from zero. */
const WHOLE: DecimalType = { kind: "decimal", precision: 20, scale: 0 };

function parseInteger(text: string): ExactNumber | undefined {
  const trimmed = text.trim();
  const integer = integerOf(trimmed) ?? parseDecimal(trimmed, WHOLE);
  return typeof integer === "bigint" ? exactNumber(integer) : integer;
}

function parseDouble(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(trimmed)) {
    const value = Number(trimmed);
    return Number.isFinite(value) ? value : undefined;
  }
  return undefined;
}

// --- values of unknown type --------------------------------------------------------------------

/** Each value as what JSON made it: a number as a DOUBLE or an integer, a text as a STRING; BYTES are base64 there. */
function castAny(to: DataType): Cast {
  if (to.kind === "string") return textOf(ANY);
  const [ofText, ofNumber, ofBigint, ofBoolean] = [STRING, DOUBLE, BIGINT, BOOLEAN].map((from) => castOf(from, to));
  // An integer of JSON may have more than 64 bits.
  const ofInteger: Cast | null | undefined = to.kind === "bigint" ? (value) => integerIn(to, value as ExactNumber) : ofBigint;
  const text = to.kind === "bytes" ? PARSERS.bytes : ofText;
  const structure = castStructure(to);
  const isTimestamp = to.kind === "timestamp";
  return (value) => {
    switch (typeof value) {
      case "string":
        return (text as Cast | null)?.(value);
      case "number":
        return (isTimestamp || Number.isSafeInteger(value) ? ofInteger : ofNumber)?.(value);
      case "bigint":
        return ofInteger?.(value);
      case "boolean":
        return ofBoolean?.(value);
      default:
        return value === null ? null : structure(value);
    }
  };
}

/** Of arrays and objects alone. */
function castStructure(to: DataType): Cast {
  const ofArray = to.kind === "array" ? castArray(ANY, to.element) : null;
  const ofObject = to.kind === "map" ? castMap(ANY, to.value) : to.kind === "struct" ? castStruct(null, to) : null;
  return (value) => (typeof value !== "object" ? undefined : Array.isArray(value) ? ofArray?.(value) : ofObject?.(value));
}

// --- nested types ------------------------------------------------------------------------------

/** A part that cannot be cast makes the whole one that cannot. */
function castArray(from: DataType, to: DataType): Cast | null {
  const cast = castOf(from, to);
  if (cast === null || cast === same) return cast;
  return (value) => {
    const items: Value[] = [];
    for (const item of value as readonly Value[]) {
      const made = item === null ? null : cast(item);
      if (made === undefined) return undefined;
      items.push(made);
    }
    return items;
  };
}

function castMap(from: DataType, to: DataType): Cast | null {
  const cast = castOf(from, to);
  if (cast === null) return null;
  return (value) => {
    let sound = true;
    const made = mapMembers(value as ObjectValue, (item) => {
      const member = item === null ? null : cast(item);
      if (member === undefined) sound = false;
      return member ?? null;
    });
    return sound ? made : undefined;
  };
}

/** By names; a field that is not there is NULL. `from` null: values of any type. */
function castStruct(from: (DataType & { kind: "struct" }) | null, to: DataType & { kind: "struct" }): Cast | null {
  const fields: { readonly name: string; readonly cast: Cast }[] = [];
  for (const { name, type } of to.fields) {
    const own = from === null ? ANY : from.fields.find((field) => field.name === name)?.type;
    const cast = own === undefined ? same : castOf(own, type);
    if (cast === null) return null;
    fields.push({ name, cast });
  }
  return (value) => {
    const made: Record<string, Value> = Object.create(null);
    for (const { name, cast } of fields) {
      const member = memberOf(value as ObjectValue, name);
      const item = member === null ? null : cast(member);
      if (item === undefined) return undefined;
      made[name] = item;
    }
    return made;
  };
}
