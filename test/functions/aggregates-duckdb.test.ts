import { DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { exactForms } from "../../src/functions/aggregate/exact.ts";
import { AGGREGATE_FUNCTIONS, OBJECT_AGGREGATES } from "../../src/functions/registry.ts";
import { Chance } from "../plan/duckdb/dialects.ts";
import { runStatement } from "../plan/run-statement.ts";

/** SEED repeats a run. */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const ROWS = 120;

const COLUMNS: Readonly<Record<string, string>> = {
  g: "INT",
  v: "DOUBLE",
  w: "DOUBLE",
  i: "BIGINT",
  p: "DECIMAL(10, 2)",
  t: "VARCHAR",
  b: "BOOLEAN",
  d: "DATE",
  s: "TIMESTAMP",
};

/** As JSON; null often. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  g: ["1", "2", "3", "4"],
  v: ["0.5", "-2.25", "100", "3", "3", "1e6", "0"],
  w: ["1.5", "7", "-0.5", "2", "11"],
  i: ["0", "7", "-7", "12", "3"],
  p: ["0.10", "0.20", "12.30", "-99999999.99"],
  t: ['"a"', '"b"', '"😀"', '"\uffee"', '""'],
  b: ["true", "false"],
  d: ['"2024-02-29"', '"1969-12-31"', '"2000-01-01"'],
  s: ['"2024-03-31T01:30:00Z"', '"1999-12-31T23:59:59.999Z"', '"2024-10-27T00:30:00Z"'],
};

/** What an aggregate is in DuckDB; `%` stands for the condition of FILTER, and the columns say of which argument the nulls are left out. */
const same = (call: string) => [call, `${call} FILTER (WHERE %)`] as const;
const ofKept = (call: string, duck: string, ...kept: readonly string[]) =>
  [call, `${duck} FILTER (WHERE ${[...kept.map((name) => `${name} IS NOT NULL`), "%"].join(" AND ")})`] as const;

/** By the canonical name of ours. */
const SHARED: Readonly<Record<string, readonly (readonly [ours: string, duck: string])[]>> = {
  count: ["count(*)", "count(v)", "count(t)", "count(DISTINCT v)", "count(DISTINCT t)", "count(DISTINCT p)"].map(same),
  sum: ["sum(v)", "sum(i)", "sum(p)", "sum(DISTINCT v)", "sum(DISTINCT i)", "sum(DISTINCT p)"].map(same),
  avg: ["avg(v)", "avg(i)", "avg(DISTINCT v)", "avg(p)"].map(same),
  min: ["min(v)", "min(i)", "min(p)", "min(t)", "min(d)", "min(s)"].map(same),
  max: ["max(v)", "max(i)", "max(p)", "max(t)", "max(d)", "max(s)", "max(DISTINCT v)"].map(same),
  var_samp: [same("var_samp(w)")],
  var_pop: [same("var_pop(w)")],
  stddev_samp: [same("stddev_samp(w)")],
  stddev_pop: [same("stddev_pop(w)")],
  product: [same("product(w)")],
  earliest_by_offset: [
    ofKept("earliest_by_offset(v)", "first(v ORDER BY number)", "v"),
    [
      "array_join(earliest_by_offset(t, 3), '/')",
      "coalesce(array_to_string(list(t ORDER BY number) FILTER (WHERE t IS NOT NULL AND %)[1:3], '/'), '')",
    ],
  ],
  latest_by_offset: [ofKept("latest_by_offset(t)", "last(t ORDER BY number)", "t")],
  first: [ofKept("first(v)", "first(v ORDER BY number)", "v")],
  last: [ofKept("last(t)", "last(t ORDER BY number)", "t")],
  arg_min: [
    ofKept("arg_min(t, v)", "first(t ORDER BY v, number)", "t", "v"),
    ofKept("arg_min(i, p)", "first(i ORDER BY p, number)", "i", "p"),
  ],
  arg_max: [ofKept("arg_max(t, v)", "first(t ORDER BY v DESC, number)", "t", "v")],
  any_value: [ofKept("any_value(w)", "first(w ORDER BY number)", "w")],
  collect_list: [["CAST(collect_list(i) AS STRING)", "to_json(coalesce(list(i ORDER BY number) FILTER (WHERE %), []))::VARCHAR"]],
  collect_set: [
    ["CAST(array_sort(collect_set(t)) AS STRING)", "to_json(coalesce(list_sort(list(DISTINCT t) FILTER (WHERE %)), []))::VARCHAR"],
  ],
  count_distinct: [same("count(DISTINCT w)"), ofKept("count_distinct(i, t)", "count(DISTINCT (i, t))", "i", "t")],
  string_agg: [["string_agg(t, '/')", "string_agg(t, '/' ORDER BY number) FILTER (WHERE %)"]],
  histogram: [["coalesce(histogram(t)['a'], 0)", "count(*) FILTER (WHERE t = 'a' AND %)"]],
  map_agg: [["map_agg(t, i)['b']", "last(i ORDER BY number) FILTER (WHERE t = 'b' AND i IS NOT NULL AND %)"]],
  topk: [["CAST(topk(i, 3) AS STRING)", "to_json(coalesce(max(i, 3) FILTER (WHERE %), []))::VARCHAR"]],
  topkdistinct: [
    [
      "CAST(topkdistinct(i, 3) AS STRING)",
      "to_json(coalesce(list_sort(list(DISTINCT i) FILTER (WHERE i IS NOT NULL AND %), 'DESC')[1:3], []))::VARCHAR",
    ],
  ],
  bottomk: [["CAST(bottomk(i, 2) AS STRING)", "to_json(coalesce(min(i, 2) FILTER (WHERE %), []))::VARCHAR"]],
  approx_count_distinct: [["approx_count_distinct(t)", "count(DISTINCT t) FILTER (WHERE %)"]],
  quantile_cont: [same("quantile_cont(v, 0.3)")],
  quantile_disc: [same("quantile_disc(i, 0.7)")],
  median: [same("median(w)")],
  corr: [same("corr(w, i)")],
  covar_samp: [same("covar_samp(w, i)")],
  covar_pop: [same("covar_pop(w, i)")],
  regr_slope: [same("regr_slope(w, i)")],
  regr_intercept: [same("regr_intercept(w, i)")],
  regr_r2: [same("regr_r2(w, i)")],
  count_if: [["count_if(v > 1)", "coalesce(count_if(v > 1) FILTER (WHERE %), 0)"]],
  bool_and: [same("bool_and(b)")],
  bool_or: [same("bool_or(b)")],
  bit_and: [same("bit_and(i)")],
  bit_or: [same("bit_or(i)")],
  bit_xor: [same("bit_xor(i)")],
};

/** Which of equals, and what estimate, is nobody's business but ours: their examples and other tests say it. */
const OURS_ALONE = ["mode", "approx_quantile"];

const CONDITIONS = ["TRUE", "w > 1", "b", "t <> 'a' OR v IS NULL", "FALSE", "i % 2 = 0"];

describe(`random groups (SEED=${SEED})`, () => {
  const chance = new Chance(SEED);
  let query: (sql: string) => Promise<unknown[][]>;

  beforeAll(async () => {
    const connection = await (await DuckDBInstance.create()).connect();
    query = async (sql) => {
      const rows = (await connection.runAndReadAll(sql)).getRowsJS();
      return rows.map((row) => row.map((value) => (typeof value === "bigint" ? Number(value) : value)));
    };
  });

  const randomRow = (): Readonly<Record<string, string>> =>
    Object.fromEntries(
      Object.keys(COLUMNS).map((name) => [name, name !== "g" && chance.next() < 0.25 ? "null" : chance.pick(VALUES[name] ?? [])]),
    );

  it(`are aggregated as DuckDB does it, with conditions and without`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const rows = Array.from({ length: ROWS }, randomRow);
      const json = rows.map((row) => `{${Object.entries(row).map(([name, value]) => `"${name}": ${value}`)}}`);
      const columns = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`);
      await query(`CREATE OR REPLACE TABLE r (number INTEGER, ${columns.join(", ")})`);
      const literal = (value: string): string => (value.startsWith('"') ? `'${value.slice(1, -1).replace("Z", "")}'` : value);
      for (const [n, row] of rows.entries()) await query(`INSERT INTO r VALUES (${n}, ${Object.values(row).map(literal).join(", ")})`);
      for (const [ours, duck] of Object.values(SHARED).flat()) {
        const condition = chance.pick(CONDITIONS);
        const [there, here] = [duck.replaceAll("%", `(${condition})`), filtered(ours, condition)];
        const expected = await query(`SELECT g, ${shownThere(there)} FROM r GROUP BY g ORDER BY g`);
        const stream = `CREATE STREAM r (${columns.join(", ")}); INSERT INTO z SELECT g, ${here} AS y FROM r GROUP BY g`;
        const { documents, errors, refused } = runStatement(stream, json);
        expect([...errors.values(), ...refused], here).toEqual([]);
        const found = new Map(documents.map((document) => [(document as { g: number }).g, (document as { y: unknown }).y]));
        for (const [group, value] of expected) {
          const message = `SEED=${SEED}, round ${round}, group ${group}: ${here}\nDuckDB: ${there}`;
          const actual = found.get(Number(group));
          // Sums differ by the order of their parts.
          if (typeof value === "number" && Number.isFinite(value))
            expect(Math.abs((actual as number) - value), message).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(value)));
          else expect(actual, message).toEqual(Number.isNaN(value) ? null : value);
        }
      }
    }
  });

  it("are of every aggregate that DuckDB has too", () => {
    const names = [...AGGREGATE_FUNCTIONS, ...OBJECT_AGGREGATES, ...exactForms].map(({ name }) => name);
    expect([...Object.keys(SHARED), ...OURS_ALONE].sort()).toEqual([...new Set(names)].sort());
  });
});

/** FILTER stands behind the aggregate: the innermost call. */
function filtered(ours: string, condition: string): string {
  return ours.replace(/\w+\([^()]*\)/, `$& FILTER (WHERE ${condition})`);
}

/** Times as they are in JSON; integers as numbers. */
function shownThere(sql: string): string {
  return sql.includes("(s)") ? `strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%gZ')` : sql.includes("(d)") ? `(${sql})::VARCHAR` : `(${sql})`;
}
