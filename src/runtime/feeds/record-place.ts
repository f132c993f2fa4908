import { LIMITS } from "../../limits.ts";

/** Where a record lies among all partitions of its topic, as one number. */
export function placeOf(offset: number, partition: number): number {
  return offset * LIMITS.gatheredPartitionsMax + partition;
}

export function partitionOf(place: number): number {
  return place % LIMITS.gatheredPartitionsMax;
}

export function offsetOfPlace(place: number): number {
  return Math.floor(place / LIMITS.gatheredPartitionsMax);
}
