import type { RecordSlices } from "../../src/model/record-slices.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { Source } from "../../src/ports/source.ts";

const NEVER = new AbortController().signal;

/** All records of a partition, in pieces that are read before the next one. */
export async function* slicesOf(source: Source, topic: string, partition: number): AsyncGenerator<RecordSlices> {
  const { startOffset, endOffset } = await source.bounds(topic, partition);
  const reader = source.openPartition(topic, partition);
  for (let offset = startOffset; offset < endOffset; ) {
    const fetched = await reader.fetch({ offset, maxBytes: 1 << 20, waitMs: 100, signal: NEVER });
    yield* fetched.batches;
    fetched.release?.();
    offset = fetched.nextOffset;
  }
  await reader.close();
}

/** The values of all records of a topic, partition by partition, in pieces. */
export async function* valuesOf(source: Source, topic: string): AsyncGenerator<string[]> {
  const partitions = (await source.describeTopic(topic))?.partitions ?? 0;
  for (let partition = 0; partition < partitions; partition++)
    for await (const { bytes, valueStarts, valueEnds, count } of slicesOf(source, topic, partition))
      yield Array.from({ length: count }, (_, row) => bytes.toString("utf8", valueStarts[row], valueEnds[row]));
}

/** The documents of an index or a table; none where it is not there. */
export async function documentsOf<Row>(connection: Connection, name: string): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { bytes, valueStarts, valueEnds, count } of connection.readTable(name, NEVER) ?? [])
    for (let row = 0; row < count; row++) rows.push(JSON.parse(bytes.toString("utf8", valueStarts[row], valueEnds[row])) as Row);
  return rows;
}
