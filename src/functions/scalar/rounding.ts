import { inPrecision, powerOf10, rescale } from "../../model/decimal.ts";
import { type ExactNumber, exactNumber, isInt64 } from "../../model/exact-number.ts";
import { type DataType, DECIMAL_DIGITS_MAX, DOUBLE, isNumeric } from "../../model/type.ts";
import type { Value } from "../spec.ts";

/** Which way what is cut off goes. */
type Direction = "half" | "down" | "up" | "to zero";

/** Numbers keep their type; what is known at run time only counts as a double. */
export function sameNumber(types: readonly DataType[]): DataType {
  const type = types[0] as DataType;
  return isNumeric(type) ? type : DOUBLE;
}

/** Of a decimal without digits a whole number; with digits it may become one digit longer: 9.99 to 10.00. */
export function roundedType(types: readonly DataType[]): DataType {
  const type = sameNumber(types);
  if (type.kind !== "decimal") return type;
  if (types.length === 1) return { ...type, scale: 0 };
  return { ...type, precision: Math.min(type.precision + 1, DECIMAL_DIGITS_MAX) };
}

/** A number without its sign. */
export function magnitude([type]: readonly DataType[]): (value: never) => Value {
  if (type?.kind === "decimal") return (unscaled: bigint) => (unscaled < 0n ? -unscaled : unscaled);
  return (value: ExactNumber) => (typeof value === "number" ? Math.abs(value) : inRange(value < 0n ? -value : value));
}

/** Decimals and integers are rounded exactly, as many digits as they have. */
export function rounded(direction: Direction): (types: readonly DataType[], result: DataType) => (...args: never[]) => Value {
  return ([type], result) => {
    if (type?.kind === "decimal") {
      const { precision, scale } = result.kind === "decimal" ? result : type;
      return (unscaled: bigint, digits = 0) => {
        const value = inPrecision(roundDecimal(direction, unscaled, type.scale, digits, scale), precision);
        if (value === undefined) throw new RangeError(`the result has more than ${precision} digits`);
        return value;
      };
    }
    return (value: ExactNumber, digits = 0) =>
      typeof value === "bigint" ? inRange(roundDecimal(direction, value, 0, digits, 0)) : roundDouble(direction, value, digits);
  };
}

function roundDecimal(direction: Direction, unscaled: bigint, scale: number, digits: number, target: number): bigint {
  const kept = Math.max(Math.min(digits, scale), scale - DECIMAL_DIGITS_MAX - 1);
  return rescale(ROUND_DECIMAL[direction](unscaled, scale, kept), kept, target);
}

const ROUND_DECIMAL: Readonly<Record<Direction, (unscaled: bigint, from: number, to: number) => bigint>> = {
  half: rescale,
  "to zero": truncate,
  down: (unscaled, from, to) => truncate(unscaled, from, to) - (unscaled < 0n && hasMore(unscaled, from, to) ? 1n : 0n),
  up: (unscaled, from, to) => truncate(unscaled, from, to) + (unscaled > 0n && hasMore(unscaled, from, to) ? 1n : 0n),
};

function truncate(unscaled: bigint, from: number, to: number): bigint {
  return unscaled / powerOf10(from - to);
}

function hasMore(unscaled: bigint, from: number, to: number): boolean {
  return unscaled % powerOf10(from - to) !== 0n;
}

function inRange(value: bigint): ExactNumber {
  const result = exactNumber(value);
  if (!isInt64(result)) throw new RangeError("the result is no integer of 64 bits");
  return result;
}

// --- doubles -----------------------------------------------------------------------------------

function roundDouble(direction: Direction, value: number, digits: number): number {
  switch (direction) {
    case "down":
      return Math.floor(value);
    case "up":
      return Math.ceil(value);
    case "half":
      return roundTo(value, digits);
    case "to zero":
      return truncateTo(value, digits);
  }
}

function roundTo(number: number, digits: number): number {
  const factor = 10 ** Math.abs(digits);
  if (digits >= 0) {
    const scaled = roundHalf(number * factor);
    // Beyond the range of doubles the number has no such digits: it is round already.
    return Number.isFinite(scaled) ? scaled / factor : number;
  }
  return Number.isFinite(factor) ? roundHalf(number / factor) * factor : 0;
}

/** Away from zero at halves. `Math.round(x + 0.5)` forms would round 0.49999999999999994 up. */
function roundHalf(number: number): number {
  const size = Math.abs(number);
  const whole = Math.floor(size);
  const rounded = size - whole >= 0.5 ? whole + 1 : whole;
  return number < 0 ? -rounded : rounded;
}

function truncateTo(number: number, digits: number): number {
  const factor = 10 ** Math.abs(digits);
  if (digits < 0) return Number.isFinite(factor) ? Math.trunc(number / factor) * factor : 0;
  const scaled = number * factor;
  if (!Number.isFinite(scaled)) return number;
  // 2.3 * 10 is a bit less than 23: what rounds to the number itself has no further digits.
  const nearest = Math.round(scaled);
  return (nearest / factor === number ? nearest : Math.trunc(scaled)) / factor;
}
