import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import type { Harness } from "../runtime/harness.ts";
import { newHarness } from "../runtime/new-harness.ts";
import { until } from "../support/until.ts";
import { lowerLimits } from "./lower-limits.ts";
import { SeededRandom, seeds } from "./random.ts";
import { DECLARE, type Item, PARTITIONS, randomItems, randomStatement, recordsOf, sqlOf } from "./window-cases.ts";
import { Witness } from "./wrap-connection.ts";

lowerLimits({ barrierChangesMax: 50, fetchBytesMax: 8192, fetchWaitMs: 30, batchRowsMax: 100 });
lowerLimits({ deltaGroupsCheap: 5, deltaGroupsMax: 60, deltaWaitMsMax: 200, dictionaryEntriesMax: 3, dictionaryRestRows: 300 });

/** Contents of every target as they are written, and what happened to the records, by statement. */
interface Outcome {
  readonly contents: Readonly<Record<string, readonly string[]>>;
  readonly records: readonly unknown[];
}

interface Case {
  readonly items: readonly Item[];
  readonly statements: ReadonlyMap<string, string>;
}

const OBJECTS = `COLLECT_LIST(v) AS list, COUNT(DISTINCT v) AS kinds, SUM(DISTINCT v) AS once, MIN(tag) AS tag,
  LATEST_BY_OFFSET(v, 3) AS latest,
  LAST(v) AS last, ARG_MAX(tag, v) AS top, TOPK(v, 2) AS two, HISTOGRAM(tag) AS tags, MEDIAN(v) AS middle,
  APPROX_COUNT_DISTINCT(v) AS about, APPROX_QUANTILE(v, 0.5) AS near, COUNT(*) FILTER (WHERE v > 0) AS above`;

/** Results come and go, and there are more of them than leave at once. */
const spaced = (target: string, emit: string): string =>
  `INSERT INTO ${target} SELECT device, tag, v, window_start, COUNT(*) AS n FROM timed
    WINDOW TUMBLING (SIZE 2 MINUTES, GRACE PERIOD 10 SECONDS) GROUP BY device, tag, v HAVING COUNT(*) <> 2 ${emit};`;

const visits = (target: string, emit: string): string =>
  `INSERT INTO ${target} SELECT device, tag, window_start, COUNT(*) AS n FROM timed
    WINDOW SESSION (GAP 2 SECONDS, GRACE PERIOD 20 SECONDS) GROUP BY device, tag ${emit};`;

const OTHERS = new Map([
  ["objects", `INSERT INTO objects SELECT device, ${OBJECTS} FROM untimed GROUP BY device;`],
  [
    "object_windows",
    `INSERT INTO object_windows SELECT device, window_start, ${OBJECTS} FROM timed
      WINDOW TUMBLING (SIZE 30 SECONDS, GRACE PERIOD 10 SECONDS)
      GROUP BY device EMIT FINAL;`,
  ],
  ["rows", "INSERT INTO rows SELECT device, v, tag, _offset AS at FROM untimed WHERE v > 0;"],
  ["latest", "INSERT INTO latest SELECT device, v FROM untimed WHERE device IS NOT NULL AND device <> '' PK device;"],
  [
    "elements",
    "INSERT INTO elements SELECT device, n, EXPLODE(ARRAY[v, v * n]) AS x FROM untimed CROSS JOIN UNNEST(ARRAY[1, 2, 3]) AS n WHERE v > n;",
  ],
  [
    "elements_1m",
    `INSERT INTO elements_1m SELECT device, window_start, COUNT(x) AS n, SUM(x) AS total, COLLECT_LIST(x) AS list
      FROM (SELECT device, time, EXPLODE(ARRAY[v, NULL, v * 2]) AS x FROM timed)
      WINDOW TUMBLING (SIZE 20 SECONDS) GROUP BY device EMIT FINAL;`,
  ],
  ["pairs", "INSERT INTO pairs SELECT DISTINCT device, tag FROM untimed;"],
  ["united", "INSERT INTO united SELECT device, v FROM untimed WHERE v > 0 UNION ALL SELECT tag, -v FROM untimed WHERE v <= 0;"],
  ["changes", spaced("changes", "EMIT CHANGES")],
  ["often", spaced("often", "EMIT EVERY 5 MILLISECONDS")],
  ["sessions", visits("sessions", "EMIT CHANGES")],
  ["sessions_often", visits("sessions_often", "EMIT EVERY 5 MILLISECONDS")],
  ["sessions_seldom", visits("sessions_seldom", "EMIT EVERY 1 HOUR")],
  ["seldom", spaced("seldom", "EMIT EVERY 1 HOUR")],
  [
    "totals_seldom",
    "INSERT INTO totals_seldom SELECT tag, device, COUNT(*) AS n FROM untimed GROUP BY tag, device EMIT EVERY 20 MILLISECONDS;",
  ],
  ["totals", "INSERT INTO totals SELECT device, COUNT(*) AS n, SUM(v) AS total FROM untimed GROUP BY device HAVING COUNT(*) < 30;"],
]);

