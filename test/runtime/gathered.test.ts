import { describe, expect, it } from "vitest";
import { explainText } from "../../src/plan/explain.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { until } from "../support/until.ts";
import { record } from "./harness.ts";
import { newHarness } from "./new-harness.ts";

const PARTITIONS = 3;
const START = 1_700_000_040_000;
const STREAM = `CREATE STREAM t (home STRING, v INT) WITH (partitions = ${PARTITIONS});`;
const SESSIONS = `${STREAM} INSERT INTO spans SELECT home, window_start AS at, COUNT(*) AS n FROM t
  WINDOW SESSION (GAP 10 SECONDS) GROUP BY home EMIT FINAL LATE INTO late;`;

const at = (home: string, partition: number, seconds: number, v: unknown = 1): RawRecord =>
  record({ home, v }, { partition, timestampMs: START + seconds * 1000 });
const timeOf = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

describe("partitions that are read as one log", () => {
  it("are taken in order of time, and go on where they were", async () => {
    const harness = newHarness();
    await harness.append("t", [at("a", 0, 0), at("a", 0, 20), at("a", 1, 8), at("b", 2, 9)], PARTITIONS);
    const first = await harness.run("p", SESSIONS);
    expect(first).toMatchObject({ fetched: 4, statements: [{ name: "spans#1", lag: 0, counters: { in: 4, applied: 4, late: 0 } }] });
    expect(await harness.table("spans")).toEqual([
      { home: "a", at: timeOf(0), n: 2 },
      { home: "b", at: timeOf(9), n: 1 },
    ]);
    await harness.append("t", [at("a", 2, 25), at("a", 1, 26)], PARTITIONS);
    const { statements } = await harness.run("p", SESSIONS, { close: true });
    expect(statements).toMatchObject([{ counters: { in: 6, applied: 6 } }]);
    expect(await harness.table("spans")).toContainEqual({ home: "a", at: timeOf(20), n: 3 });
  });

  it("count their records once, whoever else reads them", async () => {
    const harness = newHarness();
    await harness.append("t", [at("a", 0, 0), at("a", 1, 1), at("a", 2, 2)], PARTITIONS);
    const { fetched, statements } = await harness.run("p", `${SESSIONS} INSERT INTO all SELECT home, v FROM t;`);
    expect(fetched).toBe(3);
    expect(statements.map(({ counters }) => counters.in)).toEqual([3, 3]);
  });

  it("give late records and dead letters the places that they have", async () => {
    const harness = newHarness();
    const records = [at("a", 0, 0), at("a", 0, 60), at("a", 1, 1), at("a", 2, 61, "much"), at("b", 2, 62)];
    await harness.append("t", [...records, record({ home: "a", v: 7 }, { partition: 1, timestampMs: START + 63_000 })], PARTITIONS);
    const sql = `CREATE STREAM t (home STRING, v INT, s INT) WITH (partitions = 3);
      SET 'error.policy' = 'noop'; SET 'dead.letters' = 'dead';
      INSERT INTO spans SELECT home, SUM(v) AS v FROM t EVENTTIME BY CASE WHEN v = 7 THEN ${START} ELSE CAST(_timestamp AS BIGINT) END
      WINDOW SESSION (GAP 10 SECONDS) GROUP BY home LATE INTO late;`;
    const { statements } = await harness.run("p", sql);
    expect(statements).toMatchObject([{ counters: { in: 6, applied: 4, late: 1, deadLettered: 1 } }]);
    expect(await harness.table("dead")).toMatchObject([{ statement: "spans#1", topic: "t", partition: 2, offset: 0 }]);
    expect(await harness.table("late")).toEqual([{ home: "a", v: 7 }]);
  });

  it("tell rows apart by the places of their records", async () => {
    const harness = newHarness();
    await harness.append("t", [at("a", 0, 0, 1), at("a", 2, 1, 5), at("a", 1, 2, 2)], PARTITIONS);
    const sql = `${STREAM} INSERT INTO steps SELECT v, v - LAG(v) OVER (PARTITION BY home ORDER BY _timestamp) AS step FROM t;`;
    await harness.run("p", sql);
    expect(await harness.table("steps")).toEqual(
      [
        { v: 1, step: null },
        { v: 2, step: -3 },
        { v: 5, step: 4 },
      ].map((row) => row),
    );
    // Under the same ids again, from the beginning.
    const plan = harness.plan("p", sql);
    const again = plan.statements.map((one) => ({ ...one, beginning: { count: 1, from: "earliest" as const } }));
    await harness.run("p", "", { plan: { ...plan, statements: again } });
    expect(await harness.table("steps")).toHaveLength(3);
  });

  it("join topics with other numbers of partitions", async () => {
    const harness = newHarness();
    await harness.append("t", [at("a", 0, 5), at("b", 1, 6), at("a", 2, 7)], PARTITIONS);
    await harness.append("homes", [record({ city: "Bern" }, { key: "a", partition: 1, timestampMs: START })], 2);
    const sql = `${STREAM} CREATE TABLE homes (home STRING PRIMARY KEY, city STRING) WITH (partitions = 2);
      INSERT INTO joined SELECT t.home, h.city FROM t LEFT JOIN homes h ON t.home = h.home;`;
    const { statements } = await harness.run("p", sql);
    expect(statements).toMatchObject([{ counters: { in: 4, applied: 4 } }]);
    const rows = (await harness.table("joined")) as { home: string; city: string | null }[];
    expect(rows.map(({ home, city }) => [home, city]).sort()).toEqual([
      ["a", "Bern"],
      ["a", "Bern"],
      ["b", null],
    ]);
  });

  it("wait for a silent partition for a moment, and close windows when all are silent", async () => {
    const clock = new SteppedClock(START + 1000);
    const harness = newHarness(undefined, null, clock);
    await harness.append("t", [at("a", 0, 0), at("a", 1, 1)], PARTITIONS);
    const { handle, ended } = harness.start("p", SESSIONS, { until: "follow" });
    await clock.pass(31_000);
    await clock.pass(12_000);
    await until(async () => (await harness.table("spans")).length > 0, "spans");
    expect(await harness.table("spans")).toEqual([{ home: "a", at: timeOf(0), n: 2 }]);
    handle.stop(1_000);
    await ended;
  });

  it("stop where partitions are added", async () => {
    const harness = newHarness();
    await harness.append("t", [at("a", 0, 0), at("a", 1, 1)], 2);
    const sql = SESSIONS.replace(` WITH (partitions = ${PARTITIONS})`, "");
    await harness.run("p", sql);
    const plan = harness.plan("p", sql);
    const grown = plan.statements.map((one) => ({ ...one, fingerprint: one.fingerprint.replace(".", "g3.") }));
    const { messages } = await harness.run("p", "", { plan: { ...plan, statements: grown } });
    expect(messages.filter(({ kind }) => kind === "statement-failed")).toMatchObject([{ error: { code: "STATE_MISMATCH" } }]);
  });

  it("are refused for what needs places of its own, and explained for the rest", async () => {
    const harness = newHarness();
    await harness.append("t", [at("a", 0, 0), at("a", 1, 1)], PARTITIONS);
    const sql = SESSIONS.replace("COUNT(*)", "MAX(_offset)");
    expect(() => harness.plan("p", sql)).toThrow("these cannot be read as one log: it reads _offset or _partition");
    const { last } = await harness.run("p", sql.replace(` WITH (partitions = ${PARTITIONS})`, ""));
    expect(last).toMatchObject({ kind: "failed", error: { code: "STATEMENT_INVALID" } });
    expect(explainText(harness.plan("p", SESSIONS))).toContain("all partitions are read as one log");
  });
});
