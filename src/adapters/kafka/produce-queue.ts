import { must } from "../../assert.ts";
import { partitionName } from "../../model/partition-name.ts";
import { type Compression, RecordBatchWriter } from "../codecs/record-batch-writer.ts";
import type { Cluster } from "./cluster.ts";
import { compressionBy } from "./compress.ts";
import type { ProduceAnswer, ProducedBatch } from "./protocol/broker-connection.ts";
import { RequestMerger } from "./request-merger.ts";

/** Batches are encoded in the same buffers again, as long as those that lie unused hold no more than this; others are made and dropped. */
const SPARE_BYTES_MAX = 16 << 20;

/** The record batches of all producers of a connection, merged into one request a broker. */
export class ProduceQueue {
  readonly compression: Compression | null;
  private readonly merger: RequestMerger<ProducedBatch, ProduceAnswer>;
  private readonly spare: RecordBatchWriter[] = [];
  private spareBytes = 0;

  constructor(cluster: Cluster) {
    this.compression = compressionBy(cluster.settings.compression);
    this.merger = new RequestMerger<ProducedBatch, ProduceAnswer>(cluster, {
      purpose: "produce",
      connectionsMax: 2,
      keyOf: partitionName,
      async send(connection, batches) {
        const answers = await connection.produce(batches, cluster.settings.requestTimeoutMs, null);
        const byPlace = new Map(answers.map((answer) => [partitionName(answer), answer]));
        return batches.map((batch) => must(byPlace.get(partitionName(batch)), `answer for ${batch.topic}-${batch.partition}`));
      },
    });
  }

  /** Rejects with CONNECTION_FAILED when the request cannot be sent or is not answered. */
  submit(node: number, batch: ProducedBatch): Promise<ProduceAnswer> {
    return this.merger.submit(node, batch);
  }

  borrowWriter(): RecordBatchWriter {
    const writer = this.spare.pop();
    if (writer === undefined) return new RecordBatchWriter();
    this.spareBytes -= writer.capacity;
    return writer;
  }

  /** Once its batch was answered: until then the connection may still read from it. */
  giveBack(writer: RecordBatchWriter): void {
    if (this.spareBytes + writer.capacity > SPARE_BYTES_MAX) return;
    this.spare.push(writer);
    this.spareBytes += writer.capacity;
  }
}
