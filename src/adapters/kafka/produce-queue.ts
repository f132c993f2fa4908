import { must } from "../../assert.ts";
import { type Compression, RecordBatchWriter } from "../codecs/record-batch-writer.ts";
import type { Cluster } from "./cluster.ts";
import { compressionBy } from "./compress.ts";
import type { ProduceAnswer, ProducedBatch } from "./protocol/broker-connection.ts";
import { RequestMerger } from "./request-merger.ts";

/** Batches are encoded in the buffers of so many writers again; where more are needed, the others are made and dropped. */
const SPARE_WRITERS_MAX = 8;

/** The record batches of all producers of a connection, merged into one request a broker. */
export class ProduceQueue {
  readonly compression: Compression | null;
  private readonly merger: RequestMerger<ProducedBatch, ProduceAnswer>;
  private readonly spare: RecordBatchWriter[] = [];

  constructor(cluster: Cluster) {
    this.compression = compressionBy(cluster.settings.compression);
    this.merger = new RequestMerger<ProducedBatch, ProduceAnswer>(cluster, {
      purpose: "produce",
      connectionsMax: 2,
      keyOf: ({ topic, partition }) => `${partition} ${topic}`,
      async send(connection, batches) {
        const answers = await connection.produce(batches, cluster.settings.requestTimeoutMs);
        const byPlace = new Map(answers.map((answer) => [`${answer.partition} ${answer.topic}`, answer]));
        return batches.map(({ topic, partition }) => must(byPlace.get(`${partition} ${topic}`), `answer for ${topic}-${partition}`));
      },
    });
  }

  /** Rejects with CONNECTION_FAILED when the request cannot be sent or is not answered. */
  submit(node: number, batch: ProducedBatch): Promise<ProduceAnswer> {
    return this.merger.submit(node, batch);
  }

  borrowWriter(): RecordBatchWriter {
    return this.spare.pop() ?? new RecordBatchWriter();
  }

  /** Once its batch was answered: until then the connection may still read from it. */
  giveBack(writer: RecordBatchWriter): void {
    if (this.spare.length < SPARE_WRITERS_MAX) this.spare.push(writer);
  }
}