function randomCase(random: SeededRandom): Case {
  const windows = ["one", "two", "three"].map((target) => [target, sqlOf(randomStatement(random, target), "table")] as const);
  return { items: randomItems(random, 300 + random.below(900)), statements: new Map([...OTHERS, ...windows]) };
}

describe("the same records", () => {
  const harnessWithTopic = async (witness = new Witness()): Promise<Harness> => {
    const harness = newHarness(witness.wrap);
    await harness.append("t", [], PARTITIONS);
    return harness;
  };

  /** The last run of a series: reads what is left, closes what is open. */
  const finish = async (harness: Harness, sql: string, targets: Iterable<string>, parallelism = 1): Promise<Outcome> => {
    const { statements, messages } = await harness.run("p", sql, { close: true, parallelism });
    expect(messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
    for (const { counters } of statements) {
      expect(counters.in).toBe(counters.applied + counters.filtered + counters.late + counters.deadLettered);
      expect(counters.sent).toBe(counters.written + counters.superseded + counters.rejected);
    }
    const contents: Record<string, readonly string[]> = {};
    for (const target of targets) contents[target] = await harness.tableTexts(target);
    const records = statements.map(({ counters: { in: taken, applied, filtered, late, deadLettered } }) => ({
      taken,
      applied,
      filtered,
      late,
      deadLettered,
    }));
    return { contents, records };
  };

  const atOnce = async ({ items, statements }: Case, targets = [...statements.keys()]): Promise<Outcome> => {
    const harness = await harnessWithTopic();
    await harness.append("t", recordsOf(items), PARTITIONS);
    return finish(harness, DECLARE + targets.map((target) => must(statements.get(target))).join(""), targets);
  };

  it.each(seeds([34_533_714], 4))(
    "give the same whatever the cuts, stops, crashes, threads and commit intervals: seed %i",
    async (seed) => {
      const random = new SeededRandom(seed);
      const crashes = new SeededRandom(seed + 1);
      const given = randomCase(random);
      const expected = await atOnce(given);
      const witness = new Witness();
      const harness = await harnessWithTopic(witness);
      const records = recordsOf(given.items);
      const sql = (): string =>
        `${DECLARE} SET 'commit.interval' = ${random.pick([1, 20, 1000])}; ${[...given.statements.values()].join("")}`;
      const parallelism = (): number => random.pick([1, 2, 4]);
      for (let from = 0; from < records.length; ) {
        const to = Math.min(from + 1 + random.below(400), records.length);
        await harness.append("t", records.slice(from, to), PARTITIONS);
        from = to;
        if (random.chance(0.3)) continue;
        if (random.chance(0.3)) {
          await harness.run("p", sql(), { parallelism: parallelism() });
          continue;
        }
        witness.isMute = random.chance(0.5);
        witness.isDeaf = crashes.chance(0.4);
        const { handle, ended } = harness.start("p", sql(), { until: "follow", parallelism: parallelism() });
        const wanted = random.below(60);
        await until(() => witness.sent.length >= wanted, "changes", 150).catch(() => {});
        handle.stop(random.pick([0, 0, 5, 2000]));
        await ended;
        witness.isMute = false;
        witness.isDeaf = false;
        witness.take();
      }
      const { contents, records: counted } = await finish(harness, sql(), given.statements.keys(), parallelism());
      expect({ contents, records: counted }).toEqual(expected);
      expect([contents["often"], contents["seldom"]]).toEqual([contents["changes"], contents["changes"]]);
      expect([contents["sessions_often"], contents["sessions_seldom"]]).toEqual([contents["sessions"], contents["sessions"]]);
    },
  );

  it.each(seeds([], 2))("give each statement alone what it gets in company: seed %i", async (seed) => {
    const given = randomCase(new SeededRandom(seed));
    const together = await atOnce(given);
    const alone = await Promise.all([...given.statements.keys()].map((target) => atOnce(given, [target])));
    expect(Object.assign({}, ...alone.map(({ contents }) => contents))).toEqual(together.contents);
    expect(alone.flatMap(({ records }) => records)).toEqual(together.records);
  });
});
