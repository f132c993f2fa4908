import { must } from "../../../assert.ts";
import { DAY_MS } from "../../../model/calendar.ts";
import { decimalText, parseDecimal } from "../../../model/decimal.ts";
import { exactNumber, isInt64, isNumber, numberText } from "../../../model/exact-number.ts";
import { jsonTextOf, PARSERS } from "../../../model/json-value.ts";
import { TIMESTAMP_MS_MAX } from "../../../model/timestamp-text.ts";
import type { DataType } from "../../../model/type.ts";
import type { Interval, Value } from "../../../model/value.ts";
import { FormatError } from "./format-error.ts";

/** How values of a type stand in a line. */
export interface FieldText {
  /** undefined: the text is no such value. */
  readonly read: (text: string) => Value | undefined;
  readonly write: (value: Value) => string;
}

const INTEGER = /^[+-]?\d{1,19}$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** An integer between the bounds. */
function integer(text: string, min: number, max: number): number | undefined {
  const value = Number(text);
  return INTEGER.test(text.trim()) && value >= min && value <= max ? value + 0 : undefined;
}

/** ksqlDB writes times as numbers, and reads nothing else; ISO 8601 text is read here too. */
function time(kind: "timestamp" | "date" | "time", min: number, max: number): FieldText {
  const parse = PARSERS[kind];
  return { read: (text) => integer(text, min, max) ?? parse(text), write: String };
}

const DAYS_MAX = TIMESTAMP_MS_MAX / DAY_MS;

const TEXTS: Partial<Record<DataType["kind"], FieldText>> = {
  boolean: {
    read: (text) => ({ true: true, false: false })[text.trim().toLowerCase()],
    write: String,
  },
  int: { read: (text) => integer(text, -(2 ** 31), 2 ** 31 - 1), write: String },
  bigint: {
    read: (text) => {
      const nearest = integer(text, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
      if (nearest !== undefined || !INTEGER.test(text.trim())) return nearest;
      const value = exactNumber(BigInt(text.trim().replace("+", "")));
      return isInt64(value) ? value : undefined;
    },
    write: String,
  },
  double: {
    read: (text) => {
      const value = NUMBER.test(text.trim()) ? Number(text) : Number.NaN;
      return Number.isFinite(value) ? value : undefined;
    },
    write: String,
  },
  string: { read: (text) => text, write: (value) => value as string },
  bytes: { read: (text) => PARSERS.bytes(text.trim()), write: jsonTextOf("bytes") },
  timestamp: time("timestamp", -TIMESTAMP_MS_MAX, TIMESTAMP_MS_MAX),
  date: time("date", -DAYS_MAX, DAYS_MAX),
  time: time("time", 0, DAY_MS - 1),
  interval: { read: PARSERS.interval, write: (value) => jsonTextOf("interval")(value as Interval) },
  any: { read: (text) => text, write: plainText },
};

export function fieldTextOf(type: DataType): FieldText {
  if (type.kind !== "decimal") return must(TEXTS[type.kind], `text of ${type.kind}`);
  return {
    read: (text) => parseDecimal(text.trim(), type, true),
    write: (value) => decimalText(value as bigint, type.scale),
  };
}

/** Of a column whose type was not known before. */
function plainText(value: Value): string {
  if (typeof value === "string") return value;
  if (isNumber(value)) return numberText(value);
  if (typeof value === "boolean") return String(value);
  throw new FormatError("objects and arrays cannot stand in a line");
}
