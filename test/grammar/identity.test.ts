import { expect, it } from "vitest";
import { parse } from "../../grammar/parse.ts";
import { printPipeline, printStatement } from "../../grammar/print.ts";
import { identityStatements, identityText } from "./corpus.ts";

it("has a corpus worth the name", () => {
  expect(identityStatements().length).toBeGreaterThanOrEqual(500);
});

it.each(identityStatements())("prints back %s", (text) => {
  const { statements, diagnostics, incomplete } = parse(text);
  expect(diagnostics).toEqual([]);
  expect(incomplete).toBe(false);
  expect(statements.map(printStatement)).toEqual([text]);
});

it("prints the corpus back as one file", () => {
  const { statements, diagnostics } = parse(identityText());
  expect(diagnostics).toEqual([]);
  expect(printPipeline(statements)).toBe(identityText());
});
