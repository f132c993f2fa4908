import { createDecoder } from "../../src/adapters/codecs/create-decoder.ts";
import { must } from "../../src/assert.ts";
import type { FieldPath } from "../../src/model/column-batch.ts";
import type { Operator, SideRows } from "../../src/state/operators/operator.ts";
import { encodedReadings, ROWS, slicesOf } from "./rows.ts";

/** The readings as rows of a side. `keep`: which of them. */
export function sideRows(read: readonly FieldPath[] | undefined, isInterned = true, keep: (row: number) => boolean = () => true): SideRows {
  const fields = must(read, "fields of the side");
  const interned = isInterned ? fields.flatMap(({ path }, index) => (path[0] === "deviceId" || path.length === 0 ? [index] : [])) : [];
  const decoder = createDecoder({ valueFormat: "json", keyFormat: "string", fields, interned });
  const slices = slicesOf(encodedReadings());
  const batch = decoder.decode(slices);
  const conditions = batch.conditions.map((condition, row) => (keep(row) ? condition : 2));
  return {
    batch: { ...batch, conditions },
    timesMs: slices.timestampsMs,
    versions: slices.offsets,
    sequences: slices.offsets,
    coordinates: [slices.offsets],
    fail: (row) => {
      throw new Error(`row ${row} cannot be taken`);
    },
  };
}

/** All rows of a side; gives what came out last. */
export function takeAll(join: Operator, side: 0 | 1, rows: SideRows): unknown {
  let last: unknown = null;
  for (let row = 0; row < ROWS; ) {
    row = join.take(side, rows, row, ROWS);
    last = join.drain() ?? last;
  }
  return last;
}
