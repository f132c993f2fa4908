import type { API } from "@platformatic/kafka";
import { must } from "../../../assert.ts";
import { SluiceError } from "../../../errors.ts";
import * as Protocol from "../protocol/broker-connection.ts";
import { expectNone, KafkaError } from "../protocol/error-code.ts";
import { ReceivePool } from "../protocol/receive-pool.ts";
import type { KafkaSettings } from "../settings.ts";
import { fetchApi } from "./fetch-api.ts";
import { FrameConnection } from "./frame-connection.ts";
import {
  AuthenticationError,
  addPartitionsToTxnV3,
  createPartitionsV3,
  createTopicsV7,
  deleteGroupsV2,
  deleteRecordsV2,
  deleteTopicsV6,
  describeConfigsV4,
  endTxnV3,
  findCoordinatorV4,
  heartbeatV4,
  initProducerIdV4,
  joinGroupV9,
  leaveGroupV5,
  listOffsetsV7,
  metadataV12,
  offsetCommitV8,
  ResponseError,
  syncGroupV5,
} from "./library.ts";
import { produceApi } from "./produce-api.ts";

const CONSUMER = "consumer";
const NO_LEADER_EPOCH = -1;
const READ_COMMITTED = 1;
const TOPIC = 2;

/** Connections of @platformatic/kafka. The versions of requests are those of Kafka 3.2; all later brokers understand them. */
export function connectPlatformatic(settings: KafkaSettings): Protocol.ConnectBroker {
  const pool = new ReceivePool();
  return async (address, requestTimeoutMs) => {
    const place = `${address.host}:${address.port}`;
    try {
      const connection = await FrameConnection.open(address, settings, requestTimeoutMs, pool);
      return new PlatformaticConnection(connection, place, pool);
    } catch (error) {
      throw connectionError(place, error);
    }
  };
}

class PlatformaticConnection implements Protocol.BrokerConnection {
  private readonly connection: FrameConnection;
  private readonly place: string;
  private readonly pool: ReceivePool;

  constructor(connection: FrameConnection, place: string, pool: ReceivePool) {
    this.connection = connection;
    this.place = place;
    this.pool = pool;
  }

  get closed(): boolean {
    return this.connection.closed;
  }

  async metadata(topics: readonly string[] | null): Promise<Protocol.MetadataAnswer> {
    const answer = await this.call(metadataV12.api, topics === null ? null : [...topics], false, false);
    return {
      brokers: answer.brokers.map(({ nodeId, host, port }) => ({ node: nodeId, host, port })),
      controller: answer.controllerId,
      topics: answer.topics.map(({ errorCode, name, topicId, isInternal, partitions }) => ({
        errorCode,
        name: name ?? "",
        id: topicId,
        internal: isInternal,
        leaders: partitions.sort((a, b) => a.partitionIndex - b.partitionIndex).map((partition) => partition.leaderId),
      })),
    };
  }

  async listOffset(topic: string, partition: number, timestampMs: number): Promise<Protocol.OffsetAnswer> {
    const wanted = { partitionIndex: partition, currentLeaderEpoch: NO_LEADER_EPOCH, timestamp: BigInt(timestampMs) };
    const answer = await this.call(listOffsetsV7.api, -1, READ_COMMITTED, [{ name: topic, partitions: [wanted] }]);
    const found = must(answer.topics[0]?.partitions[0], "the partition's offset");
    return { errorCode: found.errorCode, message: null, offset: Number(found.offset) };
  }

  async fetch(request: Protocol.FetchCall): Promise<readonly Protocol.FetchedPartition[]> {
    const names = new Map<string, string>();
    const topics = Map.groupBy(request.partitions, (wanted) => {
      const id = must(wanted.topicId, "topic id");
      names.set(id, wanted.topic);
      return id;
    });
    const wanted = [...topics].map(([topicId, partitions]) => ({
      topicId,
      partitions: partitions.map(({ partition, offset, maxBytes }) => ({
        partition,
        currentLeaderEpoch: NO_LEADER_EPOCH,
        fetchOffset: BigInt(offset),
        lastFetchedEpoch: NO_LEADER_EPOCH,
        partitionMaxBytes: maxBytes,
      })),
    }));
    const answer = await this.call(fetchApi, request.waitMs, 1, request.maxBytes, READ_COMMITTED, 0, -1, wanted, [], "");
    expectNone(answer.errorCode, `fetch from ${this.place}`);
    const named = answer.partitions.map(({ topicId, ...fetched }) => ({
      topic: must(names.get(topicId), "topic of the answer"),
      ...fetched,
    }));
    return this.pool.lend(named);
  }

