import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Found, regularExpression } from "../../src/functions/regular-expression.ts";
import { simpleExpression } from "../../src/functions/simple-expression.ts";

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

const character = fc.constantFrom("a", "b", "é", "😀", "_", "7", ".", "\\d", "\\W", "[^a]", "[a-b_]", "\\.", "-");
const piece = fc.oneof(
  { weight: 4, arbitrary: character },
  fc.tuple(character, fc.constantFrom("*", "+", "?", "+?", "*?")).map(([one, how]) => one + how),
  fc.tuple(character, character).map(([left, right]) => `(${left}|${right})`),
  fc.constantFrom("^", "$", "(a)?", "(?:b)"),
);
const pattern = fc.array(piece, { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join(""));
const text = fc
  .array(fc.constantFrom("a", "b", "é", "😀", "_", "7", ".", "-", " ", "\n", "\r"), { maxLength: 12 })
  .map((parts) => parts.join(""));

describe("regular expressions", () => {
  it("find the same in both engines where they are simple", () => {
    let simple = 0;
    fc.assert(
      fc.property(pattern, text, (written, given) => {
        if (simpleExpression(written) === null) return;
        simple++;
        // The same, but not simple.
        const linear = regularExpression(`(?:${written}){1}`);
        const shown = (found: Found | null): unknown => (found === null ? null : [found.start, found.end, ...found.groups]);
        expect(shown(regularExpression(written).first(given))).toEqual(shown(linear.first(given)));
        expect(regularExpression(written).test(given)).toBe(linear.test(given));
      }),
      { seed, numRuns: 3000 },
    );
    expect(simple).toBeGreaterThan(1000);
  });

  it("take a time that grows with the text, whatever they are", () => {
    const many = "a".repeat(20_000);
    for (const written of ["^(a+)+$", "(a|a)*b", "(a*)*b", "(x+x+)+y", "(.*a){12}b", "^(([a-z])+.)+[A-Z]([a-z])+$", "a*a*a*a*a*b", "a+b"]) {
      const begun = performance.now();
      expect(regularExpression(written).test(`${many}!`), written).toBe(false);
      expect([...regularExpression(written, "i").all(`${many}!`)], written).toEqual([]);
      expect(performance.now() - begun, written).toBeLessThan(5000);
    }
  });

  it("are few words of the platform's", () => {
    for (const written of ["a+", "^/api/v[0-9]+/", "(^|&)channel_id=([^&]*)", "\\d+"])
      expect(simpleExpression(written), written).not.toBeNull();
    for (const written of ["(a+)+", "(a|b)*", "a+b+", "a{2}", "[[:alpha:]]", "\\bA", "\\s", "(?i)a", "a?b?c?d?e?"])
      expect(simpleExpression(written), written).toBeNull();
  });

  it("say what RE2 does not have", () => {
    expect(() => regularExpression("a(?=b)")).toThrow("'a(?=b)' is no regular expression: looking ahead or behind");
    expect(() => regularExpression("(a)\\1")).toThrow("a reference to a group");
    expect(() => regularExpression("(")).toThrow("'(' is no regular expression: missing closing )");
    expect(() => regularExpression("[z-a]")).toThrow("invalid character class range");
  });
});
