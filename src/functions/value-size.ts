import type { Value } from "../model/value.ts";

/** About how many bytes a value takes in memory. */
export function valueSize(value: Value): number {
  if (typeof value === "string") return 24 + value.length * 2;
  if (value === null || typeof value !== "object") return 16;
  if (value instanceof Uint8Array) return 96 + value.length;
  let size = 32;
  for (const item of Object.values(value)) size += 16 + valueSize(item);
  return size;
}
