import { must } from "../../../assert.ts";
import { SluiceError } from "../../../errors.ts";
import * as Protocol from "../protocol/broker-connection.ts";
import { expectNone, KafkaError } from "../protocol/error-code.ts";
import { openFrameSocket } from "../protocol/frame-socket.ts";
import { ReceivePool } from "../protocol/receive-pool.ts";
import type { KafkaSettings } from "../settings.ts";
import { type FetchAnswer, readFetchAnswer } from "./fetch-answer.ts";
import { apiKeys, Broker, ConnectionPool, Encoder, type KafkajsProtocol, requests, silentLogger } from "./internals.ts";

const ACKS_ALL = -1;
const READ_COMMITTED = 1;
const TOPIC = 2;

/** Connections of kafkajs, to brokers since Kafka 2.3. */
export function connectKafkajs(settings: KafkaSettings): Protocol.ConnectBroker {
  const memory = new ReceivePool();
  return async (address, requestTimeoutMs) => {
    const connections = new SingleConnection({
      ...address,
      clientId: settings.clientId,
      ssl: settings.tls,
      sasl: settings.sasl === null ? null : { ...settings.sasl, mechanism: settings.sasl.mechanism.toLowerCase() },
      connectionTimeout: Math.min(requestTimeoutMs, 10_000),
      requestTimeout: requestTimeoutMs,
      logger: silentLogger,
      socketFactory: ({ onConnect }: { onConnect(): void }) =>
        openFrameSocket(address, settings.tls, memory).once(settings.tls === null ? "connect" : "secureConnect", onConnect),
    });
    const broker = new Broker({ connectionPool: connections, logger: silentLogger, allowAutoTopicCreation: false });
    const place = `${address.host}:${address.port}`;
    try {
      await broker.connect();
    } catch (error) {
      closePool(connections);
      throw connectionError(place, error);
    }
    return new KafkajsConnection(connections, (apiKey, api) => broker.lookupRequest(apiKey, api), place, memory);
  };
}

/** The library opens two connections a broker, one of them for fetches; here each purpose has its own. */
class SingleConnection extends ConnectionPool {
  getConnectionByRequest(): Promise<unknown> {
    return this.getConnection();
  }
}

type Lookup = InstanceType<typeof Broker>["lookupRequest"];
type Arguments = Readonly<Record<string, unknown>>;
type WithCode = { readonly errorCode: number; readonly errorMessage?: string | null };

class KafkajsConnection implements Protocol.BrokerConnection {
  private readonly pool: SingleConnection;
  private readonly lookup: Lookup;
  private readonly place: string;
  private readonly memory: ReceivePool;

  constructor(pool: SingleConnection, lookup: Lookup, place: string, memory: ReceivePool) {
    this.pool = pool;
    this.lookup = lookup;
    this.place = place;
    this.memory = memory;
  }

  get closed(): boolean {
    return !this.pool.pool.some((connection) => connection.isConnected());
  }

  async metadata(topics: readonly string[] | null): Promise<Protocol.MetadataAnswer> {
    const answer = await this.call<MetadataAnswer>("Metadata", { topics: topics ?? [], allowAutoTopicCreation: false });
    return {
      brokers: answer.brokers.map(({ nodeId, host, port }) => ({ node: nodeId, host, port })),
      controller: answer.controllerId,
      topics: answer.topicMetadata.map((topic) => ({
        errorCode: topic.topicErrorCode,
        name: topic.topic,
        id: null,
        internal: topic.isInternal,
        leaders: topic.partitionMetadata.sort((a, b) => a.partitionId - b.partitionId).map(({ leader }) => leader),
      })),
    };
  }

  async listOffset(topic: string, partition: number, timestampMs: number): Promise<Protocol.OffsetAnswer> {
    const topics = [{ topic, partitions: [{ partition, timestamp: timestampMs }] }];
    type Answer = { readonly responses: readonly { readonly partitions: readonly (WithCode & { readonly offset: string })[] }[] };
    const answer = await this.call<Answer>("ListOffsets", { replicaId: -1, isolationLevel: READ_COMMITTED, topics });
    const found = must(answer.responses[0]?.partitions[0], "the partition's offset");
    return { ...plain(found), offset: Number(found.offset) };
  }

