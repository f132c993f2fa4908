import { SluiceError } from "../../errors.ts";
import type { LogBounds, TopicDescription } from "../../ports/source.ts";
import type { Cluster } from "./cluster.ts";
import { type BrokerConnection, Timestamp } from "./protocol/broker-connection.ts";
import { expectNone, KafkaAnswerError, KafkaError } from "./protocol/error-code.ts";

export interface TopicWish {
  /** -1: the broker's default. */
  readonly partitions: number;
  readonly settings: Readonly<Record<string, string>>;
}

/**
 * Of topics that only Sluice reads. Small segments, because only closed ones are compacted or deleted. With three replicas one may be away
 * without writes being held up.
 */
export function internalSettings(replication: number | null): Readonly<Record<string, string>> {
  return { "segment.bytes": String(16 << 20), ...(replication !== null && replication >= 3 ? { "min.insync.replicas": "2" } : {}) };
}

const ENDLESS = { "retention.ms": "-1", "retention.bytes": "-1" };

/** Nothing goes by its age or by the size of the log, whatever the brokers have; a trim needs a log from which records are deleted. */
export function trimmedWish(partitions: number, replication: number | null): TopicWish {
  return { partitions, settings: { ...internalSettings(replication), "cleanup.policy": "delete", ...ENDLESS } };
}

/** Where nobody says, the brokers' default number of partitions. */
export function topicWish({ partitions, compacted, retentionMs = null, isKept = false }: TopicOptions): TopicWish {
  // By the time of writing: what is kept may be about records of long ago.
  const limited = retentionMs === null ? {} : { "retention.ms": String(retentionMs), "message.timestamp.type": "LogAppendTime" };
  const kept = isKept ? ENDLESS : limited;
  return { partitions: partitions ?? -1, settings: { ...(compacted ? { "cleanup.policy": "compact" } : {}), ...kept } };
}

interface TopicOptions {
  readonly partitions: number | null;
  readonly compacted: boolean;
  /** null, or left out: as the brokers have it. */
  readonly retentionMs?: number | null;
  readonly isKept?: boolean;
}

export async function listTopics(cluster: Cluster): Promise<readonly string[]> {
  const { topics } = await cluster.retrying(() => cluster.metadata(null));
  return topics
    .filter((topic) => !topic.internal)
    .map((topic) => topic.name)
    .sort();
}

/** null where the topic does not exist. */
export async function describeTopic(cluster: Cluster, name: string): Promise<TopicDescription | null> {
  return cluster.retrying(async () => {
    cluster.forgetTopic(name);
    const topic = await cluster.topic(name);
    if (topic === null) return null;
    const policy = (await topicSettings(cluster, name)).get("cleanup.policy") ?? "";
    return { name, id: topic.id, partitions: topic.leaders.length, compacted: policy.split(",").includes("compact") };
  });
}

/** Of a record batch, before compression: what is larger is refused. */
export async function recordBytesMax(cluster: Cluster, name: string): Promise<number> {
  const settings = await cluster.retrying(() => topicSettings(cluster, name));
  return Number(settings.get("max.message.bytes") ?? Number.POSITIVE_INFINITY);
}

async function topicSettings(cluster: Cluster, name: string): Promise<ReadonlyMap<string, string | null>> {
  const answer = await (await cluster.anyBroker()).describeTopic(name);
  expectNone(answer.errorCode, `settings of topic ${name}`, answer.message);
  return answer.settings;
}

/**
 * Creates the topic unless it exists with at least so many partitions. Rejects with TARGET_MISSING where Kafka refuses, and with
 * TARGET_MISMATCH where it has fewer partitions: adding some would move keys away from the records that they already have.
 */
export async function createTopic(cluster: Cluster, name: string, wish: TopicWish): Promise<void> {
  const partitions = await makeTopic(cluster, name, wish);
  if (partitions >= wish.partitions) return;
  const message = `topic ${name} has ${partitions} partitions, not ${wish.partitions}`;
  throw new SluiceError("TARGET_MISMATCH", message, { coordinates: { topic: name } });
}

/** Creates the topic unless it exists, whatever it is like, and waits until it can be used. Gives its number of partitions. */
export async function makeTopic(cluster: Cluster, name: string, wish: TopicWish): Promise<number> {
  const replication = cluster.settings.replication ?? -1;
  const topic = { name, partitions: wish.partitions, replication, settings: wish.settings, validateOnly: false };
  await cluster.retrying(async () => {
    const answer = await (await cluster.controller()).createTopic(topic, cluster.settings.requestTimeoutMs);
    if (answer.errorCode === KafkaError.none || answer.errorCode === KafkaError.topicExists) return;
    const refusal = new KafkaAnswerError(answer.errorCode, `creation of topic ${name}`, answer.message);
    if (refusal.retryable) throw refusal;
    throw new SluiceError("TARGET_MISSING", refusal.message, { coordinates: { topic: name }, cause: refusal });
  });
  return awaitPartitions(cluster, name, 1);
}

