import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import type { RawRecord } from "../../src/ports/source.ts";
import { withParts } from "../property/wrap-connection.ts";
import { until } from "../support/until.ts";
import { HandMadeGroup } from "./hand-made-group.ts";
import { type Ended, type Harness, record } from "./harness.ts";
import { newHarness } from "./new-harness.ts";

const PARTITIONS = 4;
const START = 1_700_000_040_000;
const SQL = `
  CREATE STREAM t (device STRING, v INT) WITH (key = 'device', partitions = ${PARTITIONS});
  INSERT INTO finals SELECT device, window_start AS at, COUNT(*) AS n, SUM(v) AS total FROM t
    WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device EMIT FINAL;
  INSERT INTO totals SELECT device, COUNT(*) AS n, SUM(v) AS total FROM t GROUP BY device;
  INSERT INTO high SELECT device, v FROM t WHERE v > 90;`;
const TARGETS = ["finals", "totals", "high"];

const readings = (count: number, from = 0): RawRecord[] =>
  Array.from({ length: count }, (_, index) => {
    const n = from + index;
    return record({ device: `d${n % 37}`, v: (n * 7) % 101 }, { key: `d${n % 37}`, timestampMs: START + n * 100 });
  });

describe("a pipeline over several threads", () => {
  const contents = (harness: Harness) => Promise.all(TARGETS.map((target) => harness.tableTexts(target)));
  const outcome = async (harness: Harness, { statements, fetched }: Ended) => ({
    rows: await contents(harness),
    counters: statements.map(({ counters }) => counters),
    states: statements.map(({ state, lag }) => [state, lag]),
    fetched,
  });

  it("gives, row by row, what one thread gives", { timeout: 60_000 }, async () => {
    const outcomes = [];
    for (const parallelism of [1, 2, 4, 9]) {
      const harness = newHarness();
      await harness.append("t", readings(5_000), PARTITIONS);
      outcomes.push(await outcome(harness, await harness.run("p", SQL, { close: true, parallelism })));
    }
    expect(must(outcomes[0]).counters[0]?.in).toBe(5_000);
    for (const other of outcomes) expect(other).toEqual(outcomes[0]);
  });

  it("stops on one partition where a record fails, and goes on with the others", async () => {
    const harness = newHarness();
    await harness.append("t", readings(400), PARTITIONS);
    await harness.append("t", [record("{broken", { partition: 1 })], PARTITIONS);
    await harness.append("t", readings(400, 400), PARTITIONS);
    const ended = await harness.run("p", "INSERT INTO rows SELECT device FROM t;", { parallelism: 2 });
    expect(ended.messages.filter(({ kind }) => kind === "statement-failed")).toMatchObject([
      { error: { code: "RECORD_MALFORMED", statement: "rows#1", partition: 1 } },
    ]);
    expect(ended.last).toMatchObject({ kind: "done", statements: [{ state: "failed" }] });
    const [statement] = ended.statements;
    expect(must(statement).counters.in).toBeGreaterThan(600);
    expect(must(statement).counters.in).toBeLessThan(800);
  });

  it("ends by itself when nothing can go on", async () => {
    const harness = newHarness();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await harness.append("t", [record("{broken", { partition })], PARTITIONS);
    }
    const { last } = await harness.run("p", "INSERT INTO rows SELECT device FROM t;", { parallelism: 2, until: "follow" });
    expect(last).toMatchObject({ kind: "done", statements: [{ state: "failed" }] });
  });

  it("ends at once when it is stopped while it starts, or waits for its topic", async () => {
    const harness = newHarness();
    const waiting = harness.start("p", SQL, { until: "follow", parallelism: 2 });
    await until(() => waiting.messages.some(({ kind }) => kind === "waiting"), "the missing topic");
    waiting.handle.stop(1_000);
    expect(await waiting.ended).toMatchObject({ last: { kind: "done", messages: 0 } });
    await harness.append("t", readings(100), PARTITIONS);
    const starting = harness.start("p", SQL, { until: "follow", parallelism: 2 });
    starting.handle.stop(1_000);
    expect((await starting.ended).last.kind).toBe("done");
    const { statements } = await harness.run("p", SQL, { parallelism: 4 });
    expect(statements.map(({ counters }) => counters.in)).toEqual([100, 100, 100]);
  });

  it("becomes bounded while it runs", async () => {
    const harness = newHarness();
    await harness.append("t", readings(1_000), PARTITIONS);
    const { handle, messages, ended } = harness.start("p", SQL, { until: "follow", parallelism: 2 });
    await until(() => messages.some(({ kind }) => kind === "running"), "the pipeline to run");
    handle.finish();
    expect((await ended).statements.map(({ counters, state }) => [counters.in, state])).toEqual(Array(3).fill([1_000, "finished"]));
  });

  it("fails as a whole where it cannot start", async () => {
    const harness = newHarness();
    const { last } = await harness.run("p", SQL, { parallelism: 2 });
    expect(last).toMatchObject({ kind: "failed", error: { code: "TOPIC_MISSING" } });
    await harness.append("u", readings(10), PARTITIONS);
    const sql = "INSERT INTO x SELECT v, MAX(_offset) AS n FROM u WINDOW SESSION (GAP 1 MINUTE) GROUP BY v;";
    const grouped = await harness.run("q", sql, { parallelism: 2 });
    expect(grouped.last).toMatchObject({ kind: "failed", error: { code: "STATEMENT_INVALID", topic: "u" } });
    expect(grouped.messages.filter(({ kind }) => kind === "failed")).toHaveLength(1);
  });

  it("counts each record once while partitions come, go, and change threads", async () => {
    const group = new HandMadeGroup();
    const harness = newHarness((connection) => withParts(connection, { source: withParts(must(connection.source), { join: group.join }) }));
    await harness.append("t", readings(2_000), PARTITIONS);
    const run = harness.start("p", SQL, { until: "follow", parallelism: 2 });
    const counted = (): number =>
      Math.max(0, ...run.messages.flatMap((m) => (m.kind === "progress" ? [must(m.statements[0]).counters.in] : [])));
    await until(() => group.isJoined, "the group to be joined");
    for (const [round, partitions] of [[0, 1, 2, 3], [1, 3], [3], [0, 2, 3], [0, 1, 2, 3]].entries()) {
      await group.assign("t", partitions);
      await harness.append("t", readings(500, 2_000 + round * 500), PARTITIONS);
    }
    await until(
      () => counted() === 4_500,
      "all records",
      20_000,
      () => String(counted()),
    );
    run.handle.finish();
    const ended = await run.ended;
    expect(ended.statements.map(({ counters }) => counters.in)).toEqual([4_500, 4_500, 4_500]);
    expect(group.members).toBe(1);

    const alone = newHarness();
    await alone.append("t", readings(4_500), PARTITIONS);
    await alone.run("p", SQL);
    expect(await contents(harness)).toEqual(await contents(alone));
  });
});
