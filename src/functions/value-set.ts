import { numberText } from "../model/exact-number.ts";
import type { Value } from "../model/value.ts";

/** A set of values, of which nested ones are equal by what they hold. */
export class ValueSet {
  private readonly keys = new Set<unknown>();

  constructor(values: readonly Value[] = []) {
    for (const value of values) this.keys.add(keyOf(value));
  }

  get size(): number {
    return this.keys.size;
  }

  has(value: Value): boolean {
    return this.keys.has(keyOf(value));
  }

  /** Whether it is new. */
  add(value: Value): boolean {
    const key = keyOf(value);
    if (this.keys.has(key)) return false;
    this.keys.add(key);
    return true;
  }
}

/** Each value once, where it comes first. */
export function distinctOf(values: readonly Value[]): readonly Value[] {
  const seen = new ValueSet();
  return values.filter((value) => seen.add(value));
}

const TAG = "\u0000";

/** Equal for equal values. Numbers, booleans and texts are keys of their own, which costs nothing. */
function keyOf(value: Value): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === "number") return value === 0 ? 0 : Number.isInteger(value) && !Number.isSafeInteger(value) ? BigInt(value) : value;
  if (value === null || typeof value !== "object") return value;
  return TAG + textOf(value);
}

/** Canonical: members in the order of their names. */
function textOf(value: Value): string {
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return `[${value.map(textOf).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`).join(",")}}`;
  }
  if (typeof value === "number" || typeof value === "bigint") return numberText(value);
  return JSON.stringify(value);
}
