import { describe, expect, it } from "vitest";
import { createDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import { SlicesBuilder } from "../../src/adapters/codecs/slices-builder.ts";
import { must } from "../../src/assert.ts";
import type { ColumnBatch } from "../../src/model/column-batch.ts";
import type { BoundExpr } from "../../src/model/expression.ts";
import type { FieldRef } from "../../src/model/statement.ts";
import type { DataType } from "../../src/model/type.ts";
import { compileKeys, compilePairTest, FAILED_KEY, NO_KEY, Verdict } from "../../src/plan/code/join-code.ts";
import { GroupKeys } from "../../src/state/group-keys.ts";
import { SideKeys } from "../../src/state/operators/side-keys.ts";

const NAMES = ["", "a", "b"];
const columns = [0, 1, 2];

const fieldsOf = (types: readonly DataType["kind"][]): readonly FieldRef[] =>
  NAMES.map((name, i) => ({
    root: name === "" ? "key" : "value",
    path: name === "" ? [] : [name],
    type: { kind: types[i] ?? "any" } as DataType,
    text: name || "_key",
  }));

function batchOf(records: readonly (readonly [string | null, string | null])[], interned: readonly number[]): ColumnBatch {
  const builder = new SlicesBuilder("t", 0);
  for (const [row, [key, value]] of records.entries()) {
    builder.append(row, row, key === null ? null : Buffer.from(key), value === null ? null : Buffer.from(value), null);
  }
  const [slices] = builder.build(records.length);
  return createDecoder({ valueFormat: "json", keyFormat: "string", fields: fieldsOf([]), interned }).decode(must(slices));
}

function keysOf(parts: readonly string[], types: readonly DataType["kind"][], makes: boolean, into: GroupKeys, reader = 0): SideKeys {
  const fields = fieldsOf(types);
  const key = parts.map((name): BoundExpr => {
    const index = NAMES.indexOf(name);
    return { kind: "field", type: must(fields[index]).type, index };
  });
  return new SideKeys(compileKeys({ key, fields, columns, makes }).read, into, reader);
}

describe("keys of a join", () => {
  const records = [
    ['q"é', '{"a":"q\\"\\u00e9","b":7}'],
    ["x", '{"a":"x","b":7.0}'],
    ["7", '{"a":"7","b":"7"}'],
    [null, '{"b":null}'],
    ["", '{"a":"","b":12345678901234567890}'],
    ["z", null],
  ] as const;

  it.each([[[]], [[0, 1]]])("are equal where values are, in whatever way they are written; interned: %j", (interned) => {
    const keys = new GroupKeys(1);
    const batch = batchOf(records, interned);
    const byKey = [...keysOf([""], ["string"], true, keys).readPinned(batch, 0, 6).subarray(0, 6)];
    const byField = [...keysOf(["a"], ["any", "string"], false, keys, 1).read(batch, 0, 6).subarray(0, 6)];
    expect(byField).toEqual([byKey[0], byKey[1], byKey[2], NO_KEY, byKey[4], NO_KEY]);
    expect(byKey[3]).toBe(NO_KEY);
    expect(new Set(byKey).size).toBe(6);
    const numbers = [...keysOf(["b"], [], true, keys, 2).read(batch, 0, 6).subarray(0, 6)];
    expect(numbers[0]).toBe(numbers[1]);
    expect([numbers[2], numbers[3]]).toEqual([byKey[2], NO_KEY]);
    expect(keys.textOf(must(numbers[4])).toString()).toBe("12345678901234567890");
  });

  it("have no value where a part has none, and are made only where they are to be", () => {
    const keys = new GroupKeys(2);
    const batch = batchOf(records, []);
    const found = keysOf(["a", "b"], [], false, keys).read(batch, 0, 6).slice(0, 6);
    expect([...found]).toEqual([-1, -1, -1, -1, -1, -1]);
    expect(keys.count).toBe(0);
    const made = keysOf(["a", "b"], [], true, keys).read(batch, 0, 6).slice(0, 6);
    expect([...made].map((id) => id === NO_KEY)).toEqual([false, false, false, true, false, true]);
    expect(keys.valuesOf(must(made[0]))).toEqual(['q"é', 7]);
    expect([...keysOf(["a", "b"], [], false, keys).read(batch, 0, 6).slice(0, 6)]).toEqual([...made]);
  });

  it("fail by row, with the reason", () => {
    const keys = keysOf(["a"], ["any", "bigint"], true, new GroupKeys(1));
    const batch = batchOf(
      ['{"a":1}', '{"a":"x"}', '{"a":2}'].map((value) => [null, value] as const),
      [],
    );
    const ids = [...keys.read(batch, 0, 3).subarray(0, 3)];
    expect(ids.map((id) => id === FAILED_KEY)).toEqual([false, true, false]);
    expect(keys.failureOf(1)).toBe("a: expected an integer of 64 bits, found a string");
    const nested = keysOf(["a"], [], true, new GroupKeys(1));
    expect(nested.read(batchOf([[null, '{"a":[1]}']], []), 0, 1)[0]).toBe(FAILED_KEY);
    expect(nested.failureOf(0)).toBe("objects and arrays cannot be joined by");
  });
});

describe("a condition between rows", () => {
  it("judges the pairs that it is asked about, and tells why it cannot", () => {
    const fields = fieldsOf(["any", "double", "double"]);
    const side = (index: number): BoundExpr => ({ kind: "field", type: { kind: "double" }, index });
    const condition: BoundExpr = { kind: "binary", type: { kind: "boolean" }, op: "<", left: side(1), right: side(2) };
    const test = compilePairTest(condition, fields, columns);
    expect(test.columns.toSorted((a, b) => a - b)).toEqual([1, 2]);
    const values = ['{"a":1,"b":2}', '{"a":2,"b":1}', '{"a":1}', '{"a":"x","b":1}', '{"a":"x","b":1}'];
    const batch = batchOf(
      values.map((value) => [null, value] as const),
      [],
    );
    const verdicts = new Uint8Array(5).fill(Verdict.asked);
    verdicts[4] = Verdict.unasked;
    const told: string[] = [];
    test.judge(batch, 0, 5, { verdicts, failed: (row, message) => told.push(`${row}: ${message}`) });
    expect([...verdicts]).toEqual([Verdict.true, Verdict.false, Verdict.false, Verdict.failed, Verdict.unasked]);
    expect(told).toEqual(["3: a: expected a number, found a string"]);
  });
});
