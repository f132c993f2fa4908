import { DuckDBInstance } from "@duckdb/node-api";
import type { RawRecord } from "../../../src/ports/source.ts";
import { rowDifferences } from "../../support/row-differences.ts";

interface Reading {
  readonly deviceId: string;
  readonly homeId: string;
  readonly time: number;
  readonly temperature: number;
}

export interface WindowResult {
  readonly deviceId: string;
  readonly homeId: string;
  readonly minute: string;
  readonly readings: number;
  readonly avg_temperature: number;
  readonly min_temperature: number;
  readonly max_temperature: number;
}

export const WINDOW_COLUMNS = [
  "deviceId",
  "homeId",
  "minute",
  "readings",
  "avg_temperature",
  "min_temperature",
  "max_temperature",
] as const;

/** What the table and the index of hot homes of `queries/temperatures/persist.sql` have of a window. */
export const TABLE_COLUMNS = WINDOW_COLUMNS.filter((column) => column !== "homeId");
export const HOT_COLUMNS = ["homeId", "deviceId", "minute", "max_temperature"] as const;

/** DuckDB over the same readings: what the windows must be, by `deviceId|minute`. */
export class WindowOracle {
  private readonly instance = DuckDBInstance.create();
  private readonly connection = this.instance.then(async (instance) => {
    const connection = await instance.connect();
    await connection.run("CREATE TABLE readings (deviceId VARCHAR, homeId VARCHAR, time BIGINT, temperature DOUBLE)");
    return connection;
  });

  async add(records: readonly RawRecord[]): Promise<void> {
    const appender = await (await this.connection).createAppender("readings");
    for (const { value } of records) {
      const { deviceId, homeId, time, temperature } = JSON.parse(String(value)) as Reading;
      appender.appendVarchar(deviceId);
      appender.appendVarchar(homeId);
      appender.appendBigInt(BigInt(time));
      appender.appendDouble(temperature);
      appender.endRow();
    }
    appender.closeSync();
  }

  async windows(): Promise<ReadonlyMap<string, WindowResult>> {
    const rows = await (await this.connection).runAndReadAll(
      `SELECT deviceId, homeId, (time // 60000) * 60000 AS minute, COUNT(*), AVG(temperature), MIN(temperature), MAX(temperature)
       FROM readings GROUP BY ALL`,
    );
    const results = rows.getRowsJS().map(([deviceId, homeId, minute, readings, avg, min, max]) => ({
      deviceId: String(deviceId),
      homeId: String(homeId),
      minute: new Date(Number(minute)).toISOString(),
      readings: Number(readings),
      avg_temperature: Number(avg),
      min_temperature: Number(min),
      max_temperature: Number(max),
    }));
    return new Map(results.map((result) => [windowKey(result), result]));
  }
}

export function windowKey({ deviceId, minute }: Pick<WindowResult, "deviceId" | "minute">): string {
  return `${deviceId}|${minute}`;
}

/** The windows that the index of hot homes has. */
export function hotOf(windows: ReadonlyMap<string, WindowResult>): ReadonlyMap<string, WindowResult> {
  return new Map([...windows].filter(([, { max_temperature }]) => max_temperature > 28));
}

/** What differs, at most a few; empty: all rows are there, once, with these columns and no others, and right. */
export function differences(
  rows: readonly WindowResult[],
  expected: ReadonlyMap<string, WindowResult>,
  columns: readonly (keyof WindowResult)[] = WINDOW_COLUMNS,
): string[] {
  const names = columns.toSorted().join();
  return rowDifferences(rows, expected, windowKey, (row, wanted) => {
    const isSame = (column: keyof WindowResult): boolean =>
      // Sums of doubles depend on their order: the mean is compared with a tolerance.
      column === "avg_temperature" ? Math.abs(row[column] - wanted[column]) < 1e-9 : row[column] === wanted[column];
    return Object.keys(row).sort().join() === names && columns.every(isSame);
  });
}
