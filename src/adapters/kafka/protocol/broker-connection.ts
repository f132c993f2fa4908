import { KafkaError } from "./error-code.ts";

/**
 * One connection to one broker, which answers its requests in order. Both client libraries are used behind this interface:
 * they connect, authenticate and speak the protocol; record batches pass through as bytes.
 * Every method rejects with CONNECTION_FAILED when the connection breaks or the answer takes too long, and is closed then.
 * Error codes of Kafka are part of the results.
 */
export interface BrokerConnection {
  readonly closed: boolean;
  metadata(topics: readonly string[] | null): Promise<MetadataAnswer>;
  /** Transactional records count only once they are committed. */
  listOffset(topic: string, partition: number, timestampMs: number): Promise<OffsetAnswer>;
  fetch(request: FetchCall): Promise<readonly FetchedPartition[]>;
  /** With acks=all. `transactionalId`: of the transaction that the batches are part of; null: of none. */
  produce(batches: readonly ProducedBatch[], timeoutMs: number, transactionalId: string | null): Promise<readonly ProduceAnswer[]>;
  /** With a transactional id, whose coordinator it is asked of, what another producer of the id has begun is aborted, and it is fenced. */
  initProducer(transaction: TransactionWish | null): Promise<ProducerAnswer>;
  /** The first one begins the transaction. To be asked of its coordinator, as is the next. An error of a partition is the answer's. */
  addToTransaction(producer: TransactionalProducer, places: readonly TransactionPlace[]): Promise<Answer>;
  endTransaction(producer: TransactionalProducer, end: "commit" | "abort"): Promise<Answer>;
  createTopic(topic: NewTopic, timeoutMs: number): Promise<Answer>;
  deleteTopic(topic: string, timeoutMs: number): Promise<Answer>;
  /** Those below `offset`. To be asked of the partition's leader. */
  deleteRecords(topic: string, partition: number, offset: number, timeoutMs: number): Promise<Answer>;
  addPartitions(topic: string, partitions: number, timeoutMs: number): Promise<Answer>;
  /** Settings of a topic by name. */
  describeTopic(topic: string): Promise<Answer & { readonly settings: ReadonlyMap<string, string | null> }>;
  /** To be asked of the group's coordinator. */
  deleteGroup(group: string): Promise<Answer>;
  findCoordinator(kind: CoordinatorKind, name: string): Promise<Answer & { readonly address: BrokerAddress }>;
  /** Waits until the group's members have come together: up to `rebalanceTimeoutMs`. */
  joinGroup(call: JoinCall): Promise<JoinAnswer>;
  syncGroup(member: GroupMemberId, assignments: readonly MemberBytes[]): Promise<Answer & { readonly assignment: Buffer }>;
  heartbeat(member: GroupMemberId): Promise<Answer>;
  leaveGroup(member: GroupMemberId): Promise<Answer>;
  commitOffsets(member: GroupMemberId, offsets: readonly PartitionOffset[]): Promise<Answer>;
  /** What is under way rejects. */
  close(): void;
}

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** Opens a connection; rejects with CONNECTION_FAILED, or CONNECTION_REFUSED_RIGHTS where it may not log in. */
export type ConnectBroker = (address: BrokerAddress, requestTimeoutMs: number) => Promise<BrokerConnection>;

/** Timestamps that mean the ends of the log. */
export const Timestamp = { latest: -1, earliest: -2 } as const;

export interface Answer {
  readonly errorCode: number;
  readonly message: string | null;
}

export interface MetadataAnswer {
  readonly brokers: readonly (BrokerAddress & { readonly node: number })[];
  readonly controller: number;
  readonly topics: readonly TopicMetadata[];
}

export interface TopicMetadata {
  readonly errorCode: number;
  readonly name: string;
  readonly id: string | null;
  readonly internal: boolean;
  /** Leader's node by partition; -1 while there is none. */
  readonly leaders: readonly number[];
}

export interface OffsetAnswer extends Answer {
  /** -1: no record at or after that time. */
  readonly offset: number;
}

export interface FetchCall {
  readonly waitMs: number;
  readonly maxBytes: number;
  /** Each partition once; the first is given a record batch whatever its size. */
  readonly partitions: readonly FetchedFrom[];
}

export interface FetchedFrom {
  readonly topic: string;
  readonly topicId: string | null;
  readonly partition: number;
  readonly offset: number;
  readonly maxBytes: number;
}

export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly startOffset: number;
  readonly lastStableOffset: number;
  readonly abortedTransactions: readonly { readonly producerId: number; readonly firstOffset: number }[];
  /** Record batches, of which the last may be cut off. */
  readonly bytes: Buffer;
  /** The bytes are looked at no more, and will be overwritten. To be called at most once. */
  release(): void;
}

/** As the protocol numbers them. */
export const CoordinatorKind = { group: 0, transaction: 1 } as const;
export type CoordinatorKind = (typeof CoordinatorKind)[keyof typeof CoordinatorKind];

/** Of the answers for partitions the one that counts: that an operation was not attempted is told of those beside the one that failed. */
export function firstProblem(codes: readonly number[]): number {
  const problems = codes.filter((code) => code !== KafkaError.none);
  return problems.find((code) => code !== KafkaError.operationNotAttempted) ?? problems[0] ?? KafkaError.none;
}

export interface TransactionWish {
  readonly transactionalId: string;
  /** The coordinator aborts a transaction that is open for longer. */
  readonly timeoutMs: number;
}

export interface TransactionalProducer {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface TransactionPlace {
  readonly topic: string;
  readonly partition: number;
}

export interface ProducedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

export interface ProduceAnswer extends Answer {
  readonly topic: string;
  readonly partition: number;
  readonly baseOffset: number;
}

export interface ProducerAnswer extends Answer {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  /** -1: the broker's default. */
  readonly replication: number;
  readonly settings: Readonly<Record<string, string>>;
  /** Asks only whether it would be allowed. */
  readonly validateOnly: boolean;
}

export interface JoinCall {
  readonly group: string;
  /** Empty: a new member. */
  readonly memberId: string;
  readonly protocol: string;
  readonly subscription: Buffer;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
}

export interface JoinAnswer extends Answer {
  readonly memberId: string;
  readonly leaderId: string;
  readonly generation: number;
  /** Of the leader only: everybody's subscription. */
  readonly members: readonly MemberBytes[];
}

export interface GroupMemberId {
  readonly group: string;
  readonly memberId: string;
  readonly generation: number;
  readonly protocol: string;
}

export interface MemberBytes {
  readonly memberId: string;
  readonly bytes: Buffer;
}

export interface PartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}
