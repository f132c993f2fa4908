import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { Value } from "../../src/functions/spec.ts";

/** DuckDB as the oracle of scalar semantics. Timestamps come back as milliseconds since 1970. */
export async function openOracle(): Promise<{ evaluate: (sql: string) => Promise<Value> }> {
  const connection: DuckDBConnection = await (await DuckDBInstance.create()).connect();
  return {
    async evaluate(sql) {
      const reader = await connection.runAndReadAll(`SELECT ${sql}`);
      return toValue(reader.getRowsJS()[0]?.[0]);
    },
  };
}

function toValue(cell: unknown): Value {
  if (cell === null || cell === undefined) return null;
  if (cell instanceof Date) return cell.getTime();
  if (typeof cell === "bigint") return Number(cell);
  if (typeof cell === "string" || typeof cell === "number" || typeof cell === "boolean") return cell;
  throw new Error(`no scalar: ${String(cell)}`);
}
