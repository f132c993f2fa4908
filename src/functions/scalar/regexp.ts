import { must } from "../../assert.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { BIGINT, BOOLEAN, type DataType, STRING } from "../../model/type.ts";
import { integer, optional, text } from "../parameters.ts";
import { type Found, regularExpression } from "../regular-expression.ts";
import type { ScalarFunction } from "../spec.ts";

const STRINGS: DataType = { kind: "array", element: STRING };

const FLAGS = optional(text("flags"));

export const regexpFunctions: readonly ScalarFunction[] = [
  {
    name: "regexp_matches",
    synonyms: ["regexp_like", "regexp"],
    parameters: [text(), text("pattern"), FLAGS],
    result: BOOLEAN,
    doc: "Whether the pattern occurs in the text; the flag `i` does not care for case.",
    examples: [
      { sql: "regexp_matches('device-17', '[0-9]+$')", result: true },
      { sql: "regexp_matches('HALL', 'hall', 'i')", result: true },
    ],
    implement: (value: string, pattern: string, flags = "") => regularExpression(pattern, flagsOf(flags)).test(value),
  },
  {
    name: "regexp_full_match",
    synonyms: [],
    parameters: [text(), text("pattern"), FLAGS],
    result: BOOLEAN,
    doc: "Whether the whole text is as the pattern says.",
    examples: [{ sql: "regexp_full_match('device-17', '[0-9]+')", result: false }],
    implement: (value: string, pattern: string, flags = "") => regularExpression(pattern, flagsOf(flags)).testWhole(value),
  },
  {
    name: "regexp_extract",
    synonyms: [],
    parameters: [text(), text("pattern"), optional(integer("group")), FLAGS],
    result: STRING,
    doc: "The first part of the text that fits the pattern, or a group of it; NULL where none does.",
    differs:
      "DuckDB gives an empty text where nothing fits. ksqlDB's order, pattern first, is understood where the pattern alone is a literal.",
    examples: [
      { sql: "regexp_extract('device-17', '[0-9]+')", result: "17" },
      { sql: "regexp_extract('a=1&b=2', '(^|&)b=([^&]*)', 2)", result: "2" },
      { sql: "regexp_extract('hall', '[0-9]+')", result: null, duckdb: null },
    ],
    implement: (value: string, pattern: string, group = 0, flags = "") =>
      groupOf(regularExpression(pattern, flagsOf(flags)).first(value), group),
    rewrite: (args, type) => inOrder("regexp_extract", args, type),
  },
  {
    name: "regexp_extract_all",
    synonyms: [],
    parameters: [text(), text("pattern"), optional(integer("group")), FLAGS],
    result: STRINGS,
    doc: "All parts of the text that fit the pattern, or a group of each.",
    differs: "ksqlDB's order, pattern first, is understood where the pattern alone is a literal.",
    examples: [
      { sql: "regexp_extract_all('a=1&b=2', '[a-z]=([0-9])', 1)", result: ["1", "2"] },
      { sql: "regexp_extract_all('hall', '[0-9]+')", result: [] },
    ],
    implement: (value: string, pattern: string, group = 0, flags = "") =>
      Array.from(regularExpression(pattern, flagsOf(flags)).all(value), (found) => groupOf(found, group)),
    rewrite: (args, type) => inOrder("regexp_extract_all", args, type),
  },
  {
    name: "regexp_replace",
    synonyms: [],
    parameters: [text(), text("pattern"), text("replacement"), FLAGS],
    result: STRING,
    doc: "The text with every part that fits the pattern replaced; `\\1` and `$1` in the replacement are groups.",
    differs: "DuckDB replaces the first part only, unless the flag `g` is given.",
    examples: [
      { sql: "regexp_replace('2026-03-04', '([0-9]+)-([0-9]+)-.*', '\\2/\\1')", result: "03/2026" },
      { sql: "regexp_replace('a1b22', '[0-9]+', '#')", result: "a#b#", duckdb: "regexp_replace('a1b22', '[0-9]+', '#', 'g')" },
      { sql: "regexp_replace('abc', 'b*', '-')", result: "-a-c-", duckdb: "regexp_replace('abc', 'b*', '-', 'g')" },
    ],
    implement: replace,
  },
  {
    name: "regexp_split_to_array",
    synonyms: ["string_split_regex", "str_split_regex"],
    parameters: [text(), text("pattern"), FLAGS],
    result: STRINGS,
    doc: "The parts of the text between those that fit the pattern.",
    differs: "In DuckDB `^` fits anew behind each part.",
    examples: [{ sql: "regexp_split_to_array('a1b22c', '[0-9]+')", result: ["a", "b", "c"] }],
    implement: split,
  },
  {
    name: "regexp_count",
    synonyms: [],
    parameters: [text(), text("pattern"), FLAGS],
    result: BIGINT,
    doc: "How often the pattern occurs in the text, without overlaps.",
    examples: [{ sql: "regexp_count('a1b22', '[0-9]')", result: 3, duckdb: "len(regexp_extract_all('a1b22', '[0-9]'))" }],
    implement: (value: string, pattern: string, flags = "") => Array.from(regularExpression(pattern, flagsOf(flags)).all(value)).length,
  },
  {
    name: "regexp_escape",
    synonyms: [],
    parameters: [text()],
    result: STRING,
    doc: "The text as a pattern that stands for itself.",
    examples: [{ sql: "regexp_escape('a.b')", result: "a\\.b" }],
    implement: (value: string) => value.replaceAll(/[^\p{L}\p{N}_]/gu, "\\$&"),
  },
];

