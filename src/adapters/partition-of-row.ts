import type { ChangeBatch } from "../model/change.ts";
import { partitionForKey } from "./codecs/murmur2.ts";

/**
 * Where a row goes in a topic: by its key, or without one by its place among what its origin writes. A repeat has to go to the same
 * partition as the first time, or its readers, who tell repeats partition by partition, would take it for another row.
 */
export function partitionOfRow(batch: ChangeBatch, row: number, partitions: number): number {
  const start = batch.keyStarts[row] as number;
  if (start >= 0) return partitionForKey(batch.bytes, partitions, start, batch.keyEnds[row] as number);
  return ((batch.causeOffsets[row] as number) + (batch.causeOrdinals[row] as number)) % partitions;
}
