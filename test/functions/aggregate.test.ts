import { describe, expect, it } from "vitest";
import { exactForms } from "../../src/functions/aggregate/exact.ts";
import { AGGREGATE_FUNCTIONS, OBJECT_AGGREGATES } from "../../src/functions/registry.ts";
import type { Value } from "../../src/functions/spec.ts";
import { runStatement } from "../plan/run-statement.ts";
import { openOracle } from "./duckdb.ts";
import { duckdbSql } from "./duckdb-sql.ts";

const oracle = await openOracle();
const examples = [...AGGREGATE_FUNCTIONS, ...OBJECT_AGGREGATES, ...exactForms].flatMap(({ name, examples: given }) =>
  given.map((example) => ({ name, ...example })),
);

type Rows = readonly Readonly<Record<string, Value>>[];

function resultOf(sql: string, rows: Rows): unknown {
  const records = rows.length === 0 ? ['{"v": null}'] : rows.map((row) => JSON.stringify(row));
  const { documents, errors } = runStatement(`INSERT INTO x SELECT ${sql} AS y FROM raw`, records);
  expect([...errors.values()]).toEqual([]);
  return (documents[0] as { y: unknown }).y;
}

function tableOf(rows: Rows): string {
  const literal = (value: Value | undefined): string => {
    if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
    return value === undefined || value === null ? "NULL" : String(value);
  };
  const names = Object.keys(rows[0] ?? { v: null });
  const lines = rows.map((row) => `(${names.map((name) => literal(row[name])).join(", ")})`);
  return `(VALUES ${lines.length === 0 ? "(NULL)" : lines.join(", ")}) t(${names.join(", ")})`;
}

function expectSame(actual: unknown, expected: Value): void {
  if (typeof expected === "number") expect(actual).toBeCloseTo(expected, 9);
  else expect(actual).toEqual(expected);
}

describe("examples of aggregates", () => {
  it.each(examples)("$sql of $rows is $result", ({ sql, rows, result }) => {
    expectSame(resultOf(sql, rows), result);
  });

  it.each(examples.filter(({ duckdb }) => duckdb !== null))("$sql of $rows is $result in DuckDB", async ({ sql, rows, result, duckdb }) => {
    expectSame(await oracle.evaluate(`${duckdb ?? duckdbSql(sql)} FROM ${tableOf(rows)}`), result);
  });
});

describe("aggregates", () => {
  const random = Array.from({ length: 3000 }, (_, index) => ({ v: ((index * 7919) % 2003) - 1000.5, w: (index * 31) % 17 }));
  const compared = ["var_samp(v)", "stddev_pop(v)", "corr(v, w)", "regr_slope(v, w)", "quantile_cont(v, 0.31)", "quantile_disc(v, 0.77)"];

  it.each([...compared, "count(DISTINCT w)", "sum(DISTINCT w)", "avg(DISTINCT w)", "median(w)"])(
    "%s of many values is DuckDB's",
    async (sql) => {
      expectSame(resultOf(sql, random), await oracle.evaluate(`${sql} FROM ${tableOf(random)}`));
    },
  );

  it("take the rows of their FILTER alone", async () => {
    const sqls = ["count(*)", "count(w)", "sum(v)", "min(v)", "count(DISTINCT w)", "list(w)[3]", "max(w)"];
    for (const sql of sqls) {
      const [call, ...rest] = sql.split("[");
      const written = `${call} FILTER (WHERE w > 11)${rest.map((index) => `[${index}`).join("")}`;
      expectSame(resultOf(written.replace("list", "collect_list"), random), await oracle.evaluate(`${written} FROM ${tableOf(random)}`));
    }
  });

  it("estimate within their error", () => {
    const many = Array.from({ length: 20_000 }, (_, index) => ({ v: index, t: `device-${index % 12_345}` }));
    expect(Math.abs((resultOf("approx_count_distinct(t)", many) as number) - 12_345)).toBeLessThan(12_345 * 0.05);
    expect(Math.abs((resultOf("approx_count_distinct(v)", many) as number) - 20_000)).toBeLessThan(20_000 * 0.05);
    for (const share of [0, 0.01, 0.5, 0.9, 0.999, 1]) {
      expect(Math.abs((resultOf(`approx_quantile(v, ${share})`, many) as number) - share * 19_999)).toBeLessThan(100);
    }
  });

  it("refuse a result that would leave something out", () => {
    const many = Array.from({ length: 10_001 }, (_, v) => JSON.stringify({ v }));
    const run = (sql: string) => runStatement(`INSERT INTO x SELECT ${sql} AS y FROM raw`, many).refused;
    expect(run("collect_list(v)")).toEqual(["collect_list(v): there are more than 10000 values (collectedValuesMax)"]);
    expect(run("median(v)")).toEqual(["median(v): there are more than 10000 values (collectedValuesMax)"]);
    expect(run("count(DISTINCT v)")).toEqual([]);
    expect(run("topk(v, 3)")).toEqual([]);
  });
});
