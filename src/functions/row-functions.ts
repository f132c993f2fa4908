import { LIMITS } from "../limits.ts";
import { BIGINT } from "../model/type.ts";
import type { Value } from "../model/value.ts";
import type { Collector } from "./collector.ts";
import { integer, optional } from "./parameters.ts";
import { type Parameter, T, type TypePattern } from "./spec.ts";
import { valueSize } from "./value-size.ts";

/**
 * A function that means nothing without OVER: of the rows before a row, in the order in which they came. Rows are taken back in that order,
 * too. Its collector is asked for the result behind each row.
 */
export interface RowFunction {
  /** Lower case. */
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: TypePattern;
  /** Whether it looks at a frame, or else at the partition. */
  readonly framed: boolean;
  readonly collector: (use: RowFunctionUse) => Collector;
}

export interface RowFunctionUse {
  readonly ignoresNulls: boolean;
  /** Whether rows are taken back. */
  readonly retracts: boolean;
  /** By argument. */
  readonly literals: readonly (Value | undefined)[];
}

const VALUE = { name: "value", type: T } as const;

const LIST: readonly RowFunction[] = [
  { name: "row_number", parameters: [], result: BIGINT, framed: false, collector: () => rowNumber as Collector },
  {
    name: "lag",
    parameters: [VALUE, optional({ ...integer("offset"), literal: true }), optional({ ...VALUE, name: "default" })],
    result: T,
    framed: false,
    collector: ({ ignoresNulls, literals: [, offset] }) => lag(offsetOf(offset), ignoresNulls) as Collector,
  },
  {
    name: "first_value",
    parameters: [VALUE],
    result: T,
    framed: true,
    collector: ({ ignoresNulls, retracts }) => (retracts ? endOf(0, ignoresNulls) : firstOf(ignoresNulls)) as Collector,
  },
  {
    name: "last_value",
    parameters: [VALUE],
    result: T,
    framed: true,
    collector: ({ ignoresNulls, retracts }) => (retracts ? endOf(-1, ignoresNulls) : lastOf(ignoresNulls)) as Collector,
  },
];

/** By name. */
export const ROW_FUNCTIONS: ReadonlyMap<string, RowFunction> = new Map(LIST.map((spec) => [spec.name, spec]));

const rowNumber: Collector<{ rows: number }> = {
  create: () => ({ rows: 0 }),
  add: (state) => {
    state.rows++;
    return 0;
  },
  result: ({ rows }) => rows,
  save: ({ rows }) => rows,
  load: (rows) => ({ rows: rows as number }),
};

function offsetOf(offset: Value | undefined): number {
  const rows = offset === undefined ? 1 : Number(offset);
  if (Number.isSafeInteger(rows) && rows >= 0 && rows <= LIMITS.frameRowsMax) return rows;
  throw new RangeError(`the offset of LAG is a number of rows, ${LIMITS.frameRowsMax} at most (frameRowsMax)`);
}

/** Values in the order in which they came; those before `from` are gone. */
interface Queue {
  values: Value[];
  from: number;
}

function push({ values }: Queue, value: Value): number {
  values.push(value);
  return valueSize(value);
}

/** Gives the growth in bytes. */
function shift(queue: Queue): number {
  const value = queue.values[queue.from] as Value;
  queue.values[queue.from++] = null;
  if (queue.from * 2 > queue.values.length) {
    queue.values = queue.values.slice(queue.from);
    queue.from = 0;
  }
  return -valueSize(value);
}

const KEPT = {
  save: ({ values, from }: Queue): Value => values.slice(from),
  load: (kept: Value): Queue => ({ values: [...(kept as readonly Value[])], from: 0 }),
};

/** The value of so many rows before, of those that count; the row itself is none of them. */
function lag(offset: number, ignoresNulls: boolean): Collector<Queue & { result: Value }> {
  return {
    create: () => ({ values: [], from: 0, result: null }),
    add: (state, value = null, ...more) => {
      const isFull = state.values.length - state.from === offset;
      if (offset === 0) state.result = value;
      else state.result = isFull ? (state.values[state.from] as Value) : ((more.length === 2 ? more[1] : null) ?? null);
      if (offset === 0 || (value === null && ignoresNulls)) return 0;
      return push(state, value) + (isFull ? shift(state) : 0);
    },
    result: ({ result }) => result,
    save: KEPT.save,
    load: (kept) => ({ ...KEPT.load(kept), result: null }),
  };
}

/** The first or the last value of those that have not been taken back. */
function endOf(place: 0 | -1, ignoresNulls: boolean): Collector<Queue> {
  return {
    ...KEPT,
    create: () => ({ values: [], from: 0 }),
    add: (queue, value = null) => (value === null && ignoresNulls ? 0 : push(queue, value)),
    retract: (queue, value = null) => (value === null && ignoresNulls ? 0 : shift(queue)),
    result: ({ values, from }) => (from === values.length ? null : ((place === 0 ? values[from] : values.at(-1)) ?? null)),
  };
}

interface One {
  /** Empty: none. */
  values: readonly Value[];
}

const ONE = {
  create: (): One => ({ values: [] }),
  result: ({ values }: One): Value => values[0] ?? null,
  save: ({ values }: One): Value => values,
  load: (kept: Value): One => ({ values: kept as readonly Value[] }),
};

function firstOf(ignoresNulls: boolean): Collector<One> {
  return {
    ...ONE,
    add: (state, value = null) => {
      if (state.values.length > 0 || (value === null && ignoresNulls)) return 0;
      state.values = [value];
      return valueSize(value);
    },
  };
}

function lastOf(ignoresNulls: boolean): Collector<One> {
  return {
    ...ONE,
    add: (state, value = null) => {
      if (value === null && ignoresNulls) return 0;
      const before = state.values.length === 0 ? 0 : valueSize(state.values[0] as Value);
      state.values = [value];
      return valueSize(value) - before;
    },
  };
}

/**
 * The least or greatest value of a frame, whose rows leave in the order in which they came: only values that no later one beats can come
 * to be it, which are in order. Arguments are followed by the row's position.
 */
export function slidingExtreme(sign: 1 | -1, compare: (left: Value, right: Value) => number): Collector {
  const collector: Collector<Queue & { positions: number[] }> = {
    positioned: true,
    create: () => ({ values: [], positions: [], from: 0 }),
    add: (state, value = null, position = 0) => {
      let bytes = push(state, value);
      state.positions.push(position as number);
      const { values, positions } = state;
      while (values.length - state.from > 1 && compare(value, values[values.length - 2] as Value) * sign <= 0) {
        bytes -= valueSize(values[values.length - 2] as Value);
        values.splice(-2, 1);
        positions.splice(-2, 1);
      }
      return bytes;
    },
    retract: (state, _value, position = 0) => {
      if (state.from === state.values.length || state.positions[state.from] !== position) return 0;
      const { from } = state;
      const bytes = shift(state);
      // Moved to the front.
      if (state.from === 0) state.positions = state.positions.slice(from + 1);
      return bytes;
    },
    result: ({ values, from }) => values[from] ?? null,
    save: ({ values, positions, from }) => [values.slice(from), positions.slice(from)],
    load: (kept) => {
      const [values, positions] = kept as readonly [readonly Value[], readonly number[]];
      return { values: [...values], positions: [...positions], from: 0 };
    },
  };
  return collector as Collector;
}