  async fetch(request: Protocol.FetchCall): Promise<readonly Protocol.FetchedPartition[]> {
    const topics = [...Map.groupBy(request.partitions, ({ topic }) => topic)].map(([topic, partitions]) => ({
      topic,
      partitions: partitions.map(({ partition, offset, maxBytes }) => ({ partition, fetchOffset: offset, maxBytes })),
    }));
    const { waitMs: maxWaitTime, maxBytes } = request;
    const args = { replicaId: -1, isolationLevel: READ_COMMITTED, maxWaitTime, minBytes: 1, maxBytes, topics };
    const answer = await this.call<FetchAnswer>("Fetch", args, async (payload) => readFetchAnswer(payload));
    expectNone(answer.errorCode, `fetch from ${this.place}`);
    return this.memory.lend(answer.partitions);
  }

  async produce(
    batches: readonly Protocol.ProducedBatch[],
    timeoutMs: number,
    transactionalId: string | null,
  ): Promise<readonly Protocol.ProduceAnswer[]> {
    const { request, response } = this.protocol("Produce", { acks: ACKS_ALL, timeout: timeoutMs, topicData: [] });
    const encode = async () => encodeProduce(batches, timeoutMs, transactionalId);
    type Partition = WithCode & { readonly partition: number; readonly baseOffset: string };
    type Answer = { readonly topics: readonly { readonly topicName: string; readonly partitions: readonly Partition[] }[] };
    const answer = await this.send<Answer>({ request: { ...request, encode }, response });
    return answer.topics.flatMap(({ topicName, partitions }) =>
      partitions.map((partition) => ({
        ...plain(partition),
        topic: topicName,
        partition: partition.partition,
        baseOffset: Number(partition.baseOffset),
      })),
    );
  }

  async initProducer(transaction: Protocol.TransactionWish | null): Promise<Protocol.ProducerAnswer> {
    type Answer = WithCode & { readonly producerId: string; readonly producerEpoch: number };
    const wish = { transactionalId: transaction?.transactionalId ?? null, transactionTimeout: transaction?.timeoutMs ?? 0 };
    const answer = await this.call<Answer>("InitProducerId", wish);
    return { ...plain(answer), producerId: Number(answer.producerId), producerEpoch: answer.producerEpoch };
  }

  async addToTransaction(producer: Protocol.TransactionalProducer, places: readonly Protocol.TransactionPlace[]): Promise<Protocol.Answer> {
    const topics = [...Map.groupBy(places, ({ topic }) => topic)].map(([topic, own]) => ({
      topic,
      partitions: own.map(({ partition }) => partition),
    }));
    type Answer = { readonly errors: readonly { readonly partitionErrors: readonly WithCode[] }[] };
    const answer = await this.call<Answer>("AddPartitionsToTxn", { ...producer, topics });
    const codes = answer.errors.flatMap(({ partitionErrors }) => partitionErrors.map(({ errorCode }) => errorCode));
    return { errorCode: Protocol.firstProblem(codes), message: null };
  }

  async endTransaction(producer: Protocol.TransactionalProducer, end: "commit" | "abort"): Promise<Protocol.Answer> {
    return plain(await this.call<WithCode>("EndTxn", { ...producer, transactionResult: end === "commit" }));
  }

  async createTopic(topic: Protocol.NewTopic, timeoutMs: number): Promise<Protocol.Answer> {
    const configEntries = Object.entries(topic.settings).map(([name, value]) => ({ name, value }));
    const topics = [{ topic: topic.name, numPartitions: topic.partitions, replicationFactor: topic.replication, configEntries }];
    const answer = await this.call<TopicErrors>("CreateTopics", { topics, timeout: timeoutMs, validateOnly: topic.validateOnly });
    return plain(must(answer.topicErrors[0], "the topic's answer"));
  }

