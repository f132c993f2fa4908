import { afterEach, describe, expect, it } from "vitest";
import type { RawRecord } from "../../src/ports/source.ts";
import { Harness, record } from "./harness.ts";

const MINUTE = 60_000;
const START = 1_700_000_040_000 - (1_700_000_040_000 % MINUTE);

interface Reading {
  readonly device: string;
  readonly time: number;
  readonly v: number;
}

/** Out of order by less than 5 s, over a few minutes; mulberry32. */
function readings(count: number, seed: number): Reading[] {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return Array.from({ length: count }, (_, index) => ({
    device: `device-${Math.floor(random() * 40)}`,
    time: START + Math.floor((index / count) * 5 * MINUTE) - Math.floor(random() * 5000),
    v: Math.round(random() * 4000) / 100,
  }));
}

function recordsOf(items: readonly Reading[]): RawRecord[] {
  return items.map((item) =>
    record({ device: item.device, time: new Date(item.time).toISOString(), v: item.v }, { key: item.device, timestampMs: item.time }),
  );
}

interface Result {
  readonly device: string;
  readonly window_start: string;
  readonly n: number;
  readonly lo: number;
  readonly hi: number;
  readonly mean: number;
}

/** Everything again, naively: nothing is late with a grace of 5 s. */
function recompute(items: readonly Reading[]): Result[] {
  const groups = new Map<string, Reading[]>();
  for (const item of items) {
    const key = `${item.device}|${new Date(Math.floor(item.time / MINUTE) * MINUTE).toISOString()}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups].map(([key, group]) => {
    const [device = "", window_start = ""] = key.split("|");
    const values = group.map((item) => item.v);
    const sum = values.reduce((total, value) => total + value, 0);
    return { device, window_start, n: group.length, lo: Math.min(...values), hi: Math.max(...values), mean: sum / group.length };
  });
}

const byKey = (a: Result, b: Result): number => (`${a.device}${a.window_start}` < `${b.device}${b.window_start}` ? -1 : 1);

function expectEqual(actual: readonly unknown[], expected: readonly Result[]): void {
  const rows = (actual as Result[]).toSorted(byKey);
  const wanted = [...expected].sort(byKey);
  expect(rows.map(({ mean: _, ...rest }) => rest)).toEqual(wanted.map(({ mean: _, ...rest }) => rest));
  for (const [index, row] of rows.entries()) expect(row.mean).toBeCloseTo(wanted[index]?.mean ?? Number.NaN, 9);
}

const DECLARE =
  "CREATE STREAM readings (device STRING, time TIMESTAMP, v DOUBLE) WITH (key = 'device', timestamp = 'time', partitions = 3);";
const SELECT = `SELECT device, window_start, COUNT(*) AS n, MIN(v) AS lo, MAX(v) AS hi, AVG(v) AS mean FROM readings
  WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 5 SECONDS) GROUP BY device`;

describe("tumbling windows", () => {
  const harness = new Harness();
  afterEach(() => harness.dispose());

  it("give the naive recompute, final into a topic and changing into a table, and every record is accounted for", async () => {
    const items = readings(6000, 7);
    await harness.append("readings", recordsOf(items), 3);
    const sql = `${DECLARE} CREATE STREAM finals (device STRING) WITH (topic = 'finals', partitions = 2);
      INSERT INTO finals ${SELECT} EMIT FINAL; INSERT INTO changing ${SELECT};`;
    const { last, statements, fetched, messages } = await harness.run("windows", sql, { close: true });
    expect(last.kind, JSON.stringify(messages.filter((m) => m.kind === "failed" || m.kind === "statement-failed"))).toBe("done");
    const expected = recompute(items);
    expectEqual(await harness.topic("finals"), expected);
    expectEqual(await harness.table("changing"), expected);
    expect(fetched).toBe(6000);
    for (const { counters } of statements) {
      expect(counters).toMatchObject({ in: 6000, applied: 6000, filtered: 0, late: 0, deadLettered: 0 });
      expect(counters.sent).toBe(counters.written + counters.superseded + counters.rejected);
    }
  });

  it("go on where they were after a stop, however often", async () => {
    const items = readings(4000, 11);
    const records = recordsOf(items);
    const sql = `${DECLARE} CREATE STREAM finals (device STRING) WITH (topic = 'finals', partitions = 2);
      INSERT INTO finals ${SELECT} EMIT FINAL;`;
    for (let part = 0; part < 5; part++) {
      await harness.append("readings", records.slice(part * 800, (part + 1) * 800), 3);
      const { last } = await harness.run("parts", sql, { close: part === 4 });
      expect(last.kind).toBe("done");
    }
    expectEqual(await harness.topic("finals"), recompute(items));
    const again = await harness.run("parts", sql);
    expect(again.fetched).toBe(0);
    expect(again.statements[0]?.counters).toMatchObject({ in: 4000, applied: 4000 });
  });

  it("close at the end of a run by each statement's own windows", async () => {
    const start = 1_700_000_040_000;
    const sql = (size: string): string =>
      `SELECT device, window_start, COUNT(*) AS n FROM closing WINDOW TUMBLING (SIZE ${size}) GROUP BY device;`;
    const pipeline = `INSERT INTO minutes ${sql("1 MINUTE")} INSERT INTO hours ${sql("1 HOUR")}`;
    await harness.append("closing", [record({ device: "a" }, { timestampMs: start })]);
    await harness.run("closing", pipeline, { close: true });
    await harness.append("closing", [record({ device: "a" }, { timestampMs: start + 60_000 })]);
    const { statements } = await harness.run("closing", pipeline, { close: true });
    expect(statements.map(({ counters }) => [counters.applied, counters.late])).toEqual([
      [2, 0],
      [1, 1],
    ]);
    expect(((await harness.table("minutes")) as { n: number }[]).map(({ n }) => n)).toEqual([1, 1]);
  });
});