  async produce(
    batches: readonly Protocol.ProducedBatch[],
    timeoutMs: number,
    transactionalId: string | null,
  ): Promise<readonly Protocol.ProduceAnswer[]> {
    const answer = await this.call(produceApi, batches, timeoutMs, transactionalId);
    return answer.responses.flatMap(({ name, partitionResponses }) =>
      partitionResponses.map(({ index, errorCode, errorMessage, baseOffset }) => ({
        topic: name,
        partition: index,
        errorCode,
        message: errorMessage ?? null,
        baseOffset: Number(baseOffset),
      })),
    );
  }

  async initProducer(transaction: Protocol.TransactionWish | null): Promise<Protocol.ProducerAnswer> {
    const { transactionalId, timeoutMs } = transaction ?? { transactionalId: null, timeoutMs: 0 };
    const { errorCode, producerId, producerEpoch } = await this.call(initProducerIdV4.api, transactionalId, timeoutMs, -1n, -1);
    return { errorCode, message: null, producerId: Number(producerId), producerEpoch };
  }

  async addToTransaction(
    { transactionalId, producerId, producerEpoch }: Protocol.TransactionalProducer,
    places: readonly Protocol.TransactionPlace[],
  ): Promise<Protocol.Answer> {
    const topics = [...Map.groupBy(places, ({ topic }) => topic)].map(([name, own]) => ({
      name,
      partitions: own.map(({ partition }) => partition),
    }));
    const wanted = { transactionalId, producerId: BigInt(producerId), producerEpoch, verifyOnly: false, topics };
    const answer = await this.call(addPartitionsToTxnV3.api, [wanted]);
    const results = answer.resultsByTransaction.flatMap(({ topicResults }) => topicResults);
    const codes = results.flatMap(({ resultsByPartition }) => resultsByPartition.map(({ partitionErrorCode }) => partitionErrorCode));
    return { errorCode: Protocol.firstProblem(codes), message: null };
  }

  async endTransaction(
    { transactionalId, producerId, producerEpoch }: Protocol.TransactionalProducer,
    end: "commit" | "abort",
  ): Promise<Protocol.Answer> {
    const { errorCode } = await this.call(endTxnV3.api, transactionalId, BigInt(producerId), producerEpoch, end === "commit");
    return { errorCode, message: null };
  }

  async createTopic(topic: Protocol.NewTopic, timeoutMs: number): Promise<Protocol.Answer> {
    const configs = Object.entries(topic.settings).map(([name, value]) => ({ name, value }));
    const wanted = { name: topic.name, numPartitions: topic.partitions, replicationFactor: topic.replication, assignments: [], configs };
    const answer = await this.call(createTopicsV7.api, [wanted], timeoutMs, topic.validateOnly);
    const { errorCode, errorMessage } = must(answer.topics[0], "the topic's answer");
    return { errorCode, message: errorMessage ?? null };
  }

  async deleteTopic(topic: string, timeoutMs: number): Promise<Protocol.Answer> {
    const answer = await this.call(deleteTopicsV6.api, [{ name: topic }], timeoutMs);
    const { errorCode, errorMessage } = must(answer.responses[0], "the topic's answer");
    return { errorCode, message: errorMessage ?? null };
  }

  async deleteRecords(topic: string, partition: number, offset: number, timeoutMs: number): Promise<Protocol.Answer> {
    const partitions = [{ partitionIndex: partition, offset: BigInt(offset) }];
    const answer = await this.call(deleteRecordsV2.api, [{ name: topic, partitions }], timeoutMs);
    const { errorCode } = must(answer.topics[0]?.partitions[0], "the partition's answer");
    return { errorCode, message: null };
  }

  async addPartitions(topic: string, partitions: number, timeoutMs: number): Promise<Protocol.Answer> {
    const answer = await this.call(createPartitionsV3.api, [{ name: topic, count: partitions, assignments: null }], timeoutMs, false);
    const { errorCode, errorMessage } = must(answer.results[0], "the topic's answer");
    return { errorCode, message: errorMessage ?? null };
  }

  async describeTopic(topic: string): Promise<Protocol.Answer & { readonly settings: ReadonlyMap<string, string | null> }> {
    const answer = await this.call(
      describeConfigsV4.api,
      [{ resourceType: TOPIC, resourceName: topic, configurationKeys: null }],
      false,
      false,
    );
    const { errorCode, errorMessage, configs } = must(answer.results[0], "the topic's settings");
    return { errorCode, message: errorMessage ?? null, settings: new Map(configs.map(({ name, value }) => [name, value ?? null])) };
  }

