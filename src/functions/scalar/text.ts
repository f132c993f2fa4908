import { BIGINT, BOOLEAN, STRING } from "../../model/type.ts";
import type { ScalarFunction } from "../spec.ts";

/** Positions and lengths count code points. */
export const textFunctions: readonly ScalarFunction[] = [
  {
    name: "upper",
    synonyms: ["ucase"],
    parameters: [{ name: "text", type: "string" }],
    result: STRING,
    doc: "The text in upper case, character by character.",
    examples: [{ sql: "upper('kitchen é')", result: "KITCHEN É" }],
    implement: (text: string) => mapCharacters(text, (part) => part.toUpperCase()),
  },
  {
    name: "lower",
    synonyms: ["lcase"],
    parameters: [{ name: "text", type: "string" }],
    result: STRING,
    doc: "The text in lower case, character by character.",
    examples: [{ sql: "lower('Kitchen É')", result: "kitchen é" }],
    implement: lowerCase,
  },
  {
    name: "trim",
    synonyms: [],
    parameters: [
      { name: "text", type: "string" },
      { name: "characters", type: "string", optional: true },
    ],
    result: STRING,
    doc: "The text without spaces, or the given characters, at both ends.",
    examples: [
      { sql: "trim('  hall ')", result: "hall" },
      { sql: "trim('--hall-', '-')", result: "hall" },
    ],
    implement: (text: string, characters?: string) => trimEnd(trimStart(text, characters), characters),
  },
  {
    name: "ltrim",
    synonyms: [],
    parameters: [
      { name: "text", type: "string" },
      { name: "characters", type: "string", optional: true },
    ],
    result: STRING,
    doc: "The text without spaces, or the given characters, at its start.",
    examples: [{ sql: "ltrim('  hall ')", result: "hall " }],
    implement: (text: string, characters?: string) => trimStart(text, characters),
  },
  {
    name: "rtrim",
    synonyms: [],
    parameters: [
      { name: "text", type: "string" },
      { name: "characters", type: "string", optional: true },
    ],
    result: STRING,
    doc: "The text without spaces, or the given characters, at its end.",
    examples: [{ sql: "rtrim('  hall ')", result: "  hall" }],
    implement: (text: string, characters?: string) => trimEnd(text, characters),
  },
  {
    name: "length",
    synonyms: ["len", "char_length"],
    parameters: [{ name: "text", type: "string" }],
    result: BIGINT,
    doc: "The number of characters.",
    examples: [{ sql: "length('café')", result: 4 }],
    implement: (text: string) => characterCount(text),
  },
  {
    name: "substring",
    synonyms: ["substr"],
    parameters: [
      { name: "text", type: "string" },
      { name: "start", type: "integer" },
      { name: "length", type: "integer", optional: true },
    ],
    result: STRING,
    doc: "The part from character `start` on, counted from 1, or from the end where negative; at most `length` characters.",
    examples: [
      { sql: "substring('device-17', 8)", result: "17" },
      { sql: "substring('device-17', 1, 6)", result: "device" },
      { sql: "substring('device-17', -2, 1)", result: "1" },
    ],
    implement: substring,
  },
  {
    name: "concat",
    synonyms: [],
    parameters: [{ name: "value", type: "text", repeated: true }],
    result: STRING,
    doc: "All values as one text; nulls are left out.",
    examples: [
      { sql: "concat('home-', 7, '/hall')", result: "home-7/hall" },
      { sql: "concat('a', NULL)", result: "a" },
    ],
    nullable: true,
    implement: (...values: (string | null)[]) => values.join(""),
  },
  {
    name: "replace",
    synonyms: [],
    parameters: [
      { name: "text", type: "string" },
      { name: "search", type: "string" },
      { name: "replacement", type: "string" },
    ],
    result: STRING,
    doc: "The text with every occurrence of `search` replaced.",
    examples: [{ sql: "replace('a.b.c', '.', '/')", result: "a/b/c" }],
    implement: (text: string, search: string, replacement: string) => (search === "" ? text : text.replaceAll(search, () => replacement)),
  },
  {
    name: "starts_with",
    synonyms: ["prefix"],
    parameters: [
      { name: "text", type: "string" },
      { name: "prefix", type: "string" },
    ],
    result: BOOLEAN,
    doc: "Whether the text begins with the prefix.",
    examples: [{ sql: "starts_with('device-17', 'device')", result: true }],
    implement: (text: string, prefix: string) => text.startsWith(prefix),
  },
  {
    name: "ends_with",
    synonyms: ["suffix"],
    parameters: [
      { name: "text", type: "string" },
      { name: "suffix", type: "string" },
    ],
    result: BOOLEAN,
    doc: "Whether the text ends with the suffix.",
    examples: [{ sql: "ends_with('device-17', '18')", result: false }],
    implement: (text: string, suffix: string) => text.endsWith(suffix),
  },
  {
    name: "contains",
    synonyms: [],
    parameters: [
      { name: "text", type: "string" },
      { name: "search", type: "string" },
    ],
    result: BOOLEAN,
    doc: "Whether `search` occurs in the text.",
    examples: [{ sql: "contains('living room', 'room')", result: true }],
    implement: (text: string, search: string) => text.includes(search),
  },
];

/** Where JavaScript makes several characters of one (`ß` to `SS`), Unicode's mapping of single characters. */
const SINGLE_CASE: Readonly<Record<string, string>> = { ß: "ẞ", İ: "i" };

/** One character at a time: whole words would follow rules of context (final sigma) and change the length. */
function mapCharacters(text: string, map: (part: string) => string): string {
  if (isAscii(text)) return map(text);
  let result = "";
  for (const character of text) {
    const mapped = map(character);
    result += mapped.length === character.length ? mapped : (SINGLE_CASE[character] ?? character);
  }
  return result;
}

/** Lower case of one character at a time. */
export function lowerCase(text: string): string {
  return mapCharacters(text, (part) => part.toLowerCase());
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}

function characterCount(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    if (isPairStart(text, index)) index++;
    count++;
  }
  return count;
}

function isPairStart(text: string, index: number): boolean {
  return (text.codePointAt(index) as number) > 0xffff;
}

function trimStart(text: string, characters = " "): string {
  const removed = new Set(characters);
  let start = 0;
  for (const character of text) {
    if (!removed.has(character)) break;
    start += character.length;
  }
  return text.slice(start);
}

function trimEnd(text: string, characters = " "): string {
  const removed = new Set(characters);
  const all = [...text];
  let end = all.length;
  while (end > 0 && removed.has(all[end - 1] as string)) end--;
  return end === all.length ? text : all.slice(0, end).join("");
}

function substring(text: string, start: number, length?: number): string {
  const characters = isPlain(text) ? text : [...text];
  const size = characters.length;
  const from = start < 0 ? size + start : start - 1;
  const to = length === undefined ? size : from + length;
  const part = characters.slice(clamp(Math.min(from, to), size), clamp(Math.max(from, to), size));
  return typeof part === "string" ? part : part.join("");
}

/** No surrogates: units are characters. */
function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit < 0xe000) return false;
  }
  return true;
}

function clamp(position: number, size: number): number {
  return Math.min(Math.max(position, 0), size);
}
