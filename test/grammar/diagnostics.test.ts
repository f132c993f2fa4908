import { describe, expect, it } from "vitest";
import { errorAt, lineAndColumn, renderDiagnostic } from "../../grammar/diagnostics.ts";
import { editDistance, nearest } from "../../grammar/nearest.ts";
import { parse } from "../../grammar/parse.ts";
import { durationMs } from "../../grammar/units.ts";

const render = (text: string, options = {}): string[] =>
  parse(text).diagnostics.map((diagnostic) => renderDiagnostic(text, diagnostic, options));

describe("lineAndColumn", () => {
  it.each([
    [0, 1, 1],
    [1, 1, 2],
    [2, 1, 3],
    [3, 2, 1],
    [4, 3, 1],
    [6, 3, 3],
  ])("offset %i of 'ab\\n\\ncd' is %i:%i", (offset, line, column) => {
    expect(lineAndColumn("ab\n\ncd", offset)).toEqual({ line, column });
  });
});

describe("renderDiagnostic", () => {
  it("shows place, line, caret and hint", () => {
    expect(render("SELECT b FROM u;\nSELECT a FORM t", { file: "queries/a.sql" })).toEqual([
      "queries/a.sql:2:10 error SYNTAX: unexpected 'FORM'\n  SELECT a FORM t\n           ^^^^\n  hint: did you mean FROM?",
    ]);
  });

  it("points behind the last word where something is missing", () => {
    expect(render("SELECT a FROM   \n")).toEqual([
      "1:14 error SYNTAX: expected the name of a topic, index or table, but the statement ends\n  SELECT a FROM\n               ^\n" +
        "  hint: for example FROM readings",
    ]);
  });

  it("keeps tabs, so that the caret stands below its word", () => {
    expect(render("SELECT\ta FORM t")[0]?.split("\n").slice(1, 3)).toEqual(["  SELECT\ta FORM t", "        \t  ^^^^"]);
  });

  it("underlines only the first line of several", () => {
    expect(render("SELECT a FROM t WHERE a\nLIMIT 1\nWHERE\n  b", {})).toEqual([
      "3:1 error DUPLICATE_CLAUSE: WHERE is given twice\n  WHERE\n  ^^^^^\n  hint: join the conditions with AND",
    ]);
  });

  it("cuts long lines around the place", () => {
    const [, line = "", carets = ""] = render(`SELECT ${"a, ".repeat(200)}b FORM t WHERE ${"c AND ".repeat(50)}d`)[0]?.split("\n") ?? [];
    expect(line.length).toBeLessThan(130);
    expect(line.slice(carets.indexOf("^"), carets.lastIndexOf("^") + 1)).toBe("FORM");
  });

  it("colours on request, and sends no other control characters to the terminal", () => {
    const start = "\u001b";
    expect(render("SELECT a FORM t", { color: true })[0]).toContain(`${start}[31;1merror SYNTAX${start}[0m`);
    expect(render(`SELECT a${start}[2J FORM t`).join("\n")).not.toContain(start);
  });

  it("stays within an empty text", () => {
    expect(renderDiagnostic("", errorAt("SYNTAX", "nothing", { start: 0, end: 0 }))).toBe("1:1 error SYNTAX: nothing\n  \n  ^");
  });
});

describe("nearest", () => {
  it.each([
    ["FORM", "FROM"],
    ["form", "FROM"],
    ["FRO", "FROM"],
    ["GRUOP", "GROUP"],
    ["WITHINDEXSUFIX", "WITHINDEXSUFFIX"],
    ["xyz", null],
    ["grow", null],
    ["FROOOM", "FROM"],
  ])("of %s", (word, expected) => {
    expect(nearest(word, ["FROM", "GROUP", "WITHINDEXSUFFIX"])).toBe(expected);
  });

  it("counts slips of the fingers", () => {
    expect([editDistance("abc", "abc"), editDistance("abc", "acb"), editDistance("abc", "ab"), editDistance("", "abc")]).toEqual([
      0, 1, 1, 3,
    ]);
  });
});

it("durations are milliseconds", () => {
  const span = { start: 0, end: 0 };
  expect(durationMs({ count: 2, unit: "HOUR", span })).toBe(7_200_000);
});
