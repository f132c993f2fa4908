import type { Connection } from "../../src/ports/connection.ts";
import type { Source } from "../../src/ports/source.ts";

const NEVER = new AbortController().signal;

/** The values of all records of a topic, partition by partition, in pieces. */
export async function* valuesOf(source: Source, topic: string): AsyncGenerator<string[]> {
  const partitions = (await source.describeTopic(topic))?.partitions ?? 0;
  for (let partition = 0; partition < partitions; partition++) {
    const { startOffset, endOffset } = await source.bounds(topic, partition);
    const reader = source.openPartition(topic, partition);
    for (let offset = startOffset; offset < endOffset; ) {
      const fetched = await reader.fetch({ offset, maxBytes: 1 << 20, waitMs: 100, signal: NEVER });
      const values: string[] = [];
      for (const { bytes, valueStarts, valueEnds, count } of fetched.batches)
        for (let row = 0; row < count; row++) values.push(bytes.toString("utf8", valueStarts[row], valueEnds[row]));
      fetched.release?.();
      offset = fetched.nextOffset;
      yield values;
    }
    await reader.close();
  }
}

/** The documents of an index or a table; none where it is not there. */
export async function documentsOf<Row>(connection: Connection, name: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { bytes, valueStarts, valueEnds, count } of connection.readTable(name, NEVER) ?? [])
    for (let row = 0; row < count; row++) rows.push(JSON.parse(bytes.toString("utf8", valueStarts[row], valueEnds[row])) as Row);
  return rows;
}
