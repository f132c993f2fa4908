import { expect, it } from "vitest";
import { tokenStyles } from "../../grammar/token-styles.ts";

const styled = (text: string): readonly string[] =>
  tokenStyles(text).map(({ span, style }) => `${style} ${text.slice(span.start, span.end)}`);

it("says what the parts of a text are, in their order", () => {
  expect(styled("SELECT count(a), a.select, 1m, 'x' AS from FROM t WHERE b > 1.5 -- c\n AND ${v}")).toEqual([
    "keyword SELECT",
    "function count",
    "number 1m",
    "string 'x'",
    "keyword AS",
    "keyword FROM",
    "keyword WHERE",
    "number 1.5",
    "comment -- c",
    "keyword AND",
    "variable ${v}",
  ]);
});

it("works while a text is being typed", () => {
  expect(styled("SELECT 'abc")).toEqual(["keyword SELECT", "wrong 'abc"]);
  expect(styled("SELECT /* abc")).toEqual(["keyword SELECT", "comment /* abc"]);
  expect(styled("")).toEqual([]);
});
