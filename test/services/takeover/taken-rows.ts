import { must } from "../../../src/assert.ts";
import type { Source } from "../../../src/ports/source.ts";
import { follow, originRowsOf, type Place } from "../../../src/runtime/feeds/repeat-filter.ts";

const NEVER = new AbortController().signal;

/** The rows of a topic as pipelines read it: without repeats, and without what an owner wrote behind its successor. */
export async function takenRows<Row>(source: Source, topic: string): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const { partitions } = must(await source.describeTopic(topic), topic);
  for (let partition = 0; partition < partitions; partition++) {
    const origins = new Map<string, Place>();
    const { startOffset, endOffset } = await source.bounds(topic, partition);
    const reader = source.openPartition(topic, partition);
    for (let offset = startOffset; offset < endOffset; ) {
      const fetched = await reader.fetch({ offset, maxBytes: 1 << 20, waitMs: 100, signal: NEVER });
      for (const slices of fetched.batches) {
        const { count, bytes, valueStarts, valueEnds } = slices;
        const written = must(originRowsOf(slices), "headers");
        for (let row = 0; row < count; row++) {
          if (follow(origins, must(written[row]))) continue;
          rows.push(JSON.parse(bytes.toString("utf8", valueStarts[row], valueEnds[row])) as Row);
        }
      }
      fetched.release?.();
      offset = fetched.nextOffset;
    }
    await reader.close();
  }
  return rows;
}
