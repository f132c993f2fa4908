import { describe, expect, it } from "vitest";
import { differences, expectedWindows, type WindowRow } from "../../../bench/sustained/job/windows.ts";
import { Pools } from "../../../bench/sustained/load/pools.ts";
import type { BatchUse } from "../../../bench/sustained/load/protocol.ts";
import { walkRecordBatches } from "../../../src/adapters/codecs/record-batch-reader.ts";
import { must } from "../../../src/assert.ts";

const DEVICES = 50;
const PARTITIONS = 3;
const BATCH = 40;
const POOL_RECORDS = 6_000;
const MINUTE_MS = Date.UTC(2026, 0, 1);

interface Reading {
  readonly deviceId: string;
  readonly ts: number;
  readonly temperature: number;
}

/** As the engine reads it: checksum, record timestamps, documents. */
function readingsIn(bytes: Buffer, partition: number): readonly Reading[] {
  const source = { topic: "readings", partition, bytes, start: 0, end: bytes.length, fromOffset: 0, abortedTransactions: [] };
  const { batches } = walkRecordBatches({
    ...source,
    decompress: () => {
      throw new Error("nothing is compressed");
    },
  });
  return batches.flatMap((slices) =>
    Array.from({ length: slices.count }, (_, row) => {
      const reading = JSON.parse(slices.bytes.toString("utf8", slices.valueStarts[row], slices.valueEnds[row])) as Reading;
      expect(slices.timestampsMs[row]).toBe(reading.ts);
      expect(slices.bytes.toString("utf8", slices.keyStarts[row], slices.keyEnds[row])).toBe(reading.deviceId);
      return reading;
    }),
  );
}

describe("the pool of readings", () => {
  it("gives valid record batches with the time asked for, again and again", () => {
    const pool = new Pools(DEVICES, PARTITIONS, POOL_RECORDS).of(BATCH);
    for (const [number, timeMs] of [MINUTE_MS, MINUTE_MS + 1, MINUTE_MS + 999].entries()) {
      for (const again of [0, pool.batches]) {
        const readings = readingsIn(pool.batch(1, number + again, timeMs + again), 1);
        expect(readings).toHaveLength(BATCH);
        expect(readings.every(({ ts }) => ts === timeMs + again)).toBe(true);
      }
    }
  });

  it("lets devices take turns, each in the partition of its key", () => {
    const pools = new Pools(DEVICES, PARTITIONS, POOL_RECORDS);
    const counts = new Map<string, number>();
    const partitions = new Map<string, number>();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { length } = must(pools.devices[partition]);
      for (let number = 0; number < length; number++) {
        for (const { deviceId } of readingsIn(pools.of(BATCH).batch(partition, number, MINUTE_MS), partition)) {
          counts.set(deviceId, (counts.get(deviceId) ?? 0) + 1);
          expect(partitions.get(deviceId) ?? partition).toBe(partition);
          partitions.set(deviceId, partition);
        }
      }
    }
    expect(counts.size).toBe(DEVICES);
    expect(new Set(counts.values())).toEqual(new Set([BATCH]));
  });
});

describe("expected windows", () => {
  const uses: readonly BatchUse[] = [
    { batchRecords: BATCH, minuteMs: MINUTE_MS, first: 5, count: 120 },
    { batchRecords: 7, minuteMs: MINUTE_MS, first: 0, count: 3 },
    { batchRecords: 7, minuteMs: MINUTE_MS + 60_000, first: 3, count: 2 },
    { batchRecords: 7, minuteMs: MINUTE_MS + 120_000, first: 5, count: 2 },
  ];

  /** The same, reading by reading. */
  function recomputed(): readonly WindowRow[] {
    const pools = new Pools(DEVICES, PARTITIONS, POOL_RECORDS);
    const byWindow = new Map<string, number[]>();
    for (const { batchRecords, minuteMs, first, count } of uses.slice(0, 3)) {
      const pool = pools.of(batchRecords);
      for (let partition = 0; partition < PARTITIONS; partition++) {
        for (let number = first; number < first + count; number++) {
          const { devices, temperatures } = pool.readings(partition, number);
          for (const [i, device] of devices.entries()) {
            const key = `dev-${String(device).padStart(6, "0")}|${new Date(minuteMs).toISOString()}`;
            const values = byWindow.get(key) ?? [];
            byWindow.set(key, values);
            values.push(must(temperatures[i]) / 10);
          }
        }
      }
    }
    return [...byWindow].map(([key, values]) => {
      const [deviceId = "", minute = ""] = key.split("|");
      const sum = values.reduce((total, value) => total + value, 0);
      const [mi, ma] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
      return { deviceId, minute, n: values.length, av: sum / values.length, mi, ma };
    });
  }

  it("are what the readings sent give, of the minutes that have closed", () => {
    const expected = expectedWindows(new Pools(DEVICES, PARTITIONS, POOL_RECORDS), uses, MINUTE_MS + 120_000);
    const rows = recomputed();
    expect(rows.length).toBeGreaterThan(DEVICES);
    expect(differences(rows, expected)).toEqual([]);
  });

  it("show what is missing, wrong, too much or there twice", () => {
    const expected = expectedWindows(new Pools(DEVICES, PARTITIONS, POOL_RECORDS), uses, MINUTE_MS + 120_000);
    const [first, second, ...rest] = recomputed();
    const wrong = { ...must(second), n: 1 };
    const found = differences([must(first), must(first), wrong, { ...wrong, deviceId: "dev-x" }, ...rest.slice(1)], expected);
    expect(found.map((text) => /twice|instead of|should not|missing/.exec(text)?.[0])).toEqual([
      "twice",
      "instead of",
      "should not",
      "missing",
    ]);
  });
});
