import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Harness, record } from "./harness.ts";

/** What KCQL's clauses say of the records that are read and written. */
describe("records of a topic", () => {
  let harness: Harness;
  beforeEach(() => {
    harness = new Harness();
  });
  afterEach(() => harness.dispose());

  /** Declared as a topic, so that the target is one. */
  const OUT = "CREATE STREAM out (n INT) WITH (topic = 'out', partitions = 1);";
  const run = (clauses: string, columns = "n") =>
    harness.run("p", `${OUT} SET 'error.policy' = 'noop'; INSERT INTO out SELECT ${columns} FROM t ${clauses}`);
  const numbers = async (): Promise<unknown[]> => ((await harness.topic("out")) as { n: number }[]).map(({ n }) => n);

  it.each([
    ["WITHKEY (site, n)", ["a.0", "b.1"]],
    ["WITHKEY (site, n) KEYDELIMITER = '-'", ["a-0", "b-1"]],
    ["PK site, n", ['["a",0]', '["b",1]']],
    ["PK site, n KEYDELIMITER = '|'", ["a|0", "b|1"]],
    ["WITHKEY (site)", ["a", "b"]],
    ["WITHKEY (tags)", ['["x"]', '["x"]']],
  ])("%s", async (clauses, keys) => {
    await harness.append(
      "t",
      ["a", "b"].map((site, n) => record({ site, n, tags: ["x"] })),
    );
    await run(clauses);
    expect((await harness.records("out")).map(({ key }) => key)).toEqual(keys);
  });

  it("WITHTIMESTAMP is their time, in the unit that TIMESTAMPUNIT says", async () => {
    const ms = 1_767_225_600_123;
    const values = [{ ms, s: ms / 1000, ns: ms * 1e6, text: new Date(ms).toJSON() }];
    await harness.append(
      "t",
      values.map((value) => record({ n: 1, ...value })),
    );
    for (const [clauses, time] of [
      ["WITHTIMESTAMP ms", ms],
      ["WITHTIMESTAMP text", ms],
      ["WITHTIMESTAMP s TIMESTAMPUNIT = SECONDS", ms],
      ["WITHTIMESTAMP ns TIMESTAMPUNIT = NANOSECONDS", ms],
    ] as const) {
      await harness.run(`p ${clauses}`, `${OUT} INSERT INTO out SELECT n FROM t ${clauses}`);
      expect(Math.abs(((await harness.records("out")).at(-1)?.timestampMs ?? 0) - time), clauses).toBeLessThanOrEqual(1);
    }
  });

  it("WITHTIMESTAMP: a record without such a time is refused", async () => {
    await harness.append(
      "t",
      [{ n: 0 }, { n: 1, at: -5 }, { n: 2, at: 7 }, { n: 3, at: "noon" }].map((value) => record(value)),
    );
    const { statements } = await run("WITHTIMESTAMP at");
    expect(statements[0]?.counters).toMatchObject({ applied: 1, deadLettered: 3 });
    expect((await harness.records("out")).map(({ timestampMs }) => timestampMs)).toEqual([7]);
  });

  it("SAMPLE takes so many of every so many by their offsets, WITHOFFSET those of partitions", async () => {
    await harness.append(
      "t",
      Array.from({ length: 20 }, (_, n) => record({ n }, { partition: n % 2 })),
      2,
    );
    await run("SAMPLE 2 EVERY 5");
    expect((await numbers()).sort()).toEqual([0, 1, 2, 3, 10, 11, 12, 13].sort());
    harness.dispose();
    harness = new Harness();
    await harness.append(
      "t",
      Array.from({ length: 20 }, (_, n) => record({ n }, { partition: n % 2 })),
      2,
    );
    await run("WITHOFFSET (0, 8), (1)");
    expect((await numbers()).sort()).toEqual([16, 18, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19].sort());
  });

  it("a record without a value deletes the row, or is an error where PROPERTIES say so", async () => {
    await harness.append("t", [record({ n: 1 }, { key: "a" }), record({ n: 2 }, { key: "b" }), record(null, { key: "a" })]);
    const sql = "SET 'error.policy' = 'noop'; INSERT INTO";
    const deleting = await harness.run("p", `${sql} gone SELECT n FROM t PK _key`);
    expect(deleting.statements[0]?.counters).toMatchObject({ applied: 3, deadLettered: 0 });
    expect(await harness.table("gone")).toEqual([{ n: 2 }]);
    const keeping = await harness.run("q", `${sql} kept SELECT n FROM t PK _key PROPERTIES (deletesEnabled = 'false')`);
    expect(keeping.statements[0]?.counters).toMatchObject({ applied: 2, deadLettered: 1 });
    expect(await harness.table("kept")).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("_key.* brings the members of keys that are JSON", async () => {
    await harness.append("t", [record({ n: 1 }, { key: '{"site":"a","n":2}' })]);
    await run("", "_key.*, n");
    expect(await harness.topic("out")).toEqual([{ n: 1, site: "a", n_1: 2 }]);
  });

  it("SAMPLE counts records, not what WHERE leaves of them", async () => {
    await harness.append(
      "t",
      Array.from({ length: 10 }, (_, n) => record({ n })),
    );
    await run("WHERE n > 4 SAMPLE 1 EVERY 5");
    expect(await numbers()).toEqual([5]);
  });
});