  async deleteGroup(group: string): Promise<Protocol.Answer> {
    const answer = await this.call(deleteGroupsV2.api, [group]);
    return { errorCode: must(answer.results[0], "the group's answer").errorCode, message: null };
  }

  async findCoordinator(
    kind: Protocol.CoordinatorKind,
    name: string,
  ): Promise<Protocol.Answer & { readonly address: Protocol.BrokerAddress }> {
    const answer = await this.call(findCoordinatorV4.api, kind, [name]);
    const { errorCode, errorMessage, host, port } = must(answer.coordinators[0], "the coordinator");
    return { errorCode, message: errorMessage ?? null, address: { host, port } };
  }

  async joinGroup(call: Protocol.JoinCall): Promise<Protocol.JoinAnswer> {
    const protocols = [{ name: call.protocol, metadata: call.subscription }];
    const { group, sessionTimeoutMs, rebalanceTimeoutMs, memberId } = call;
    const answer = await this.call(joinGroupV9.api, group, sessionTimeoutMs, rebalanceTimeoutMs, memberId, null, CONSUMER, protocols, null);
    return {
      errorCode: answer.errorCode,
      message: null,
      memberId: answer.memberId,
      leaderId: answer.leader,
      generation: answer.generationId,
      members: answer.members.map((member) => ({ memberId: member.memberId, bytes: member.metadata })),
    };
  }

  async syncGroup(
    member: Protocol.GroupMemberId,
    assignments: readonly Protocol.MemberBytes[],
  ): Promise<Protocol.Answer & { readonly assignment: Buffer }> {
    const { group, generation, memberId, protocol } = member;
    const given = assignments.map(({ memberId: to, bytes }) => ({ memberId: to, assignment: bytes }));
    const answer = await this.call(syncGroupV5.api, group, generation, memberId, null, CONSUMER, protocol, given);
    return { errorCode: answer.errorCode, message: null, assignment: answer.assignment };
  }

  async heartbeat({ group, generation, memberId }: Protocol.GroupMemberId): Promise<Protocol.Answer> {
    const { errorCode } = await this.call(heartbeatV4.api, group, generation, memberId, null);
    return { errorCode, message: null };
  }

  async leaveGroup({ group, memberId }: Protocol.GroupMemberId): Promise<Protocol.Answer> {
    const { errorCode, members } = await this.call(leaveGroupV5.api, group, [{ memberId }]);
    return { errorCode: errorCode || (members[0]?.errorCode ?? KafkaError.none), message: null };
  }

  async commitOffsets(member: Protocol.GroupMemberId, offsets: readonly Protocol.PartitionOffset[]): Promise<Protocol.Answer> {
    const topics = [...Map.groupBy(offsets, (offset) => offset.topic)].map(([name, ofTopic]) => ({
      name,
      partitions: ofTopic.map(({ partition, offset }) => ({
        partitionIndex: partition,
        committedOffset: BigInt(offset),
        committedLeaderEpoch: NO_LEADER_EPOCH,
        committedMetadata: null,
      })),
    }));
    const answer = await this.call(offsetCommitV8.api, member.group, member.generation, member.memberId, null, topics);
    const codes = answer.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
    return { errorCode: codes.find((code) => code !== KafkaError.none) ?? KafkaError.none, message: null };
  }

  close(): void {
    this.connection.close();
  }

  /** The library rejects answers that have error codes in them; here these are part of the answer. */
  private async call<Arguments extends unknown[], Result>(api: API<Arguments, Result>, ...args: Arguments): Promise<Result> {
    try {
      return await this.connection.call(api, ...args);
    } catch (error) {
      if (error instanceof ResponseError) return (error as Error as { readonly response?: unknown }).response as Result;
      this.close();
      throw connectionError(this.place, error);
    }
  }
}

function connectionError(place: string, error: unknown): SluiceError {
  const cause = error instanceof Error ? error : new Error(String(error));
  const detail = cause.cause instanceof Error ? cause.cause.message : cause.message;
  const code =
    cause instanceof AuthenticationError || cause.cause instanceof AuthenticationError ? "CONNECTION_REFUSED_RIGHTS" : "CONNECTION_FAILED";
  return new SluiceError(code, `Kafka broker ${place}: ${detail}`, { cause });
}
