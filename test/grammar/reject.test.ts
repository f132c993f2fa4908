import { expect, it } from "vitest";
import { DIAGNOSTIC_CODES } from "../../grammar/diagnostic-codes.ts";
import { lineAndColumn, renderDiagnostic } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { rejectCases } from "./corpus.ts";

const cases = rejectCases();

it("has a corpus worth the name, every case with an expectation", () => {
  expect(cases.length).toBeGreaterThanOrEqual(120);
  expect(cases.filter(({ expected }) => expected.length === 0)).toEqual([]);
});

it.each(cases)("refuses $text", ({ text, expected }) => {
  const { diagnostics } = parse(text);
  const found = diagnostics.map(({ code, message, hint, span }) => {
    const { line, column } = lineAndColumn(text, span.start);
    return `${line}:${column} ${code} ${message}${hint === null ? "" : ` | ${hint}`}`;
  });
  expect(found).toEqual(expected);
});

it("gives every diagnostic a known code, a place in the text and a rendering that names the place", () => {
  for (const { text } of cases) {
    for (const diagnostic of parse(text).diagnostics) {
      expect(Object.keys(DIAGNOSTIC_CODES)).toContain(diagnostic.code);
      expect(diagnostic.severity).toBe("error");
      expect(diagnostic.span.start).toBeGreaterThanOrEqual(0);
      expect(diagnostic.span.end).toBeGreaterThanOrEqual(diagnostic.span.start);
      expect(diagnostic.span.end).toBeLessThanOrEqual(text.length);
      const { line, column } = lineAndColumn(text, diagnostic.span.start);
      expect(renderDiagnostic(text, diagnostic)).toMatch(new RegExp(`^${line}:${column} error ${diagnostic.code}: `));
    }
  }
});

/** Each code of the grammar is provoked by some text: those that need a long one here, the others by the corpus. */
it("uses every code of the grammar", () => {
  const texts = [...cases.map(({ text }) => text), `SELECT ${"(".repeat(101)}`, " ".repeat((1 << 20) + 1)];
  const used = new Set(texts.flatMap((text) => parse(text).diagnostics.map(({ code }) => code)));
  const own = ["SYNTAX", "UNCLOSED_STRING", "UNCLOSED_NAME", "UNCLOSED_COMMENT", "UNKNOWN_CHARACTER", "DUPLICATE_CLAUSE"];
  expect([...used].sort()).toEqual([...own, "NOT_SUPPORTED_YET", "INVALID_NAME", "VALUE_OUT_OF_RANGE", "TOO_DEEP", "TOO_LARGE"].sort());
});
