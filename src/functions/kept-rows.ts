import { LIMITS } from "../limits.ts";
import type { Value } from "../model/value.ts";
import type { Collector } from "./collector.ts";
import { comparePositions, type Position } from "./position.ts";
import { valueSize } from "./value-size.ts";

/** Rows in the order of their positions; those of one record are next to each other. */
interface Rows {
  readonly offsets: Position[];
  readonly rows: (readonly Value[])[];
}

/** Which rows have a say in the result, where not all have: the first or the last ones, of those that count. */
export interface RowsInQuestion {
  readonly from: "first" | "last";
  readonly most: number;
  readonly counts: (values: readonly Value[]) => boolean;
}

/**
 * Computes an aggregate anew from its rows in the order of the log, however its states were merged and whatever was taken back. All rows
 * are kept, `collectedValuesMax` at most, or those in question, of which none can be taken back.
 */
export function keptRows<S>(inner: Collector<S>, inQuestion: RowsInQuestion | null = null): Collector<Rows> {
  const put = (state: Rows, offset: Position, values: readonly Value[]): number => {
    const at = placeBehind(state.offsets, offset);
    state.offsets.splice(at, 0, offset);
    state.rows.splice(at, 0, values);
    const bytes = rowBytes(values);
    if (inQuestion === null) {
      const most = LIMITS.collectedValuesMax;
      if (state.rows.length > most) throw new RangeError(`there are more than ${most} values (collectedValuesMax)`);
      return bytes;
    }
    return state.rows.length <= inQuestion.most ? bytes : bytes - drop(state, inQuestion.from === "first" ? state.rows.length - 1 : 0);
  };
  return {
    positioned: true,
    create: () => ({ offsets: [], rows: [] }),
    add: (state, ...values) => {
      const row = values.slice(0, -1);
      return inQuestion?.counts(row) === false ? 0 : put(state, values.at(-1) as Position, row);
    },
    merge: (state, other) => other.rows.reduce((bytes, row, index) => bytes + put(state, other.offsets[index] as Position, row), 0),
    ...(inQuestion === null ? { retract } : {}),
    result: ({ rows }) => {
      const state = inner.create();
      for (const row of rows) inner.add(state, ...row);
      return inner.result(state);
    },
    save: ({ offsets, rows }) => rows.map((row, index) => [offsets[index] as Position, ...row]),
    load: (kept) => {
      const saved = kept as readonly (readonly Value[])[];
      return { offsets: saved.map(([offset]) => offset as Position), rows: saved.map(([, ...row]) => row) };
    },
  };
}

function retract({ offsets, rows }: Rows, ...values: readonly Value[]): number {
  const at = placeBehind(offsets, values.at(-1) as Position) - 1;
  return offsets[at] === values.at(-1) ? -drop({ offsets, rows }, at) : 0;
}

/** The bytes that are free then. */
function drop({ offsets, rows }: Rows, at: number): number {
  offsets.splice(at, 1);
  return rowBytes(rows.splice(at, 1)[0] as readonly Value[]);
}

/** Most come at the end. */
function placeBehind(offsets: readonly Position[], offset: Position): number {
  let [low, high] = [0, offsets.length];
  if (high === 0 || comparePositions(offsets[high - 1] as Position, offset) <= 0) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (comparePositions(offsets[middle] as Position, offset) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

const ROW_BYTES = 40;

function rowBytes(values: readonly Value[]): number {
  return values.reduce<number>((sum, value) => sum + valueSize(value), ROW_BYTES);
}
