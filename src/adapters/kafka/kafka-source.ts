import { SluiceError } from "../../errors.ts";
import { partitionName } from "../../model/partition-name.ts";
import type {
  AssignmentListener,
  GroupMembership,
  LogBounds,
  NewTopicOptions,
  PartitionReader,
  RawRecord,
  Source,
  TopicDescription,
} from "../../ports/source.ts";
import { partitionForKey } from "../codecs/murmur2.ts";
import type { Cluster } from "./cluster.ts";
import type { FetchQueue } from "./fetch-queue.ts";
import { Coordinator } from "./group/coordinator.ts";
import { joinGroup } from "./group/group-member.ts";
import { PartitionProducer } from "./partition-producer.ts";
import { KafkaPartitionReader } from "./partition-reader.ts";
import type { ProduceQueue } from "./produce-queue.ts";
import { expectNone, KafkaError } from "./protocol/error-code.ts";
import { outgoingRecords } from "./raw-records.ts";
import { createTopic, deleteTopic, describeTopic, listTopics, logBounds, offsetAt, topicWish, trim, trimmedWish } from "./topics.ts";

/** The topics of a Kafka cluster. */
export class KafkaSource implements Source {
  private readonly cluster: Cluster;
  private readonly fetches: FetchQueue;
  private readonly produces: ProduceQueue;
  private readonly producers = new Map<string, PartitionProducer>();
  private roundRobin = 0;

  constructor(cluster: Cluster, fetches: FetchQueue, produces: ProduceQueue) {
    this.cluster = cluster;
    this.fetches = fetches;
    this.produces = produces;
  }

  describeTopic(topic: string): Promise<TopicDescription | null> {
    return describeTopic(this.cluster, topic);
  }

  listTopics(): Promise<readonly string[]> {
    return listTopics(this.cluster);
  }

  createTopic(topic: string, { partitions, compacted = false, isTrimmed = false }: NewTopicOptions): Promise<void> {
    const wish = isTrimmed ? trimmedWish(partitions, this.cluster.settings.replication) : topicWish({ partitions, compacted });
    return createTopic(this.cluster, topic, wish);
  }

  trim(topic: string, partition: number, offset: number): Promise<void> {
    return trim(this.cluster, topic, partition, offset);
  }

  deleteTopic(topic: string): Promise<void> {
    return deleteTopic(this.cluster, topic);
  }

  bounds(topic: string, partition: number): Promise<LogBounds> {
    return logBounds(this.cluster, topic, partition);
  }

  offsetAt(topic: string, partition: number, timestampMs: number): Promise<number> {
    return offsetAt(this.cluster, topic, partition, timestampMs);
  }

  openPartition(topic: string, partition: number): PartitionReader {
    return new KafkaPartitionReader(this.cluster, this.fetches, topic, partition);
  }

  join(group: string, topics: readonly string[], listener: AssignmentListener): Promise<GroupMembership> {
    return joinGroup(this.cluster, group, topics, listener);
  }

  async deleteGroup(group: string): Promise<void> {
    const coordinator = new Coordinator(this.cluster, group);
    try {
      await this.cluster.retrying(async () => {
        const { errorCode } = await coordinator.ask("heartbeat", (broker) => broker.deleteGroup(group));
        if (errorCode !== KafkaError.groupIdNotFound) expectNone(errorCode, `deletion of group ${group}`);
      });
    } finally {
      coordinator.close();
    }
  }

  /** Also rejects with TARGET_MISSING, and with CHANGE_REJECTED where a record is too large; the others are written then. */
  async append(topic: string, records: readonly RawRecord[]): Promise<void> {
    const known = await this.cluster.retrying(() => this.cluster.topic(topic));
    if (known === null) throw new SluiceError("TARGET_MISSING", `there is no topic ${topic}`, { coordinates: { topic } });
    const byPartition = Map.groupBy(records, (record) => this.partitionOf(record, known.leaders.length));
    const sends = [...byPartition].map(async ([partition, ofPartition]) => {
      const place = partitionName({ topic, partition });
      const producer = this.producers.get(place) ?? new PartitionProducer(this.cluster, this.produces, topic, partition);
      this.producers.set(place, producer);
      const { rejected, unknown } = await producer.send(outgoingRecords(ofPartition));
      const [refusal] = rejected.values();
      if (refusal !== undefined) throw new SluiceError("CHANGE_REJECTED", refusal, { coordinates: { topic, partition } });
      if (unknown !== null) throw unknown.error;
    });
    const results = await Promise.allSettled(sends);
    const failure = results.find((result) => result.status === "rejected");
    if (failure) throw failure.reason;
  }

  private partitionOf(record: RawRecord, partitions: number): number {
    if (record.partition !== undefined && record.partition !== null) return record.partition;
    return record.key === null ? this.roundRobin++ % partitions : partitionForKey(record.key, partitions);
  }
}
