import { LIMITS } from "../../limits.ts";
import type { DataType } from "../../model/type.ts";
import type { ObjectValue, Value } from "../../model/value.ts";
import { type Collector, type ObjectAggregate, plain } from "../collector.ts";
import { comparatorOf } from "../comparator.ts";
import { recomputed } from "../counted-values.ts";
import { column } from "../example-rows.ts";
import { keptRows } from "../kept-rows.ts";
import { any, optional } from "../parameters.ts";
import { comparePositions, type Position } from "../position.ts";
import { T, U } from "../spec.ts";
import { keep, refuseMore } from "./collect.ts";

const VALUE = { name: "value", type: T } as const;
const ROWS = [
  { room: "attic", temperature: 19 },
  { room: "hall", temperature: 23 },
  { room: "cellar", temperature: null },
];

/** Which one of the values: by the order of the log, by time, or by another value. */
export const orderFunctions: readonly ObjectAggregate[] = [
  byOffset("earliest_by_offset", [], "The first value in the log, or with a count the first ones as an array", false),
  byOffset("latest_by_offset", [], "The last value in the log, or with a count the last ones as an array", true),
  {
    name: "first",
    synonyms: ["first_value"],
    parameters: [VALUE],
    result: T,
    doc: "The value of the least event time that is not null; of equal times the one first in the log.",
    differs: "DuckDB goes by the order of rows, and takes nulls.",
    examples: [{ sql: "first(v)", rows: column([null, 21, 22]), result: 21, duckdb: null }],
    timed: true,
    collector: () => mergedExtreme(1, compareTimes),
    retracting: () => countedExtreme(1, compareTimes, 3),
  },
  {
    name: "last",
    synonyms: ["last_value"],
    parameters: [VALUE],
    result: T,
    doc: "The value of the greatest event time that is not null; of equal times the one last in the log.",
    differs: "DuckDB goes by the order of rows, and takes nulls.",
    examples: [{ sql: "last(v)", rows: column([21, 22, null]), result: 22, duckdb: null }],
    timed: true,
    collector: () => mergedExtreme(-1, laterOf(compareTimes)),
    retracting: () => countedExtreme(-1, laterOf(compareTimes), 3),
  },
  {
    name: "arg_min",
    synonyms: ["min_by", "argmin"],
    parameters: [VALUE, { name: "by", type: U }],
    result: T,
    doc: "The value where another one is least; the first such one in the log.",
    examples: [{ sql: "arg_min(room, temperature)", rows: ROWS, result: "attic" }],
    collector: ([, by]) => extremeOf(1, comparatorOf(by as DataType)),
    merging: ([, by]) => positioned(mergedExtreme(1, thenOffset(1, comparatorOf(by as DataType)))),
    retracting: ([, by]) => positioned(countedExtreme(1, thenOffset(1, comparatorOf(by as DataType)), 3)),
  },
  {
    name: "arg_max",
    synonyms: ["max_by", "argmax"],
    parameters: [VALUE, { name: "by", type: U }],
    result: T,
    doc: "The value where another one is greatest; the first such one in the log.",
    examples: [{ sql: "arg_max(room, temperature)", rows: ROWS, result: "hall" }],
    collector: ([, by]) => extremeOf(-1, comparatorOf(by as DataType)),
    merging: ([, by]) => positioned(mergedExtreme(-1, thenOffset(-1, comparatorOf(by as DataType)))),
    retracting: ([, by]) => positioned(countedExtreme(-1, thenOffset(-1, comparatorOf(by as DataType)), 3)),
  },
  {
    name: "any_value",
    synonyms: ["arbitrary", "attr"],
    parameters: [VALUE],
    result: T,
    doc: "The first value in the log that is not null: for what is the same in the whole group.",
    examples: [{ sql: "any_value(v)", rows: column([null, "a", "a"]), result: "a" }],
    collector: () =>
      plain<{ value: Value }>({
        create: () => ({ value: null }),
        add: (state, value = null) => {
          state.value ??= value;
          return 0;
        },
        result: ({ value }) => value,
      }),
    merging: () => positioned(mergedExtreme(1, compareOffsets)),
    retracting: () => positioned(countedExtreme(1, compareOffsets, 2)),
  },
];

type Order = (left: Value, right: Value) => number;

interface Extreme {
  value: Value;
  by: Value;
}

/** The value that the least key comes with, or of sign -1 the greatest; of equal ones the first to come. */
function extremeOf(sign: 1 | -1, compare: Order): Collector<Extreme> {
  return plain<Extreme & ObjectValue>({
    create: () => ({ value: null, by: null }),
    add: (state, value = null, ...keys) => putExtreme(state, value, keys.length === 1 ? (keys[0] ?? null) : keys, sign, compare),
    result: ({ value }) => value,
  });
}

