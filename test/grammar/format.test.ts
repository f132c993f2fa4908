import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { format } from "../../grammar/format.ts";
import { parse } from "../../grammar/parse.ts";
import { endOf, tokenize } from "../../grammar/tokens.ts";
import { corpusFiles } from "../analyze/kcql-corpus.ts";
import { withoutSpans } from "./arbitraries.ts";
import { identityStatements } from "./corpus.ts";

const formatted = (text: string): string => {
  const result = format(text);
  expect(result.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return result.text ?? "";
};
const commentsOf = (text: string): string[] => tokenize(text).comments.map(({ image }) => image.trimEnd());

/** What goes in, what comes out. */
const CASES: readonly (readonly [string, string, string])[] = [
  ["nothing", "", ""],
  ["comments alone", "  -- a\n\n\n/* b */  ", "-- a\n\n/* b */\n"],
  ["a statement", "select a,b from t where x=1 limit 5", "SELECT a, b\nFROM t\nWHERE x = 1\nLIMIT 5;\n"],
  ["empty statements", ";;select a from t;;", "SELECT a\nFROM t;\n"],
  [
    "comments around statements",
    "-- file\n\n-- one\nselect a from t; -- behind one\n-- two\nselect b from t\n-- end",
    "-- file\n\n-- one\nSELECT a\nFROM t; -- behind one\n\n-- two\nSELECT b\nFROM t;\n\n-- end\n",
  ],
  [
    "comments behind clauses",
    "select a -- the a\nfrom t -- the t\nwhere b > 1 -- some\n;",
    "SELECT a -- the a\nFROM t -- the t\nWHERE b > 1; -- some\n",
  ],
  [
    "comments before clauses",
    "select a\n-- from where\nfrom t\n  /* which */\n where b > 1",
    "SELECT a\n-- from where\nFROM t\n/* which */\nWHERE b > 1;\n",
  ],
  [
    "comments in lists",
    "select a -- the a\n, b, -- the b\n  -- about c\n  c from t",
    "SELECT a, -- the a\n  b, -- the b\n  -- about c\n  c\nFROM t;\n",
  ],
  ["comments in a line", "select a /* x */, /* y */ b from /* z */ t", "SELECT a /* x */, /* y */ b\nFROM /* z */ t;\n"],
  ["a comment where nothing stood", "select f\n/* x */(a) from t", "SELECT f /* x */ (a)\nFROM t;\n"],
  [
    "clauses in another order",
    "select a from t limit 5 -- five\nwhere b = 1 -- one\n",
    "SELECT a\nFROM t\nWHERE b = 1 -- one\nLIMIT 5; -- five\n",
  ],
  [
    "KCQL",
    "insert into i select a from t ttl=5 -- secs\n pk a -- key\n",
    "INSERT INTO i\nSELECT a\nFROM t\nPK a -- key\nTTL = 5; -- secs\n",
  ],
  ["another spelling", "select a::int -- whole\n from t", "SELECT CAST(a AS INT) -- whole\nFROM t;\n"],
  ["names of statements", "/* x */ -- @name n\ninsert into i select a from t", "/* x */\n-- @name n\nINSERT INTO i\nSELECT a\nFROM t;\n"],
  [
    "parts of a statement",
    "with s as ( -- stage\n select a from t) -- end\nselect * from s",
    "WITH s AS ( -- stage\n  SELECT a\n  FROM t\n) -- end\nSELECT *\nFROM s;\n",
  ],
  [
    "long lists",
    `create stream t (${["a", "b", "c"].map((name) => `${name.repeat(30)} int`).join(",")}) with (key = 'a')`,
    `CREATE STREAM t (\n  ${"a".repeat(30)} INT,\n  ${"b".repeat(30)} INT,\n  ${"c".repeat(30)} INT\n)\nWITH (key = 'a');\n`,
  ],
  [
    "long types",
    `create or replace stream t (a struct<${"b".repeat(40)} int, ${"c".repeat(40)} map<int, int>>, d int)`,
    `CREATE OR REPLACE STREAM t (\n  a STRUCT<${"b".repeat(40)} INT, ${"c".repeat(40)} MAP<INT, INT>>,\n  d INT\n);\n`,
  ],
  [
    "short statements that stand together",
    "set 'a' = 1; set 'b' = 2;\nshow topics;\n\nset 'c' = 3;\nselect a from t; set 'd' = 4; -- four\nset 'e' = 5",
    "SET 'a' = 1;\nSET 'b' = 2;\nSHOW TOPICS;\n\nSET 'c' = 3;\n\nSELECT a\nFROM t;\n\nSET 'd' = 4; -- four\nSET 'e' = 5;\n",
  ],
  [
    "long conditions",
    `select a from t where ${"a".repeat(60)} between 1 and 2 and (b or c) and ${"d".repeat(60)} > 1`,
    `SELECT a\nFROM t\nWHERE ${"a".repeat(60)} BETWEEN 1 AND 2\n  AND (b OR c)\n  AND ${"d".repeat(60)} > 1;\n`,
  ],
];

describe("formatting", () => {
  it.each(CASES)("%s", (_, text, expected) => {
    expect(formatted(text)).toBe(expected);
    expect(formatted(expected)).toBe(expected);
  });

  it("refuses what has errors", () => {
    const { text, diagnostics } = format("SELECT a FORM t");
    expect([text, diagnostics[0]?.code]).toEqual([null, "SYNTAX"]);
  });

  it("changes nothing in what it made, and nothing in what texts say", () => {
    const texts = corpusFiles().flatMap(({ cases }) => cases.map(({ text }) => text));
    let count = 0;
    for (const text of [...identityStatements(), ...texts]) {
      const first = format(text).text;
      if (first === null) continue;
      expect(formatted(first), text).toBe(first);
      count++;
    }
    expect(count).toBeGreaterThan(450);
  });
});

/** A canonical text with comments between its tokens: `at` says where, from the start (0) to the end (1). */
const comment = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  text: fc.constantFrom("/* x */", " /* y */ ", "\n/* z */\n", " -- l\n", "\n-- m\n", "\n\n-- n\n\n", "\n  /* o\n  p */ "),
});

