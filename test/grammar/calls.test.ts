import { describe, expect, it } from "vitest";
import { parse } from "../../grammar/parse.ts";
import { printExpr } from "../../grammar/print-expression.ts";

function printed(text: string): string {
  const { statements, diagnostics } = parse(`SELECT ${text} AS x FROM t`);
  expect(diagnostics).toEqual([]);
  const [only] = statements;
  const item = only?.kind === "select" ? only.select.items[0] : undefined;
  return item?.kind === "expr" ? printExpr(item.expr) : "";
}

const errors = (text: string): readonly string[] => parse(text).diagnostics.map(({ message, hint }) => `${message}; ${hint}`);

describe("SQL's own ways to write a call", () => {
  it.each([
    ["EXTRACT(day FROM ts)", "EXTRACT('day', ts)"],
    ["extract(HOUR FROM CAST(a AS TIMESTAMP))", "extract('hour', CAST(a AS TIMESTAMP))"],
    ["EXTRACT('dow' FROM t.ts::TIMESTAMP)", "EXTRACT('dow', CAST(t.ts AS TIMESTAMP))"],
    ["SUBSTRING(a FROM 2)", "SUBSTRING(a, 2)"],
    ["SUBSTRING(a || b FROM 2 FOR 1 + 2)", "SUBSTRING(a || b, 2, 1 + 2)"],
    ["SUBSTRING(UPPER(a) FROM EXTRACT(day FROM b) FOR 3)", "SUBSTRING(UPPER(a), EXTRACT('day', b), 3)"],
    ["TRIM('-' FROM a)", "TRIM(a, '-')"],
    ["TRIM(BOTH FROM a)", "TRIM(a)"],
    ["TRIM(LEADING '-' || b FROM a)", "LTRIM(a, '-' || b)"],
    ["trim(trailing b FROM a)", "RTRIM(a, b)"],
    ["TRIM(both)", "TRIM(both)"],
    ["TRIM(leading.x, trailing)", "TRIM(leading.x, trailing)"],
    ["POSITION('a' IN b)", "POSITION(b, 'a')"],
    ["POSITION(UPPER(a) IN TRIM(BOTH '-' FROM b))", "POSITION(TRIM(b, '-'), UPPER(a))"],
    ["POSITION((a IN (1, 2)) IN b)", "POSITION(b, a IN (1, 2))"],
    ["a::INT < b", "CAST(a AS INT) < b"],
    ["a.2fa.b + .5", "a.`2fa`.b + .5"],
    ["SUM(a) FILTER (WHERE EXTRACT(year FROM b) > 2000)", "SUM(a) FILTER (WHERE EXTRACT('year', b) > 2000)"],
    ["COUNT(*) FILTER (WHERE a IS DISTINCT FROM b)", "COUNT(*) FILTER (WHERE a IS DISTINCT FROM b)"],
    ["+a", "a"],
    ["+ + 5 - +b * -+c", "5 - b * -c"],
    ["TRANSFORM(a, x => +x)", "TRANSFORM(a, x => x)"],
    ["F(a->b, 1 + a -> b)", "F(a.b, 1 + a.b)"],
  ])("%s", (text, expected) => {
    expect(printed(text)).toBe(expected);
  });

  it("is for those functions only", () => {
    expect(errors("SELECT EXTRACT(a, b FROM c) FROM t")).toEqual([
      "the arguments of EXTRACT are given by commas; EXTRACT, SUBSTRING and TRIM know FROM",
    ]);
    expect(errors("SELECT TRIM(a FROM b FOR 2) FROM t")).toHaveLength(1);
    expect(errors("SELECT POSITION(a, b IN c) FROM t")).toEqual([
      "the arguments of POSITION are given by commas; for example POSITION('a' IN name)",
    ]);
    expect(errors("SELECT UPPER(a FROM t")).toHaveLength(1);
  });
});

describe("what others write otherwise", () => {
  it("is a lambda with a thin arrow", () => {
    const hint = "a lambda is written with =>; for example x => x + 1";
    expect(errors("SELECT TRANSFORM(a, x -> x + 1) AS b FROM t")).toEqual([hint]);
    expect(errors("SELECT REDUCE(a, 0, (s, x) -> s + x) AS b FROM t")).toEqual([hint]);
  });

  it("is CREATE TYPE", () => {
    expect(errors("CREATE TYPE address AS STRUCT<street STRING>")).toEqual([
      "CREATE TYPE statements are not supported yet; write the type where it is used: CAST(a AS STRUCT<b INT>)",
    ]);
  });
});

describe("a FROM in parentheses", () => {
  it("takes no long time, however many there are", () => {
    const text = `SELECT ${"TRIM(a FROM ".repeat(20_000)}`;
    const start = performance.now();
    expect(parse(text).diagnostics.length).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