function putExtreme(state: Extreme, value: Value, by: Value, sign: 1 | -1, compare: Order): number {
  if (state.by !== null && compare(by, state.by) * sign >= 0) return 0;
  state.value = value;
  state.by = by;
  return 0;
}

/** By keys of which no two are equal, so that it does not matter in which order they come. */
function mergedExtreme(sign: 1 | -1, compare: Order): Collector {
  const merge = (state: Extreme, { value, by }: Extreme): number => (by === null ? 0 : putExtreme(state, value, by, sign, compare));
  return { ...extremeOf(sign, compare), merge } as Collector;
}

/** The same of rows that may be taken back; `arity`: value, keys. */
function countedExtreme(sign: 1 | -1, compare: Order, arity: number): Collector {
  return recomputed(extremeOf(sign, compare), arity, 1) as Collector;
}

const positioned = (collector: Collector): Collector => ({ ...collector, positioned: true });

/** Keys followed by the offset, of which the lesser one comes first whatever the sign. */
function thenOffset(sign: 1 | -1, compare: Order): Order {
  return (left, right) => {
    const [[key = null, offset], [otherKey = null, otherOffset]] = [left, right] as [Value[], Value[]];
    return compare(key, otherKey) || sign * compareOffsets(offset as Value, otherOffset as Value);
  };
}

/** Rows that one record of a join brings share its place: of those the last to come. */
function laterOf(compare: Order): Order {
  return (left, right) => compare(left, right) || 1;
}

const compareOffsets: Order = (left, right) => comparePositions(left as Position, right as Position);

/** Event time, then offset. */
function compareTimes(left: Value, right: Value): number {
  const [[time = 0, offset = 0], [otherTime = 0, otherOffset = 0]] = [left, right] as [Value[], Value[]];
  return (time as number) - (otherTime as number) || compareOffsets(offset, otherOffset);
}

interface Several {
  values: Value[];
}

/** `(value)`, `(value, count)`, `(value, ignore_nulls)`, `(value, count, ignore_nulls)` as in ksqlDB. */
function byOffset(name: string, synonyms: readonly string[], doc: string, isLatest: boolean): ObjectAggregate {
  const shown = isLatest ? [22, 23] : [21, 22];
  return {
    name,
    synonyms,
    parameters: [VALUE, optional({ ...any("count"), literal: true }), optional({ ...any("ignore_nulls"), literal: true })],
    result: ([type, second]) => (isCount(second) ? { kind: "array", element: type as DataType } : (type as DataType)),
    doc: `${doc}; nulls are left out unless \`ignore_nulls\` is FALSE.`,
    examples: [
      { sql: `${name}(v)`, rows: column([21, 22, 23, null]), result: isLatest ? 23 : 21, duckdb: null },
      { sql: `${name}(v, 2)`, rows: column([21, 22, 23]), result: shown, duckdb: null },
      { sql: `${name}(v, FALSE)`, rows: column([null, 21, null]), result: null, duckdb: null },
    ],
    nullable: true,
    collector: (types, literals) => several(readOffsetCall(name, types, literals), isLatest),
    merging: (types, literals) => {
      const call = readOffsetCall(name, types, literals);
      const counts = ([value]: readonly Value[]): boolean => value !== null || !call.ignoresNulls;
      return keptRows(several(call, isLatest), { from: isLatest ? "last" : "first", most: call.count, counts }) as Collector;
    },
  };
}

interface OffsetCall {
  readonly count: number;
  readonly asArray: boolean;
  readonly ignoresNulls: boolean;
}

function readOffsetCall(name: string, [, second]: readonly DataType[], [, ...given]: readonly (Value | undefined)[]): OffsetCall {
  const asArray = isCount(second);
  const count = asArray ? Number(given[0]) : 1;
  if (!(count >= 1)) throw new RangeError(`the count of ${name} is not positive`);
  refuseMore(count, LIMITS.collectedValuesMax, "collectedValuesMax");
  return { count, asArray, ignoresNulls: given.find((value) => typeof value === "boolean") !== false };
}

function several({ count, asArray, ignoresNulls }: OffsetCall, isLatest: boolean): Collector {
  const collector: Collector<Several> = {
    create: () => ({ values: [] }),
    add: ({ values }, value = null) => {
      if ((value === null && ignoresNulls) || (!isLatest && values.length === count)) return 0;
      const bytes = keep(values, value);
      if (values.length > count) values.shift();
      return values.length === count ? 0 : bytes;
    },
    result: ({ values }) => (asArray ? [...values] : (values[0] ?? null)),
    save: ({ values }) => [...values],
    load: (kept) => ({ values: [...(kept as readonly Value[])] }),
  };
  return collector as Collector;
}

function isCount(type: DataType | undefined): boolean {
  return type?.kind === "int" || type?.kind === "bigint";
}
