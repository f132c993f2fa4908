import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SeededRandom, seeds } from "../property/random.ts";
import { type SentChange, Witness } from "../property/wrap-connection.ts";
import { until } from "../support/until.ts";
import { Harness, record } from "./harness.ts";

describe("elements of arrays", () => {
  let witness: Witness;
  let harness: Harness;
  beforeEach(() => {
    witness = new Witness();
    harness = new Harness(witness.wrap);
  });
  afterEach(() => harness.dispose());

  const counters = async (sql: string, name = "p") => (await harness.run(name, sql)).statements[0]?.counters;
  const ids = (changes: readonly SentChange[]): readonly string[] => changes.map(({ id }) => id);

  it("are rows of one record: ids by their places, counted as one record and as many changes", async () => {
    await harness.append("t", [
      record({ id: 1, tags: ["a", "b"], notes: ["x"] }),
      record({ id: 2, tags: [], notes: null }),
      record({ id: 3 }),
      record({ id: 4, tags: null, notes: ["y", "z"] }),
    ]);
    const found = await counters("INSERT INTO rows SELECT id, EXPLODE(tags) AS tag, EXPLODE(notes) AS note FROM t;");
    expect(found).toMatchObject({ in: 4, applied: 2, filtered: 2, deadLettered: 0, sent: 4, written: 4 });
    expect(await harness.table("rows")).toEqual([
      { id: 1, tag: "a", note: "x" },
      { id: 1, tag: "b", note: null },
      { id: 4, tag: null, note: "y" },
      { id: 4, tag: null, note: "z" },
    ]);
    expect(ids(witness.sent)).toEqual(["t-0-0-0", "t-0-0-1", "t-0-3-0", "t-0-3-1"]);
  });

  it("are all ways to leave out values in CUBE_EXPLODE", async () => {
    await harness.append("t", [record({ a: 1, b: 2 }), record({ a: "x", b: null })]);
    await harness.run("p", "INSERT INTO cubes SELECT CUBE_EXPLODE(ARRAY[a, b]) AS c FROM t;");
    const rows = [
      [null, null],
      [null, 2],
      [1, null],
      [1, 2],
      [null, null],
      ["x", null],
    ];
    expect(await harness.table("cubes")).toEqual(rows.map((c) => ({ c })));
  });

  it("keep their ids, whichever of them WHERE takes", async () => {
    await harness.append("t", [record({ k: "a", items: [{ n: 1 }, { n: 5 }, { n: 9 }] }), record({ k: "b", items: "no array" })]);
    const sql = "INSERT INTO rows SELECT i.n FROM t CROSS JOIN UNNEST(items) AS i WHERE k = 'a' AND i.n > 3;";
    expect(await counters(sql)).toMatchObject({ in: 2, applied: 1, filtered: 1, sent: 2 });
    expect(ids(witness.sent)).toEqual(["t-0-0-1", "t-0-0-2"]);
  });

  it("of which one cannot be taken: none of the record is, and the error policy decides about it", async () => {
    const broken = record({ items: ["1", "2", "three"] });
    await harness.append("t", [record({ items: ["10"] }), broken, record({ items: { no: "array" } }), record({ items: ["11", "12"] })]);
    const select = "SELECT CAST(EXPLODE(items) AS INT) AS n FROM t";
    const skipping = await counters(`SET 'error.policy' = 'noop'; INSERT INTO rows ${select};`);
    expect(skipping).toMatchObject({ in: 4, applied: 2, filtered: 0, deadLettered: 2, sent: 3 });
    expect(await harness.table("rows")).toEqual([{ n: 10 }, { n: 11 }, { n: 12 }]);
    const grouped =
      "SET 'error.policy' = 'noop'; INSERT INTO sums " +
      "SELECT 1 AS one, SUM(n) AS total FROM (SELECT CAST(EXPLODE(items) AS INT) AS n FROM t) GROUP BY 1;";
    expect(await counters(grouped, "q")).toMatchObject({ in: 4, applied: 2, deadLettered: 2 });
    expect(await harness.table("sums")).toEqual([{ one: 1, total: 33 }]);
    const { messages, statements } = await harness.run("r", `INSERT INTO stopped ${select};`);
    expect(messages).toContainEqual(
      expect.objectContaining({ kind: "statement-failed", error: expect.objectContaining({ code: "RECORD_TYPE", offset: 1 }) }),
    );
    expect(statements[0]?.counters).toMatchObject({ in: 1, applied: 1, sent: 1 });
  });

  it("of which there are too many for one record: that record is an error", async () => {
    const many = Array.from({ length: 400 }, (_, n) => n);
    await harness.append("t", [
      record({ many: [1, 2], text: "" }),
      record({ many, text: "x".repeat(200_000) }),
      record({ many: [3], text: "" }),
    ]);
    const run = (name: string, select: string) => counters(`SET 'error.policy' = 'noop'; INSERT INTO ${name} ${select};`, name);
    const three = "SELECT a, b FROM t CROSS JOIN UNNEST(many) AS a CROSS JOIN UNNEST(many) AS b";
    expect(await run("pairs", three)).toMatchObject({ in: 3, applied: 2, deadLettered: 1, sent: 5 });
    const counted = "SELECT b, COUNT(*) AS n FROM t CROSS JOIN UNNEST(many) AS a CROSS JOIN UNNEST(many) AS b GROUP BY b";
    expect(await run("counted", counted)).toMatchObject({ in: 3, applied: 2, deadLettered: 1 });
    expect(await run("large", "SELECT *, EXPLODE(many) AS one FROM t")).toMatchObject({ in: 3, applied: 2, deadLettered: 1, sent: 3 });
  });

  it("with one key in one record: the last is written", async () => {
    await harness.append("t", [
      record({
        items: [
          { k: "a", n: 1 },
          { k: "b", n: 2 },
          { k: "a", n: 3 },
        ],
      }),
    ]);
    await harness.run("p", "INSERT INTO latest SELECT i.k AS k, i.n AS n FROM t CROSS JOIN UNNEST(items) AS i PK k;");
    expect(await harness.table("latest")).toEqual([
      { k: "a", n: 3 },
      { k: "b", n: 2 },
    ]);
  });

  it("become records of a topic, each once", async () => {
    await harness.append("t", [record({ xs: [1, 2] }, { key: "k" }), record({ xs: [3] }, { key: "l" })]);
    const sql = "CREATE STREAM out (x INT) WITH (topic = 'out', partitions = 1); INSERT INTO out SELECT EXPLODE(xs) AS x FROM t;";
    await harness.run("p", sql);
    expect(await harness.topic("out")).toEqual([{ x: 1 }, { x: 2 }, { x: 3 }]);
  });

  it("are counted in windows", async () => {
    const minute = 60_000;
    const at = (minutes: number) => ({ key: "k", timestampMs: 1_700_000_040_000 - (1_700_000_040_000 % minute) + minutes * minute });
    await harness.append("t", [
      record({ tags: ["a", "b", "a"] }, at(0)),
      record({ tags: [] }, at(0)),
      record({ tags: ["a"] }, at(1)),
      record({ tags: ["late"] }, at(-5)),
    ]);
    const sql = `INSERT INTO counts SELECT tag, COUNT(*) AS n FROM t CROSS JOIN UNNEST(tags) AS tag
      WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY tag EMIT FINAL;`;
    const { statements } = await harness.run("p", sql, { close: true });
    expect(statements[0]?.counters).toMatchObject({ in: 4, applied: 2, filtered: 1, late: 1 });
    expect(await harness.table("counts")).toEqual(
      expect.arrayContaining([
        { tag: "a", n: 2 },
        { tag: "b", n: 1 },
        { tag: "a", n: 1 },
      ]),
    );
  });

  it.each(seeds([], 2))("are the same after a crash, byte for byte: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const records = Array.from({ length: 200 }, (_, n) =>
      record({ n, xs: Array.from({ length: random.below(4) }, () => random.below(9)) }),
    );
    await harness.append("t", records);
    const sql = "INSERT INTO rows SELECT n, x FROM t CROSS JOIN UNNEST(xs) AS x WHERE x > 2;";
    witness.isMute = true;
    const { handle, ended } = harness.start("p", sql, { until: "follow" });
    await until(() => witness.sent.length > 0, "changes");
    handle.stop(0);
    await ended;
    witness.isMute = false;
    const before = witness.take();
    const found = await counters(sql);
    expect(witness.sent.slice(0, before.length)).toEqual(before);
    expect(found?.in).toBe(200);
    expect(found?.applied).toBeLessThan(200);
    expect((await harness.table("rows")).length).toBe(witness.sent.length);
  });
});
