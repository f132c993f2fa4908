import { EmbeddedActionsParser, Lexer, tokenMatcher } from "chevrotain";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sharedWalker } from "../../grammar/grammar-walker.ts";
import { LATER_WORDS } from "../../grammar/later-words.ts";
import { parse } from "../../grammar/parse.ts";
import { StatementRules, sharedParser } from "../../grammar/statements.ts";
import { K, LEXER_MODES, tokenize } from "../../grammar/tokens.ts";
import { soup } from "./arbitraries.ts";
import { identityStatements } from "./corpus.ts";

describe("the vocabulary", () => {
  it("has no definition errors", () => {
    const lexer = new Lexer(LEXER_MODES, {
      positionTracking: "onlyOffset",
      ensureOptimizations: true,
      deferDefinitionErrorsHandling: true,
    });
    expect(lexer.lexerDefinitionErrors).toEqual([]);
  });

  it("makes tokens of any text", () => {
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
        const { tokens, comments } = tokenize(text);
        const covered = [...tokens, ...comments].reduce((sum, token) => sum + token.image.length, 0);
        const spaces = text.length - covered;
        expect(spaces).toBeGreaterThanOrEqual(0);
        expect(spaces).toBeLessThanOrEqual((text.match(/\s/g) ?? []).length);
      }),
    );
  });

  it("does not take a word both for a keyword and for one of later", () => {
    expect([...LATER_WORDS.keys()].filter((word) => word in K)).toEqual([]);
  });
});

describe("the grammar", () => {
  it("is free of ambiguities, left recursion and empty repetitions", () => {
    expect(() => new StatementRules({ skipValidations: false })).not.toThrow();
    expect(new StatementRules()).toBeInstanceOf(EmbeddedActionsParser);
  });

  /** The walker explains what the parser refuses, so they must agree on every text. */
  it("is the same for the parser and for the walker that explains its errors", () => {
    const walker = sharedWalker();
    const agree = (text: string): void => {
      const { tokens } = tokenize(text);
      sharedParser().read(tokens, new Map(), text.length);
      const accepted = sharedParser().errors.length === 0;
      let places = walker.start("statement");
      for (const token of tokens) places = walker.step(walker.look(places), (type) => tokenMatcher(token, type));
      expect(walker.look(places).end, text).toBe(accepted);
    };
    for (const text of identityStatements()) agree(text);
    fc.assert(fc.property(soup, agree), { numRuns: 1_000 });
    const words = identityStatements().map((text) => text.split(/(?<=[\s(),])/));
    const mixed = fc
      .tuple(fc.constantFrom(...words), fc.constantFrom(...words), fc.nat(30), fc.nat(30))
      .map(([start, end, from, to]) => start.slice(0, from).join("") + end.slice(to).join(""));
    fc.assert(fc.property(mixed, agree), { numRuns: 1_000 });
  });
});

describe("words of the wider language", () => {
  it.each([...LATER_WORDS.keys()])("%s can be a field, and is explained where it cannot", (word) => {
    expect(parse(`SELECT ${word}, a.${word} AS ${word} FROM t WHERE ${word.toLowerCase()} = 1`).diagnostics).toEqual([]);
    const { diagnostics } = parse(`SELECT a FROM t ${word} x`);
    expect(diagnostics.map(({ code, span }) => [code, span])).toEqual([["NOT_SUPPORTED_YET", { start: 16, end: 16 + word.length }]]);
  });
});
