import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import { record } from "../runtime/harness.ts";
import { newHarness } from "../runtime/new-harness.ts";
import { until } from "../support/until.ts";
import { lowerLimits } from "./lower-limits.ts";
import { SeededRandom, seeds } from "./random.ts";
import { Witness } from "./wrap-connection.ts";

lowerLimits({ barrierChangesMax: 50, fetchBytesMax: 8192, fetchWaitMs: 30, batchRowsMax: 100, quietMs: 20 });
lowerLimits({ deltaGroupsCheap: 5, deltaGroupsMax: 60, deltaWaitMsMax: 200 });

const START = 1_700_000_040_000;
/** Of the topics r (readings), o (orders) and h (a table of homes). */
const PARTITIONS = { r: 3, o: 2, h: 4 } as const;
type Topic = keyof typeof PARTITIONS;

/** Nothing that is grouped by or joined on is the record key of what has it. */
const declare = (partitions: boolean): string => `
  CREATE STREAM r (id INT, device STRING, tag STRING, time TIMESTAMP, v INT)
    WITH (timestamp = 'time'${partitions ? ", partitions = 3" : ""});
  CREATE STREAM o (id INT, tag STRING, paid INT)${partitions ? " WITH (partitions = 2)" : ""};
  CREATE TABLE h (device STRING PRIMARY KEY, city STRING, size INT)${partitions ? " WITH (partitions = 4)" : ""};
  SET 'error.policy' = 'noop'; SET 'dead.letters' = 'dead';`;

const STATEMENTS = {
  sessions: `INSERT INTO sessions SELECT tag, window_start, window_end, COUNT(*) AS n, SUM(v) AS total, COLLECT_LIST(id) AS ids FROM r
    WINDOW SESSION (GAP 3 SECONDS, GRACE PERIOD 2 SECONDS) WHERE v >= 0 GROUP BY tag LATE INTO late;`,
  finals: `INSERT INTO finals SELECT window_start, tag, COUNT(*) AS n, MAX(v) AS hi FROM r
    WINDOW SESSION (GAP 2 SECONDS) GROUP BY tag EMIT FINAL;`,
  counts: `INSERT INTO counts SELECT tag, COLLECT_LIST(id) AS ids, SUM(v) AS total FROM r
    WINDOW COUNT (SIZE 7, ADVANCE BY 5) GROUP BY tag EMIT FINAL;`,
  looked: `INSERT INTO looked SELECT id, v - LAG(v) OVER (PARTITION BY tag ORDER BY time) AS step,
    SUM(v) OVER (PARTITION BY tag ORDER BY time ROWS 4 PRECEDING) AS last FROM r PK id;`,
  best: `INSERT INTO best SELECT tag, place, id, v FROM
    (SELECT tag, id, v, ROW_NUMBER() OVER (PARTITION BY tag ORDER BY v DESC, time) AS place FROM r) WHERE place <= 3;`,
  paid: `INSERT INTO paid SELECT r.id AS reading, o.id AS bill, o.paid FROM r
    LEFT JOIN o WITHIN 2 SECONDS ON r.tag = o.tag PK reading, bill;`,
  placed: `INSERT INTO placed SELECT r.id, h.city FROM r LEFT JOIN h ON r.device = h.device PK id;`,
  cities: "INSERT INTO cities SELECT city, COUNT(*) AS n, SUM(size) AS total FROM h GROUP BY city;",
  staged: `INSERT INTO staged WITH spans AS (SELECT tag, window_start AS at, COUNT(*) AS n FROM r
      WINDOW SESSION (GAP 2 SECONDS) GROUP BY tag EMIT FINAL)
    SELECT n, COUNT(*) AS spans FROM spans GROUP BY n;`,
} as const;
const TARGETS = [...Object.keys(STATEMENTS), "late"];

interface Written extends RawRecord {
  readonly topic: Topic;
  readonly partition: number;
  readonly timestampMs: number;
}

/** The last reading, which comes too late for every window: by chance alone not every seed has one. */
const LATE = { tag: "x", time: START, v: 1 };

