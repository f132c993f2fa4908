import { isNumber } from "../model/exact-number.ts";
import type { ObjectValue, Value } from "../model/value.ts";
import { compareText } from "./compare-text.ts";

/** Order of two values of one type, neither of them null: numbers by value, texts by code point, arrays element by element. */
export function compareValues(left: Value, right: Value): number {
  if (isNumber(left) && isNumber(right)) return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === "string" && typeof right === "string") return compareText(left, right);
  if (typeof left === "boolean" && typeof right === "boolean") return Number(left) - Number(right);
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right);
  if (Array.isArray(left) && Array.isArray(right)) return compareArrays(left, right);
  if (isObject(left) && isObject(right)) return compareArrays(flat(left), flat(right));
  throw new RangeError("values of different types cannot be compared");
}

/** Whether two values are the same; numbers by value, NULL is equal to NULL, and values of different types are not. */
export function equalValues(left: Value, right: Value): boolean {
  if (left === right) return true;
  // biome-ignore lint/suspicious/noDoubleEquals: compares a number and a BigInt by their values
  if (isNumber(left) && isNumber(right)) return left == right;
  if (left === null || right === null || typeof left !== "object" || typeof right !== "object") return false;
  if (left instanceof Uint8Array || right instanceof Uint8Array) {
    return left instanceof Uint8Array && right instanceof Uint8Array && Buffer.compare(left, right) === 0;
  }
  if (Array.isArray(left) || Array.isArray(right)) return Array.isArray(left) && Array.isArray(right) && areEqual(left, right);
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every(
    (name) => Object.hasOwn(right, name) && equalValues((left as ObjectValue)[name] ?? null, (right as ObjectValue)[name] ?? null),
  );
}

function areEqual(left: readonly Value[], right: readonly Value[]): boolean {
  return left.length === right.length && left.every((value, index) => equalValues(value, right[index] ?? null));
}

/** Nulls come last, as DuckDB orders within arrays. */
function compareArrays(left: readonly Value[], right: readonly Value[]): number {
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [a, b] = [left[index] ?? null, right[index] ?? null];
    if (a === null || b === null) {
      if (a !== b) return a === null ? 1 : -1;
      continue;
    }
    const order = compareValues(a, b);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function isObject(value: Value): value is ObjectValue {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function flat(value: ObjectValue): Value[] {
  return Object.entries(value).flat();
}
