import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Harness, record } from "./harness.ts";

const START = Date.parse("2026-03-01T00:00:00Z");

/** Twenty records a second apart, in turn on two partitions. */
describe("a run from one place to another", () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = new Harness();
    const records = Array.from({ length: 20 }, (_, n) => record({ n }, { timestampMs: START + n * 1000, partition: n % 2 }));
    await harness.append("t", records, 2);
  });
  afterEach(() => harness.dispose());

  const numbers = async (table: string): Promise<readonly number[]> =>
    ((await harness.table(table)) as { n: number }[]).map(({ n }) => n).sort((left, right) => left - right);
  const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, index) => from + index);
  const at = (second: number) => ({ place: { timeMs: START + second * 1000 }, whole: [] });
  const offset = (first: number, whole: readonly string[] = []) => ({ place: { offset: first }, whole });

  it.each([1, 2])("takes the records between two times on each partition, in %i threads", async (parallelism) => {
    await harness.run("a", "INSERT INTO a SELECT n FROM t;", { start: at(5), to: at(12), parallelism });
    expect(await numbers("a")).toEqual(range(5, 12));
  });

  it("goes by offsets of all partitions; what is not in the log is its end", async () => {
    await harness.run("a", "INSERT INTO a SELECT n FROM t;", { start: offset(2), to: offset(4) });
    expect(await numbers("a")).toEqual(range(4, 8));
    await harness.run("b", "INSERT INTO b SELECT n FROM t;", { start: offset(99) });
    await harness.run("c", "INSERT INTO c SELECT n FROM t;", { start: offset(9), to: offset(99) });
    expect([await numbers("b"), await numbers("c")]).toEqual([[], [18, 19]]);
  });

  it("goes before START AT, and is a place for those that have none: others go on, and are told so", async () => {
    const sql = "INSERT INTO a SELECT n FROM t START AT '2026-03-01T00:00:18Z';";
    const first = await harness.run("p", sql, { start: at(0), to: at(4) });
    expect(await numbers("a")).toEqual(range(0, 4));
    expect(first.messages.filter(({ kind }) => kind === "notice")).toEqual([]);
    const second = await harness.run("p", sql, { start: at(10), to: at(8) });
    expect(await numbers("a")).toEqual(range(0, 8));
    const notices = second.messages.flatMap((message) => (message.kind === "notice" ? [message.message] : []));
    expect(new Set(notices)).toEqual(
      new Set([expect.stringMatching(/goes on from where it was.*To begin there, give the statement a new name/)]),
    );
    const third = await harness.run("p", sql, { to: at(2) });
    expect(third).toMatchObject({ fetched: 0, statements: [{ counters: { in: 8 } }] });
    await harness.run("p", sql);
    expect(await numbers("a")).toEqual(range(0, 20));
  });

  it("gives a follower, in parts, what one run gives", async () => {
    await harness.append(
      "k",
      range(0, 20).map((n) => record({ n }, { key: `${n % 2}`, timestampMs: START + n * 1000, partition: n % 2 })),
      2,
    );
    const sql =
      "INSERT INTO TARGET SELECT _key AS parity, window_start, SUM(n) AS total FROM k WINDOW TUMBLING (SIZE 4 SECONDS) GROUP BY _key EMIT FINAL;";
    for (const second of [3, 7, 14]) await harness.run("parts", sql.replace("TARGET", "parts"), { to: at(second) });
    await harness.run("parts", sql.replace("TARGET", "parts"), { close: true });
    await harness.run("whole", sql.replace("TARGET", "whole"), { close: true });
    expect(await harness.tableTexts("parts")).toEqual(await harness.tableTexts("whole"));
    expect(await harness.table("whole")).toHaveLength(10);
  });

  it("reads whole what the run itself writes, and tables that are joined", async () => {
    const late = { timestampMs: START + 60_000 };
    await harness.append("rooms", [record({ room: "hall" }, { key: "a", ...late }), record({ room: "bath" }, { key: "b", ...late })]);
    await harness.append(
      "orders",
      [0, 1, 2].map((n) => record({ n }, { key: "b", timestampMs: START + n * 1000 })),
    );
    const sql = `CREATE STREAM orders (device STRING KEY, n INT); CREATE TABLE rooms (device STRING PRIMARY KEY, room STRING);
      INSERT INTO joined SELECT n, room FROM orders o JOIN rooms r ON o.device = r.device;`;
    await harness.run("j", sql, { to: at(2) });
    expect(await harness.table("joined")).toEqual([0, 1].map((n) => ({ n, room: "bath" })));

    const both = `CREATE STREAM u (n INT) WITH (partitions = 2);
      INSERT INTO u SELECT n FROM t; INSERT INTO u SELECT n FROM t; INSERT INTO copied SELECT n FROM u;`;
    await harness.run("w", both, { start: offset(1, ["embedded.u"]), to: offset(3, ["embedded.u"]) });
    expect(await numbers("copied")).toEqual([2, 2, 3, 3, 4, 4, 5, 5]);
  });
});
