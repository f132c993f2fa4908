import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { explainText } from "../../src/plan/explain.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import { lowerLimits } from "../property/lower-limits.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { until } from "../support/until.ts";
import { record } from "./harness.ts";
import { newHarness } from "./new-harness.ts";

const PARTITIONS = 3;
const START = 1_700_000_040_000;
const STREAM = `CREATE STREAM t (home STRING, v INT) WITH (partitions = ${PARTITIONS});`;
const TOTALS = `${STREAM} INSERT INTO totals SELECT home, COUNT(*) AS n, SUM(v) AS total FROM t GROUP BY home;`;
const FINALS = `${STREAM} INSERT INTO finals SELECT home, window_start AS at, COUNT(*) AS n FROM t
  WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY home EMIT FINAL;`;

const readings = (count: number): RawRecord[] =>
  Array.from({ length: count }, (_, n) =>
    record({ home: `h${n % 5}`, v: n % 11 }, { partition: n % PARTITIONS, timestampMs: START + n * 1000 }),
  );

describe("groups that lie in several partitions", () => {
  it("have one total each, told under one name", async () => {
    const harness = newHarness();
    await harness.append("t", readings(600), PARTITIONS);
    const { statements, fetched } = await harness.run("p", TOTALS);
    const totals = (await harness.table("totals")) as { home: string; n: number; total: number }[];
    expect(totals.map(({ home, n }) => [home, n])).toEqual([0, 1, 2, 3, 4].map((home) => [`h${home}`, 120]));
    expect(totals.reduce((sum, { total }) => sum + total, 0)).toBe(
      Array.from({ length: 600 }, (_, n) => n % 11).reduce((a, b) => a + b, 0),
    );
    expect(fetched).toBe(600);
    expect(statements).toMatchObject([
      { name: "totals#1", target: "embedded.totals", counters: { in: 600, applied: 600, filtered: 0, late: 0, deadLettered: 0 } },
    ]);
  });

  it("leave no more between their stages than may be read again", async () => {
    lowerLimits({ internalRecordsKept: 10, barrierChangesMax: 5, batchRowsMax: 20 });
    const harness = newHarness();
    for (const count of [600, 400]) {
      await harness.append("t", readings(count), PARTITIONS);
      await harness.run("p", `SET 'commit.interval' = 1; ${TOTALS}`);
    }
    const totals = (await harness.table("totals")) as { n: number }[];
    expect(totals.map(({ n }) => n)).toEqual([200, 200, 200, 200, 200]);
    const bounds = () =>
      harness.using(async (connection) => {
        const source = must(connection.source);
        const between = must((await source.listTopics()).find((name) => name.includes(".partials.")));
        return Promise.all([0, 1, 2].map((partition) => source.bounds(between, partition)));
      });
    await until(async () => (await bounds()).every(({ startOffset }) => startOffset > 20), "the log to be trimmed");
  });

  it("leave their dead letters under the name of the statement", async () => {
    const harness = newHarness();
    await harness.append("t", [...readings(9), record({ home: "h1", v: "much" }, { partition: 2, timestampMs: START })], PARTITIONS);
    const { statements } = await harness.run("p", `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'dead'; ${TOTALS}`);
    expect(statements).toMatchObject([{ name: "totals#1", counters: { in: 10, applied: 9, deadLettered: 1 } }]);
    expect(await harness.table("dead")).toMatchObject([{ statement: "totals#1", topic: "t", partition: 2, offset: 3, step: "read" }]);
  });

  it("close when every partition has passed the window", async () => {
    const harness = newHarness();
    const at = (home: string, partition: number, seconds: number): RawRecord =>
      record({ home, v: 1 }, { partition, timestampMs: START + seconds * 1000 });
    await harness.append("t", [at("a", 0, 1), at("a", 1, 2), at("a", 2, 3), at("b", 0, 61), at("b", 1, 61)], PARTITIONS);
    await harness.run("p", FINALS);
    expect(await harness.table("finals")).toEqual([]);
    await harness.append("t", [at("a", 2, 59), at("b", 2, 60)], PARTITIONS);
    await harness.run("p", FINALS);
    expect(await harness.table("finals")).toEqual([{ home: "a", at: new Date(START).toISOString(), n: 4 }]);
  });

  it("are gathered in memory for an ad hoc query", async () => {
    const harness = newHarness();
    await harness.append("t", readings(600), PARTITIONS);
    const plan = harness.plan("query", `${STREAM} INSERT INTO counted SELECT COUNT(*) AS n FROM t;`);
    const { statements } = await harness.run("query", "", { plan: { ...plan, stateConnection: null } });
    expect(statements[0]?.counters).toMatchObject({ in: 600, written: 1 });
    expect(await harness.table("counted")).toEqual([{ n: 600 }]);
  });

  it("close as well where a partition falls silent, or has never had a record", async () => {
    const clock = new SteppedClock(START + 65_000);
    const harness = newHarness(undefined, null, clock);
    const at = (home: string, partition: number, seconds: number): RawRecord =>
      record({ home, v: 1 }, { partition, timestampMs: START + seconds * 1000 });
    await harness.append("t", [at("a", 0, 1), at("a", 1, 2), at("b", 0, 61)], PARTITIONS);
    const { handle, ended } = harness.start("p", FINALS, { until: "follow" });
    await clock.pass(29_000);
    expect(await harness.table("finals")).toEqual([]);
    await clock.pass(62_000);
    await until(async () => (await harness.table("finals")).length > 0, "finals");
    expect(await harness.table("finals")).toMatchObject([{ home: "a", n: 2 }]);
    await harness.append("t", [at("a", 2, 3)], PARTITIONS);
    await clock.pass(5_000);
    handle.stop(1_000);
    // Its silence is in the log: what it belongs to is closed.
    expect((await ended).statements).toMatchObject([{ counters: { in: 4, applied: 3, late: 1 } }]);
    expect(await harness.table("finals")).toMatchObject([{ home: "a", n: 2 }]);
  });

  it("are explained", () => {
    const text = explainText(newHarness().plan("p", FINALS));
    expect(text).toContain("merge  of each group what the partitions of the source have");
    expect(text).toContain("repartition  partial results by group, over 3 partitions");
  });
});
