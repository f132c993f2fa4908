import { SluiceError } from "../../errors.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { Connection } from "../../ports/connection.ts";
import type { FetchRequest, FetchResult, PartitionReader, Source, TopicDescription } from "../../ports/source.ts";

/**
 * An index or table, read once from beginning to end as if it were a topic of one partition whose records are its
 * documents. For ad hoc queries: it ends.
 */
export class TableSource implements Source {
  private readonly name: string;
  private readonly rows: number;
  private readonly batches: readonly RecordSlices[];

  private constructor(name: string, batches: readonly RecordSlices[]) {
    this.name = name;
    this.batches = batches;
    this.rows = batches.reduce((sum, batch) => sum + batch.count, 0);
  }

  /** null: there is no such relation. */
  static async open(connection: Connection, name: string): Promise<TableSource | null> {
    const table = connection.readTable(name, new AbortController().signal);
    if (table === null) return null;
    const batches: RecordSlices[] = [];
    let offset = 0;
    for await (const batch of table) {
      batches.push(renumbered(batch, offset));
      offset += batch.count;
    }
    return new TableSource(name, batches);
  }

  describeTopic(): Promise<TopicDescription> {
    return Promise.resolve({ name: this.name, id: null, partitions: 1, compacted: false });
  }

  bounds(): Promise<{ startOffset: number; endOffset: number }> {
    return Promise.resolve({ startOffset: 0, endOffset: this.rows });
  }

  openPartition(): PartitionReader {
    return {
      fetch: (request: FetchRequest): Promise<FetchResult> => {
        const batch = this.batches.find((candidate) => candidate.nextOffset > request.offset);
        const bounds = { startOffset: 0, endOffset: this.rows };
        if (batch === undefined) return Promise.resolve({ batches: [], nextOffset: this.rows, bounds });
        return Promise.resolve({ batches: [batch], nextOffset: batch.nextOffset, bounds });
      },
      close: () => Promise.resolve(),
    };
  }

  listTopics = (): Promise<never> => notATopic();
  createTopic = (): Promise<never> => notATopic();
  deleteTopic = (): Promise<never> => notATopic();
  trim = (): Promise<never> => notATopic();
  offsetAt = (): Promise<never> => notATopic();
  join = (): Promise<never> => notATopic();
  append = (): Promise<never> => notATopic();
}

function notATopic(): Promise<never> {
  return Promise.reject(new SluiceError("INTERNAL", "a table was used as a topic"));
}

function renumbered(batch: RecordSlices, first: number): RecordSlices {
  const offsets = Float64Array.from({ length: batch.count }, (_, row) => first + row);
  return { ...batch, partition: 0, offsets, nextOffset: first + batch.count };
}
