import { DuckDBInstance } from "@duckdb/node-api";
import type { RawRecord } from "../../../src/ports/source.ts";
import { rowDifferences } from "../../support/row-differences.ts";

export interface WindowResult {
  readonly deviceId: string;
  readonly minute: string;
  readonly readings: number;
  readonly avg_temperature: number;
  readonly min_temperature: number;
  readonly max_temperature: number;
}

/** DuckDB over the same readings: what the windows must be, by `deviceId|minute`. */
export class WindowOracle {
  private readonly instance = DuckDBInstance.create();
  private readonly connection = this.instance.then(async (instance) => {
    const connection = await instance.connect();
    await connection.run("CREATE TABLE readings (deviceId VARCHAR, time BIGINT, temperature DOUBLE)");
    return connection;
  });

  async add(records: readonly RawRecord[]): Promise<void> {
    const appender = await (await this.connection).createAppender("readings");
    for (const { value } of records) {
      const { deviceId, time, temperature } = JSON.parse(String(value)) as { deviceId: string; time: number; temperature: number };
      appender.appendVarchar(deviceId);
      appender.appendBigInt(BigInt(time));
      appender.appendDouble(temperature);
      appender.endRow();
    }
    appender.closeSync();
  }

  async windows(): Promise<ReadonlyMap<string, WindowResult>> {
    const rows = await (await this.connection).runAndReadAll(
      `SELECT deviceId, (time // 60000) * 60000 AS minute, COUNT(*), AVG(temperature), MIN(temperature), MAX(temperature)
       FROM readings GROUP BY ALL`,
    );
    const results = rows.getRowsJS().map(([deviceId, minute, readings, avg, min, max]) => ({
      deviceId: String(deviceId),
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

/** What differs, at most a few; empty: all rows are there, once, and right. */
export function differences(rows: readonly WindowResult[], expected: ReadonlyMap<string, WindowResult>): string[] {
  return rowDifferences(rows, expected, windowKey, isSame);
}

/** Sums of doubles depend on their order: the mean is compared with a tolerance. */
function isSame(row: WindowResult, wanted: WindowResult): boolean {
  return (
    row.readings === wanted.readings &&
    row.min_temperature === wanted.min_temperature &&
    row.max_temperature === wanted.max_temperature &&
    Math.abs(row.avg_temperature - wanted.avg_temperature) < 1e-9
  );
}
