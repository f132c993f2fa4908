import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SeededRandom, seeds } from "../property/random.ts";
import { Witness } from "../property/wrap-connection.ts";
import { until } from "../support/until.ts";
import { Harness, record } from "./harness.ts";

describe("SELECT DISTINCT", () => {
  let witness: Witness;
  let harness: Harness;
  beforeEach(() => {
    witness = new Witness();
    harness = new Harness(witness.wrap);
  });
  afterEach(() => harness.dispose());

  const counters = async (sql: string, options = {}) => must((await harness.run("p", sql, options)).statements[0]).counters;

  it("writes each row once, NULL being a value as any other", async () => {
    const rows = [
      ["a", 1],
      ["a", 1],
      [null, 1],
      ["a", null],
      [null, 1],
      [null, null],
      ["null", 1],
      [null, null],
    ];
    await harness.append(
      "t",
      rows.map(([room, floor]) => record({ room, floor, more: Math.random() })),
    );
    const found = await counters("INSERT INTO rooms SELECT DISTINCT room, floor FROM t WHERE floor IS NOT NULL OR room IS NULL;");
    expect(found).toMatchObject({ in: 8, applied: 7, filtered: 1, sent: 4, written: 4 });
    expect((await harness.tableTexts("rooms")).sort()).toEqual(
      ['{"room":"a","floor":1}', '{"room":null,"floor":1}', '{"room":null,"floor":null}', '{"room":"null","floor":1}'].sort(),
    );
    await harness.append("t", [record({ room: "a", floor: 1 }), record({ room: "b", floor: 2 })]);
    witness.take();
    await counters("INSERT INTO rooms SELECT DISTINCT room, floor FROM t WHERE floor IS NOT NULL OR room IS NULL;");
    expect(witness.sent.map(({ document }) => document)).toEqual(['{"room":"b","floor":2}']);
  });

  it("of elements, of computed columns, and into a topic", async () => {
    await harness.append("t", [record({ tags: ["a", "b", "A"] }), record({ tags: ["b"] }), record({ tags: [] })]);
    const declared = "CREATE STREAM out (tag STRING) WITH (topic = 'out', partitions = 1);";
    const found = await counters(`${declared} INSERT INTO out SELECT DISTINCT UPPER(EXPLODE(tags)) AS tag FROM t;`);
    expect(found).toMatchObject({ in: 3, applied: 2, filtered: 1, sent: 2 });
    expect(await harness.topic("out")).toEqual([{ tag: "A" }, { tag: "B" }]);
  });

  it("in windows: once in each of them", async () => {
    const start = 1_700_000_040_000 - (1_700_000_040_000 % 60_000);
    const at = (seconds: number, room: string) => record({ room }, { timestampMs: start + seconds * 1000 });
    await harness.append("t", [at(1, "a"), at(2, "a"), at(3, "b"), at(61, "a"), at(62, "a"), at(1, "late")]);
    const sql = (emit: string, target: string): string =>
      `INSERT INTO ${target} SELECT DISTINCT room, window_start FROM t WINDOW TUMBLING (SIZE 1 MINUTE) EMIT ${emit};`;
    const times = [0, 0, 1].map((minute) => new Date(start + minute * 60_000).toISOString());
    const expected = ["a", "b", "a"].map((room, index) => JSON.stringify({ room, window_start: times[index] })).sort();
    for (const emit of ["CHANGES", "FINAL"]) {
      const { statements } = await harness.run(emit, sql(emit, emit.toLowerCase()), { close: true });
      expect(statements[0]?.counters).toMatchObject({ in: 6, applied: 5, late: 1, sent: 3 });
      expect((await harness.tableTexts(emit.toLowerCase())).sort()).toEqual(expected);
    }
  });

  it.each(seeds([], 2))("is the same set after stops and crashes: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const sql = "SET 'commit.interval' = 10; INSERT INTO pairs SELECT DISTINCT a, b FROM t;";
    const expected = new Set<string>();
    for (let round = 0; round < 5; round++) {
      const rows = Array.from({ length: 60 }, () => ({ a: random.below(8), b: random.pick(["x", "y", null]) }));
      for (const row of rows) expected.add(JSON.stringify(row));
      await harness.append(
        "t",
        rows.map((row) => record(row)),
      );
      witness.isMute = random.chance(0.5);
      const { handle, ended } = harness.start("p", sql, { until: "follow" });
      await until(() => witness.sent.length > 0, "changes", 200).catch(() => {});
      handle.stop(random.pick([0, 2000]));
      await ended;
      witness.isMute = false;
    }
    expect(await counters(sql)).toMatchObject({ in: 300, applied: 300, sent: expected.size });
    expect((await harness.tableTexts("pairs")).sort()).toEqual([...expected].sort());
    const versions = new Map(witness.sent.map(({ id, version }) => [id, version]));
    for (const { id, version } of witness.sent) expect(version).toBe(versions.get(id));
  });

  it.each([
    ["SELECT DISTINCT * FROM t", "DISTINCT rows of undeclared columns are not supported yet"],
    ["SELECT DISTINCT a FROM t GROUP BY a, b", "DISTINCT rows of groups are not supported yet"],
    ["SELECT DISTINCT COUNT(*) AS n FROM t GROUP BY a", "DISTINCT rows of groups are not supported yet"],
    ["SELECT DISTINCT a, b FROM t PK a", "PK clauses of DISTINCT rows are not supported yet"],
    ["SELECT DISTINCT ARRAY[a] AS x FROM t", "groups cannot be made by ARRAY"],
  ])("is refused where it cannot be: %s", (sql, message) => {
    expect(() => harness.plan("p", `INSERT INTO x ${sql};`)).toThrow(message);
  });
});
