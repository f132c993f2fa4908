import { dateText, parseDate, parseTime, timeText } from "./calendar.ts";
import { decimalText, rescale } from "./decimal.ts";
import { exactNumber, jsonText } from "./exact-number.ts";
import { intervalText, parseInterval } from "./interval.ts";
import { parseTimestamp } from "./timestamp-text.ts";
import type { DataType } from "./type.ts";
import type { Interval, ObjectValue, Value } from "./value.ts";

/**
 * How values look in JSON: TIMESTAMP, DATE and TIME as ISO 8601 text, INTERVAL as an ISO 8601 duration, BYTES in base64,
 * DECIMAL as a number with all digits of its scale, all else as what it is.
 */

/** The JSON text of values of a type other than null. */
export function jsonWriterOf(type: DataType): (value: Value) => string {
  switch (type.kind) {
    case "timestamp":
    case "date":
    case "time":
    case "interval":
    case "bytes": {
      const text = jsonTextOf(type.kind);
      return (value) => `"${text(value)}"`;
    }
    case "decimal":
      return (value) => decimalText(value as bigint, type.scale);
    case "array": {
      const write = orNull(jsonWriterOf(type.element));
      return (value) => `[${(value as readonly Value[]).map(write).join(",")}]`;
    }
    case "map": {
      const write = orNull(jsonWriterOf(type.value));
      return (value) =>
        `{${Object.entries(value as ObjectValue)
          .map(([key, item]) => `${JSON.stringify(key)}:${write(item)}`)
          .join(",")}}`;
    }
    case "struct": {
      const fields = type.fields.map(({ name, type: of }) => ({ name, label: JSON.stringify(name), write: orNull(jsonWriterOf(of)) }));
      return (value) => `{${fields.map(({ name, label, write }) => `${label}:${write((value as ObjectValue)[name] ?? null)}`).join(",")}}`;
    }
    default:
      return jsonText;
  }
}

function orNull(write: (value: Value) => string): (value: Value) => string {
  return (value) => (value === null ? "null" : write(value));
}

type TextKind = "timestamp" | "date" | "time" | "interval" | "bytes";

/** The text that stands for a value in JSON, in keys and in CAST AS STRING (of BYTES there only DuckDB's). */
export function jsonTextOf(kind: TextKind): (value: Value) => string {
  return TEXTS[kind] as (value: Value) => string;
}

const TEXTS: Readonly<Record<TextKind, (value: never) => string>> = {
  timestamp: (ms: number) => new Date(ms).toISOString(),
  date: dateText,
  time: timeText,
  interval: (value: Interval) => intervalText(value),
  bytes: (value: Uint8Array) => Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64"),
};

/** A value of one type as one of type `any`: what JSON would give if it was written and read again, but for large decimals, which round. */
export function anyOf(type: DataType): (value: Value) => Value {
  switch (type.kind) {
    case "timestamp":
    case "date":
    case "time":
    case "interval":
    case "bytes":
      return jsonTextOf(type.kind);
    case "decimal":
      return (value) => numberOfDecimal(value as bigint, type.scale);
    case "array": {
      const convert = nullOr(anyOf(type.element));
      return (value) => (value as readonly Value[]).map(convert);
    }
    case "map": {
      const convert = nullOr(anyOf(type.value));
      return (value) => mapMembers(value as ObjectValue, convert);
    }
    case "struct": {
      const fields = new Map(type.fields.map(({ name, type: of }) => [name, nullOr(anyOf(of))]));
      return (value) => mapMembers(value as ObjectValue, (item, name) => (fields.get(name) as (item: Value) => Value)(item));
    }
    default:
      return (value) => value;
  }
}

/** Whole numbers keep all digits. */
function numberOfDecimal(unscaled: bigint, scale: number): Value {
  const whole = rescale(unscaled, scale, 0);
  return rescale(whole, 0, scale) === unscaled ? exactNumber(whole) : Number(decimalText(unscaled, scale));
}

function nullOr(convert: (value: Value) => Value): (value: Value) => Value {
  return (value) => (value === null ? null : convert(value));
}

/** An object of own properties alone, whatever they are called. */
export function mapMembers(value: ObjectValue, convert: (item: Value, name: string) => Value): ObjectValue {
  const made: Record<string, Value> = Object.create(null);
  for (const [name, item] of Object.entries(value)) made[name] = convert(item, name);
  return made;
}

/** Texts as declared columns have them; undefined: no such value. */
export const PARSERS: Readonly<Record<TextKind, (text: string) => Value | undefined>> = {
  timestamp: parseTimestamp,
  date: parseDate,
  time: parseTime,
  interval: parseInterval,
  bytes: parseBase64,
};

/** Node skips what is no base64: what does not come out again was not all base64. */
export function parseBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}
