import type { ExactNumber } from "./exact-number.ts";

/**
 * A value at run time; its static type says what it is:
 * - TIMESTAMP: milliseconds since 1970, UTC. DATE: days since 1970. TIME: milliseconds of the day.
 * - INT, DOUBLE: a number. BIGINT: a number, or a BigInt beyond ±(2^53 − 1).
 * - DECIMAL(p, s): always a BigInt, of units of the last digit: 12.30 of DECIMAL(10, 2) is 1230n.
 * - BYTES: a Uint8Array. INTERVAL: an `Interval`. ARRAY: an array. MAP and STRUCT: an object without prototype or a plain one,
 *   of which own properties alone count.
 * - a value of type `any` is what JSON gives: numbers (integers exact), texts, booleans, arrays, objects.
 */
export type Value = null | boolean | ExactNumber | string | Interval | Uint8Array | readonly Value[] | ObjectValue;

/** A MAP by its keys, or a STRUCT by its fields. */
export interface ObjectValue {
  readonly [name: string]: Value;
}

/** Months and days have no fixed length: they count calendar steps. Each part has a sign of its own. */
export interface Interval {
  readonly months: number;
  readonly days: number;
  readonly ms: number;
}

/** A lambda as a function gets it: typed values in, a typed value out. An error within it is a RangeError of the row. */
export type Callable = (...values: readonly Value[]) => Value;
