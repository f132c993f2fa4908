import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Expr } from "../../grammar/ast.ts";
import { renderDiagnostic } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { printPipeline, printStatement } from "../../grammar/print.ts";
import { printExpr } from "../../grammar/print-expression.ts";
import type { ParseResult } from "../../grammar/statement-ast.ts";
import { endOf, tokenize } from "../../grammar/tokens.ts";
import { expressionsOf, selectOf, walk } from "../../grammar/walk.ts";
import { soup, statement, withoutSpans } from "./arbitraries.ts";
import { identityStatements, rejectCases } from "./corpus.ts";
import { expr } from "./expression-arbitraries.ts";

/** fast-check prints seed and path of a failure; `{ seed, path }` here repeats it. */
const runs = (numRuns: number): fc.Parameters<unknown> => ({ numRuns });

function parseRight(text: string): ParseResult {
  const result = parse(text);
  expect(result.diagnostics.map((diagnostic) => renderDiagnostic(text, diagnostic))).toEqual([]);
  return result;
}

function parseExpr(text: string): Expr {
  const [only] = parseRight(`SELECT ${text} FROM t`).statements;
  if (only?.kind !== "select") throw new Error("no select");
  const [item] = only.select.items;
  if (item?.kind !== "expr" || item.alias !== null) throw new Error("no expression");
  return item.expr;
}

/** What must hold of any text at all. */
function checkAnyText(text: string): void {
  const { statements, diagnostics } = parse(text);
  for (const diagnostic of diagnostics) {
    expect(diagnostic.span.start).toBeGreaterThanOrEqual(0);
    expect(diagnostic.span.end).toBeGreaterThanOrEqual(diagnostic.span.start);
    expect(diagnostic.span.end).toBeLessThanOrEqual(text.length);
    expect(renderDiagnostic(text, diagnostic)).toContain(diagnostic.code);
  }
  const printed = printPipeline(statements); // recovered trees can be printed too, though not back
  if (diagnostics.length > 0) return;
  const again = parseRight(printed);
  expect(withoutSpans(again.statements)).toEqual(withoutSpans(statements));
  expect(printPipeline(again.statements)).toBe(printed);
}

describe("printing and parsing", () => {
  it("gives any expression back", () => {
    fc.assert(
      fc.property(expr, (tree) => {
        expect(withoutSpans(parseExpr(printExpr(tree)))).toEqual(withoutSpans(tree));
      }),
      runs(1_000),
    );
  });

  it("gives any statement back", () => {
    fc.assert(
      fc.property(statement, (tree) => {
        const text = printStatement(tree);
        const { statements } = parseRight(text);
        expect(withoutSpans(statements)).toEqual([withoutSpans(tree)]);
        expect(statements.map(printStatement)).toEqual([text]);
      }),
      runs(800),
    );
  });
});

describe("spans", () => {
  it("of every expression hold the text of that expression alone", () => {
    fc.assert(
      fc.property(statement, (tree) => {
        const text = printStatement(tree);
        for (const found of parseRight(text).statements) {
          const select = selectOf(found);
          for (const root of select === null ? [] : expressionsOf(select)) {
            walk(root, (node) => {
              if (node.kind === "lambda") return; // stands in calls only
              expect(withoutSpans(parseExpr(text.slice(node.span.start, node.span.end)))).toEqual(withoutSpans(node));
            });
          }
        }
      }),
      runs(200),
    );
  });

  it("of statements hold the statement, whatever stands around it", () => {
    fc.assert(
      fc.property(
        fc.array(statement, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(";", " ;;\n", " /* ; */;\n-- ;\n"),
        (trees, between) => {
          const text = trees.map(printStatement).join(between);
          const { statements } = parseRight(text);
          const slices = statements.map(({ span }) => text.slice(span.start, span.end));
          // the name stands in a comment before the statement
          expect(slices).toEqual(trees.map((tree) => printStatement(tree).replace(/^-- @name .*\n/, "")));
        },
      ),
      runs(200),
    );
  });
});

describe("any text", () => {
  it("of random characters is parsed or refused, but never thrown at", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 100 }), checkAnyText), runs(1_000));
  });

  it("of random words too", () => {
    fc.assert(fc.property(soup, checkAnyText), runs(1_500));
  });

  it("made from a good one by a random change too", () => {
    const texts = [...identityStatements(), ...rejectCases().map(({ text }) => text)];
    const change = fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), length: fc.nat(8), insert: soup });
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(change, { maxLength: 2 }), (text, changes) => {
        let changed = text;
        for (const { at, length, insert } of changes) {
          const offset = Math.floor(at * changed.length);
          changed = changed.slice(0, offset) + insert + changed.slice(offset + length);
        }
        checkAnyText(changed);
      }),
      {
        ...runs(1_000),
        examples: [["SELECT *\nFROM t", [{ at: 0.94, length: 1, insert: "t PK a AUTOCREATE" }]]],
      },
    );
  });
});

/** The first error is found where the hole is, or where the text stops to make sense: never far before it. */
it("a word left out is noticed at the hole or behind it", { timeout: 60_000 }, () => {
  for (const text of identityStatements()) {
    const { tokens } = tokenize(text);
    for (const [index, token] of tokens.entries()) {
      const broken = text.slice(0, token.startOffset) + text.slice(endOf(token));
      const [first] = parse(broken).diagnostics;
      const before = tokens[index - 1];
      if (first !== undefined) expect(first.span.end, broken).toBeGreaterThanOrEqual(before?.startOffset ?? 0);
    }
  }
});
