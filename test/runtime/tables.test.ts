import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { Harness, record } from "./harness.ts";

const DECLARE = "CREATE TABLE t (id STRING PRIMARY KEY, region STRING, v DOUBLE) WITH (topic = 't');";

describe("tables as what is read", () => {
  let harness: Harness;
  beforeEach(() => {
    harness = new Harness();
  });
  afterEach(() => harness.dispose());

  const put = (key: string, value: unknown) => record(value, { key });

  it("are filtered and projected by key: what is not true any more, or gone, is deleted", async () => {
    const sql = `${DECLARE} INSERT INTO hot SELECT id, v * 2 AS double FROM t WHERE v > 10;`;
    await harness.append("t", [put("a", { v: 11 }), put("b", { v: 12 }), put("c", { v: 1 }), put("d", { v: 20 })]);
    await harness.run("p", sql);
    expect(await harness.table("hot")).toEqual([
      { id: "a", double: 22 },
      { id: "b", double: 24 },
      { id: "d", double: 40 },
    ]);
    await harness.append("t", [put("a", { v: 9 }), put("b", { v: 13 }), put("c", { v: 14 }), put("d", null), put("never", null)]);
    const { statements } = await harness.run("p", sql);
    expect(await harness.table("hot")).toEqual([
      { id: "b", double: 26 },
      { id: "c", double: 28 },
    ]);
    expect(must(statements[0]).counters).toMatchObject({ in: 9, applied: 9, filtered: 0, deadLettered: 0 });
  });

  it("are written to a topic as a table, with null values for what goes", async () => {
    const sql = `${DECLARE} CREATE TABLE hot (id STRING PRIMARY KEY, v DOUBLE) WITH (topic = 'hot'); INSERT INTO hot SELECT id, v FROM t WHERE v > 10;`;
    await harness.append("t", [put("a", { v: 11 }), put("a", { v: 1 }), put("b", { v: 12 }), put("b", null)]);
    await harness.run("p", sql);
    const written = (await harness.records("hot")).map(({ key, value }) => [key?.toString(), value?.toString() ?? null]);
    expect(written).toEqual([
      ["a", '{"id":"a","v":11}'],
      ["a", null],
      ["b", '{"id":"b","v":12}'],
      ["b", null],
    ]);
  });

  it("are aggregated with what is there: a row that changes, moves or goes is taken back", async () => {
    const sql = `${DECLARE} INSERT INTO regions SELECT region, COUNT(*) AS n, SUM(v) AS total, MAX(v) AS top, COLLECT_LIST(id) AS ids FROM t GROUP BY region;`;
    await harness.append("t", [
      put("a", { region: "north", v: 1 }),
      put("b", { region: "north", v: 5 }),
      put("c", { region: "south", v: 7 }),
    ]);
    await harness.run("p", sql);
    expect(await harness.table("regions")).toEqual([
      { region: "north", n: 2, total: 6, top: 5, ids: ["a", "b"] },
      { region: "south", n: 1, total: 7, top: 7, ids: ["c"] },
    ]);
    await harness.append("t", [put("b", { region: "south", v: 2 }), put("a", { region: "north", v: 0.5 }), put("nobody", null)]);
    await harness.run("p", sql);
    expect(await harness.table("regions")).toEqual([
      { region: "north", n: 1, total: 0.5, top: 0.5, ids: ["a"] },
      { region: "south", n: 2, total: 9, top: 7, ids: ["c", "b"] },
    ]);
    await harness.append("t", [put("a", null), put("c", null)]);
    const { statements } = await harness.run("p", sql);
    expect(await harness.table("regions")).toEqual([{ region: "south", n: 1, total: 2, top: 2, ids: ["b"] }]);
    expect(must(statements[0]).counters).toMatchObject({ in: 8, applied: 7, filtered: 1, deadLettered: 0 });
  });

  it("are what a statement reads that EMIT CHANGES of another one writes", async () => {
    const sql = `
      INSERT INTO per_region SELECT region, COUNT(*) AS n FROM readings GROUP BY region EMIT CHANGES;
      INSERT INTO sizes SELECT n, COUNT(*) AS regions FROM per_region GROUP BY n;`;
    const rows = ["north", "south", "north", "west"].map((region) => record({ region }));
    await harness.append("readings", rows.slice(0, 2));
    await harness.run("p", sql);
    expect(await harness.table("sizes")).toEqual([{ n: 1, regions: 2 }]);
    await harness.append("readings", rows.slice(2));
    await harness.run("p", sql);
    expect(await harness.table("sizes")).toEqual([
      { n: 1, regions: 2 },
      { n: 2, regions: 1 },
    ]);
  });

  it("have a key: a record without one is an error of its own", async () => {
    const sql = `${DECLARE} SET 'error.policy' = 'noop';
      INSERT INTO rows SELECT id, v FROM t; INSERT INTO regions SELECT region, COUNT(*) AS n FROM t GROUP BY region;`;
    await harness.append("t", [put("a", { region: "north", v: 1 }), record({ region: "north", v: 2 }), record(null)]);
    const { statements } = await harness.run("p", sql);
    expect(statements.map(({ counters }) => [counters.applied, counters.deadLettered])).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(await harness.table("regions")).toEqual([{ region: "north", n: 1 }]);
  });

  it("keep no groups for long that have lost all their rows", async () => {
    const sql = `${DECLARE} INSERT INTO own SELECT id, COUNT(*) AS n, MAX(v) AS top FROM t GROUP BY id;`;
    const keys = Array.from({ length: 3000 }, (_, index) => `key ${index}`);
    const bytes = async (): Promise<number> => must((await harness.run("p", sql)).statements[0]?.partitions[0]).stateBytes;
    await harness.append(
      "t",
      keys.map((key, index) => put(key, { v: index })),
    );
    const full = await bytes();
    await harness.append(
      "t",
      keys.slice(5).map((key) => put(key, null)),
    );
    await harness.run("p", sql);
    await harness.append("t", [put("key 1", { v: 0.5 })]);
    await harness.run("p", sql);
    await harness.append("t", [put("key 2", { v: -1 }), put("key 3", null), put("key 7", { v: 1 })]);
    expect(await bytes()).toBeLessThan(full / 4);
    const rows = { "key 0": 0, "key 1": 0.5, "key 2": -1, "key 4": 4, "key 7": 1 };
    expect(await harness.table("own")).toEqual(Object.entries(rows).map(([id, top]) => ({ id, n: 1, top })));
  });
});
