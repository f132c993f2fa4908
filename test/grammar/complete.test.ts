import { tokenMatcher } from "chevrotain";
import { describe, expect, it } from "vitest";
import { expectedTokens } from "../../grammar/complete.ts";
import { endOf, tokenize, VOCABULARY } from "../../grammar/tokens.ts";
import { identityStatements } from "./corpus.ts";

const labels = (text: string): string[] => expectedTokens(text, text.length).map(({ label }) => label);
/** The rules around a place where a name may stand. */
const rulesOf = (text: string, token = "Word"): readonly string[] =>
  expectedTokens(text, text.length).find((one) => one.token === token)?.rules ?? [];

describe("what may come next", () => {
  it.each([
    ["", ["SELECT", "INSERT", "SET"]],
    ["SELECT a ", ["FROM", "AS", "','"]],
    ["SELECT a FROM t ", ["WHERE", "WINDOW", "GROUP", "PK", "AUTOCREATE"]],
    ["SELECT a FROM t GROUP ", ["BY"]],
    ["SELECT a FROM t; INSERT ", ["INTO"]],
    ["SELECT a FROM t WINDOW TUMBLING (SI", ["SIZE"]],
    ["SELECT a FRO", ["FROM"]],
  ])("after %j", (text, some) => {
    expect(labels(text)).toEqual(expect.arrayContaining(some));
  });

  it("is nothing after an error", () => {
    expect(labels("SELECT FROM FROM ")).toEqual([]);
  });

  it("comes with the rules around it", () => {
    expect(rulesOf("SELECT a FROM t WHERE ")).toContain("where");
    expect(rulesOf("SELECT a FROM t WHERE b = ")).toEqual(expect.arrayContaining(["expression", "where", "clauses"]));
    expect(rulesOf("SELECT a FROM t PK ")).toContain("fieldsClause");
    expect(rulesOf("SELECT a FROM ", "RawName")).toEqual(expect.arrayContaining(["rawPath", "relation"]));
    expect(rulesOf("INSERT INTO ", "RawName")).toContain("insert");
    expect(rulesOf("SELECT a FROM t WINDOW TUMBLING (SIZE 1 ")).toContain("timeUnit");
    expect(rulesOf("SELECT a::")).toContain("type");
  });
});

it("holds the true next token on every prefix of the corpus", () => {
  let prefixes = 0;
  for (const text of identityStatements()) {
    const { tokens } = tokenize(text);
    for (const [index, token] of tokens.entries()) {
      const previous = tokens[index - 1];
      const start = previous === undefined ? 0 : endOf(previous);
      // At the end of a word the word itself is completed, so the next token needs a space before it.
      const prefix = `${text.slice(0, start)} `;
      const expected = new Set(expectedTokens(prefix, prefix.length).map((one) => one.token));
      const fits = VOCABULARY.some((type) => expected.has(type.name) && tokenMatcher(token, type));
      expect(fits, `${token.tokenType.name} after ${prefix}`).toBe(true);
      prefixes++;
    }
  }
  expect(prefixes).toBeGreaterThan(2_000);
});
