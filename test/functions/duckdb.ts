import {
  type DuckDBConnection,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBInstance,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import type { Value } from "../../src/functions/spec.ts";
import { dateText, timeText } from "../../src/model/calendar.ts";

/** DuckDB as the oracle of semantics, in one thread, as lists keep the order of rows. Values come back as we write them in JSON. */
export async function openOracle(): Promise<{ evaluate: (sql: string) => Promise<Value> }> {
  const connection: DuckDBConnection = await (await DuckDBInstance.create(":memory:", { threads: "1" })).connect();
  return {
    async evaluate(sql) {
      const reader = await connection.runAndReadAll(`SELECT ${sql}`);
      return toValue(reader.getRows()[0]?.[0] ?? null);
    },
  };
}

function toValue(cell: DuckDBValue): Value {
  if (cell === null) return null;
  if (typeof cell === "bigint") return Number(cell);
  if (typeof cell === "string" || typeof cell === "number" || typeof cell === "boolean") return cell;
  if (cell instanceof DuckDBDecimalValue) return Number(cell.toString());
  if (cell instanceof DuckDBTimestampValue) return new Date(Number(cell.micros / 1000n)).toISOString();
  if (cell instanceof DuckDBDateValue) return dateText(cell.days);
  if (cell instanceof DuckDBTimeValue) return timeText(Number(cell.micros / 1000n));
  if (cell instanceof DuckDBListValue) return cell.items.map(toValue);
  if (cell instanceof DuckDBStructValue)
    return Object.fromEntries(Object.entries(cell.entries).map(([name, value]) => [name, toValue(value)]));
  if (cell instanceof DuckDBMapValue) return Object.fromEntries(cell.entries.map(({ key, value }) => [String(key), toValue(value)]));
  return String(cell);
}