  async deleteTopic(topic: string, timeoutMs: number): Promise<Protocol.Answer> {
    const answer = await this.call<TopicErrors>("DeleteTopics", { topics: [topic], timeout: timeoutMs });
    return plain(must(answer.topicErrors[0], "the topic's answer"));
  }

  async deleteRecords(topic: string, partition: number, offset: number, timeoutMs: number): Promise<Protocol.Answer> {
    type Deleted = { readonly topics: readonly { readonly partitions: readonly WithCode[] }[] };
    const topics = [{ topic, partitions: [{ partition, offset: String(offset) }] }];
    const answer = await this.call<Deleted>("DeleteRecords", { topics, timeout: timeoutMs });
    return plain(must(answer.topics[0]?.partitions[0], "the partition's answer"));
  }

  async addPartitions(topic: string, partitions: number, timeoutMs: number): Promise<Protocol.Answer> {
    const answer = await this.call<TopicErrors>("CreatePartitions", {
      topicPartitions: [{ topic, count: partitions }],
      timeout: timeoutMs,
    });
    return plain(must(answer.topicErrors[0], "the topic's answer"));
  }

  async describeTopic(topic: string): Promise<Protocol.Answer & { readonly settings: ReadonlyMap<string, string | null> }> {
    type Entry = { readonly configName: string; readonly configValue: string | null };
    type Answer = { readonly resources: readonly (WithCode & { readonly configEntries: readonly Entry[] })[] };
    const answer = await this.call<Answer>("DescribeConfigs", { resources: [{ type: TOPIC, name: topic, configNames: [] }] });
    const found = must(answer.resources[0], "the topic's settings");
    return { ...plain(found), settings: new Map(found.configEntries.map(({ configName, configValue }) => [configName, configValue])) };
  }

  async deleteGroup(group: string): Promise<Protocol.Answer> {
    // The library takes the list of names itself where other requests have an object.
    const answer = await this.call<{ readonly results: readonly WithCode[] }>("DeleteGroups", [group] as unknown as Arguments);
    return plain(must(answer.results[0], "the group's answer"));
  }

  async findCoordinator(
    kind: Protocol.CoordinatorKind,
    name: string,
  ): Promise<Protocol.Answer & { readonly address: Protocol.BrokerAddress }> {
    type Answer = WithCode & { readonly coordinator: Protocol.BrokerAddress };
    const answer = await this.call<Answer>("GroupCoordinator", { groupId: name, coordinatorType: kind });
    return { ...plain(answer), address: { host: answer.coordinator.host, port: answer.coordinator.port } };
  }

  async joinGroup(call: Protocol.JoinCall): Promise<Protocol.JoinAnswer> {
    const answer = await this.call<JoinAnswer>("JoinGroup", {
      groupId: call.group,
      sessionTimeout: call.sessionTimeoutMs,
      rebalanceTimeout: call.rebalanceTimeoutMs,
      memberId: call.memberId,
      protocolType: "consumer",
      groupProtocols: [{ name: call.protocol, metadata: call.subscription }],
    });
    const members = answer.members.map(({ memberId, memberMetadata }) => ({ memberId, bytes: memberMetadata }));
    return { ...plain(answer), memberId: answer.memberId, leaderId: answer.leaderId, generation: answer.generationId, members };
  }

  async syncGroup(
    { group, generation, memberId }: Protocol.GroupMemberId,
    assignments: readonly Protocol.MemberBytes[],
  ): Promise<Protocol.Answer & { readonly assignment: Buffer }> {
    type Answer = WithCode & { readonly memberAssignment: Buffer | null };
    const groupAssignment = assignments.map(({ memberId: to, bytes }) => ({ memberId: to, memberAssignment: bytes }));
    const answer = await this.call<Answer>("SyncGroup", { groupId: group, generationId: generation, memberId, groupAssignment });
    return { ...plain(answer), assignment: answer.memberAssignment ?? Buffer.alloc(0) };
  }

