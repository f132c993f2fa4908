import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "../../grammar/parse.ts";
import { printPipeline } from "../../grammar/print.ts";
import { checkText } from "../../src/analyze/check-text.ts";
import { statementFacts } from "../../src/analyze/facts/statement-facts.ts";
import { hasErrors } from "../../src/analyze/reporter.ts";
import { soup, statement } from "../grammar/arbitraries.ts";
import { corpusFiles } from "./kcql-corpus.ts";

/** What must hold of any text at all. */
function checkFacts(text: string): void {
  const parsed = parse(text);
  const diagnostics = checkText(parsed);
  for (const { span } of diagnostics) {
    expect(span.start).toBeGreaterThanOrEqual(0);
    expect(span.end).toBeGreaterThanOrEqual(span.start);
    expect(span.end).toBeLessThanOrEqual(text.length);
  }
  if (hasErrors(diagnostics)) return;
  const facts = statementFacts(parsed);
  expect(JSON.parse(JSON.stringify(facts))).toEqual(facts);
}

describe("facts", () => {
  it("of any text are plain data or a diagnostic", () => {
    fc.assert(fc.property(soup, checkFacts), { numRuns: 1_000 });
  });

  it("of any statement too", () => {
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 3 }), (trees) => checkFacts(printPipeline(trees))),
      { numRuns: 400 },
    );
  });

  it("of a text with a random change too", () => {
    const texts = corpusFiles().flatMap(({ cases }) => cases.map(({ text }) => text));
    const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(6), insert: soup });
    fc.assert(
      fc.property(fc.constantFrom(...texts), change, (text, { at, length, insert }) => {
        const offset = Math.floor(at * text.length);
        checkFacts(text.slice(0, offset) + insert + text.slice(offset + length));
      }),
      { numRuns: 1_000 },
    );
  });
});
