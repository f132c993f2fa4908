import { LIMITS } from "../limits.ts";
import type { Value } from "../model/value.ts";
import type { Collector } from "./collector.ts";
import { comparePositions, type Position } from "./position.ts";
import { keyOf } from "./value-set.ts";
import { valueSize } from "./value-size.ts";

export interface CountedValue {
  /** Of several arguments their combination. */
  readonly value: Value;
  count: number;
  /** Of the row with which it came first; 0 where that does not matter. */
  offset: Position;
}

type Counts = Map<unknown, CountedValue>;

const ENTRY_BYTES = 72;

/**
 * Keeps each value once, with how often it came, so that it can be taken back. `result` gets those that are there; `positioned`: in the
 * order in which they came first in the log, which needs the offset of each row, and tells of merged states alone.
 */
export function countedValues(result: (values: readonly CountedValue[]) => Value, positioned = false): Collector<Counts> {
  const take = (counts: Counts, { value, count, offset }: CountedValue): number => {
    const key = keyOf(value);
    const known = counts.get(key);
    if (known !== undefined) {
      known.count += count;
      if (comparePositions(offset, known.offset) < 0) {
        known.offset = offset;
        // Of values that came first with one row, those stand in front that it has in front.
        counts.delete(key);
        counts.set(key, known);
      }
      return 0;
    }
    const most = LIMITS.distinctValuesMax;
    if (counts.size >= most) throw new RangeError(`there are more than ${most} values (distinctValuesMax)`);
    counts.set(key, { value, count, offset });
    return ENTRY_BYTES + valueSize(value);
  };
  return {
    ...(positioned ? { positioned: true } : {}),
    create: () => new Map(),
    add: (counts, ...values) => {
      const offset = positioned ? (values.at(-1) as Position) : 0;
      return take(counts, { value: combined(positioned ? values.slice(0, -1) : values), count: 1, offset });
    },
    merge: (counts, others) => {
      let bytes = 0;
      for (const other of others.values()) bytes += take(counts, other);
      return bytes;
    },
    ...(positioned ? {} : { retract }),
    result: (counts) => {
      const values = [...counts.values()];
      return result(positioned ? values.sort((left, right) => comparePositions(left.offset, right.offset)) : values);
    },
    save: (counts) => [...counts.values()].map(({ value, count, offset }) => [value, count, offset]),
    load: (kept) => {
      const saved = kept as readonly (readonly [Value, number, Position])[];
      return new Map(saved.map(([value, count, offset]) => [keyOf(value), { value, count, offset }]));
    },
  };
}

function retract(counts: Counts, ...values: readonly Value[]): number {
  const key = keyOf(combined(values));
  const known = counts.get(key);
  if (known === undefined) return 0;
  known.count--;
  if (known.count > 0) return 0;
  counts.delete(key);
  return -ENTRY_BYTES - valueSize(known.value);
}

function combined(values: readonly Value[]): Value {
  return values.length === 1 ? (values[0] ?? null) : values;
}

/**
 * An aggregate that can take rows back, since it is computed anew of the counted values: each given as often as it came, `timesMax` times
 * at most. `arity`: the number of its arguments.
 */
export function recomputed<S>(inner: Collector<S>, arity: number, timesMax: number): Collector<Counts> {
  return countedValues((values) => {
    const state = inner.create();
    for (const { value, count } of values) {
      const given = arity === 1 ? [value] : (value as readonly Value[]);
      for (let times = Math.min(count, timesMax); times > 0; times--) inner.add(state, ...given);
    }
    return inner.result(state);
  });
}
