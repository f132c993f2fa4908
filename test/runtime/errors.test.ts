import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { Harness, record } from "./harness.ts";

/** Ten records, of which one is no JSON, one has a text for a number, and one has no value. */
const RECORDS = [
  record({ id: "a", v: 1 }, { key: "a" }),
  record({ id: "b", v: 2 }, { key: "b" }),
  record('{"id":"c","v":', { key: "c" }),
  record({ id: "d", v: 4 }, { key: "d" }),
  record({ id: "e", v: "warm" }, { key: "e" }),
  record({ id: "f", v: 6 }, { key: "f" }),
  record(null, { key: "a" }),
  record({ id: "g" }, { key: "g" }),
  record({ id: "h", v: 8 }, { key: "h" }),
  record({ id: "i", v: 9 }, { key: "i" }),
];

describe("errors in records", () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = new Harness();
    await harness.append("t", RECORDS);
  });
  afterEach(() => harness.dispose());

  it("THROW stops the statement before the record and says which; its neighbour goes on", async () => {
    const sql = "INSERT INTO sums SELECT id, v + 1 AS w FROM t; SET 'error.policy' = 'noop'; INSERT INTO ids SELECT id FROM t;";
    const { statements, messages, fetched } = await harness.run("p", sql);
    const failed = must(messages.find((message) => message.kind === "statement-failed"));
    expect(failed.error).toMatchObject({ code: "RECORD_MALFORMED", statement: "sums#1", topic: "t", partition: 0, offset: 2 });
    expect(failed.error.message).toBe("unexpected end of the JSON text (14 bytes)");
    const [sums, ids] = statements;
    expect(sums).toMatchObject({ state: "failed", counters: { in: 2, applied: 2, written: 2 } });
    expect(ids).toMatchObject({ state: "finished", counters: { in: 10, applied: 8, deadLettered: 2, written: 8 } });
    expect(fetched).toBe(10);
  });

  it("NOOP skips, counts, and keeps dead letters where a target is named", async () => {
    const sql =
      "SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.dlq'; " +
      "INSERT INTO sums SELECT id, v + 1 AS w FROM t WHERE v IS NULL OR v < 9;";
    const { statements } = await harness.run("p", sql);
    expect(must(statements[0]).counters).toMatchObject({ in: 10, applied: 6, filtered: 1, deadLettered: 3, written: 6 });
    const letters = (await harness.table("dlq")) as { offset: number; code: string; value: string | null; key: string; error: string }[];
    expect(letters.map(({ offset, code, key }) => [offset, code, key])).toEqual([
      [2, "RECORD_MALFORMED", "c"],
      [4, "RECORD_TYPE", "e"],
      [6, "RECORD_TOMBSTONE", "a"],
    ]);
    expect(letters[0]?.value).toBe('{"id":"c","v":');
    expect(letters[1]?.error).toBe("v: expected a number, found a string");
  });

  it("NOOP keeps records that a ranking cannot take at their own places", async () => {
    const sql =
      "CREATE STREAM t (id STRING, v BIGINT) WITH (topic = 't', key = 'id'); SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.dlq'; " +
      "INSERT INTO firsts SELECT id, v FROM (SELECT id, v, ROW_NUMBER() OVER (PARTITION BY id ORDER BY v DESC) AS n FROM t) WHERE n = 1 PK id;";
    const { statements } = await harness.run("p", sql);
    expect(must(statements[0]).counters).toMatchObject({ in: 10, deadLettered: 3, rejected: 0 });
    const letters = (await harness.table("dlq")) as { offset: number; code: string; step: string; key: string }[];
    expect(letters.map(({ offset, code, step, key }) => [offset, code, step, key])).toEqual([
      [2, "RECORD_MALFORMED", "read", "c"],
      [4, "RECORD_TYPE", "read", "e"],
      [6, "RECORD_TOMBSTONE", "read", "a"],
    ]);
  });

  it("NOOP keeps results that cannot be made as dead letters of their group", async () => {
    const sql =
      "SET 'error.policy' = 'noop'; SET 'dead.letters' = 'embedded.dlq'; " +
      "INSERT INTO groups SELECT v, COUNT(*) AS n FROM t GROUP BY v; " +
      "INSERT INTO windows SELECT v, COUNT(*) AS n FROM t WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY v EMIT FINAL;";
    const { statements, messages } = await harness.run("p", sql, { close: true });
    const counters = statements.map(({ counters: { in: read, sent, written, rejected } }) => [read, sent, written, rejected]);
    expect(counters).toEqual([
      [10, 8, 7, 1],
      [10, 8, 7, 1],
    ]);
    const letters = (await harness.table("dlq")) as { statement: string; offset: number; step: string; code: string; error: string }[];
    const start = "2023-11-14T22:13:00.000Z";
    const why = "v: is null, and cannot be part of a key";
    expect(letters.filter(({ step }) => step !== "read").map((letter) => ({ ...letter, at: null }))).toEqual([
      expect.objectContaining({ statement: "groups#1", topic: "t", partition: 0, offset: 7, step: "result null", code: "RECORD_TYPE" }),
      expect.objectContaining({
        statement: "windows#1",
        offset: 10,
        step: `result null ${start}`,
        error: `result of group null ${start}: ${why}`,
      }),
    ]);
    const skipped = messages.flatMap((message) => (message.kind === "skipped" ? [message] : []));
    expect(skipped.map(({ error }) => [error.statement, error.offset, error.message])).toContainEqual([
      ...["groups#1", 7, `result of group null: ${why}`],
    ]);
  });

  it("says where ids may come from several partitions, once the topic is known to have them", async () => {
    for (const topic of ["spread", "loose"]) await harness.append(topic, [record({ id: "a" }, { key: "1" })], 2);
    const declared = "CREATE STREAM covered (id STRING) WITH (topic = 'spread', key = 'id');";
    const covered = `${declared} INSERT INTO two SELECT id FROM covered PK id;`;
    const sql = `INSERT INTO one SELECT id FROM t PK id; ${covered} INSERT INTO three SELECT id FROM loose PK id;`;
    const { messages } = await harness.run("p", `SET 'error.policy' = 'noop'; ${sql}`);
    expect(messages.filter((message) => message.kind === "notice")).toEqual([
      expect.objectContaining({ statement: "three#1", message: expect.stringMatching(/^loose has 2 partitions, and PK is not known to/) }),
    ]);
  });

  it("takes the failed statement up again where it stopped, once the record is dealt with", async () => {
    const first = await harness.run("p", "INSERT INTO sums SELECT id, v AS w FROM t;");
    expect(must(first.statements[0]).counters).toMatchObject({ in: 2, applied: 2, written: 2 });
    const second = await harness.run("p", "SET 'error.policy' = 'noop'; INSERT INTO sums SELECT id, v AS w FROM t;");
    expect(must(second.statements[0])).toMatchObject({ state: "finished", counters: { in: 10, applied: 8, deadLettered: 2, written: 8 } });
    expect(await harness.table("sums")).toHaveLength(8);
  });

  it("a tombstone deletes where the id comes from the record key", async () => {
    const declare = "CREATE STREAM s (id STRING, v DOUBLE) WITH (topic = 't', key = 'id'); SET 'error.policy' = 'noop';";
    const { statements } = await harness.run("p", `${declare} INSERT INTO rows SELECT id, v FROM s PK id;`);
    // One id was written and deleted at once: only the delete is sent.
    expect(must(statements[0]).counters).toMatchObject({ in: 10, applied: 8, deadLettered: 2, written: 7 });
    expect(((await harness.table("rows")) as { id: string }[]).map((row) => row.id)).toEqual(["b", "d", "f", "g", "h", "i"]);
  });

  it("a missing topic ends a bounded run, and makes a follower wait until it is there", async () => {
    const bounded = await harness.run("p", "INSERT INTO x SELECT * FROM nowhere;");
    expect(bounded.last).toMatchObject({ kind: "failed", error: { code: "TOPIC_MISSING" } });
    const { handle, messages, ended } = harness.start("q", "INSERT INTO x SELECT * FROM later;", { until: "follow" });
    await expect.poll(() => messages.some((message) => message.kind === "waiting")).toBe(true);
    await harness.append("later", [record({ a: 1 })]);
    await expect
      .poll(() => messages.some((message) => message.kind === "progress" && message.statements[0]?.counters.written === 1), {
        timeout: 10_000,
      })
      .toBe(true);
    handle.stop(5000);
    expect((await ended).last.kind).toBe("done");
    expect(await harness.table("x")).toEqual([{ a: 1 }]);
  });
});