function randomRecords(random: SeededRandom, topic: Topic, count: number): Written[] {
  return Array.from({ length: count }, (_, id) => {
    const progress = START + Math.floor((id / count) * 60_000);
    const timestampMs = progress - (random.chance(0.3) ? random.below(4_000) : 0);
    const partition = random.below(PARTITIONS[topic]);
    const tag = random.chance(0.1) ? null : random.pick(["x", "y", "z"]);
    const device = `d${random.below(6)}`;
    if (topic === "h") return homeOf(device, random, timestampMs);
    const time = random.chance(0.03) ? "soon" : progress - (random.chance(0.1) ? random.below(15_000) : random.below(1_500));
    const v = random.chance(0.03) ? "warm" : random.below(40) - 4;
    const late = id === count - 1 ? LATE : {};
    const value = topic === "r" ? { id, device, tag, time, v, ...late } : { id, tag, paid: random.below(9) };
    return { ...record(value, { partition, timestampMs, key: `k${random.below(50)}` }), topic, partition, timestampMs };
  });
}

/** Rows of a table lie where their key says. */
function homeOf(device: string, random: SeededRandom, timestampMs: number): Written {
  const partition = Number(device.slice(1)) % PARTITIONS.h;
  const value = random.chance(0.15) ? null : { city: random.pick(["Bern", "Genf"]), size: random.below(9) };
  return { ...record(value, { partition, timestampMs, key: device }), topic: "h", partition, timestampMs };
}

/** All partitions of a topic as one log: by log time, the largest timestamp so far of each partition, then partition, then offset. */
function asOneLog(records: readonly Written[]): RawRecord[] {
  const latest = new Map<number, number>();
  const timed = records.map((one) => {
    const logTimeMs = Math.max(latest.get(one.partition) ?? 0, one.timestampMs);
    latest.set(one.partition, logTimeMs);
    return { one, logTimeMs };
  });
  const order = timed.sort((left, right) => left.logTimeMs - right.logTimeMs || left.one.partition - right.one.partition);
  return order.map(({ one: { topic: _, ...one } }) => ({ ...one, partition: 0 }));
}

const sorted = (rows: readonly unknown[]): readonly string[] => rows.map((row) => JSON.stringify(row)).sort();

describe("rows that belong together and lie in several partitions", () => {
  it.each(seeds([1640344278], 3))(
    "give what they give in one partition, whatever the cuts, crashes and threads: seed %i",
    { timeout: 90_000 },
    async (seed) => {
      const random = new SeededRandom(seed);
      const witness = new Witness();
      const [scattered, whole] = [newHarness(witness.wrap), newHarness(new Witness().wrap)];
      for (const topic of ["r", "o", "h"] as const) {
        const records = randomRecords(random, topic, topic === "h" ? 60 : 200 + random.below(300));
        await scattered.append(topic, records, PARTITIONS[topic]);
        await whole.append(topic, asOneLog(records));
      }
      const text = Object.values(STATEMENTS).join("\n");
      const sql = (): string => `${declare(true)} SET 'commit.interval' = ${random.pick([1, 20, 1000])}; ${text}`;
      for (let runs = random.below(6); runs > 0; runs--) {
        witness.isMute = random.chance(0.3);
        witness.isDeaf = random.chance(0.3);
        const { handle, ended } = scattered.start("p", sql(), { until: "follow", parallelism: random.pick([1, 2, 4]) });
        const wanted = random.below(300);
        await until(() => witness.sent.length >= wanted, "changes", 300).catch(() => {});
        handle.stop(random.pick([0, 0, 5, 2000]));
        await ended;
        witness.isMute = false;
        witness.isDeaf = false;
        witness.take();
      }
      const found = await scattered.run("p", sql(), { close: true, parallelism: random.pick([1, 2, 4]) });
      const expected = await whole.run("p", `${declare(false)} ${text}`, { close: true });
      expect(found.messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
      for (const target of TARGETS) {
        const rows = sorted(await whole.table(target));
        expect(rows.length, target).toBeGreaterThan(0);
        expect([target, sorted(await scattered.table(target))]).toEqual([target, rows]);
      }
      for (const [index, { name, counters }] of found.statements.entries()) {
        const { in: taken, applied, filtered, late, deadLettered } = must(expected.statements[index]).counters;
        expect({ name, ...counters }).toMatchObject({ name, in: taken, applied, filtered, late, deadLettered });
      }
    },
  );
});
