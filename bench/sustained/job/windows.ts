import { must } from "../../../src/assert.ts";
import { rowDifferences } from "../../../test/support/row-differences.ts";
import { deviceId } from "../../data/readings.ts";
import type { Pools } from "../load/pools.ts";
import type { BatchUse } from "../load/protocol.ts";
import type { BatchReadings } from "../load/reading-pool.ts";

/** A window of a minute and a device as the pipeline writes it. */
export interface WindowRow {
  readonly deviceId: string;
  /** ISO 8601. */
  readonly minute: string;
  readonly n: number;
  readonly av: number;
  readonly mi: number;
  readonly ma: number;
}

export type Windows = ReadonlyMap<string, WindowRow>;

interface Sums {
  readonly minuteMs: number;
  readonly device: number;
  n: number;
  /** Tenths of a degree: whole numbers, so that sums are exact. */
  sum: number;
  least: number;
  most: number;
}

export const MINUTE_MS = 60_000;

/** What the generator's batches must give, of the minutes that have begun before `endMs`. */
export function expectedWindows(pools: Pools, uses: readonly BatchUse[], endMs: number): Windows {
  const sums = new Map<string, Sums>();
  for (const use of uses.filter(({ minuteMs }) => minuteMs < endMs)) {
    const pool = pools.of(use.batchRecords);
    for (let partition = 0; partition < pools.partitions; partition++) {
      // The pool comes round again and again: each of its batches counts as often as it was used.
      for (let number = use.first; number < use.first + Math.min(use.count, pool.batches); number++) {
        const times = Math.floor((use.first + use.count - 1 - number) / pool.batches) + 1;
        addBatch(sums, use.minuteMs, pool.readings(partition, number), times);
      }
    }
  }
  return new Map([...sums.values()].map(rowOf).map((row) => [windowKey(row), row]));
}

function addBatch(all: Map<string, Sums>, minuteMs: number, { devices, temperatures }: BatchReadings, times: number): void {
  for (const [i, device] of devices.entries()) {
    const key = `${minuteMs}|${device}`;
    const temperature = must(temperatures[i]);
    let sums = all.get(key);
    if (sums === undefined) {
      sums = { minuteMs, device, n: 0, sum: 0, least: temperature, most: temperature };
      all.set(key, sums);
    }
    sums.n += times;
    sums.sum += temperature * times;
    sums.least = Math.min(sums.least, temperature);
    sums.most = Math.max(sums.most, temperature);
  }
}

function rowOf({ minuteMs, device, n, sum, least, most }: Sums): WindowRow {
  return { deviceId: deviceId(device), minute: new Date(minuteMs).toISOString(), n, av: sum / n / 10, mi: least / 10, ma: most / 10 };
}

export function windowKey({ deviceId: device, minute }: Pick<WindowRow, "deviceId" | "minute">): string {
  return `${device}|${new Date(minute).toISOString()}`;
}

/** What differs, a few of them; empty: every window is there, once, and right. */
export function differences(rows: readonly WindowRow[], expected: Windows): readonly string[] {
  return rowDifferences(rows, expected, windowKey, isSame);
}

/** Sums of doubles depend on their order. */
const TOLERANCE = 1e-9;

function isSame(row: WindowRow, wanted: WindowRow): boolean {
  return Number(row.n) === wanted.n && row.mi === wanted.mi && row.ma === wanted.ma && Math.abs(row.av - wanted.av) < TOLERANCE;
}