function withComments(text: string, comments: readonly { at: number; text: string }[]): string {
  const { tokens } = tokenize(text);
  const offsets = [0, ...tokens.map(endOf)];
  const placed = comments.map((one, serial) => ({
    offset: offsets[Math.round(one.at * (offsets.length - 1))] ?? 0,
    text: one.text.replace(/(?<=[x-zl-o])/, String(serial)),
  }));
  let result = "";
  let from = 0;
  for (const { offset, text: own } of placed.sort((a, b) => a.offset - b.offset)) {
    result += text.slice(from, offset) + own;
    from = offset;
  }
  return result + text.slice(from);
}

it("takes a comment behind a name that is a word of the statement for no further name", () => {
  expect(formatted("DESCRIBE pipeline /* all */;")).toBe("DESCRIBE pipeline /* all */;\n");
  expect(formatted("DESCRIBE query -- all\n;")).toBe("DESCRIBE query; -- all\n");
});

it("keeps comments at any place, in their order, and is done after one pass", () => {
  const texts = identityStatements().map((text) => format(text).text ?? "");
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 3 }),
      fc.array(comment, { minLength: 1, maxLength: 6 }),
      (statements, comments) => {
        const text = withComments(statements.join("\n"), comments);
        const { text: once, diagnostics } = format(text);
        if (once === null) throw new Error(`${diagnostics[0]?.message}:\n${text}`);
        expect(commentsOf(once)).toEqual(commentsOf(text));
        expect(withoutSpans(parse(once).statements)).toEqual(withoutSpans(parse(text).statements));
        expect(formatted(once)).toBe(once);
      },
    ),
    { numRuns: 1_500 },
  );
});
