import { memberOf } from "../../functions/comparator.ts";
import { compareText } from "../../functions/compare-text.ts";
import { mapFrom } from "../../functions/map-from.ts";
import { regularExpression } from "../../functions/regular-expression.ts";
import { lowerCase } from "../../functions/scalar/text.ts";
import { dateText, timeText } from "../../model/calendar.ts";
import { Tag } from "../../model/column-batch.ts";
import { decimalText, doubleOfDecimal } from "../../model/decimal.ts";
import { type ExactNumber, exactNumber, integerOf, isInt64, isNumber, jsonText, numberText, parseJson } from "../../model/exact-number.ts";
import { negateInterval } from "../../model/interval.ts";
import { parseTimestamp, parseTimestampAt } from "../../model/timestamp-text.ts";
import type { DataType } from "../../model/type.ts";
import type { ObjectValue, Value } from "../../model/value.ts";

export { compareText, dateText, decimalText, doubleOfDecimal, memberOf, negateInterval, parseTimestamp, parseTimestampAt, timeText };

/** Helpers that generated code calls as `h.…`. Each says how it fails: `undefined` means "no such value". */

const TAG_NAMES = ["nothing", "null", "false", "true", "a number", "a string", "a string", "text", "an object", "an array", "a number"];

/** "temperature: expected a number, found a string" */
/** What is said of a time in ms that is far ahead: of which unit it is likely to be. */
export function unitHint(time: number): string {
  if (time < 1e14) return "";
  return `: ${time} looks like ${time < 1e17 ? "microseconds" : "nanoseconds"}, and milliseconds are meant`;
}

export function misfit(subject: string, expected: string, tag: number): string {
  return `${subject}: expected ${expected}, found ${TAG_NAMES[tag] ?? "something else"}`;
}

export function misfitValue(subject: string, expected: string, value: unknown): string {
  return `${subject}: expected ${expected}, found ${describe(value)}`;
}

export function describe(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  const text = jsonText(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The string of a cell tagged string, escaped or text. Undefined for a lone surrogate, which UTF-8 cannot carry. */
export function text(bytes: Buffer, tag: number, start: number, end: number): string | undefined {
  if (tag !== Tag.escaped) return bytes.toString("utf8", start, end);
  const decoded = JSON.parse(`"${bytes.toString("utf8", start, end)}"`) as string;
  return decoded.isWellFormed() ? decoded : undefined;
}

/**
 * A cell that is asked for as a number, where it is none that is simply taken: an integer beyond 2^53 with all its digits,
 * a double of that size. Undefined: no number, of a `bigint` no integer of 64 bits, or too large for a double.
 */
export function exact(bytes: Buffer, tag: number, start: number, end: number, kind: DataType["kind"]): ExactNumber | undefined {
  if (tag !== Tag.number && tag !== Tag.wide) return undefined;
  const written = bytes.toString("latin1", start, end);
  const integer = integerOf(written);
  if (kind === "bigint") return integer !== undefined && isInt64(integer) ? integer : undefined;
  return integer ?? finiteOf(written);
}

/** Integers of more digits than `integerDigitsMax` are not finite either. */
function finiteOf(written: string): number | undefined {
  const value = Number(written);
  return Number.isFinite(value) ? value : undefined;
}

const SHOWN_MAX = 60;

/** Why a cell is none of the numbers that were wanted: "id: expected an integer of 64 bits, found 1e30". */
export function numberMisfit(subject: string, expected: string, bytes: Buffer, tag: number, start: number, end: number): string {
  if (tag !== Tag.number && tag !== Tag.wide) return misfit(subject, expected, tag);
  const written = bytes.toString("latin1", start, Math.min(end, start + SHOWN_MAX));
  return `${subject}: expected ${expected}, found ${end - start > SHOWN_MAX ? `${written}…` : written}`;
}

/** Why a cell has no value at all. */
export function noValue(subject: string, bytes: Buffer, tag: number, start: number, end: number): string {
  const isNumber = tag === Tag.number || tag === Tag.wide;
  return isNumber ? numberMisfit(subject, "a number of DOUBLE's range", bytes, tag, start, end) : `${subject}: a lone surrogate is no text`;
}

/** Of a value that is an integer beyond 2^53 where a double is needed. */
export function uncomputable(subject: string, value: unknown): string {
  const hint = "CAST(… AS DOUBLE) takes the nearest double";
  return `${subject}: ${describe(value)} is beyond 2^53, where integers are not computed with (${hint})`;
}

/** A cell as a JavaScript value; absent and null are null. Undefined: a lone surrogate, or a number beyond all doubles. */
export function cell(bytes: Buffer, tag: number, number: number, start: number, end: number): unknown {
  switch (tag) {
    case Tag.absent:
    case Tag.null:
      return null;
    case Tag.false:
      return false;
    case Tag.true:
      return true;
    case Tag.number:
      return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : exact(bytes, tag, start, end, "any");
    case Tag.wide:
      return exact(bytes, tag, start, end, "any");
    case Tag.object:
    case Tag.array:
      return parseJson(bytes.toString("utf8", start, end));
    default:
      return text(bytes, tag, start, end);
  }
}

/** Order of two values of unknown type; undefined where they cannot be compared. Objects and arrays can be equal only. */
export function compareAny(a: unknown, b: unknown): number | undefined {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a !== typeof b) return undefined;
  if (typeof a === "string") return compareText(a, b as string);
  if (typeof a === "boolean") return Number(a) - Number(b);
  return jsonText(a) === jsonText(b) ? 0 : undefined;
}

/** Equality of two non-null values of unknown type: of different types they differ. */
export function equalAny(a: unknown, b: unknown): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: compares a number and a BigInt by their values
  if (isNumber(a) && isNumber(b)) return a == b;
  if (typeof a === "object" && typeof b === "object") return jsonText(a) === jsonText(b);
  return a === b;
}

