import { type ColumnBatch, Condition } from "../../model/column-batch.ts";
import { Flag } from "../../plan/code/task.ts";

/** Flags rows [from, to) that delete from a table; gives whether there are any. All others are sound. */
export function flagTombstones({ conditions }: ColumnBatch, from: number, to: number, flags: Uint8Array): boolean {
  let isAny = false;
  for (let row = from; row < to; row++) {
    const isGone = conditions[row] === Condition.tombstone;
    flags[row] = isGone ? Flag.tombstone : 0;
    isAny ||= isGone;
  }
  return isAny;
}