/** Brokers hear of it a little later. Rejects with TOPIC_MISSING. */
export async function deleteTopic(cluster: Cluster, name: string): Promise<void> {
  await cluster.retrying(async () => {
    const answer = await (await cluster.controller()).deleteTopic(name, cluster.settings.requestTimeoutMs);
    if (answer.errorCode !== KafkaError.unknownTopicOrPartition)
      return expectNone(answer.errorCode, `deletion of topic ${name}`, answer.message);
    throw new SluiceError("TOPIC_MISSING", `there is no topic ${name}`, { coordinates: { topic: name } });
  });
  cluster.forgetTopic(name);
}

/** Raises the number of partitions where it is lower. */
export async function addPartitions(cluster: Cluster, name: string, partitions: number): Promise<void> {
  await cluster.retrying(async () => {
    const answer = await (await cluster.controller()).addPartitions(name, partitions, cluster.settings.requestTimeoutMs);
    expectNone(answer.errorCode, `partitions of topic ${name}`, answer.message);
  });
  await awaitPartitions(cluster, name, partitions);
}

/** Brokers hear of a topic, and its partitions get leaders, a little after it was made. Gives the number of partitions. */
function awaitPartitions(cluster: Cluster, name: string, least: number): Promise<number> {
  return cluster.retrying(async () => {
    cluster.forgetTopic(name);
    const leaders = (await cluster.topic(name))?.leaders ?? [];
    const ready = leaders.length >= least && leaders.every((leader) => leader >= 0);
    if (!ready) throw new SluiceError("CONNECTION_FAILED", `topic ${name} is not ready yet`);
    return leaders.length;
  });
}

/** Up to the last stable offset: what a reader of committed records can get. */
export async function logBounds(cluster: Cluster, topic: string, partition: number): Promise<LogBounds> {
  const startOffset = await offsetFor(cluster, topic, partition, Timestamp.earliest);
  return { startOffset, endOffset: await offsetFor(cluster, topic, partition, Timestamp.latest) };
}

/** The first offset at or after the time; the end offset if there is none. */
export async function offsetAt(cluster: Cluster, topic: string, partition: number, timestampMs: number): Promise<number> {
  const offset = await offsetFor(cluster, topic, partition, Math.max(0, timestampMs));
  return offset >= 0 ? offset : offsetFor(cluster, topic, partition, Timestamp.latest);
}

async function offsetFor(cluster: Cluster, topic: string, partition: number, timestampMs: number): Promise<number> {
  const answer = await atLeader(cluster, topic, partition, (broker) => broker.listOffset(topic, partition, timestampMs));
  return answer.offset;
}

/** The log begins at `offset` then, if it did not begin behind it. */
export async function trim(cluster: Cluster, topic: string, partition: number, offset: number): Promise<void> {
  const { requestTimeoutMs } = cluster.settings;
  await atLeader(cluster, topic, partition, (broker) => broker.deleteRecords(topic, partition, offset, requestTimeoutMs));
}

/** Asks the partition's leader; asks again with fresh metadata where leadership has moved. */
async function atLeader<Answer extends { readonly errorCode: number; readonly message: string | null }>(
  cluster: Cluster,
  topic: string,
  partition: number,
  ask: (broker: BrokerConnection) => Promise<Answer>,
): Promise<Answer> {
  return cluster.retrying(async () => {
    try {
      const { node } = await cluster.leader(topic, partition);
      const answer = await ask(await cluster.connectionTo(node, "control"));
      expectNone(answer.errorCode, `${topic}-${partition}`, answer.message);
      return answer;
    } catch (error) {
      if (error instanceof SluiceError && error.retryable) cluster.forgetTopic(topic);
      throw error;
    }
  });
}

/** Whether topics may be created here: asks without creating one. */
export async function mayCreateTopics(cluster: Cluster): Promise<KafkaAnswerError | null> {
  const topic = { name: "sluice.doctor", partitions: 1, replication: cluster.settings.replication ?? -1, settings: {}, validateOnly: true };
  const answer = await (await cluster.controller()).createTopic(topic, cluster.settings.requestTimeoutMs);
  const allowed = answer.errorCode === KafkaError.none || answer.errorCode === KafkaError.topicExists;
  return allowed ? null : new KafkaAnswerError(answer.errorCode, "creation of a topic", answer.message);
}
