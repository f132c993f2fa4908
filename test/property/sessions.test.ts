import { describe, expect, it } from "vitest";
import type { RawRecord } from "../../src/ports/source.ts";
import { record } from "../runtime/harness.ts";
import { newHarness } from "../runtime/new-harness.ts";
import { until } from "../support/until.ts";
import { lowerLimits } from "./lower-limits.ts";
import { SeededRandom, seeds } from "./random.ts";
import { Witness } from "./wrap-connection.ts";

lowerLimits({ barrierChangesMax: 20, fetchBytesMax: 4096, fetchWaitMs: 30, batchRowsMax: 60 });
lowerLimits({ deltaGroupsCheap: 5, deltaGroupsMax: 30, deltaWaitMsMax: 200, dictionaryEntriesMax: 3, dictionaryRestRows: 300 });

const PARTITIONS = 2;
const START = 1_700_000_040_000;
const DECLARE = "CREATE STREAM rows (device STRING, time TIMESTAMP, v INT) WITH (topic = 't', key = 'device', timestamp = 'time');";

interface Item {
  readonly device: string;
  readonly time: number;
  readonly v: number;
}

interface Statement {
  readonly target: string;
  readonly gapMs: number;
  readonly graceMs: number;
  readonly positive: boolean;
  /** Sessions with fewer rows than that; null: all. */
  readonly below: number | null;
  readonly emit: "FINAL" | "CHANGES" | "EVERY 30 MILLISECONDS";
}

/** Bursts and pauses, out of order by more or less, now and then far back; times are grains, so that ends and gaps meet exactly. */
function randomItems(random: SeededRandom): Item[] {
  const devices = Array.from({ length: random.pick([2, 6, 40]) }, (_, index) => `d${index}`);
  const grainMs = random.pick([1, 250, 1000]);
  const spreadMs = random.pick([1000, 5000, 20_000]);
  let now = START;
  return Array.from({ length: 200 + random.below(700) }, () => {
    now += random.chance(0.02) ? random.below(40_000) : random.below(400);
    const time = now - random.below(random.chance(0.05) ? spreadMs * 4 : spreadMs);
    return { device: random.pick(devices), time: Math.floor(time / grainMs) * grainMs, v: random.below(20) - 4 };
  });
}

function randomStatement(random: SeededRandom, target: string): Statement {
  return {
    target,
    gapMs: random.pick([500, 2000, 10_000]),
    graceMs: random.pick([0, 1000, 5000, 30_000]),
    positive: random.chance(0.3),
    below: random.pick([null, null, 2, 5]),
    emit: random.pick(["FINAL", "CHANGES", "EVERY 30 MILLISECONDS"]),
  };
}

function sqlOf({ target, gapMs, graceMs, positive, below, emit }: Statement): string {
  return `INSERT INTO ${target}
    SELECT device, window_start, window_end, COUNT(*) AS n, SUM(v) AS total, MAX(v) AS hi,
      COLLECT_LIST(v) AS list, COUNT(DISTINCT v) AS kinds
    FROM rows WINDOW SESSION (GAP ${gapMs} MILLISECONDS, GRACE PERIOD ${graceMs} MILLISECONDS)
    ${positive ? "WHERE v > 0" : ""} GROUP BY device ${below === null ? "" : `HAVING COUNT(*) < ${below}`} EMIT ${emit};`;
}

const partitionOf = ({ device }: Item): number => Number(device.slice(1)) % PARTITIONS;

function recordsOf(items: readonly Item[]): RawRecord[] {
  return items.map((item) => {
    const timestampMs = Math.max(item.time, START);
    return record({ ...item, time: new Date(item.time).toISOString() }, { key: item.device, timestampMs, partition: partitionOf(item) });
  });
}

interface Session {
  readonly device: string;
  readonly firstMs: number;
  readonly lastMs: number;
  /** Places in the log. */
  readonly rows: readonly number[];
}