  async heartbeat({ group, generation, memberId }: Protocol.GroupMemberId): Promise<Protocol.Answer> {
    return plain(await this.call<WithCode>("Heartbeat", { groupId: group, groupGenerationId: generation, memberId }));
  }

  async leaveGroup({ group, memberId }: Protocol.GroupMemberId): Promise<Protocol.Answer> {
    return plain(await this.call<WithCode>("LeaveGroup", { groupId: group, memberId }));
  }

  async commitOffsets(member: Protocol.GroupMemberId, offsets: readonly Protocol.PartitionOffset[]): Promise<Protocol.Answer> {
    const topics = [...Map.groupBy(offsets, ({ topic }) => topic)].map(([topic, partitions]) => ({ topic, partitions }));
    type Answer = { readonly responses: readonly { readonly partitions: readonly WithCode[] }[] };
    const { group, generation, memberId } = member;
    const answer = await this.call<Answer>("OffsetCommit", { groupId: group, groupGenerationId: generation, memberId, topics });
    const codes = answer.responses.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
    return { errorCode: codes.find((code) => code !== KafkaError.none) ?? KafkaError.none, message: null };
  }

  close(): void {
    closePool(this.pool);
  }

  private protocol(api: string, args: Arguments): KafkajsProtocol {
    return this.lookup(must(apiKeys[api], api), must(requests[api], api))(args);
  }

  private call<Result>(api: string, args: Arguments, decode?: (payload: Buffer) => Promise<unknown>): Promise<Result> {
    const protocol = this.protocol(api, args);
    return this.send(decode === undefined ? protocol : { ...protocol, response: { ...protocol.response, decode } });
  }

  /** The library rejects answers that have error codes in them; here these are part of the answer. */
  private async send<Result>(protocol: KafkajsProtocol): Promise<Result> {
    const response = { decode: protocol.response.decode, parse: async (decoded: unknown) => decoded };
    try {
      if (this.closed) throw new Error("the connection is closed");
      return (await this.pool.send({ ...protocol, response })) as Result;
    } catch (error) {
      this.close();
      throw connectionError(this.place, error);
    }
  }
}

interface MetadataAnswer {
  readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
  readonly controllerId: number;
  readonly topicMetadata: readonly {
    readonly topicErrorCode: number;
    readonly topic: string;
    readonly isInternal: boolean;
    readonly partitionMetadata: { readonly partitionId: number; readonly leader: number }[];
  }[];
}

interface TopicErrors {
  readonly topicErrors: readonly WithCode[];
}

interface JoinAnswer extends WithCode {
  readonly memberId: string;
  readonly leaderId: string;
  readonly generationId: number;
  readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
}

const plain = ({ errorCode, errorMessage }: WithCode): Protocol.Answer => ({ errorCode, message: errorMessage ?? null });

function encodeProduce(batches: readonly Protocol.ProducedBatch[], timeoutMs: number, transactionalId: string | null): unknown {
  const topics = [...Map.groupBy(batches, ({ topic }) => topic)].map(([topic, ofTopic]) =>
    new Encoder()
      .writeString(topic)
      .writeArray(ofTopic.map(({ partition, bytes }) => new Encoder().writeInt32(partition).writeBytes(bytes))),
  );
  return new Encoder().writeString(transactionalId).writeInt16(ACKS_ALL).writeInt32(timeoutMs).writeArray(topics);
}

/** At once: the library's own way waits for all answers. */
function closePool(pool: SingleConnection): void {
  for (const connection of pool.pool) {
    connection.rejectRequests(new Error("the connection is closed"));
    connection.disconnect().catch(() => undefined);
    connection.socket?.destroy();
  }
}

function connectionError(place: string, error: unknown): SluiceError {
  const cause = error instanceof Error ? error : new Error(String(error));
  const code = cause.name === "KafkaJSSASLAuthenticationError" ? "CONNECTION_REFUSED_RIGHTS" : "CONNECTION_FAILED";
  return new SluiceError(code, `Kafka broker ${place}: ${cause.message}`, { cause });
}
