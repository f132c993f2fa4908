import { must } from "../src/assert.ts";
import { LIMITS } from "../src/limits.ts";
import type { Source } from "../src/ports/source.ts";

export interface ReadRecord {
  readonly key: string | null;
  /** null: what has this key is deleted. */
  readonly value: string | null;
}

/** All records of a topic as they are now, partition by partition; their texts are ASCII. */
export async function* readBack(source: Source, topic: string): AsyncGenerator<ReadRecord> {
  const { partitions } = must(await source.describeTopic(topic), topic);
  for (let partition = 0; partition < partitions; partition++) yield* readPartition(source, topic, partition);
}

async function* readPartition(source: Source, topic: string, partition: number): AsyncGenerator<ReadRecord> {
  const reader = source.openPartition(topic, partition);
  const { startOffset, endOffset } = await source.bounds(topic, partition);
  const signal = new AbortController().signal;
  for (let offset = startOffset; offset < endOffset; ) {
    const { batches, nextOffset, release } = await reader.fetch({
      offset,
      maxBytes: LIMITS.fetchBytesMax,
      waitMs: LIMITS.fetchWaitMs,
      signal,
    });
    for (const { bytes, count, keyStarts, keyEnds, valueStarts, valueEnds } of batches) {
      const text = (start: number, end: number): string | null => (start < 0 ? null : bytes.toString("latin1", start, end));
      for (let i = 0; i < count; i++) {
        yield { key: text(must(keyStarts[i]), must(keyEnds[i])), value: text(must(valueStarts[i]), must(valueEnds[i])) };
      }
    }
    release?.();
    offset = nextOffset;
  }
  await reader.close();
}
