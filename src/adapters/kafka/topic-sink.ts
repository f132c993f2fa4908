import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import type { ChangeBatch } from "../../model/change.ts";
import { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import { OriginHeaderWriter } from "../../model/origin-header.ts";
import { partitionName } from "../../model/partition-name.ts";
import { type ChangeError, type Origin, Outcome, type RouteTarget, type Sink, type WriteResult } from "../../ports/sink.ts";
import type { Compression } from "../codecs/record-batch-writer.ts";
import { partitionOfRow } from "../partition-of-row.ts";
import { rowsByPlace } from "../rows-by-place.ts";
import { ChangeRecords, recordBytes } from "./change-records.ts";
import { type Cluster, stopIfAborted } from "./cluster.ts";
import { compressionBy } from "./compress.ts";
import { PartitionProducer } from "./partition-producer.ts";
import type { ProduceQueue } from "./produce-queue.ts";
import { createTopic, recordBytesMax, topicWish } from "./topics.ts";
import type { PlacedRecords, Transactions } from "./transaction.ts";

/** Writes the changes of one route as records of a topic: upserts with the row as value, deletes with none. */
export class TopicSink implements Sink {
  /** What goes to one partition goes one after the other; batches for several partitions travel in one request. */
  readonly overlaps = true;
  readonly spreads = true;
  private readonly cluster: Cluster;
  private readonly queue: ProduceQueue;
  private readonly target: RouteTarget;
  private readonly compression: Compression | null;
  private readonly producers = new Map<string, PartitionProducer>();
  private readonly transactions: Transactions;
  /** Bytes of a record, by topic. */
  private readonly recordBytesMax = new Map<string, Promise<number>>();

  constructor(cluster: Cluster, queue: ProduceQueue, target: RouteTarget, transactions: Transactions) {
    this.cluster = cluster;
    this.queue = queue;
    this.target = target;
    this.transactions = transactions;
    const { compression } = target.options;
    this.compression = compression === null ? queue.compression : compressionBy(compression);
  }

  async write(batch: ChangeBatch, origin: Origin, signal: AbortSignal): Promise<WriteResult> {
    stopIfAborted(signal);
    if (this.target.transactionOf !== undefined) return this.stage(batch, origin, this.target.transactionOf);
    const outcomes = new Uint8Array(batch.count).fill(Outcome.written);
    const errors = new Map<number, ChangeError>();
    const headers = new OriginHeaderWriter(origin, this.target.topicReading);
    const sends = (await this.places(batch)).map(async ({ topic, partition, rows }) => {
      const records = new ChangeRecords(batch, rows, headers);
      const { rejected, unknown } = await this.producerOf(topic, partition).send(records, signal);
      for (const [record, message] of rejected) {
        outcomes[records.rowOf(record)] = Outcome.rejected;
        errors.set(records.rowOf(record), { code: "CHANGE_REJECTED", message });
      }
      if (unknown === null) return;
      for (const row of rows.subarray(unknown.from)) {
        outcomes[row] = Outcome.retry;
        errors.set(row, { code: "CHANGE_UNAVAILABLE", message: unknown.error.message });
      }
    });
    await settled(sends);
    return { outcomes, errors, retryAfterMs: null };
  }

  /** The rows wait for the transaction of the next blob; too large ones would break it. They are copied: the batch is used again. */
  private async stage(batch: ChangeBatch, origin: Origin, pipeline: string): Promise<WriteResult> {
    const transaction = must(this.transactions.of(pipeline, origin.statement, origin.partition), `transaction of ${origin.statement}`);
    const outcomes = new Uint8Array(batch.count).fill(Outcome.written);
    const errors = new Map<number, ChangeError>();
    const headers = new OriginHeaderWriter(origin, this.target.topicReading);
    const staged: PlacedRecords[] = [];
    for (const { topic, partition, rows } of await this.places(batch)) {
      const bytesMax = await this.bytesMaxOf(topic);
      const builder = new ChangeBatchBuilder(rows.length);
      for (const row of rows) {
        const bytes = recordBytes(batch, row, headers);
        if (bytes <= bytesMax) builder.addCopy(batch, row);
        else {
          outcomes[row] = Outcome.rejected;
          errors.set(row, { code: "CHANGE_REJECTED", message: `${bytes} bytes are more than the ${bytesMax} that ${topic} takes` });
        }
      }
      const own = builder.build();
      const records = new ChangeRecords(
        own,
        Int32Array.from({ length: own.count }, (_, row) => row),
        headers,
      );
      if (own.count > 0) staged.push({ topic, partition, records, compression: this.compression });
    }
    // All of it at once: what was given up half-way is staged again. Of an owner that was replaced nothing can be written any more.
    if (transaction.generation === origin.generation) transaction.stage(staged);
    return { outcomes, errors, retryAfterMs: null };
  }

  private bytesMaxOf(topic: string): Promise<number> {
    const known = this.recordBytesMax.get(topic) ?? recordBytesMax(this.cluster, topic);
    this.recordBytesMax.set(topic, known);
    known.catch(() => this.recordBytesMax.delete(topic));
    return known;
  }

  async close(): Promise<void> {
    this.producers.clear();
  }

  private producerOf(topic: string, partition: number): PartitionProducer {
    const place = partitionName({ topic, partition });
    let producer = this.producers.get(place);
    if (producer === undefined) {
      producer = new PartitionProducer(this.cluster, this.queue, topic, partition, { compression: this.compression });
      this.producers.set(place, producer);
    }
    return producer;
  }

  /** The rows by where they go, in the order of the batch. */
  private async places(batch: ChangeBatch): Promise<Place[]> {
    const places: Place[] = [];
    for (const topic of batch.targets === null ? [this.target.name] : new Set(batch.targets)) {
      const partitions = await this.partitionsOf(topic);
      rowsByPlace(this.partitionOfRows(batch, topic, partitions), partitions).forEach((rows, partition) => {
        if (rows.length > 0) places.push({ topic, partition, rows });
      });
    }
    return places;
  }

  /** -1: the row goes to another topic. */
  private partitionOfRows(batch: ChangeBatch, topic: string, partitions: number): Int32Array {
    const { count, targets } = batch;
    const partitionOf = new Int32Array(count);
    for (let row = 0; row < count; row++) {
      const isElsewhere = targets !== null && targets[row] !== topic;
      partitionOf[row] = isElsewhere ? -1 : partitionOfRow(batch, row, partitions);
    }
    return partitionOf;
  }

  private async partitionsOf(name: string): Promise<number> {
    const find = () => this.cluster.retrying(() => this.cluster.topic(name));
    if ((await find()) === null && this.target.suffix !== null && this.target.autocreate) await this.createDated(name);
    const topic = await find();
    if (topic === null) throw new SluiceError("TARGET_MISSING", `there is no topic ${name}`);
    return topic.leaders.length;
  }

  private createDated(name: string): Promise<void> {
    return createTopic(this.cluster, name, topicWish(this.target));
  }
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly rows: Int32Array;
}

/** Waits for all, so that nothing is under way any more when the first failure is reported. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
}