/** The exact result of a computation with integers; undefined: it is not of 64 bits. */
export function integerResult(op: string, a: ExactNumber, b: ExactNumber): ExactNumber | undefined {
  const result = exactNumber(compute(op, BigInt(a), BigInt(b)));
  return isInt64(result) ? result : undefined;
}

function compute(op: string, a: bigint, b: bigint): bigint {
  switch (op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    default:
      return a % b;
  }
}

/** Whether two integers gave a double that is not their exact result. */
export function isRounded(op: string, a: number, b: number, result: number): boolean {
  return Number.isSafeInteger(a) && Number.isSafeInteger(b) && compute(op, BigInt(a), BigInt(b)) !== BigInt(result);
}

/** SQL LIKE: `%` any run, `_` one character, in linear-ish time whatever the pattern. */
export function like(source: string, pattern: string, escapeCharacter: string | null): boolean {
  let s = 0;
  let p = 0;
  let starPattern = -1;
  let starSource = 0;
  while (s < source.length) {
    const token = pattern[p];
    const escaped = token !== undefined && token === escapeCharacter;
    const wanted = escaped ? pattern[p + 1] : token;
    if (!escaped && token === "%") {
      starPattern = ++p;
      starSource = s;
    } else if (!escaped && token === "_") {
      p++;
      s += characterLength(source, s);
    } else if (wanted !== undefined && wanted === source[s]) {
      p += escaped ? 2 : 1;
      s++;
    } else if (starPattern >= 0) {
      p = starPattern;
      starSource += characterLength(source, starSource);
      s = starSource;
    } else {
      return false;
    }
  }
  while (pattern[p] === "%" && pattern[p] !== escapeCharacter) p++;
  return p === pattern.length;
}

function characterLength(source: string, at: number): number {
  const code = source.charCodeAt(at);
  return code >= 0xd800 && code < 0xdc00 && at + 1 < source.length ? 2 : 1;
}

/** Text of one part of an id or record key whose type says no more: as JSON would say it, strings without quotes. */
export function keyText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? numberText(value) : jsonText(value);
}

/** LIKE without regard to case, character by character. */
export function ilike(source: string, pattern: string, escapeCharacter: string | null): boolean {
  return like(lowerCase(source), lowerCase(pattern), escapeCharacter === null ? null : lowerCase(escapeCharacter));
}

/** Whether a part of the text matches a regular expression; undefined: the pattern is none. */
export function matches(source: string, pattern: string): boolean | undefined {
  try {
    return regularExpression(pattern).test(source);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Counted from 1, or from the end where negative. */
export function elementAt(array: readonly Value[], index: ExactNumber): Value {
  return array[placeOf(Number(index), array.length)] ?? null;
}

export function characterAt(source: string, index: ExactNumber): string | null {
  const characters = Array.from(source);
  // As DuckDB has it: of a text what is out of range is empty.
  return characters[placeOf(Number(index), characters.length)] ?? "";
}

function placeOf(index: number, length: number): number {
  return index > 0 ? index - 1 : index < 0 ? length + index : -1;
}

/** A member of an object of unknown type; null: there is none, or it is no object. */
export function memberOfAny(value: Value, name: string): Value {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? memberOf(value as ObjectValue, name) : null;
}

/** An element by number of what turns out to be an array or a text, by name of an object; undefined: it is neither. */
export function indexAny(value: Value, index: Value): Value | undefined {
  if (isNumber(index)) {
    if (Array.isArray(value)) return elementAt(value, index);
    return typeof value === "string" ? characterAt(value, index) : undefined;
  }
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject && typeof index === "string" ? memberOf(value as ObjectValue, index) : undefined;
}

/** Undefined: a key is null or comes twice. */
export function mapOf(keys: readonly (string | null)[], values: readonly Value[]): ObjectValue | undefined {
  if (new Set(keys).size < keys.length || keys.includes(null)) return undefined;
  return mapFrom(keys.map((key, index) => [key as string, values[index] ?? null] as const));
}
