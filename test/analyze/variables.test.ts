import { describe, expect, it } from "vitest";
import { lineAndColumn } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { printPipeline } from "../../grammar/print.ts";
import { withVariables } from "../../src/analyze/variables.ts";

/** The statements as they are after substitution, on one line each. */
function printed(text: string, given: Record<string, string> = {}): readonly string[] {
  const { statements, diagnostics } = withVariables(parse(text), given);
  expect(diagnostics).toEqual([]);
  return printPipeline(statements)
    .split(";\n")
    .map((one) => one.trim().replace(/\s+/g, " "))
    .filter((one) => one !== "");
}

function errors(text: string): readonly string[] {
  return withVariables(parse(text)).diagnostics.map(({ code, message, hint, span }) => {
    const { line, column } = lineAndColumn(text, span.start);
    return `${line}:${column} ${code} ${message}; ${hint}`;
  });
}

describe("variables", () => {
  it.each<[string, string, Record<string, string>?]>([
    ["DEFINE t = 'readings'; SELECT a FROM ${t}", "SELECT a FROM readings"],
    [
      "DEFINE t = 'kafka.readings'; SELECT a FROM ${t} AS r JOIN ${t}_2 ON r.a = b",
      "SELECT a FROM kafka.readings AS r JOIN kafka.readings_2 ON r.a = b",
    ],
    ["DEFINE t = '`odd name`'; SELECT a FROM elastic.${t}", "SELECT a FROM elastic.`odd name`"],
    ["DEFINE site = 'north'; INSERT INTO site-${site}.x SELECT a FROM t", "INSERT INTO site-north.x SELECT a FROM t"],
    ["DEFINE f = 'a.b'; SELECT ${f}, x.${f}, UPPER(${f}) AS c FROM t", "SELECT a.b, x.a.b, UPPER(a.b) AS c FROM t"],
    ["DEFINE f = 'upper'; SELECT ${f}(a) AS ${f} FROM t", "SELECT upper(a) AS upper FROM t"],
    ["DEFINE n = '-5'; SELECT a FROM t WHERE a > ${n} AND b = '${n}'", "SELECT a FROM t WHERE a > -5 AND b = '-5'"],
    ["DEFINE b = 'true'; DEFINE z = 'null'; SELECT ${b} AS x, ${z} AS y FROM t", "SELECT TRUE AS x, NULL AS y FROM t"],
    ["DEFINE x = 'Berlin'; SELECT '${x} $${x}' AS s, `${x}` FROM t", "SELECT 'Berlin ${x}' AS s, Berlin FROM t"],
    ["DEFINE t = 'decimal'; SELECT CAST(a AS ${t}(4, 2)) AS b FROM t", "SELECT CAST(a AS DECIMAL(4, 2)) AS b FROM t"],
    [
      "DEFINE p = 'yyyy'; INSERT INTO i SELECT a FROM t WITHINDEXSUFFIX = _{${p}}",
      "INSERT INTO i SELECT a FROM t WITHINDEXSUFFIX = _{yyyy}",
    ],
    ["DEFINE k = 'deviceId'; INSERT INTO i SELECT a FROM t PK ${k}", "INSERT INTO i SELECT a FROM t PK deviceId"],
    ["DEFINE n = '4'; CREATE STREAM s WITH (topic = 'x-${n}', partitions = ${n})", "CREATE STREAM s WITH (topic = 'x-4', partitions = 4)"],
    ["DEFINE s = 'elastic'; SET 'sink' = ${s}", "SET 'sink' = 'elastic'"],
    ["DEFINE a = 'x'; DEFINE b = '${a}y'; DEFINE a = 'z'; SELECT ${b}, ${a} FROM t", "SELECT xy, z FROM t"],
    ["DEFINE Topic = 'readings'; SELECT a FROM ${TOPIC}", "SELECT a FROM readings"],
    [
      "WITH s AS (SELECT ${f} FROM t) SELECT * FROM s UNION ALL SELECT ${f} FROM u",
      "WITH s AS ( SELECT c FROM t ) SELECT * FROM s UNION ALL SELECT c FROM u",
      { f: "c" },
    ],
    ["DEFINE f = 'own'; SELECT ${f} FROM t", "SELECT own FROM t", { f: "given" }],
  ])("%s", (text, expected, given = {}) => {
    expect(printed(text, given)).toEqual([expected]);
  });

  it("leave the places of the text as they are", () => {
    const text = "DEFINE topic = 'a.very.long.name'; SELECT a FROM ${topic} WHERE b";
    const [statement] = withVariables(parse(text)).statements;
    const select = statement?.kind === "select" ? statement.select : null;
    const { start = 0, end = 0 } = select?.where?.span ?? {};
    expect(text.slice(start, end)).toBe("b");
  });

  it("are refused where nothing defines them, at every place", () => {
    expect(errors("DEFINE topic = 'x';\nSELECT 'a ${tpic}' AS b FROM ${none}")).toEqual([
      "2:11 UNKNOWN_VARIABLE there is no variable 'tpic'; did you mean topic?",
      "2:30 UNKNOWN_VARIABLE there is no variable 'none'; DEFINE none = '…' before the statement says what it stands for",
    ]);
    expect(errors("DEFINE a = 'x'; UNDEFINE a; SELECT ${a} FROM t; UNDEFINE a")).toHaveLength(2);
    expect(errors("SELECT ${a} FROM t; DEFINE a = 'x'")).toHaveLength(1);
  });

  it("that stand for no name are refused where one is needed", () => {
    expect(errors("DEFINE t = 'my topic'; SELECT a FROM ${t}")).toEqual([
      "1:38 INVALID_VALUE 'my topic' is no name; in back-ticks it is one, here or in DEFINE: '`my topic`'",
    ]);
    expect(errors("DEFINE t = ''; SELECT ${t} FROM t")).toHaveLength(1);
  });

  it("cannot grow without bounds", () => {
    const doubled = Array.from({ length: 40 }, (_, index) => `DEFINE v${index + 1} = '\${v${index}}\${v${index}}';`).join("\n");
    const { diagnostics } = withVariables(parse(`DEFINE v0 = 'xxxxxxxxxx';\n${doubled}\nSELECT '\${v40}' AS a FROM t`));
    expect(diagnostics.map(({ code }) => code)).toEqual(["TOO_LARGE"]);
  });
});
