import { describe, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { BoundExpr } from "../../../src/model/expression.ts";
import type { BoundAggregate, BoundFrame, BoundRunningCall, FieldRef } from "../../../src/model/statement.ts";
import { FunctionCache } from "../../../src/plan/code/generated-function.ts";
import { type CompiledRunning, compileRunning } from "../../../src/plan/code/running-code.ts";
import { RunningRows } from "../../../src/state/operators/running-rows.ts";
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
const leaf = (name: string): BoundExpr => {
  const index = REFS.findIndex(({ text }) => text === name);
  return { kind: "field", type: (REFS[index] as FieldRef).type, index };
};

function aggregate(name: string, argument: BoundExpr | null, frame: BoundFrame | null): BoundAggregate {
  const handling = frame !== null && frame.from !== null ? { handling: "retracted" as const } : {};
  return { name, argument, more: [], distinct: false, filter: null, ...handling, type: argument?.type ?? { kind: "bigint" }, text: name };
}

interface Wish {
  readonly call: string;
  readonly of?: string;
  readonly by?: string;
  readonly frame?: BoundFrame | null;
}

/** Columns `o0`, `o1` … behind those of the records. */
function running(wishes: readonly Wish[]): CompiledRunning {
  const calls = wishes.map(({ call, of, by = "k", frame = null }): BoundRunningCall => {
    const argument = of === undefined ? null : leaf(of);
    const isOwn = ["lag", "row_number", "first_value", "last_value"].includes(call);
    return {
      call,
      type: isOwn && argument === null ? { kind: "bigint" } : (argument?.type ?? { kind: "bigint" }),
      text: call,
      partitionBy: [leaf(by)],
      aggregate: isOwn ? null : aggregate(call, argument, frame),
      args: isOwn && argument !== null ? [argument] : [],
      ignoresNulls: call === "last_value",
      frame,
    };
  });
  const items = SIDE_FIELDS.flatMap(({ root, path }) =>
    root === "value" ? [{ kind: "column" as const, name: path[0] as string, expr: leaf(path[0] as string) }] : [],
  );
  const added = calls.map(({ type }, index): FieldRef => ({ root: "value", path: [`o${index}`], type, text: "" }));
  const made = calls.map(({ type, text }, index) => ({ kind: "column", name: `o${index}`, expr: { kind: "over", type, index, text } }));
  const plan = { statement: { where: null, items: [...items, ...made] }, fields: REFS, columns: SIDE_COLUMNS };
  return compileRunning(plan as never, { kind: "running", calls }, [...REFS, ...added], new FunctionCache());
}

const FRAMES: readonly (BoundFrame | null)[] = [
  null,
  { unit: "rows", from: 3, to: 0 },
  { unit: "rows", from: null, to: 2 },
  { unit: "rows", from: 4, to: 1 },
  { unit: "ms", from: 60, to: 0 },
  { unit: "ms", from: 200, to: 30 },
];

describe("rows that look back", () => {
  it.each(seeds([2049973544], 4))("come out the same whatever the cuts and crashes: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const log = randomLog(random, 300, { tombstones: true, noKeys: true }).map((record) => ({ ...record, side: 0 as const }));
    const broken = random.below(log.length);
    log[broken] = { ...must(log[broken]), value: '{"k":"a","f":"a","n":"no number"}' };
    for (const frame of FRAMES) {
      const options = running([
        { call: "sum", of: "n", frame },
        { call: "max", of: "n", frame },
        { call: "count", frame, by: "f" },
        { call: "lag", of: "x" },
        { call: "first_value", of: "n", frame },
        { call: "last_value", of: "x", frame },
        { call: "collect_list", of: "n", frame },
      ]);
      const make = (): RunningRows => new RunningRows(options);
      const plain = runOperator(make, log, new SeededRandom(seed), { crashes: false, interned: false });
      const crashed = runOperator(make, log, new SeededRandom(seed + 1), { crashes: true, interned: true });
      expect(plain.rows.length).toBeGreaterThan(20);
      expect(plain.failed.length).toBeGreaterThan(0);
      if (frame?.unit === "ms") expect(plain.late).toBeGreaterThan(0);
      expect({ ...crashed, byteLength: 0 }).toEqual({ ...plain, byteLength: 0 });
    }
  });

  it.each([
    ["rows", { unit: "rows", from: 9, to: 0 }],
    ["time", { unit: "ms", from: 9, to: 0 }],
  ] as const)("keep no more than a frame of %s", (_unit, frame) => {
    const bounded = new RunningRows(
      running([
        { call: "max", of: "n", frame },
        { call: "first_value", of: "x", frame },
        { call: "sum", of: "n", frame },
      ]),
    );
    const source = new SideSource(false);
    const feed = (from: number, to: number): void => {
      for (let index = from; index < to; index++) {
        const value = `{"k":"one","n":${index % 7},"x":"${"x".repeat(100)}"}`;
        const rows = source.rows([{ side: 0, sequence: index, offset: index, timeMs: index, key: null, value }], () => false);
        expect(bounded.take(0, rows, 0, 1)).toBe(1);
        bounded.drain();
      }
    };
    feed(0, 200);
    const [bytes, snapshot] = [bounded.byteLength, bounded.takeSnapshot().length];
    feed(200, 5000);
    expect(bounded.byteLength).toBeLessThan(bytes * 2);
    expect(bounded.takeSnapshot().length).toBeLessThan(snapshot * 1.2);
    feed(5000, 5001);
    // Of a frame a delta holds what is new.
    expect(bounded.takeDelta().length).toBeLessThan(snapshot);
  });
});
