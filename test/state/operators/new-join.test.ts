import { describe, expect, it } from "vitest";
import { createDecoder } from "../../../src/adapters/codecs/create-decoder.ts";
import { SlicesBuilder } from "../../../src/adapters/codecs/slices-builder.ts";
import { must } from "../../../src/assert.ts";
import type { BoundExpr } from "../../../src/model/expression.ts";
import type { FieldRef } from "../../../src/model/statement.ts";
import { type JoinPlan, joinedColumns, newJoin } from "../../../src/state/operators/new-join.ts";
import type { JoinedRows, SideRows } from "../../../src/state/operators/operator.ts";
import { cellText } from "./side-records.ts";

/** Three inputs: their fields come in any order. */
const FIELDS: readonly FieldRef[] = (
  [
    ["r", 1],
    ["k", 0],
    ["", 2],
    ["k", 1],
    ["n", 0],
    ["t", 2],
  ] as const
).map(([name, input]) => ({
  root: name === "" ? "key" : "value",
  path: name === "" ? [] : [name],
  type: { kind: "any" },
  text: name,
  input,
}));

const columnsOf = (input: number): readonly number[] => {
  let next = 0;
  return FIELDS.map((field) => (field.input === input ? next++ : -1));
};
const field = (index: number): BoundExpr => ({ kind: "field", type: { kind: "any" }, index });

function rowsOf(input: number, records: readonly (readonly [number, string | null, string | null])[]): SideRows {
  const builder = new SlicesBuilder("t", 0);
  for (const [sequence, key, value] of records) {
    builder.append(sequence * 10, sequence, key === null ? null : Buffer.from(key), value === null ? null : Buffer.from(value), null);
  }
  const [slices] = builder.build(1e6);
  const { offsets, timestampsMs } = must(slices);
  const fields = FIELDS.filter((one) => one.input === input);
  const sequences = Float64Array.from(records, ([sequence]) => sequence);
  return {
    batch: createDecoder({ valueFormat: "json", keyFormat: "string", fields, interned: [] }).decode(must(slices)),
    timesMs: timestampsMs,
    versions: sequences,
    sequences,
    coordinates: [offsets],
    fail: (row, message) => expect.unreachable(`${row}: ${message}`),
  };
}

/** What a join gives to the next one. */
function sideOf({ batch, versions, coordinates }: JoinedRows): SideRows {
  const { offsets, timestampsMs } = batch.slices;
  return { batch, timesMs: timestampsMs, versions, sequences: offsets, coordinates, fail: () => expect.unreachable() };
}

function shown({ from, to, batch, ordinals, coordinates }: JoinedRows, columns: readonly number[]): unknown[] {
  return Array.from({ length: to - from }, (_, index) => {
    const row = from + index;
    const cells = columns.map((column) => cellText(must(batch.columns[column]), row));
    return [batch.slices.offsets[row], ordinals[row], cells.join("|"), coordinates.map((offsets) => offsets[row]).join("|")];
  });
}

const within = { beforeMs: 100, afterMs: 100, graceMs: 0 };
const streams: JoinPlan = {
  step: { type: "inner", keys: [{ left: field(1), right: field(3) }], residual: null, within },
  kind: "streams",
  fields: FIELDS,
  leftColumns: columnsOf(0),
  rightColumns: columnsOf(1),
  leftInputs: 1,
  leftKey: [],
  partition: 0,
};
const withTable: JoinPlan = {
  step: { type: "left", keys: [{ left: field(0), right: field(2) }], residual: null, within: null },
  kind: "stream-table",
  fields: FIELDS,
  leftColumns: joinedColumns(streams),
  rightColumns: columnsOf(2),
  leftInputs: 2,
  leftKey: [],
  partition: 0,
};

describe("joins one after the other", () => {
  it("say where the fields of all inputs lie", () => {
    expect(joinedColumns(streams)).toEqual([2, 0, -1, 3, 1, -1]);
    expect(joinedColumns(withTable)).toEqual([0, 1, 4, 2, 3, 5]);
  });

  it.each(["inner", "left"] as const)("go on from what the one before gives, and number the rows of a cause: %s", (type) => {
    const first = newJoin(streams);
    const second = newJoin({ ...withTable, step: { ...withTable.step, type } });
    const tableRows = [
      [1, "x", '{"t":"X"}'],
      [2, "y", '{"t":"Y"}'],
      [3, "y", null],
    ] as const;
    second.take(1, rowsOf(2, tableRows), 0, 3);
    const lefts = [
      [4, null, '{"k":1,"n":"a"}'],
      [5, null, '{"k":1,"n":"b"}'],
    ] as const;
    first.take(0, rowsOf(0, lefts), 0, 2);
    const rights = [
      [6, null, '{"k":1.0,"r":"y"}'],
      [7, null, '{"k":1,"r":"x"}'],
    ] as const;
    first.take(1, rowsOf(1, rights), 0, 2);
    const joined = must(first.drain());
    second.take(0, sideOf(joined), joined.from, joined.to);
    const matched = [
      [7, 0, '5 "x"|4 1 1|7 x|4 1 1|5 "a"|5 "X"', "40|70|10"],
      [7, 1, '5 "x"|4 1 1|7 x|4 1 1|5 "b"|5 "X"', "50|70|10"],
    ];
    const alone = [
      [6, 0, '5 "y"|4 1 1|0|4 1.0 1|5 "a"|0', "40|60|NaN"],
      [6, 1, '5 "y"|4 1 1|0|4 1.0 1|5 "b"|0', "50|60|NaN"],
    ];
    expect(shown(must(second.drain()), joinedColumns(withTable))).toEqual(type === "left" ? [...alone, ...matched] : matched);
  });

  it("are made by a foreign key and by the keys of tables, too", () => {
    const keys = [{ left: field(1), right: field(2) }];
    const plan: JoinPlan = {
      ...withTable,
      step: { type: "inner", keys, residual: null, within: null },
      leftColumns: columnsOf(0),
      leftInputs: 1,
      kind: "tables",
    };
    const lefts = [
      [1, null, '{"k":"x","n":"a"}'],
      [2, null, '{"k":"x","n":"b"}'],
    ] as const;
    const seen = [newJoin({ ...plan, kind: "foreign-key", leftKey: [field(4)] }), newJoin(plan)].map((join) => {
      join.take(0, rowsOf(0, lefts), 0, 2);
      join.take(1, rowsOf(2, [[3, "x", '{"t":1}']]), 0, 1);
      const columns = joinedColumns(plan).filter((column) => column >= 0);
      return shown(must(join.drain()), columns);
    });
    const [a, b] = ["a", "b"].map((n) => `5 "x"|7 x|5 "${n}"|4 1 1`);
    expect(seen).toEqual([
      [
        [3, 0, a, "10|30"],
        [3, 1, b, "20|30"],
      ],
      [[3, 0, b, "20|30"]],
    ]);
  });
});
