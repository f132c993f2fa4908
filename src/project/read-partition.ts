import { LIMITS } from "../limits.ts";
import type { RecordSlices } from "../model/record-slices.ts";
import type { Source } from "../ports/source.ts";
import { asSluiceError } from "../runtime/as-error.ts";

export interface ReadRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** Aborted: what has come by then was all. */
  readonly signal: AbortSignal;
}

/** A part of a partition, once; slices are to be looked at before the next ones are asked for. No group is joined. */
export async function* readPartition(source: Source, topic: string, partition: number, range: ReadRange): AsyncGenerator<RecordSlices> {
  const { from, to, signal } = range;
  const reader = source.openPartition(topic, partition);
  try {
    for (let offset = from; offset < to; ) {
      const request = { offset, maxBytes: LIMITS.fetchBytesMin, waitMs: LIMITS.fetchWaitMs, signal };
      const { batches, nextOffset, release } = await reader.fetch(request);
      yield* batches;
      release?.();
      offset = nextOffset;
    }
  } catch (error) {
    if (asSluiceError(error).code !== "STOPPED") throw error;
  } finally {
    await reader.close();
  }
}
