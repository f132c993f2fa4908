import { SluiceError } from "../../errors.ts";
import { type ChangeBatch, documentOf, keyOf, Operation } from "../../model/change.ts";
import { OriginHeaderWriter } from "../../model/origin-header.ts";
import { type ChangeError, type Origin, Outcome, type RouteTarget, type Sink, type WriteResult } from "../../ports/sink.ts";
import { partitionForKey } from "../codecs/murmur2.ts";
import { RecordBatchWriter } from "../codecs/record-batch-writer.ts";
import { type Cluster, stopIfAborted } from "./cluster.ts";
import { type OutgoingRecords, PartitionProducer } from "./partition-producer.ts";
import type { ProduceQueue } from "./produce-queue.ts";
import { createTopic } from "./topics.ts";

/** The origin header's own bytes; pipeline and statement names come on top. */
const HEADER_BYTES = 160;

/** Writes the changes of one route as records of a topic: upserts with the row as value, deletes with none. */
export class TopicSink implements Sink {
  private readonly cluster: Cluster;
  private readonly queue: ProduceQueue;
  private readonly target: RouteTarget;
  private readonly writer = new RecordBatchWriter();
  private readonly producers = new Map<string, PartitionProducer>();
  private roundRobin = 0;

  constructor(cluster: Cluster, queue: ProduceQueue, target: RouteTarget) {
    this.cluster = cluster;
    this.queue = queue;
    this.target = target;
  }

  async write(batch: ChangeBatch, origin: Origin, signal: AbortSignal): Promise<WriteResult> {
    stopIfAborted(signal);
    const outcomes = new Uint8Array(batch.count).fill(Outcome.written);
    const errors = new Map<number, ChangeError>();
    const headers = new OriginHeaderWriter(origin, this.target.topicReading);
    const sends = [...(await this.rowsByPartition(batch))].map(async ([place, { topic, partition, rows }]) => {
      const producer = this.producers.get(place) ?? new PartitionProducer(this.cluster, this.queue, topic, partition, this.writer);
      this.producers.set(place, producer);
      const { rejected, unknown } = await producer.send(rowsAsRecords(batch, rows, headers), signal);
      for (const [record, message] of rejected) {
        outcomes[rows[record] as number] = Outcome.rejected;
        errors.set(rows[record] as number, { code: "CHANGE_REJECTED", message });
      }
      if (unknown === null) return;
      for (const row of rows.slice(unknown.from)) {
        outcomes[row] = Outcome.retry;
        errors.set(row, { code: "CHANGE_UNAVAILABLE", message: unknown.error.message });
      }
    });
    await settled(sends);
    return { outcomes, errors, retryAfterMs: null };
  }

  async close(): Promise<void> {
    this.producers.clear();
  }

  /** A record's partition is a function of its key; without a key they take turns. */
  private async rowsByPartition(batch: ChangeBatch): Promise<Map<string, { topic: string; partition: number; rows: number[] }>> {
    const names = batch.targets === null ? [this.target.name] : new Set(batch.targets);
    const partitions = new Map<string, number>();
    for (const name of names) partitions.set(name, await this.partitionsOf(name));
    const places = new Map<string, { topic: string; partition: number; rows: number[] }>();
    for (let row = 0; row < batch.count; row++) {
      const topic = batch.targets?.[row] ?? this.target.name;
      const key = keyOf(batch, row);
      const count = partitions.get(topic) as number;
      const partition = key === null ? this.roundRobin++ % count : partitionForKey(key, count);
      const place = `${partition} ${topic}`;
      const known = places.get(place);
      if (known === undefined) places.set(place, { topic, partition, rows: [row] });
      else known.rows.push(row);
    }
    return places;
  }

  private async partitionsOf(name: string): Promise<number> {
    const find = () => this.cluster.retrying(() => this.cluster.topic(name));
    if ((await find()) === null && this.target.suffix !== null && this.target.autocreate) await this.createDated(name);
    const topic = await find();
    if (topic === null) throw new SluiceError("TARGET_MISSING", `there is no topic ${name}`);
    return topic.leaders.length;
  }

  private createDated(name: string): Promise<void> {
    return createTopic(this.cluster, name, { partitions: this.target.partitions ?? -1, settings: {} });
  }
}

function rowsAsRecords(batch: ChangeBatch, rows: readonly number[], headers: OriginHeaderWriter): OutgoingRecords {
  const rowOf = (record: number): number => rows[record] as number;
  return {
    count: rows.length,
    sizeOf(record) {
      const row = rowOf(record);
      const document = (batch.documentEnds[row] as number) - (batch.documentStarts[row] as number);
      return document + (keyOf(batch, row)?.length ?? 0) + HEADER_BYTES;
    },
    write(record, writer) {
      const row = rowOf(record);
      const version = batch.versions[row] as number;
      const causeOffset = batch.causeOffsets[row] as number;
      const causeOrdinal = batch.causeOrdinals[row] as number;
      const value = batch.operations[row] === Operation.delete ? null : documentOf(batch, row);
      writer.append(batch.timestampsMs[row] as number, keyOf(batch, row), value, headers.write({ version, causeOffset, causeOrdinal }));
    },
  };
}

/** Waits for all, so that nothing is under way any more when the first failure is reported. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
}
