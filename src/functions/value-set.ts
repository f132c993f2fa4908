import { numberText } from "../model/exact-number.ts";
import type { Value } from "../model/value.ts";

/** A set of values, of which nested ones are equal by what they hold; each has a place, in the order in which they came. */
export class ValueSet {
  private readonly places = new Map<unknown, number>();
  private readonly items: Value[] = [];

  constructor(values: readonly Value[] = []) {
    for (const value of values) this.add(value);
  }

  get values(): readonly Value[] {
    return this.items;
  }

  get size(): number {
    return this.items.length;
  }

  has(value: Value): boolean {
    return this.places.has(keyOf(value));
  }

  /** -1: it is not in the set. */
  placeOf(value: Value): number {
    return this.places.get(keyOf(value)) ?? -1;
  }

  /** Whether it is new. */
  add(value: Value): boolean {
    const key = keyOf(value);
    if (this.places.has(key)) return false;
    this.places.set(key, this.items.length);
    this.items.push(value);
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
export function keyOf(value: Value): unknown {
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
