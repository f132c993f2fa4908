import { Connection, offsetFetchV9 } from "@platformatic/kafka";
import { Cluster, type KafkaEnvironment } from "../../src/adapters/kafka/cluster.ts";
import { openKafka } from "../../src/adapters/kafka/open-kafka.ts";
import { connectPlatformatic } from "../../src/adapters/kafka/platformatic/platformatic-connection.ts";
import { readSettings } from "../../src/adapters/kafka/settings.ts";
import { createTopic, logBounds } from "../../src/adapters/kafka/topics.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { systemRandom } from "../../src/adapters/system-random.ts";
import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import type { ConnectionConfig, Connection as ProductConnection } from "../../src/ports/connection.ts";
import { deleteTopics } from "../topics.ts";

const READ_MS_MAX = 600_000;

const ENVIRONMENT: KafkaEnvironment = {
  clock: systemClock,
  random: systemRandom,
  onTrouble: (_, message) => void process.stderr.write(`kafka: ${message}\n`),
};

const configOf = (brokers: string): ConnectionConfig => ({ name: "bench", kind: "kafka", as: "kafka", settings: { brokers } });

export function openCluster(brokers: string): Cluster {
  const settings = readSettings(configOf(brokers));
  return new Cluster("bench", settings, connectPlatformatic(settings), ENVIRONMENT);
}

/** What the bench asks of Kafka beside the engine: with connections of its own, so that nothing of it counts as the engine's. */
export class KafkaControl {
  private readonly cluster: Cluster;
  private readonly kafka: ProductConnection;
  private readonly connection = new Connection("bench-control", { connectTimeout: 10_000, requestTimeout: 30_000 });
  private readonly brokers: string;
  private isConnected = false;

  constructor(brokers: string) {
    this.brokers = brokers;
    this.cluster = openCluster(brokers);
    this.kafka = openKafka(configOf(brokers), ENVIRONMENT);
  }

  async createTopic(name: string, partitions: number, settings: Readonly<Record<string, string>>): Promise<void> {
    await createTopic(this.cluster, name, { partitions, settings });
  }

  /** One past the last offset, added up over the partitions. */
  async logEnd(topic: string, partitions: number): Promise<number> {
    const ends = await Promise.all(
      Array.from({ length: partitions }, async (_, partition) => (await logBounds(this.cluster, topic, partition)).endOffset),
    );
    return ends.reduce((sum, end) => sum + end, 0);
  }

  /** What a consumer group has committed, added up over the partitions; 0 where it has not committed yet. */
  async committed(group: string, topic: string, partitions: number): Promise<number> {
    const partitionIndexes = Array.from({ length: partitions }, (_, partition) => partition);
    const wanted = [{ groupId: group, memberEpoch: -1, topics: [{ name: topic, partitionIndexes }] }];
    const answer = await offsetFetchV9.api.async(await this.connected(), wanted, false);
    const found = answer.groups.flatMap(({ topics }) => topics.flatMap((each) => each.partitions));
    return found.reduce((sum, { committedOffset }) => sum + Math.max(Number(committedOffset), 0), 0);
  }

  /** All records of a topic; `timestampMs` is the append time where the topic is made so. */
  async readTopic(topic: string, partitions: number, take: (value: string, timestampMs: number) => void): Promise<void> {
    const signal = AbortSignal.timeout(READ_MS_MAX);
    for (let partition = 0; partition < partitions; partition++) {
      const { startOffset, endOffset } = await logBounds(this.cluster, topic, partition);
      const reader = must(this.kafka.source).openPartition(topic, partition);
      for (let offset = startOffset; offset < endOffset; ) {
        const { batches, nextOffset, release } = await reader.fetch({ offset, maxBytes: LIMITS.fetchBytesMax, waitMs: 100, signal });
        for (const slices of batches)
          for (let row = 0; row < slices.count; row++) take(valueText(slices, row), slices.timestampsMs[row] as number);
        release?.();
        offset = nextOffset;
      }
      await reader.close();
    }
  }

  /** Those that exist. */
  deleteTopics(names: readonly string[]): Promise<void> {
    return deleteTopics(this.brokers, (name) => names.includes(name));
  }

  async close(): Promise<void> {
    await Promise.all([this.cluster.close(), this.kafka.close()]);
    if (this.isConnected) await this.connection.close();
  }

  private async connected(): Promise<Connection> {
    const [address = ""] = this.brokers.split(",");
    const [host = "", port] = address.split(":");
    if (!this.isConnected) await this.connection.connect(host, Number(port));
    this.isConnected = true;
    return this.connection;
  }
}

function valueText({ bytes, valueStarts, valueEnds }: RecordSlices, row: number): string {
  return bytes.toString("utf8", valueStarts[row], valueEnds[row]);
}
