import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SeededRandom, seeds } from "../property/random.ts";
import { Witness } from "../property/wrap-connection.ts";
import { until } from "../support/until.ts";
import { Harness, record } from "./harness.ts";

const DECLARE = `CREATE STREAM a (n INT, s STRING) WITH (topic = 'a', partitions = 2);
  CREATE STREAM b (x DOUBLE, name STRING) WITH (topic = 'b');`;
const UNION = `${DECLARE} INSERT INTO both
  SELECT n AS value, s, 'a' AS origin FROM a WHERE n > 1
  UNION ALL SELECT x, UPPER(name), 'b' FROM b
  UNION ALL SELECT -n, NULL, 'again' FROM (SELECT n FROM a WHERE n < 3) AS a;`;

describe("UNION ALL", () => {
  let witness: Witness;
  let harness: Harness;
  beforeEach(() => {
    witness = new Witness();
    harness = new Harness(witness.wrap);
  });
  afterEach(() => harness.dispose());

  const rows = async (): Promise<readonly string[]> => (await harness.tableTexts("both")).sort();

  it("is one statement, which reads each topic at its own pace and writes columns of one name and type", async () => {
    await harness.append("a", [record({ n: 1, s: "x" }, { partition: 0 }), record({ n: 2, s: "y" }, { partition: 1 })], 2);
    await harness.append("b", [record({ x: 1.5, name: "z" }), record({ x: null, name: null })]);
    const { statements, last } = await harness.run("p", UNION);
    expect(last.kind).toBe("done");
    expect(statements).toEqual([expect.objectContaining({ name: "both#1", state: "finished", lag: 0 })]);
    expect(statements[0]?.counters).toMatchObject({ in: 6, applied: 5, filtered: 1, sent: 5, written: 5 });
    expect(await rows()).toEqual(
      [
        '{"value":2,"s":"y","origin":"a"}',
        '{"value":1.5,"s":"Z","origin":"b"}',
        '{"value":null,"s":null,"origin":"b"}',
        '{"value":-1,"s":null,"origin":"again"}',
        '{"value":-2,"s":null,"origin":"again"}',
      ].sort(),
    );
    expect(witness.sent.map(({ id }) => id).sort()).toEqual(["a-0-0-2", "a-1-0", "a-1-0-2", "b-0-0", "b-0-1"]);
    const columns = harness.plan("p", UNION).statements.map(({ route }) => route?.columns);
    expect(new Set(columns.map((column) => JSON.stringify(column))).size).toBe(1);
  });

  it("goes on where each member was", async () => {
    await harness.append("a", [record({ n: 2, s: "x" })], 2);
    await harness.append("b", []);
    await harness.run("p", UNION);
    await harness.append("b", [record({ x: 1, name: "late" })]);
    witness.take();
    const { statements } = await harness.run("p", UNION);
    expect(statements[0]?.counters).toMatchObject({ in: 3, applied: 3, sent: 3 });
    expect(witness.sent.map(({ id }) => id)).toEqual(["b-0-0"]);
    const more = `${UNION.slice(0, -1)} UNION ALL SELECT 0, 'new', 'c' FROM c;`;
    await harness.append("c", [record({})]);
    witness.take();
    await harness.run("p", more);
    expect(witness.sent.map(({ id }) => id)).toEqual(["c-0-0"]);
  });

  it("stops where a member fails, whose neighbours go on", async () => {
    await harness.append("a", [record({ n: 2, s: "x" })], 2);
    await harness.append("b", [record({ x: "no number" })]);
    const { statements, messages } = await harness.run("p", UNION);
    expect(statements).toMatchObject([{ name: "both#1", state: "failed", counters: { in: 2, applied: 2 } }]);
    expect(messages).toContainEqual(
      expect.objectContaining({ kind: "statement-failed", error: expect.objectContaining({ topic: "b", statement: "both#1/b" }) }),
    );
  });

  it.each(seeds([], 2))("is the same after stops and crashes, on several threads' partitions: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const expected: string[] = [];
    for (let round = 0; round < 4; round++) {
      const a = Array.from({ length: random.below(40) }, () => ({ n: random.below(5), s: random.pick(["x", "é"]) }));
      const b = Array.from({ length: random.below(40) }, () => ({ x: random.below(9) / 4, name: random.pick(["x", null]) }));
      await harness.append(
        "a",
        a.map((value) => record(value, { partition: random.below(2) })),
        2,
      );
      await harness.append(
        "b",
        b.map((value) => record(value)),
      );
      for (const { n, s } of a) {
        if (n > 1) expected.push(JSON.stringify({ value: n, s, origin: "a" }));
        if (n < 3) expected.push(JSON.stringify({ value: n === 0 ? 0 : -n, s: null, origin: "again" }));
      }
      for (const { x, name } of b) expected.push(JSON.stringify({ value: x, s: name?.toUpperCase() ?? null, origin: "b" }));
      witness.isMute = random.chance(0.5);
      const { handle, ended } = harness.start("p", UNION, { until: "follow", parallelism: random.pick([1, 2]) });
      await until(() => witness.sent.length > 0, "changes", 200).catch(() => {});
      handle.stop(random.pick([0, 2000]));
      await ended;
      witness.isMute = false;
      witness.take();
    }
    const { statements } = await harness.run("p", UNION);
    expect(await rows()).toEqual(expected.sort());
    const { counters } = statements[0] ?? {};
    expect(counters?.applied).toBe(expected.length);
    expect(counters?.in).toBe((counters?.applied ?? 0) + (counters?.filtered ?? 0));
  });
});
