import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { newHarness } from "../runtime/new-harness.ts";
import { until } from "../support/until.ts";
import { lowerLimits } from "./lower-limits.ts";
import { SeededRandom, seeds } from "./random.ts";
import {
  type Item,
  PARTITIONS,
  type Row,
  randomItems,
  randomStatement,
  recompute,
  recordsOf,
  sqlOf,
  type WindowStatement,
} from "./window-cases.ts";
import { Witness } from "./wrap-connection.ts";

lowerLimits({ barrierChangesMax: 50, fetchBytesMax: 8192, fetchWaitMs: 30, batchRowsMax: 100 });
lowerLimits({ deltaGroupsCheap: 5, deltaGroupsMax: 60, deltaWaitMsMax: 200 });

/** Nothing says what the record key is: no grouping covers it. */
const DECLARE = `
  CREATE STREAM timed (device STRING, time TIMESTAMP, v DOUBLE, tag STRING) WITH (topic = 't', timestamp = 'time');
  CREATE STREAM untimed (device STRING, v DOUBLE, tag STRING) WITH (topic = 't');
  SET 'error.policy' = 'noop';`;

const OTHERS = {
  totals: "INSERT INTO totals SELECT tag, COUNT(*) AS n, SUM(v) AS total, LAST(v) AS last FROM untimed GROUP BY tag;",
  everything: "INSERT INTO everything SELECT COUNT(*) AS n FROM untimed;",
  pairs: "INSERT INTO pairs SELECT DISTINCT device, tag FROM untimed;",
  often: "INSERT INTO often SELECT tag, COUNT(*) AS n FROM untimed GROUP BY tag EMIT EVERY 5 MILLISECONDS;",
};

interface Case {
  readonly items: readonly Item[];
  readonly placeOf: (item: Item) => number;
  readonly windows: readonly WindowStatement[];
}

function randomCase(random: SeededRandom): Case {
  const items = randomItems(random, 300 + random.below(600));
  const places = new Map(items.map((item) => [item, random.below(PARTITIONS)]));
  const windows = ["one", "two", "three"].map((target) => {
    let statement = randomStatement(random, target);
    while (statement.kind === "count") statement = randomStatement(random, target);
    return statement;
  });
  return { items, placeOf: (item) => must(places.get(item)), windows };
}

const rowText = (row: Row): string => JSON.stringify(row);

describe("groups whose rows lie in several partitions", () => {
  it.each(seeds([], 4))(
    "give what is computed naively, whatever the cuts, crashes and threads: seed %i",
    { timeout: 60_000 },
    async (seed) => {
      const random = new SeededRandom(seed);
      const { items, placeOf, windows } = randomCase(random);
      const witness = new Witness();
      const harness = newHarness(witness.wrap);
      await harness.append("t", [], PARTITIONS);
      const records = recordsOf(items).map((record, index) => ({ ...record, partition: placeOf(must(items[index])) }));
      const statements = [...windows.map((window) => sqlOf(window, "table")), ...Object.values(OTHERS)];
      const sql = (): string => `${DECLARE} SET 'commit.interval' = ${random.pick([1, 20, 1000])}; ${statements.join("")}`;
      for (let from = 0; from < records.length; ) {
        const to = Math.min(from + 1 + random.below(400), records.length);
        await harness.append("t", records.slice(from, to), PARTITIONS);
        from = to;
        if (random.chance(0.3)) continue;
        witness.isMute = random.chance(0.4);
        witness.isDeaf = random.chance(0.4);
        const { handle, ended } = harness.start("p", sql(), { until: "follow", parallelism: random.pick([1, 2, 4]) });
        const wanted = random.below(60);
        await until(() => witness.sent.length >= wanted, "changes", 150).catch(() => {});
        handle.stop(random.pick([0, 0, 5, 2000]));
        await ended;
        witness.isMute = false;
        witness.isDeaf = false;
        witness.take();
      }
      const { statements: told, messages } = await harness.run("p", sql(), { close: true, parallelism: random.pick([1, 2]) });
      expect(messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
      expect(told.map(({ name }) => name)).toHaveLength(statements.length);
      for (const { counters } of told) {
        expect(counters.in).toBe(counters.applied + counters.filtered + counters.late + counters.deadLettered);
        expect(counters.sent).toBe(counters.written + counters.superseded + counters.rejected);
      }
      for (const [index, window] of windows.entries()) {
        const expected = recompute(items, window, placeOf, true);
        const { in: taken, applied, filtered, late, deadLettered } = must(told[index]).counters;
        expect({ in: taken, applied, filtered, late, deadLettered }).toEqual(expected.counters);
        const rows = (await harness.table(window.target)) as Row[];
        expect(rows.map(rowText).sort()).toEqual(expected.rows.map(rowText).sort());
      }
      const sound = items.filter(({ v }) => typeof v !== "string");
      const tags = [null, "x", "y"].map((tag) => sound.filter((item) => item.tag === tag));
      expect(((await harness.table("everything")) as { n: number }[]).map(({ n }) => n)).toEqual([items.length]);
      const totals = (await harness.table("totals")) as { tag: string | null; n: number; total: number }[];
      const summed = tags.filter((group) => group.length > 0 && group[0]?.tag !== null);
      expect(totals.map(({ tag, n, total }) => JSON.stringify([tag, n, total])).sort()).toEqual(
        summed
          .map((group) => JSON.stringify([group[0]?.tag, group.length, group.reduce((sum, { v }) => sum + ((v as number) ?? 0), 0)]))
          .sort(),
      );
      const pairs = (await harness.table("pairs")) as { device: string | null; tag: string | null }[];
      const distinct = [...new Set(items.map(({ device, tag }) => JSON.stringify([device, tag])))];
      expect(pairs.map(({ device, tag }) => JSON.stringify([device, tag])).sort()).toEqual(distinct.sort());
    },
  );
});
