import { LIMITS } from "../../limits.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { PartitionReader, Source } from "../../ports/source.ts";
import { asSluiceError } from "../as-error.ts";
import { type RecordBytes, recordBytes } from "../routes/dead-letter.ts";

export interface RecordAt extends RecordBytes {
  readonly timestampMs: number;
}

/** The records at some offsets of a partition, as copies; those that are gone are left out. Rejects with STOPPED when aborted. */
export type RecordsAt = (offsets: readonly number[], signal: AbortSignal) => Promise<ReadonlyMap<number, RecordAt>>;

/** Asks the log once more: what is read again is rare, and to keep all records until they are acknowledged would cost memory always. */
export function recordsAt(source: Source, topic: string, partition: number): RecordsAt {
  return async (offsets, signal) => {
    const reader = source.openPartition(topic, partition);
    try {
      return await readAt(reader, offsets, signal);
    } finally {
      await reader.close();
    }
  };
}

async function readAt(reader: PartitionReader, offsets: readonly number[], signal: AbortSignal): Promise<ReadonlyMap<number, RecordAt>> {
  const found = new Map<number, RecordAt>();
  const wanted = [...new Set(offsets)].sort((left, right) => left - right);
  for (let next = 0; next < wanted.length; ) {
    const offset = wanted[next] as number;
    // Few large fetches: each may have to wait for one of others that is at the end of its log.
    const maxBytes = next + 1 < wanted.length ? LIMITS.fetchBytesMax : LIMITS.fetchBytesMin;
    const request = { offset, maxBytes, waitMs: 0, signal };
    const fetched = await reader.fetch(request).catch((error: unknown) => {
      if (asSluiceError(error).code !== "OFFSET_OUT_OF_RANGE") throw error;
      return null;
    });
    for (const slices of fetched?.batches ?? []) take(slices, wanted, found);
    fetched?.release?.();
    // One that is not there is passed by.
    const reached = Math.max(fetched?.nextOffset ?? 0, offset + 1);
    while (next < wanted.length && (wanted[next] as number) < reached) next++;
  }
  return found;
}

function take(slices: RecordSlices, wanted: readonly number[], found: Map<number, RecordAt>): void {
  for (const offset of wanted) {
    const row = rowOf(slices, offset);
    if (row < 0) continue;
    const { key, value, headers } = recordBytes(slices, row);
    const copy = (part: Buffer | null): Buffer | null => (part === null ? null : Buffer.from(part));
    found.set(offset, { key: copy(key), value: copy(value), headers: copy(headers), timestampMs: slices.timestampsMs[row] as number });
  }
}

/** -1: it is not among them. */
function rowOf({ offsets, count }: RecordSlices, offset: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] as number) < offset) low = middle + 1;
    else high = middle;
  }
  return low < count && offsets[low] === offset ? low : -1;
}
