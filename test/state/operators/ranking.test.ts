import { describe, expect, it } from "vitest";
import type { BoundExpr } from "../../../src/model/expression.ts";
import type { BoundRanking, FieldRef } from "../../../src/model/statement.ts";
import type { CompiledOver } from "../../../src/plan/code/compile-joins.ts";
import { compileKeys } from "../../../src/plan/code/join-code.ts";
import { compileValues } from "../../../src/plan/code/over-code.ts";
import { Ranking } from "../../../src/state/operators/ranking.ts";
import { lowerLimits } from "../../property/lower-limits.ts";
import { SeededRandom, seeds } from "../../property/random.ts";
import { randomLog, runOperator } from "./run-operator.ts";
import { SIDE_COLUMNS, SIDE_FIELDS, SideSource } from "./side-records.ts";

lowerLimits({ joinRowsMax: 8 });

const REFS: readonly FieldRef[] = SIDE_FIELDS.map((field) => ({
  ...field,
  type: { kind: field.path[0] === "n" ? "double" : "any" },
  text: field.path[0] ?? "_key",
}));
const numberOf = (name: string): number => REFS.findIndex(({ text }) => text === name);
const leaf = (index: number): BoundExpr => ({ kind: "field", type: (REFS[index] as FieldRef).type, index });

/** The first three rows of each `k` by `n`, highest first. */
function ranking(given: Partial<BoundRanking> & { readonly call?: string }): CompiledOver {
  const { call = "row_number", ...rest } = given;
  const over: BoundRanking = {
    kind: "ranking",
    fields: REFS,
    partitionBy: [numberOf("k")],
    orderBy: [{ field: numberOf("n"), descending: true, nullsFirst: false }],
    columns: [{ name: "place", call, type: { kind: "bigint" }, text: "" }],
    limit: 3,
    limitedBy: 0,
    closes: false,
    vacates: "moved",
    ...rest,
  };
  const input = { fields: REFS, columns: SIDE_COLUMNS };
  const exprs = over.orderBy.map(({ field }) => leaf(field));
  return {
    kind: "over",
    over,
    keys: compileKeys({ ...input, key: over.partitionBy.map(leaf), makes: true, nullsEqual: true }).read,
    orders: compileValues({ exprs: exprs.map((expr) => ({ expr })), ...input }).read,
    orderTypes: exprs.map(({ type }) => type),
    orderColumns: over.orderBy.map(({ field }) => field),
    fields: [...SIDE_FIELDS, { root: "value", path: ["place"] }],
    columns: [...SIDE_COLUMNS, -1],
    added: [...SIDE_COLUMNS.map(() => -1), 0],
  };
}

describe("a ranking", () => {
  it.each(seeds([], 4))("gives the same rows whatever the cuts and crashes: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const log = randomLog(random, 500, { tombstones: true, noKeys: true }).map((record) => ({ ...record, side: 0 as const }));
    const calls = ["row_number", "rank", "dense_rank"];
    let rows = 0;
    for (const call of calls) {
      const options = ranking({ call, limit: 1 + random.below(4), vacates: random.pick(["nothing", "left", "moved"] as const) });
      const make = (): Ranking => new Ranking(options, 0);
      const plain = runOperator(make, log, new SeededRandom(seed), { crashes: false, interned: false });
      const crashed = runOperator(make, log, new SeededRandom(seed + 1), { crashes: true, interned: true });
      rows += plain.rows.length;
      expect({ ...crashed, byteLength: 0 }).toEqual({ ...plain, byteLength: 0 });
    }
    // By itself one with a limit of one place may have fewer.
    expect(rows).toBeGreaterThan(20 * calls.length);
  });

  it("of partitions that are over keeps nothing, also after a restart", () => {
    const options = ranking({ partitionBy: [numberOf("f")], closes: true });
    const source = new SideSource(false);
    const feed = (operator: Ranking, from: number, to: number): void => {
      for (let index = from; index < to; index++) {
        const value = `{"f":"window ${index >> 2}","n":${index % 4},"x":"${"x".repeat(100)}"}`;
        const record = { side: 0 as const, sequence: index, offset: index, timeMs: 1000 * (index >> 2), key: null, value };
        const rows = source.rows([record], () => false);
        expect(operator.take(0, rows, 0, 1)).toBe(1);
        operator.drain();
      }
    };
    const [bounded, unbounded] = [new Ranking(options, 0), new Ranking({ ...options, over: { ...options.over, closes: false } }, 0)];
    feed(bounded, 0, 4000);
    feed(unbounded, 0, 4000);
    expect(bounded.takeSnapshot().length * 100).toBeLessThan(unbounded.takeSnapshot().length);
    const restored = new Ranking(options, 0);
    restored.apply(bounded.takeSnapshot());
    feed(restored, 4000, 8000);
    expect(restored.takeSnapshot().length).toBeLessThan(2000);
    expect(restored.byteLength).toBeLessThan(unbounded.byteLength);
  });
});
