import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { explainPipeline, treeLines } from "../../src/plan/explain.ts";
import { Harness, record } from "./harness.ts";

const START = Date.parse("2026-03-01T00:00:00Z");

describe("START AT", () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = new Harness();
    const records = Array.from({ length: 20 }, (_, n) => record({ n }, { timestampMs: START + n * 1000, partition: n % 2 }));
    await harness.append("t", records, 2);
  });
  afterEach(() => harness.dispose());

  const numbers = async (name: string, start: string): Promise<readonly unknown[]> => {
    const { statements } = await harness.run(name, `INSERT INTO ${name} SELECT n FROM t START AT ${start};`);
    const rows = (await harness.table(name)) as { n: number }[];
    expect(statements[0]?.counters).toMatchObject({ in: rows.length, applied: rows.length });
    return rows.map(({ n }) => n).sort((left, right) => left - right);
  };
  const from = (first: number): readonly number[] => Array.from({ length: 20 - first }, (_, index) => first + index);

  it("a time begins with the first record of that time, on each partition", async () => {
    expect(await numbers("a", "'2026-03-01T00:00:05Z'")).toEqual(from(5));
    expect(await numbers("b", "TIMESTAMP '2026-03-01 00:00:16.5'")).toEqual(from(17));
    expect(await numbers("c", String(START + 2001))).toEqual(from(3));
    expect(await numbers("d", "DATE '2026-03-01'")).toEqual(from(0));
    expect(await numbers("e", "'2027-01-01T00:00:00Z'")).toEqual([]);
  });

  it("holds for all members of a UNION, and only where there is no position yet", async () => {
    const sql = `INSERT INTO x SELECT n FROM t UNION ALL SELECT m AS n FROM u START AT '2026-03-01T00:00:18Z';`;
    await harness.append("u", [record({ m: 100 }, { timestampMs: START }), record({ m: 101 }, { timestampMs: START + 18_000 })]);
    const first = await harness.run("p", sql);
    expect(first.statements[0]?.counters.in).toBe(3);
    await harness.append("u", [record({ m: 102 }, { timestampMs: START - 1000 })]);
    const second = await harness.run("p", sql);
    expect(second.statements[0]?.counters.in).toBe(4);
  });

  it("is explained, and refused where it is no time", () => {
    const plan = harness.plan("p", "INSERT INTO x SELECT n FROM t START AT '2026-03-01T00:00:05Z';");
    const lines = explainPipeline(plan).flatMap((node) => treeLines(node, ""));
    expect(lines.at(-1)).toContain("from 2026-03-01T00:00:05.000Z on");
    expect(() => harness.plan("p", "INSERT INTO x SELECT n FROM t START AT NULL;")).toThrow("this is no time");
    expect(() => harness.plan("p", "INSERT INTO x SELECT n FROM t START AT 'soon';")).toThrow("'soon' is no TIMESTAMP");
  });
});
