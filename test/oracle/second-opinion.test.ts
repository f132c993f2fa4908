import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SeededRandom, seeds } from "../property/random.ts";
import { randomCase } from "./case-generator.ts";
import { rowsDifference } from "./compare.ts";
import { duckdbSql } from "./duckdb-sql.ts";
import { sqlOf } from "./print-sql.ts";
import { type Document, recompute } from "./reference.ts";
import { entriesOf, eventTimeOf } from "./reference-input.ts";
import { type CaseSpec, isBad, type SourceSpec, type StatementSpec } from "./spec.ts";

const CASES = 12;
const only = process.env["SEED"];

let duckdb: DuckDBConnection;
beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
});
afterAll(() => duckdb.closeSync());

/** The table of a source; records without a value have no columns but the key. */
async function load(source: SourceSpec, given: CaseSpec): Promise<void> {
  const columns = source.columns.filter(({ name }) => name !== "at");
  const types = columns.map(({ name, type }) => `${name} ${type === "ARRAY<BIGINT>" ? "BIGINT[]" : type === "STRING" ? "VARCHAR" : type}`);
  const rows = entriesOf(source, given)
    .flat()
    .map((entry) => {
      const { partition, key, timestampMs, values } = entry.record;
      const cells = columns.map(({ name }) => literal(name === "k" ? key : (values?.[name] ?? null)));
      const times = [timestampMs, eventTimeOf(entry) ?? "NULL", entry.wallMs];
      return `(${[partition, entry.offset, ...times, values !== null, ...cells].join(", ")})`;
    });
  await duckdb.run(
    `CREATE OR REPLACE TABLE ${source.name} (p INT, o INT, ts BIGINT, t BIGINT, w BIGINT, alive BOOLEAN, ${types.join(", ")})`,
  );
  if (rows.length > 0) await duckdb.run(`INSERT INTO ${source.name} VALUES ${rows.join(", ")}`);
}

function literal(cell: unknown): string {
  if (Array.isArray(cell)) return `[${cell.map(literal).join(", ")}]`;
  return typeof cell === "string" ? `'${cell}'` : String(cell ?? "NULL");
}

async function query(sql: string): Promise<readonly Document[]> {
  const reader = await duckdb.runAndReadAll(`SELECT CAST(to_json(q) AS VARCHAR) FROM (${sql}) AS q`);
  return reader.getRows().map(([text]) => JSON.parse(String(text)) as Document);
}

/** One run, and sessions that stay open. */
function simplified(given: CaseSpec): CaseSpec {
  const open = (statement: StatementSpec): StatementSpec => {
    const { window } = statement.select;
    return window?.kind === "session" ? { ...statement, select: { ...statement.select, window: { ...window, graceMs: 1e12 } } } : statement;
  };
  return { ...given, closes: true, runs: given.runs.slice(-1), statements: given.statements.map(open) };
}

/** Some values do not fit their column, which DuckDB has no column for. */
function isFaulty({ sources }: CaseSpec): boolean {
  return sources.some(({ records }) => records.some(({ values }) => isBad(values?.["v"])));
}

async function check(seed: number): Promise<number> {
  const given = simplified(randomCase(seed, { statements: 6 }));
  if (isFaulty(given)) return 0;
  const expected = recompute(given);
  for (const source of given.sources) await load(source, given);
  let compared = 0;
  for (const statement of given.statements) {
    const found = given.sources.some(({ name }) => name === statement.select.from) ? duckdbSql(statement, given.sources) : null;
    const own = expected.get(statement.name);
    if (found === null || own === undefined) continue;
    const about = `SEED=${seed}\n${sqlOf(given, [statement])}\n${found.rows}`;
    const rows = await query(found.rows).catch((error: unknown) => expect.fail(`${String(error)}\n${about}`));
    expect(rowsDifference(rows, own.rows), about).toBe(null);
    if (statement.select.join === null && statement.select.unnest === null) {
      const [late] = await query(found.late);
      expect(Object.values(late ?? {}), about).toEqual([own.counters.late]);
    }
    compared++;
  }
  return compared;
}

describe("the reference against DuckDB", () => {
  it.each(seeds([], CASES))("comes to the same: seed %i", async (seed) => {
    if (only !== undefined) expect(await check(seed)).toBeGreaterThan(0);
    const random = new SeededRandom(seed);
    let compared = 0;
    for (let count = 0; count < 8; count++) compared += await check(random.below(2 ** 31));
    expect(compared).toBeGreaterThan(5);
  });
});
