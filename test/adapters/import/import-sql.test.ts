import { describe, expect, it } from "vitest";
import { findDialect } from "../../../src/adapters/import/dialects.ts";
import { type ImportedSql, importSql } from "../../../src/adapters/import/import-sql.ts";
import { readInWorker } from "../../../src/adapters/import/read-in-worker.ts";
import { must } from "../../../src/assert.ts";
import { sourceFiles } from "../../support/source-files.ts";

const imported = (dialect: string, sql: string): Promise<ImportedSql> => importSql(sql, must(findDialect(dialect)));
const textsOf = async (dialect: string, sql: string): Promise<readonly string[]> => {
  const { statements, problems } = await imported(dialect, sql);
  expect(problems).toEqual([]);
  return statements.map(({ text }) => text);
};
const problemsOf = async (dialect: string, sql: string): Promise<readonly unknown[]> =>
  (await imported(dialect, sql)).problems.map(({ start, end, message }) => [sql.slice(start, end), message]);

describe("importSql", () => {
  it("keeps every name, string and number", async () => {
    const sql = `SELECT "a b", "Na""me", größe, 'it''s \\', E'a\\nb', $$x'y$$, 1.50, .5, 1e10, 123456789.123456789123 FROM s."T"`;
    expect(await textsOf("postgresql", sql)).toEqual([
      "SELECT `a b`, `Na\"me`, `größe`, 'it''s \\', 'a\nb', 'x''y', 1.50, 0.5, 1e10, 123456789.123456789123 FROM `s`.`T`",
    ]);
    expect(await textsOf("mysql", `SELECT "x\\'y", 'a\\\\b', \`order\`, 0x1F FROM t # note`)).toEqual([
      "SELECT 'x''y', 'a\\b', `order`, 31 FROM `t`",
    ]);
    expect(await textsOf("tsql", "SELECT [a b], N'ü' FROM [dbo].[t]")).toEqual(["SELECT `a b`, 'ü' FROM `dbo`.`t`"]);
  });

  it("makes views and tables made of a SELECT statements with a target", async () => {
    for (const dialect of ["postgresql", "flinksql", "hive", "transactsql"]) {
      expect(await textsOf(dialect, "CREATE OR REPLACE VIEW a.v AS SELECT x FROM t")).toEqual(
        ["INSERT INTO `a`.`v` SELECT `x` FROM `t`"].map((text) => (dialect === "postgresql" ? text.replace("`x`", "x") : text)),
      );
    }
    expect(await textsOf("mysql", "CREATE TABLE IF NOT EXISTS v AS SELECT x FROM t")).toEqual(["INSERT INTO `v` SELECT `x` FROM `t`"]);
  });

  it("takes names of columns from before the SELECT", async () => {
    for (const sql of ["INSERT INTO v (a, `b c`) SELECT x, y FROM t", "CREATE VIEW v (a, `b c`) AS SELECT x, y FROM t"]) {
      const { statements } = await imported("mysql", sql);
      expect(statements.map(({ text, columns }) => [text, columns])).toEqual([["INSERT INTO `v` SELECT `x`, `y` FROM `t`", ["a", "b c"]]]);
    }
  });

  it("knows other spellings of the same", async () => {
    expect(await textsOf("postgresql", "SELECT CAST(a AS DOUBLE PRECISION), 'DOUBLE PRECISION' FROM t JOIN u ON t.id = u.id")).toEqual([
      "SELECT CAST(a AS DOUBLE), 'DOUBLE PRECISION' FROM `t` INNER JOIN `u` ON `t`.id = `u`.id",
    ]);
  });

  it("makes tables streams", async () => {
    const table =
      "CREATE TABLE s.t (id BIGINT PRIMARY KEY, \"Na`me\" VARCHAR(20) NOT NULL DEFAULT 'x', tags TEXT[], m JSONB, d NUMERIC(10,2))";
    expect(await textsOf("postgresql", table)).toEqual([
      "CREATE STREAM `s`.`t` (`id` BIGINT, `Na``me` STRING, `tags` ARRAY<STRING>, `m` STRING, `d` DECIMAL(10, 2)) WITH (key = 'id')",
    ]);
    expect(await textsOf("bigquery", "CREATE TABLE t (id INT64, p STRUCT<a FLOAT64, b ARRAY<STRING>>)")).toEqual([
      "CREATE STREAM `t` (`id` BIGINT, `p` STRUCT<`a` DOUBLE, `b` ARRAY<STRING>>)",
    ]);
    expect(
      await textsOf("mysql", "CREATE TABLE t (a INT UNSIGNED, b BIGINT UNSIGNED, c TINYINT(1), PRIMARY KEY (a, b)) ENGINE=InnoDB"),
    ).toEqual(["CREATE STREAM `t` (`a` BIGINT, `b` DECIMAL(20, 0), `c` INT)"]);
    const flink = "CREATE TABLE o (id STRING) WITH ('connector' = 'kafka', 'topic' = 'o-1', 'format' = 'json', 'scan.startup.mode' = 'x')";
    expect(await textsOf("flink", flink)).toEqual(["CREATE STREAM `o` (`id` STRING) WITH (topic = 'o-1', format = 'json')"]);
    expect((await imported("flink", flink)).statements[0]?.notes).toEqual(["the option scan.startup.mode has no counterpart"]);
    expect(await problemsOf("mysql", "CREATE TABLE t (p POINT)")).toEqual([
      ["CREATE TABLE t (p POINT)", expect.stringMatching(/POINT|understood/)],
    ]);
  });

  it("refuses what its reader loses, and shows it", async () => {
    const message = "the reader for trino loses or changes what stands here";
    expect(await problemsOf("trino", "SELECT a.b.c FROM t")).toEqual([[expect.any(String), message]]);
    expect(await problemsOf("redshift", "SELECT a.b.c FROM t")).toHaveLength(1);
    expect(await textsOf("mysql", "SELECT a.b.c FROM t")).toEqual(["SELECT `a`.`b`.`c` FROM `t`"]);
  });

  it("says where a text is not understood, and goes on behind it", async () => {
    const sql = "SELECT a FROM t;\nDROP TABLE x;\nSELECT a FROM;\nSELECT 'b FROM t";
    expect(await problemsOf("postgresql", sql)).toEqual([["'b FROM t", "this string is never closed"]]);
    expect(await problemsOf("postgresql", sql.replace("'b", "b"))).toEqual([
      ["DROP", "DROP statements are not imported"],
      ["", "in postgresql more is expected, but the statement ends"],
    ]);
    expect(await problemsOf("mysql", "SELECT a || b FROM t")).toEqual([["||", "|| is OR in mysql, and joins texts here"]]);
  });

  it("warns of what means something else here", async () => {
    const { warnings } = await imported("postgresql", "SELECT a / 2 FROM t WHERE s LIKE 'a\\_b'");
    expect(warnings.map(({ message }) => message)).toEqual([
      "in postgresql / of integers gives an integer, here a fraction",
      "a backslash escapes nothing here unless ESCAPE says so",
    ]);
    expect((await imported("mysql", "SELECT a / 2 FROM t")).warnings).toEqual([]);
  });

  it("refuses what is nested too deeply before its reader sees it, and gives that up after a while", { timeout: 30_000 }, async () => {
    const nested = (levels: number): string => `SELECT a FROM t WHERE ${"(".repeat(levels)}a = 1${" AND b = 2)".repeat(levels)}`;
    expect(await problemsOf("postgresql", nested(40))).toEqual([["(", "nested more than 16 levels deep"]]);
    const answers = await readInWorker({ dialect: "postgresql", texts: ["SELECT 1", nested(40), "SELECT 2"] }, 1_500);
    expect(answers.map(({ kind }) => kind)).toEqual(["text", "error", "text"]);
  });

  it("never throws", { timeout: 60_000 }, async () => {
    const tokens = [
      "SELECT",
      "FROM",
      "CREATE",
      "TABLE",
      "VIEW",
      "AS",
      "(",
      ")",
      ",",
      ";",
      "'",
      '"',
      "`",
      "[",
      "]",
      "--",
      "/*",
      "*/",
      "$$",
      "E'",
      "x",
      "1",
      "CASE",
      "\\",
    ];
    const soup = Array.from({ length: 200 }, (_, n) =>
      Array.from({ length: 12 }, (_unused, at) => tokens[(n * 7 + at * (n + 3) + ((n * at) % 5)) % tokens.length]).join(" "),
    );
    for (const dialect of ["postgresql", "mysql", "transactsql"]) {
      for (const text of [soup.join("\n"), ...soup.slice(0, 10)]) expect(await imported(dialect, text)).toHaveProperty("problems");
    }
  });

  it("has one file that knows node-sql-parser", () => {
    const files = sourceFiles("src", "grammar").filter(({ text }) => /from "node-sql-parser/.test(text));
    expect(files.map(({ path }) => path)).toEqual(["src/adapters/import/sql-reader.ts"]);
  });
});
