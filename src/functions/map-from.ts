import type { ObjectValue, Value } from "../model/value.ts";

/** A map, of own properties only, whatever its keys are called. */
export function mapFrom(entries: Iterable<readonly [string, Value]>): ObjectValue {
  const made: Record<string, Value> = Object.create(null);
  for (const [key, value] of entries) made[key] = value;
  return made;
}
