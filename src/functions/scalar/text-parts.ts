import { LIMITS } from "../../limits.ts";
import { BIGINT, BOOLEAN, INT, STRING } from "../../model/type.ts";
import { integer, optional, repeated, text } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

/** What readers take for one character, which may be several code points. */
const characters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Taking texts apart and making them of parts. Positions and lengths count code points. */
export const textPartFunctions: readonly ScalarFunction[] = [
  {
    name: "left",
    synonyms: [],
    parameters: [text(), integer()],
    result: STRING,
    doc: "The first characters; of a negative count all but the last ones.",
    examples: [
      { sql: "left('device-17', 6)", result: "device" },
      { sql: "left('device-17', -3)", result: "device" },
    ],
    implement: (value: string, count: number) => [...value].slice(0, count).join(""),
  },
  {
    name: "right",
    synonyms: [],
    parameters: [text(), integer()],
    result: STRING,
    doc: "The last characters; of a negative count all but the first ones.",
    examples: [
      { sql: "right('device-17', 2)", result: "17" },
      { sql: "right('device-17', -7)", result: "17" },
    ],
    implement: (value: string, count: number) => (count === 0 ? "" : [...value].slice(-count).join("")),
  },
  {
    name: "lpad",
    synonyms: [],
    parameters: [text(), integer("length"), text("padding")],
    result: STRING,
    doc: "The text filled up at its start, or cut at its end, to the length.",
    examples: [
      { sql: "lpad('7', 3, '0')", result: "007" },
      { sql: "lpad('device', 3, '0')", result: "dev" },
    ],
    implement: (value: string, length: number, padding: string) => padded(value, length, padding, (fill, kept) => fill + kept),
  },
  {
    name: "rpad",
    synonyms: [],
    parameters: [text(), integer("length"), text("padding")],
    result: STRING,
    doc: "The text filled up at its end, or cut there, to the length.",
    examples: [{ sql: "rpad('ab', 5, '.-')", result: "ab.-." }],
    implement: (value: string, length: number, padding: string) => padded(value, length, padding, (fill, kept) => kept + fill),
  },
  {
    name: "repeat",
    synonyms: [],
    parameters: [text(), integer()],
    result: STRING,
    doc: "The text so many times.",
    examples: [{ sql: "repeat('ab', 3)", result: "ababab" }],
    implement: (value: string, count: number) => value.repeat(fitting(Math.max(count, 0), value.length)),
  },
  {
    name: "reverse",
    synonyms: [],
    parameters: [text()],
    result: STRING,
    doc: "The characters from the last to the first; what belongs to one, as accents do, stays with it.",
    examples: [{ sql: "reverse('abc')", result: "cba" }],
    implement: (value: string) =>
      Array.from(characters.segment(value), ({ segment }) => segment)
        .reverse()
        .join(""),
  },
  {
    name: "initcap",
    synonyms: [],
    parameters: [text()],
    result: STRING,
    doc: "Every word with its first letter in upper case and the others in lower case; words are parted by white space.",
    examples: [{ sql: "initcap('the LIVING room')", result: "The Living Room", duckdb: null }],
    implement: (value: string) =>
      value.replaceAll(/(\S)(\S*)/gu, (_word, first: string, rest: string) => first.toUpperCase() + rest.toLowerCase()),
  },
  {
    name: "concat_ws",
    synonyms: [],
    parameters: [text("separator"), repeated({ name: "value", type: "text" })],
    result: STRING,
    doc: "All values as one text with the separator between them; nulls are left out.",
    examples: [
      { sql: "concat_ws('/', 'home', 7, 'hall')", result: "home/7/hall" },
      { sql: "concat_ws('/', 'home', NULL, 'hall')", result: "home/hall" },
    ],
    nullable: true,
    implement: (separator: string | null, ...values: (string | null)[]) =>
      separator === null ? null : values.filter((value) => value !== null).join(separator),
  },
  {
    name: "instr",
    synonyms: ["position", "strpos"],
    parameters: [text(), text("search"), optional(integer("start")), optional(integer("occurrence"))],
    result: BIGINT,
    doc: "Where `search` stands in the text, counted from 1, else 0; from `start` on, backwards where that is negative.",
    examples: [
      { sql: "instr('living room', 'room')", result: 8 },
      { sql: "instr('corporate floor', 'or', 3)", result: 5, duckdb: null },
      { sql: "instr('corporate floor', 'or', 3, 2)", result: 14, duckdb: null },
      { sql: "instr('corporate floor', 'or', -3)", result: 5, duckdb: null },
    ],
    implement: position,
  },
  {
    name: "split_part",
    synonyms: [],
    parameters: [text(), text("separator"), integer("index")],
    result: STRING,
    doc: "One of the parts between separators, counted from 1, or from the last where negative; an empty text where there is none.",
    examples: [
      { sql: "split_part('home/7/hall', '/', 2)", result: "7" },
      { sql: "split_part('home/7/hall', '/', -1)", result: "hall" },
    ],
    implement: (value: string, separator: string, index: number) => {
      const parts = separator === "" ? [...value] : value.split(separator);
      return index === 0 ? "" : (parts.at(index > 0 ? index - 1 : index) ?? "");
    },
  },
  {
    name: "translate",
    synonyms: [],
    parameters: [text(), text("from"), text("to")],
    result: STRING,
    doc: "The text with each character of `from` replaced by the one at the same place of `to`, or left out where there is none.",
    examples: [{ sql: "translate('12345', '143', 'ax')", result: "a2x5" }],
    implement: (value: string, from: string, to: string) => {
      const target = [...to];
      const map = new Map([...from].map((character, index) => [character, target[index] ?? ""] as const).reverse());
      return [...value].map((character) => map.get(character) ?? character).join("");
    },
  },
  {
    name: "chr",
    synonyms: [],
    parameters: [integer("code")],
    result: STRING,
    doc: "The character of that Unicode number.",
    examples: [{ sql: "chr(233)", result: "é" }],
    implement: (code: number) => {
      if (code < 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw new RangeError(`${code} is no character`);
      return String.fromCodePoint(code);
    },
  },
  {
    name: "unicode",
    synonyms: ["ord"],
    parameters: [text()],
    result: INT,
    doc: "The Unicode number of the first character, -1 of an empty text.",
    examples: [{ sql: "unicode('é')", result: 233 }],
    implement: (value: string) => value.codePointAt(0) ?? -1,
  },
  {
    name: "ascii",
    synonyms: [],
    parameters: [text()],
    result: INT,
    doc: "The Unicode number of the first character, 0 of an empty text.",
    examples: [{ sql: "ascii('A')", result: 65 }],
    implement: (value: string) => value.codePointAt(0) ?? 0,
  },
  {
    name: "strip_accents",
    synonyms: [],
    parameters: [text()],
    result: STRING,
    doc: "The text without accents.",
    examples: [{ sql: "strip_accents('mühleisen')", result: "muhleisen" }],
    implement: (value: string) =>
      value
        .normalize("NFD")
        .replaceAll(/\p{Mn}/gu, "")
        .normalize("NFC"),
  },
  {
    name: "octet_length",
    synonyms: ["strlen"],
    parameters: [text()],
    result: BIGINT,
    doc: "The number of bytes of the text in UTF-8.",
    examples: [{ sql: "octet_length('é')", result: 2, duckdb: "strlen('é')" }],
    implement: (value: string) => Buffer.byteLength(value),
  },
  {
    name: "levenshtein",
    synonyms: ["editdist3"],
    parameters: [text(), text("other")],
    result: BIGINT,
    doc: "How many characters must be put in, taken out or changed to make one text of the other.",
    differs: "DuckDB counts bytes.",
    examples: [{ sql: "levenshtein('duck', 'db')", result: 3 }],
    implement: (left: string, right: string) => levenshtein([...left], [...right]),
  },
  {
    name: "is_ascii",
    synonyms: [],
    parameters: [text()],
    result: BOOLEAN,
    doc: "Whether all characters are below 128.",
    examples: [{ sql: "is_ascii('café')", result: false, duckdb: null }],
    implement: (value: string) => Buffer.byteLength(value) === value.length,
  },
];

/** A count that gives a text of a bearable length. */
function fitting(count: number, each: number): number {
  if (count * each > LIMITS.textCharactersMax)
    throw new RangeError(`the text would have more than ${LIMITS.textCharactersMax} characters (textCharactersMax)`);
  return count;
}

function padded(value: string, length: number, padding: string, join: (fill: string, kept: string) => string): string {
  const characters = [...value];
  const missing = length - characters.length;
  if (missing <= 0) return characters.slice(0, Math.max(length, 0)).join("");
  if (padding === "") throw new RangeError("the padding is empty");
  const pieces = [...padding];
  const fill = Array.from({ length: fitting(missing, 1) }, (_, index) => pieces[index % pieces.length]).join("");
  return join(fill, value);
}

function position(value: string, search: string, start = 1, occurrence = 1): number {
  if (occurrence < 1) throw new RangeError("occurrences are counted from 1");
  const characters = [...value];
  const wanted = [...search];
  const fits = (at: number): boolean => wanted.every((character, index) => characters[at + index] === character);
  const step = start < 0 ? -1 : 1;
  let left = occurrence;
  for (let at = start < 0 ? characters.length + start : start - 1; at >= 0 && at <= characters.length - wanted.length; at += step) {
    if (fits(at) && --left === 0) return at + 1;
  }
  return 0;
}

function levenshtein(left: readonly string[], right: readonly string[]): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, character] of left.entries()) {
    const next = [i + 1];
    for (const [j, other] of right.entries()) {
      const changed = (row[j] as number) + (character === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] as number) + 1, (next[j] as number) + 1));
    }
    row = next;
  }
  return row.at(-1) as number;
}
