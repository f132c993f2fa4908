import { describe, expect, it } from "vitest";
import { createDecoder } from "../../../src/adapters/codecs/create-decoder.ts";
import { SlicesBuilder } from "../../../src/adapters/codecs/slices-builder.ts";
import { must } from "../../../src/assert.ts";
import type { FieldPath } from "../../../src/model/column-batch.ts";
import type { JoinedRows, Operator, SideRows } from "../../../src/state/operators/operator.ts";
import { plannedJoins } from "./planned-joins.ts";
import { cellText } from "./side-records.ts";

const DECLARE = `
  CREATE STREAM lefts (k DOUBLE, n STRING);
  CREATE STREAM rights (k DOUBLE, r STRING);
  CREATE TABLE names (id STRING PRIMARY KEY, t STRING);`;

function rowsOf(fields: readonly FieldPath[], records: readonly (readonly [number, string | null, string | null])[]): SideRows {
  const builder = new SlicesBuilder("t", 0);
  for (const [sequence, key, value] of records) {
    builder.append(sequence * 10, sequence, key === null ? null : Buffer.from(key), value === null ? null : Buffer.from(value), null);
  }
  const [slices] = builder.build(1e6);
  const { offsets, timestampsMs } = must(slices);
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

describe("joins one after the other", () => {
  it.each(["INNER", "LEFT"] as const)("go on from what the one before gives, and number the rows of a cause: %s", (type) => {
    const { operators, fields, columns } = plannedJoins(`${DECLARE}
      INSERT INTO rows SELECT a.n, b.r, c.t FROM lefts a JOIN rights b WITHIN 100 MILLISECONDS ON a.k = b.k
        ${type} JOIN names c ON b.r = c.id;`);
    const [first, second] = operators as [Operator, Operator];
    const [left, right, table] = fields.map(
      (of) =>
        (records: Parameters<typeof rowsOf>[1]): SideRows =>
          rowsOf(of, records),
    );
    const tableRows = [
      [1, "x", '{"t":"X"}'],
      [2, "y", '{"t":"Y"}'],
      [3, "y", null],
    ] as const;
    second.take(1, must(table)(tableRows), 0, 3);
    const lefts = [
      [4, null, '{"k":1,"n":"a"}'],
      [5, null, '{"k":1,"n":"b"}'],
    ] as const;
    first.take(0, must(left)(lefts), 0, 2);
    const rights = [
      [6, null, '{"k":1.0,"r":"y"}'],
      [7, null, '{"k":1,"r":"x"}'],
    ] as const;
    first.take(1, must(right)(rights), 0, 2);
    const joined = must(first.drain());
    second.take(0, sideOf(joined), joined.from, joined.to);
    const matched = [
      [7, 0, '5 "a"|5 "x"|5 "X"', "40|70|10"],
      [7, 1, '5 "b"|5 "x"|5 "X"', "50|70|10"],
    ];
    const alone = [
      [6, 0, '5 "a"|5 "y"|0', "40|60|NaN"],
      [6, 1, '5 "b"|5 "y"|0', "50|60|NaN"],
    ];
    const seen = shown(
      must(second.drain()),
      ["a.n", "b.r", "c.t"].map((text) => must(columns.get(text), text)),
    );
    expect(seen).toEqual(type === "LEFT" ? [...alone, ...matched] : matched);
  });
});
