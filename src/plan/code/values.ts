import { compareText } from "../../functions/compare-text.ts";
import { Tag } from "../../model/column-batch.ts";
import { parseDate, parseTimestamp } from "../../model/timestamp-text.ts";
import type { DataType } from "../../model/type.ts";

export { compareText, parseDate, parseTimestamp };

/** Helpers that generated code calls as `h.…`. Each says how it fails: `undefined` means "no such value". */

const TAG_NAMES = ["nothing", "null", "false", "true", "a number", "a string", "a string", "text", "an object", "an array"];

/** "temperature: expected a number, found a string" */
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
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** The string of a cell tagged string, escaped or text. Undefined for a lone surrogate, which UTF-8 cannot carry. */
export function text(bytes: Buffer, tag: number, start: number, end: number): string | undefined {
  if (tag !== Tag.escaped) return bytes.toString("utf8", start, end);
  const decoded = JSON.parse(`"${bytes.toString("utf8", start, end)}"`) as string;
  return decoded.isWellFormed() ? decoded : undefined;
}

/** A cell as a JavaScript value; absent and null are null. */
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
      return number;
    case Tag.object:
    case Tag.array:
      return JSON.parse(bytes.toString("utf8", start, end));
    default:
      return text(bytes, tag, start, end);
  }
}

export function isoTimestamp(ms: number): string {
  return new Date(ms).toISOString();
}

export function isoDate(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Order of two values of unknown type; undefined where they cannot be compared. Objects and arrays can be equal only. */
export function compareAny(a: unknown, b: unknown): number | undefined {
  if (typeof a !== typeof b) return undefined;
  if (typeof a === "string") return compareText(a, b as string);
  if (typeof a === "number" || typeof a === "boolean") return Number(a) - Number(b);
  return JSON.stringify(a) === JSON.stringify(b) ? 0 : undefined;
}

/** Equality of two non-null values of unknown type: of different types they differ. */
export function equalAny(a: unknown, b: unknown): boolean {
  if (typeof a === "object" && typeof b === "object") return JSON.stringify(a) === JSON.stringify(b);
  return a === b;
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

/** Text of a value as `||`, ids and CAST AS STRING write it. */
export function toText(value: unknown, kind: DataType["kind"]): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") {
    if (kind === "timestamp") return isoTimestamp(value);
    if (kind === "date") return isoDate(value);
    return kind === "double" && Number.isInteger(value) && Math.abs(value) < 1e15 ? `${value}.0` : String(value);
  }
  return typeof value === "boolean" ? String(value) : JSON.stringify(value);
}

/** Text of one part of an id or record key: as JSON would say it, strings without quotes, timestamps in ISO 8601. */
export function keyText(value: unknown, kind: DataType["kind"]): string {
  return typeof value === "number" && kind === "double" ? String(value) : toText(value, kind);
}
