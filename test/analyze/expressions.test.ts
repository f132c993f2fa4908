import { describe, expect, it } from "vitest";
import { statement } from "./catalog.ts";
import { show, showColumns } from "./show.ts";

const STREAM = `CREATE STREAM s (name STRING, room STRUCT<name STRING, floor INT>, labels MAP<STRING, DOUBLE>, i INT, l BIGINT, d DOUBLE,
  ok BOOLEAN, at TIMESTAMP, day DATE, price DECIMAL(10, 2));`;

function column(expression: string): string {
  const [shown] = showColumns(statement(`${STREAM} INSERT INTO a SELECT ${expression} AS x FROM s`));
  return shown?.replace("x: ", "") ?? "";
}

function untyped(expression: string): string {
  const [shown] = showColumns(statement(`INSERT INTO a SELECT ${expression} AS x FROM raw`));
  return shown?.replace("x: ", "") ?? "";
}

describe("types of expressions", () => {
  it.each([
    ["1", "1 INT"],
    ["2147483648", "2147483648 BIGINT"],
    ["1.5", "1.5 DOUBLE"],
    ["1e3", "1000 DOUBLE"],
    ["-5", "-5 INT"],
    ["- -5", "5 INT"],
    ["NULL", "null NULL"],
    ["i + 1", "(i + 1) BIGINT"],
    ["i + d", "(i + d) DOUBLE"],
    ["i / 2", "(i / 2) DOUBLE"],
    ["l % 2", "(l % 2) BIGINT"],
    ["i + NULL", "(i + null) BIGINT"],
    ["-l", "-(l) BIGINT"],
    ["name || i", "(name || i) STRING"],
    ["room.floor", "room.floor INT"],
    ["labels.anything", "labels.anything DOUBLE"],
    ["_value.name", "name STRING"],
    ["_key", "_key STRING"],
    ["_header.origin", "_header.origin STRING"],
    ["_timestamp", "_timestamp TIMESTAMP"],
    ["_.offset", "_offset BIGINT"],
    ["_Partition", "_partition INT"],
    ["CASE WHEN ok THEN 1 ELSE d END", "case when ok then 1 else d end DOUBLE"],
    ["CASE WHEN ok THEN NULL END", "case when ok then null end NULL"],
    ["CASE WHEN ok THEN at ELSE day END", "case when ok then at else cast(day as TIMESTAMP) end TIMESTAMP"],
    ["CAST(i AS STRING)", "cast(i as STRING) STRING"],
    ["TRY_CAST(name AS INTEGER)", "try_cast(name as INT) INT"],
    ["name::REAL", "cast(name as DOUBLE) DOUBLE"],
    ["CAST(d AS FLOAT)", "d DOUBLE"],
    ["CAST(at AS BIGINT)", "cast(at as BIGINT) BIGINT"],
    ["price", "price DECIMAL(10, 2)"],
  ])("%s is %s", (expression, expected) => {
    expect(column(expression)).toBe(expected);
  });

  it("takes quoted names for fields, whatever they are", () => {
    const bound = statement('INSERT INTO a SELECT `_key`, "window_start" FROM raw');
    expect(bound.fields.map(({ root, path }) => [root, ...path])).toEqual([
      ["value", "_key"],
      ["value", "window_start"],
    ]);
  });

  it("knows nothing of fields of a schemaless stream", () => {
    expect(untyped("a.b")).toBe("a.b ANY");
    expect(untyped("a + 1")).toBe("(a + 1) DOUBLE");
    expect(untyped("a > 1")).toBe("(a > 1) BOOLEAN");
    expect(untyped("coalesce(a, 1)")).toBe("coalesce(a, 1) ANY");
    expect(untyped("round(a)")).toBe("round(a) DOUBLE");
    expect(untyped("_key.id")).toBe("_key.id ANY");
  });
});

describe("rewrites", () => {
  it.each([
    ["d BETWEEN 1 AND 2", "((d >= 1) and (d <= 2)) BOOLEAN"],
    ["d NOT BETWEEN 1 AND 2", "not(((d >= 1) and (d <= 2))) BOOLEAN"],
    ["i NOT IN (1, 2)", "not((i in 1, 2)) BOOLEAN"],
    ["name NOT LIKE 'a!%' ESCAPE '!'", 'not((name like "a!%" escape !)) BOOLEAN'],
    ["name IS NOT NULL", "not((name is null)) BOOLEAN"],
    ["ok IS NOT TRUE", "not((ok is true)) BOOLEAN"],
    ["CASE i WHEN 1 THEN 'a' WHEN 2 THEN 'b' END", 'case when (i = 1) then "a" when (i = 2) then "b" end STRING'],
    ["if(ok, 1, 2.5)", "case when ok then 1 else 2.5 end DOUBLE"],
    ["mod(i, 2)", "(i % 2) BIGINT"],
    ["ifnull(name, 'x')", 'coalesce(name, "x") STRING'],
    ["SUBSTR(name, 1)", "substring(name, 1) STRING"],
    ["concat(name, i, NULL)", "concat(name, cast(i as STRING), null) STRING"],
    ["greatest(i, d)", "greatest(i, d) DOUBLE"],
    ["date_trunc('hour', at)", 'date_trunc("hour", at) TIMESTAMP'],
    ["at > '2026-03-04'", "(at > 1772582400000:TIMESTAMP) BOOLEAN"],
    ["'2026-03-04T01:00:00+01:00' = at", "(1772582400000:TIMESTAMP = at) BOOLEAN"],
    ["day IN ('2026-03-04')", "(day in 20516:DATE) BOOLEAN"],
    ["at IS DISTINCT FROM day", "(at is distinct from cast(day as TIMESTAMP)) BOOLEAN"],
    ["ok = TRUE AND NULL", "((ok = true) and null) BOOLEAN"],
  ])("%s becomes %s", (expression, expected) => {
    expect(column(expression)).toBe(expected);
  });

  it("reads fields of unknown type as timestamps where a function needs one", () => {
    expect(untyped("date_trunc('hour', at)")).toBe('date_trunc("hour", cast(at as TIMESTAMP)) TIMESTAMP');
  });
});

describe("fields of a statement", () => {
  it("are listed once, the event time among them", () => {
    const bound = statement(
      `CREATE STREAM s (a INT, b INT, at BIGINT) WITH (timestamp = 'at');
      INSERT INTO x SELECT a, s.a + b AS c, t FROM s WHERE a > 1`.replace(", t ", " "),
    );
    expect(bound.fields.map(({ text }) => text)).toEqual(["at", "a", "b"]);
    expect(bound.source.eventTime).toBe(0);
    expect(bound.where === null ? "" : show(bound.where, bound)).toBe("(a > 1)");
  });

  it("may be qualified by the alias of the relation", () => {
    const bound = statement("INSERT INTO x SELECT t.a, b.c AS c FROM raw AS t");
    expect(bound.fields.map(({ path }) => path)).toEqual([["a"], ["b", "c"]]);
  });
});