/** Row by row, in the order of the log, over plain lists. */
function recompute(items: readonly Item[], statement: Statement): { readonly contents: readonly string[]; readonly counters: object } {
  const { gapMs, graceMs, positive, below, emit } = statement;
  const target = new Map<string, string>();
  const counters = { in: items.length, applied: 0, filtered: 0, late: 0 };
  const streamTimes = new Array<number>(PARTITIONS).fill(Number.NEGATIVE_INFINITY);
  let open: Session[] = [];
  const write = (session: Session): void => {
    const values = session.rows.map((row) => items[row]?.v ?? Number.NaN);
    const id = `${session.device} ${session.firstMs}`;
    if (below !== null && values.length >= below) {
      if (emit !== "FINAL") target.delete(id);
      return;
    }
    const [start, end] = [session.firstMs, session.lastMs + gapMs].map((ms) => new Date(ms).toISOString());
    const total = values.reduce((sum, value) => sum + value, 0);
    const row = { device: session.device, window_start: start, window_end: end, n: values.length, total, hi: Math.max(...values) };
    target.set(id, JSON.stringify({ ...row, list: values, kinds: new Set(values).size }));
  };
  const close = (partition: number, streamTime: number): void => {
    const isOver = (session: Session): boolean =>
      partitionOf({ ...session, time: 0, v: 0 }) === partition && session.lastMs + gapMs + graceMs <= streamTime;
    if (emit === "FINAL") for (const session of open.filter(isOver)) write(session);
    open = open.filter((session) => !isOver(session));
  };
  items.forEach((item, place) => {
    const partition = partitionOf(item);
    const streamTime = Math.max(streamTimes[partition] as number, item.time);
    streamTimes[partition] = streamTime;
    close(partition, streamTime);
    const reached = open.filter(
      ({ device, firstMs, lastMs }) => device === item.device && item.time < lastMs + gapMs && item.time > firstMs - gapMs,
    );
    if (positive && item.v <= 0) counters.filtered++;
    else if (reached.length === 0 && streamTime >= item.time + gapMs + graceMs) counters.late++;
    else {
      counters.applied++;
      const session = {
        device: item.device,
        firstMs: Math.min(item.time, ...reached.map(({ firstMs }) => firstMs)),
        lastMs: Math.max(item.time, ...reached.map(({ lastMs }) => lastMs)),
        rows: [...reached.flatMap(({ rows }) => rows), place].sort((a, b) => a - b),
      };
      open = [...open.filter((other) => !reached.includes(other)), session];
      if (emit === "FINAL") return;
      for (const { device, firstMs } of reached) target.delete(`${device} ${firstMs}`);
      write(session);
    }
  });
  for (let partition = 0; partition < PARTITIONS; partition++) close(partition, Number.POSITIVE_INFINITY);
  return { contents: [...target.values()].sort(), counters };
}

describe("sessions against a naive recompute", () => {
  it.each(seeds([], 8))("agree, whatever the cuts, stops, crashes, threads and commit intervals: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const items = randomItems(random);
    const statements = Array.from({ length: 4 }, (_, index) => randomStatement(random, `target${index}`));
    const witness = new Witness();
    const harness = newHarness(witness.wrap);
    const records = recordsOf(items);
    const contents = new Map<string, string>();
    const checkVersions = (): void => {
      for (const { target, id, version, document } of witness.take()) {
        const place = `${target} ${id} ${version}`;
        expect(contents.get(place) ?? document, `content of ${place}`).toBe(document);
        contents.set(place, document);
      }
    };
    const sql = (): string => `${DECLARE} SET 'commit.interval' = ${random.pick([1, 20, 1000])}; ${statements.map(sqlOf).join("\n")}`;
    await harness.append("t", [], PARTITIONS);
    for (let from = 0; from < records.length; ) {
      const to = Math.min(from + 1 + random.below(400), records.length);
      await harness.append("t", records.slice(from, to), PARTITIONS);
      from = to;
      if (random.chance(0.2)) continue;
      const parallelism = random.pick([1, 2]);
      if (random.chance(0.3)) {
        await harness.run("p", sql(), { parallelism });
        checkVersions();
        continue;
      }
      witness.isMute = random.chance(0.5);
      const { handle, ended } = harness.start("p", sql(), { until: "follow", parallelism });
      const wanted = random.below(60);
      await until(() => witness.sent.length >= wanted, "changes", 150).catch(() => {});
      handle.stop(random.pick([0, 0, 5, 2000]));
      await ended;
      witness.isMute = false;
      checkVersions();
    }
    const { statements: progress, messages } = await harness.run("p", sql(), { close: true });
    checkVersions();
    expect(messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
    for (const [index, statement] of statements.entries()) {
      const expected = recompute(items, statement);
      expect((await harness.tableTexts(statement.target)).sort(), JSON.stringify(statement)).toEqual(expected.contents);
      expect(progress[index]?.counters, JSON.stringify(statement)).toMatchObject(expected.counters);
    }
  });
});
