import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Harness, record } from "../runtime/harness.ts";
import { until } from "../support/until.ts";
import { SeededRandom, seeds } from "./random.ts";
import { Witness } from "./wrap-connection.ts";

const T = 1_700_000_040_000;
const MINUTE = 60_000;
const GRACE = 30_000;
const WITHIN = 90_000;

const SQL = `
  CREATE STREAM orders (id INT, device STRING) WITH (topic = 'orders', key = 'device');
  CREATE STREAM timed (device STRING, at TIMESTAMP) WITH (topic = 'timed', key = 'device', timestamp = 'at');
  INSERT INTO counted SELECT o.id, c.n FROM orders o LEFT JOIN (SELECT device, COUNT(*) AS n FROM timed GROUP BY device) c
    ON o.device = c.device;
  INSERT INTO met SELECT o.id, w.minute, w.n FROM orders o
    LEFT JOIN (SELECT device, window_start AS minute, COUNT(*) AS n FROM timed
      WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 30 SECONDS) GROUP BY device) w WITHIN 90 SECONDS ON o.device = w.device;
  INSERT INTO sums SELECT c.n, COUNT(*) AS devices FROM (SELECT device, COUNT(*) AS n FROM timed GROUP BY device) c
    JOIN (SELECT device, COUNT(*) AS n FROM orders GROUP BY device) o ON c.device = o.device GROUP BY c.n;`;

type Row = {
  readonly topic: "orders" | "timed";
  readonly device: string;
  readonly timeMs: number;
  readonly eventMs: number;
  readonly id: number;
};

/** Records in the order of their timestamps, those of one topic with times that go back. */
function randomLog(random: SeededRandom): readonly Row[] {
  let timeMs = 0;
  return Array.from({ length: 20 + random.below(60) }, (_, id) => {
    timeMs += 1 + random.below(random.pick([1000, 20_000, 200_000]));
    const topic = random.pick(["orders", "timed"] as const);
    const eventMs = topic === "orders" ? timeMs : timeMs - random.below(100_000);
    return { topic, device: random.pick(["a", "b", "c"]), timeMs, eventMs, id };
  });
}

/** What the statements are to have written, said by itself. */
function expected(log: readonly Row[]): Readonly<Record<"counted" | "met" | "sums", readonly string[]>> {
  const counts = new Map<string, number>();
  const orders = new Set<string>();
  const windows = new Map<string, { device: string; start: number; n: number }>();
  const counted: string[] = [];
  let streamTimeMs = Number.NEGATIVE_INFINITY;
  for (const { topic, device, eventMs, id } of log) {
    if (topic === "orders") {
      counted.push(JSON.stringify({ id, n: counts.get(device) ?? null }));
      orders.add(device);
    } else {
      counts.set(device, (counts.get(device) ?? 0) + 1);
      const start = Math.floor((T + eventMs) / MINUTE) * MINUTE - T;
      const window = windows.get(`${device} ${start}`) ?? { device, start, n: 0 };
      if (Math.max(streamTimeMs, eventMs) < start + MINUTE + GRACE) window.n++;
      if (window.n > 0) windows.set(`${device} ${start}`, window);
    }
    streamTimeMs = Math.max(streamTimeMs, eventMs);
  }
  const met = log.flatMap(({ topic, device, eventMs, id }) => {
    if (topic !== "orders") return [];
    const near = [...windows.values()].filter((one) => one.device === device && Math.abs(one.start + MINUTE - 1 - eventMs) <= WITHIN);
    const rows = near.map(({ start, n }) => JSON.stringify({ id, minute: new Date(T + start).toISOString(), n }));
    return rows.length === 0 ? [JSON.stringify({ id, minute: null, n: null })] : rows;
  });
  const both = [...counts].filter(([device]) => orders.has(device)).map(([, n]) => n);
  const sums = [...new Set(both)].map((n) => JSON.stringify({ n, devices: both.filter((other) => other === n).length }));
  return { counted: counted.sort(), met: met.sort(), sums: sums.sort() };
}

describe("joins of stages", () => {
  let witness: Witness;
  let harness: Harness;
  beforeEach(() => {
    witness = new Witness();
    harness = new Harness(witness.wrap);
  });
  afterEach(() => harness.dispose());

  const append = (rows: readonly Row[], topic: Row["topic"]): Promise<void> => {
    const own = rows.filter((row) => row.topic === topic);
    const given = own.map(({ device, id, timeMs, eventMs }) =>
      record(topic === "orders" ? { id, device } : { device, at: T + eventMs }, { key: device, timestampMs: T + timeMs }),
    );
    return harness.append(topic, given);
  };

  const check = async (log: readonly Row[]): Promise<void> => {
    const { last, statements } = await harness.run("p", SQL, { close: true });
    expect(last.kind).toBe("done");
    for (const [name, rows] of Object.entries(expected(log))) expect((await harness.tableTexts(name)).sort(), name).toEqual(rows);
    for (const { name, counters } of statements) {
      expect(counters.in, name).toBe(log.length);
      expect(counters.applied + counters.filtered + counters.late + counters.deadLettered, name).toBe(log.length);
    }
  };

  it.each(seeds([], 3))("are what they say, in one run: seed %i", async (seed) => {
    const log = randomLog(new SeededRandom(seed));
    for (const topic of ["orders", "timed"] as const) await append(log, topic);
    await check(log);
  });

  it.each(seeds([], 2))("are the same after stops and crashes: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const log = randomLog(random);
    for (const topic of ["orders", "timed"] as const) await append([], topic);
    for (let from = 0; from < log.length; ) {
      const to = Math.min(log.length, from + 1 + random.below(25));
      for (const topic of ["orders", "timed"] as const) await append(log.slice(from, to), topic);
      from = to;
      if (random.chance(0.5)) {
        witness.isMute = random.chance(0.5);
        const { handle, ended } = harness.start("p", SQL, { until: "follow" });
        await until(() => witness.sent.length > 0, "changes", 300).catch(() => {});
        handle.stop(random.pick([0, 2000]));
        await ended;
        witness.isMute = false;
        witness.take();
      }
      await harness.run("p", SQL);
    }
    await check(log);
  });
});
