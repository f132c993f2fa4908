import { readFileSync } from "node:fs";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { runStatement } from "../plan/run-statement.ts";

const page = readFileSync("docs/language/semantics.md", "utf8");
const rows = [...page.matchAll(/^\| `(.+)` \| (.*?) ?\| (.*) \|$/gm)]
  .filter(({ index }) => index > page.indexOf("## Other than DuckDB"))
  .map(([, sql = "", here = "", duckdb = ""]) => [sql, here, duckdb] as const);

const text = (value: unknown): string => (value === null ? "" : value === "" ? "empty" : String(value));

function valueHere(sql: string): string {
  try {
    const { documents, errors } = runStatement(`INSERT INTO o SELECT ${sql} AS v FROM r`, ["{}"]);
    return errors.size > 0 ? "refused" : text((documents[0] as { readonly v: unknown }).v);
  } catch (error) {
    if (error instanceof Error && error.message.includes("error INVALID_VALUE")) return "refused";
    throw error;
  }
}

describe("docs/language/semantics.md", () => {
  let connection: DuckDBConnection;

  beforeAll(async () => {
    connection = await (await DuckDBInstance.create()).connect();
  });

  it("lists differences", () => expect(rows.length).toBeGreaterThan(4));

  it.each(rows)("%s is '%s' here and '%s' in DuckDB", async (sql, here, duckdb) => {
    expect(valueHere(sql)).toBe(here);
    const result = await connection.runAndReadAll(`SELECT (${sql})::VARCHAR`);
    expect(text(result.getRowsJS()[0]?.[0])).toBe(duckdb);
  });
});