/** Of the letters of other engines those that mean something here; `g` is what is done anyway, `c` the default. */
function flagsOf(flags: string): string {
  const unknown = /[^cgilmnps]/.exec(flags);
  if (unknown !== null) throw new RangeError(`'${unknown[0]}' is no flag of regular expressions; use i, m or s`);
  return `${flags.includes("i") ? "i" : ""}${/[mn]/.test(flags) ? "m" : ""}${flags.includes("s") ? "s" : ""}`;
}

function groupOf(found: Found | null, group: number): string | null {
  if (found === null) return null;
  if (group < 0 || group >= found.groups.length) throw new RangeError(`the pattern has no group ${group}`);
  return found.groups[group] ?? null;
}

function replace(value: string, pattern: string, replacement: string, flags = ""): string {
  let [result, from] = ["", 0];
  let lastEnd = -1;
  for (const { start, end, groups } of regularExpression(pattern, flagsOf(flags)).all(value)) {
    // As RE2 has it: nothing is not replaced directly behind what was.
    if (end === lastEnd) continue;
    result += value.slice(from, start) + filled(replacement, groups);
    from = end;
    lastEnd = end;
  }
  return result + value.slice(from);
}

function filled(replacement: string, groups: Found["groups"]): string {
  return replacement.replaceAll(/\\(\\)|[\\$](\d)/g, (_all, backslash: string | undefined, group: string) =>
    backslash === undefined ? (groups[Number(group)] ?? "") : backslash,
  );
}

function split(value: string, pattern: string, flags = ""): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { start, end } of regularExpression(pattern, flagsOf(flags)).all(value)) {
    if (start === end && (start === 0 || start === value.length)) continue;
    parts.push(value.slice(from, start));
    from = end;
  }
  return [...parts, value.slice(from)];
}

/** A literal before something that is none is a pattern: nobody searches one text with many patterns. */
function inOrder(name: string, args: readonly BoundExpr[], type: DataType): BoundExpr {
  const [first, second, ...rest] = args;
  const swapped = first?.kind === "literal" && second !== undefined && second.kind !== "literal";
  return { kind: "call", type, name, args: swapped ? [second, must(first), ...rest] : args };
}
