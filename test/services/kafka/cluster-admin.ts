import {
  Admin,
  ConfigResourceTypes,
  IncrementalAlterConfigOperationTypes,
  Producer,
  type ProducerOptions,
  stringSerializers,
} from "@platformatic/kafka";
import { expect } from "vitest";
import { eventually } from "../../conformance/eventually.ts";
import { freshName } from "../../conformance/names.ts";

/** DYNAMIC_TOPIC_CONFIG of DescribeConfigs. */
const OF_THE_TOPIC = 1;

/** What tests do to a cluster that Sluice itself never does, by the library's own clients. */
export class ClusterAdmin {
  private readonly admin: Admin;
  private readonly brokers: readonly string[];
  private readonly producers: Producer<string, string, string, string>[] = [];

  constructor(brokers: readonly string[]) {
    this.brokers = brokers;
    this.admin = new Admin({ clientId: "test-admin", bootstrapBrokers: [...brokers], retries: 10, retryDelay: 100 });
  }

  /** A new topic with settings of its own. */
  async createTopic(prefix: string, settings: Readonly<Record<string, string>> = {}, partitions = 1): Promise<string> {
    const topic = freshName(prefix);
    await this.createNamed(topic, settings, partitions);
    return topic;
  }

  async createNamed(topic: string, settings: Readonly<Record<string, string>> = {}, partitions = 1): Promise<void> {
    const configs = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await this.admin.createTopics({ topics: [topic], partitions, replicas: 1, configs });
    // The broker answers before it knows the topic itself.
    await eventually(async () => {
      const { topics } = await this.admin.metadata({ topics: [topic], forceUpdate: true });
      expect(topics.get(topic)?.partitions.filter(({ leader }) => leader >= 0).length).toBe(partitions);
    });
  }

  async setOfTopic(resourceName: string, name: string, value: string): Promise<void> {
    const configs = [{ name, value, configOperation: IncrementalAlterConfigOperationTypes.SET }];
    await this.admin.incrementalAlterConfigs({ resources: [{ resourceType: ConfigResourceTypes.TOPIC, resourceName, configs }] });
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.admin.deleteTopics({ topics: [topic] });
  }

  /** As retention does: the log then starts at `offset`. */
  async deleteRecords(topic: string, offset: number): Promise<void> {
    await this.admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: BigInt(offset) }] }] });
  }

  /** As the brokers apply them, those by default among them. */
  async settingsOf(topic: string): Promise<ReadonlyMap<string, string | null>> {
    const resources = [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic }];
    const [found] = await this.admin.describeConfigs({ resources });
    return new Map(found?.configs.map(({ name, value }) => [name, value ?? null]));
  }

  /** Those that the topic has of its own, whatever the brokers' defaults are. */
  async ownSettingsOf(topic: string): Promise<Readonly<Record<string, string | null>>> {
    const resources = [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic }];
    const [found] = await this.admin.describeConfigs({ resources });
    const own = found?.configs.filter(({ configSource }) => configSource === OF_THE_TOPIC) ?? [];
    return Object.fromEntries(own.map(({ name, value }) => [name, value ?? null]));
  }

  /** By partition. */
  async replicasOf(topic: string): Promise<readonly number[]> {
    const { topics } = await this.admin.metadata({ topics: [topic], forceUpdate: true });
    return topics.get(topic)?.partitions.map(({ replicas }) => replicas.length) ?? [];
  }

  /** Bytes of the topic's first partition on disk. */
  async sizeOf(topic: string): Promise<number> {
    const [described] = await this.admin.describeLogDirs({ topics: [{ name: topic, partitions: [0] }] });
    const found = described?.results.flatMap(({ topics }) => topics).find(({ name }) => name === topic);
    return Number(found?.partitions[0]?.partitionSize ?? -1);
  }

  async committedOffsets(group: string, topic: string): Promise<ReadonlyMap<number, number>> {
    const [found] = await this.admin.listConsumerGroupOffsets({ groups: [{ groupId: group }] });
    const partitions = found?.topics.find(({ name }) => name === topic)?.partitions ?? [];
    return new Map(partitions.map(({ partitionIndex, committedOffset }) => [partitionIndex, Number(committedOffset)]));
  }

  producer(options: Partial<ProducerOptions<string, string, string, string>> = {}): Producer<string, string, string, string> {
    const producer = new Producer<string, string, string, string>({
      clientId: "test-producer",
      bootstrapBrokers: [...this.brokers],
      serializers: stringSerializers,
      // A batch that is sent again, as another partition had no leader yet, is in the log once.
      idempotent: true,
      retries: 10,
      retryDelay: 100,
      ...options,
    });
    this.producers.push(producer);
    return producer;
  }

  async close(): Promise<void> {
    for (const client of [...this.producers, this.admin]) await client.close();
  }
}
