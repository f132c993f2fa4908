import { describe, expect, it } from "vitest";
import { SCALAR_FUNCTIONS } from "../../src/functions/registry.ts";
import { runStatement } from "../plan/run-statement.ts";
import { openOracle } from "./duckdb.ts";
import { duckdbSql } from "./duckdb-sql.ts";

const oracle = await openOracle();
const examples = SCALAR_FUNCTIONS.flatMap((spec) => spec.examples.map((example) => ({ name: spec.name, ...example })));

describe("examples of scalar functions", () => {
  it.each(examples)("$sql is $result", ({ sql, result }) => {
    const { documents, errors } = runStatement(`INSERT INTO x SELECT ${sql} AS y FROM raw`, ["{}"]);
    expect([...errors.values()]).toEqual([]);
    expect(documents).toEqual([{ y: result }]);
  });

  it.each(examples.filter(({ duckdb }) => duckdb !== null))("$sql is $result in DuckDB", async ({ sql, result, duckdb }) => {
    const actual = await oracle.evaluate(duckdb ?? duckdbSql(sql));
    if (typeof result === "number") expect(actual).toBeCloseTo(result, 9);
    else expect(actual).toEqual(result);
  });

  it("are there for every function", () => {
    const without = SCALAR_FUNCTIONS.filter((spec) => spec.examples.length === 0);
    // Of a record, which examples do not have.
    expect(without.map(({ name }) => name)).toEqual(["uuid", "random"]);
  });
});
