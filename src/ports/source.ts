import type { RecordSlices } from "../model/record-slices.ts";

export interface TopicDescription {
  readonly name: string;
  /** Changes when the topic is deleted and created again; null where the client does not show it. */
  readonly id: string | null;
  readonly partitions: number;
  /** True for a compacted topic: as a stream it is not the same log twice. */
  readonly compacted: boolean;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface LogBounds {
  /** The first offset that can be read. */
  readonly startOffset: number;
  /** One past the last offset that can be read (high watermark, or last stable offset). */
  readonly endOffset: number;
}

export interface FetchRequest {
  readonly offset: number;
  /** A soft bound: at least one record batch is given whatever its size. */
  readonly maxBytes: number;
  /** How long to wait at the end of the log for a first record. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

export interface FetchResult {
  /** In offset order; empty at the end of the log. Records below the asked offset are left out. */
  readonly batches: readonly RecordSlices[];
  /** The next offset to fetch: past transaction markers and compacted holes even where `batches` is empty. */
  readonly nextOffset: number;
  readonly bounds: LogBounds;
  /**
   * Says that the batches were worked off: their bytes and arrays are used for what is fetched next, so nobody may look at them
   * again. To be left out where that is not certain: what is not released is collected as garbage.
   */
  readonly release?: () => void;
}

/** Reads one partition at any offset; several readers of one partition are independent. */
export interface PartitionReader {
  /**
   * The records from `offset` on. One call at a time. Retries what is retryable inside for as long as `signal` allows
   * (leader changes, broken connections), reporting it through `SourceEvents.onTrouble`; rejects with OFFSET_OUT_OF_RANGE
   * when the offset is outside the log, LOG_CORRUPT for bytes that are no record batch, STOPPED when aborted.
   * Transactions: only committed records are given (`read_committed`).
   */
  fetch(request: FetchRequest): Promise<FetchResult>;
  close(): Promise<void>;
}

/** `asked`: what was taken can be written before. */
export type Revocation = "asked" | "lost";

export interface AssignmentListener {
  /** All that is ours from now on, what was so before included. `isWhole`: no more will be, until the group changes again. */
  onAssigned(partitions: readonly TopicPartition[], isWhole: boolean): void;
  /**
   * Called before they are given up, which others may wait for; those left out are kept. The partitions are released when the promise
   * settles, or when the group's time is over.
   * `lost`: they have others already, who may have written since.
   */
  onRevoked(partitions: readonly TopicPartition[], how: Revocation): Promise<void>;
  /** Nobody else is given our partitions before that wall time (ms since 1970). Never called: nobody ever is. */
  onHeld?(untilMs: number): void;
  /** The membership failed for good and no assignment will come any more. */
  onFailed(error: Error): void;
}

export interface GroupMembership {
  /** For lag tools only: nothing reads it back (`runtime.md` §1). */
  commit(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void>;
  /** Gives the partitions back at once, without calling `onRevoked`. */
  leave(): Promise<void>;
}

/** A record to be written as it is (`sluice produce`, tests, dead letters). */
export interface RawRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  readonly headers?: readonly (readonly [name: string, value: Buffer | null])[];
  /** null: by the key's murmur2 hash as in Kafka's default partitioner, round robin without a key. */
  readonly partition?: number | null;
}

export interface NewTopicOptions {
  readonly partitions: number;
  readonly compacted?: boolean;
  /** Records do not go by their age or the size of the log: by `trim` alone. */
  readonly isTrimmed?: boolean;
}

/** The topics of one connection. */
export interface Source {
  /** null where the topic does not exist. */
  describeTopic(topic: string): Promise<TopicDescription | null>;
  listTopics(): Promise<readonly string[]>;
  /** Does nothing where the topic exists already with at least that many partitions. */
  createTopic(topic: string, options: NewTopicOptions): Promise<void>;
  /** The topic and its records are gone; made again, it has another id. Rejects with TOPIC_MISSING. */
  deleteTopic(topic: string): Promise<void>;
  /** Nobody needs the records below `offset`: the log may begin there from now on. */
  trim(topic: string, partition: number, offset: number): Promise<void>;
  bounds(topic: string, partition: number): Promise<LogBounds>;
  /** The first offset whose record timestamp is at or after `timestampMs`; the end offset if there is none. */
  offsetAt(topic: string, partition: number, timestampMs: number): Promise<number>;
  openPartition(topic: string, partition: number): PartitionReader;
  /**
   * Joins the consumer group. Partitions of the same number of all topics go to one member.
   * Resolves when the group has taken us in; the assignment comes through the listener.
   */
  join(group: string, topics: readonly string[], listener: AssignmentListener): Promise<GroupMembership>;
  /** What is known of a consumer group goes, also where there is none; left out: groups leave nothing. Retries while it has members. */
  deleteGroup?(group: string): Promise<void>;
  /** Resolves when all records are durable (acks=all). */
  append(topic: string, records: readonly RawRecord[]): Promise<void>;
}
