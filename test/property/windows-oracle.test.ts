import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { Harness, record } from "../runtime/harness.ts";
import { SeededRandom, seeds } from "./random.ts";
import { DECLARE, PARTITIONS, type Row, randomItems, randomStatement, recompute, recordsOf, sorted, sqlOf } from "./window-cases.ts";

const STATEMENTS = 5;
const TUMBLING = { kind: "tumbling", advanceMs: 10_000, offsetMs: 0, zoned: false } as const;

describe("windows against a naive recompute", () => {
  let harness: Harness;
  beforeEach(() => {
    harness = new Harness();
  });
  afterEach(() => harness.dispose());

  it.each(seeds([1577818529, 504246401], 6))("agree in company, in several runs: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    const items = randomItems(random, 50 + random.below(1500));
    const statements = Array.from({ length: STATEMENTS }, (_, index) => randomStatement(random, `target${index}`));
    const sql = DECLARE + statements.map((statement) => sqlOf(statement)).join("");
    const records = recordsOf(items);
    const parts = 1 + random.below(3);
    await harness.append("t", [], PARTITIONS);
    let progress = await harness.run("p", sql);
    for (let part = 1; part <= parts; part++) {
      const slice = records.slice(Math.floor(((part - 1) / parts) * records.length), Math.floor((part / parts) * records.length));
      await harness.append("t", slice, PARTITIONS);
      progress = await harness.run("p", sql, { close: part === parts });
      expect(progress.messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
    }
    for (const [index, statement] of statements.entries()) {
      const expected = recompute(items, statement);
      const rows = statement.emit === "final" ? await harness.topic(statement.target) : await harness.table(statement.target);
      expect(sorted(rows), JSON.stringify(statement)).toEqual(sorted(expected.rows));
      const { counters } = must(progress.statements[index]);
      expect(counters, JSON.stringify(statement)).toMatchObject(expected.counters);
      expect(counters.in).toBe(counters.applied + counters.filtered + counters.late + counters.deadLettered);
      expect(counters.sent).toBe(counters.written + counters.superseded + counters.rejected);
    }
  });

  it("stay open when one record's timestamp is far ahead of the wall clock; that record keeps its own window", async () => {
    const now = Date.now() - 60_000;
    const items = [0, 1, 2, 40_000_000_000_000, 3, 4].map((ms) => record({ device: "a", v: 1 }, { key: "a", timestampMs: now + ms }));
    const target = {
      ...TUMBLING,
      target: "rows",
      timed: false,
      sizeMs: 10_000,
      graceMs: 10_000,
      where: "none",
      above: null,
      emit: "changes",
    } as const;
    await harness.append("t", items);
    const { statements } = await harness.run("p", DECLARE + sqlOf(target));
    expect(must(statements[0]).counters).toMatchObject({ in: 6, applied: 6, late: 0 });
    expect(((await harness.table("rows")) as Row[]).reduce((sum, { n }) => sum + n, 0)).toBe(6);
  });

  it("skip event times that are no dates, and go on", async () => {
    const times = [-9e15, 1_700_000_000_000, 1.7e18, 8.64e15, 1_700_000_000_001];
    const items = times.map((time) => record({ device: "a", time, v: 1 }, { key: "a", timestampMs: 9e15 }));
    const target = {
      ...TUMBLING,
      target: "rows",
      timed: true,
      sizeMs: 10_000,
      graceMs: 0,
      where: "none",
      above: null,
      emit: "changes",
    } as const;
    const project = "INSERT INTO plain SELECT device, time FROM timed; INSERT INTO casts SELECT CAST(time AS TIMESTAMP) AS at FROM t;";
    await harness.append("t", items);
    const { statements, messages } = await harness.run("p", DECLARE + sqlOf(target) + project);
    expect(messages.filter(({ kind }) => kind === "statement-failed")).toEqual([]);
    expect(statements.map(({ counters }) => counters.deadLettered)).toEqual([3, 3, 3]);
  });
});
