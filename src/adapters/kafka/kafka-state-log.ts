import { createHash } from "node:crypto";
import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { RawRecord } from "../../ports/source.ts";
import type { Claim, StateEntry, StateLog, StateRecord } from "../../ports/state-log.ts";
import type { Cluster } from "./cluster.ts";
import type { FetchQueue } from "./fetch-queue.ts";
import { type OutgoingRecords, PartitionProducer } from "./partition-producer.ts";
import { KafkaPartitionReader } from "./partition-reader.ts";
import type { ProduceQueue } from "./produce-queue.ts";
import { outgoingRecords } from "./raw-records.ts";
import { addPartitions, describeTopic, internalSettings, logBounds, makeTopic } from "./topics.ts";
import { LostTransaction, type Transaction, type Transactions } from "./transaction.ts";

const CLAIM_PREFIX = "claim|";
export const READ_WAIT_MS = 250;

/** One owner's view of a partition. */
interface Partition {
  readonly producer: PartitionProducer;
  /** By statement. */
  readonly transactions: ReadonlyMap<string, Transaction>;
  /** No claim of another owner lies below. */
  checkedOffset: number;
  /** Our records at or after it; if nobody else writes, the next one lies behind them. */
  ownRecords: number;
  /** Offset of a claim after ours, once we know of one. */
  fencedBy: number | null;
}

export interface KafkaStateLogOptions {
  readonly cluster: Cluster;
  readonly fetches: FetchQueue;
  readonly produces: ProduceQueue;
  readonly transactions: Transactions;
  readonly pipeline: string;
  /** Statements that write in transactions. */
  readonly transactional: readonly string[];
}

/** The state of one pipeline in a compacted topic of its own, `sluice.<pipeline>.state`. */
export class KafkaStateLog implements StateLog {
  private readonly options: KafkaStateLogOptions;
  private readonly cluster: Cluster;
  private readonly topic: string;
  private readonly partitions = new Map<number, Partition>();

  private constructor(options: KafkaStateLogOptions) {
    this.options = options;
    this.cluster = options.cluster;
    this.topic = stateTopic(options.pipeline);
  }

  /** Makes the topic where it is missing, or adds partitions to it. Rejects with TARGET_MISMATCH where it is not compacted. */
  static async open(options: KafkaStateLogOptions, partitions: number): Promise<StateLog> {
    const { cluster } = options;
    const topic = stateTopic(options.pipeline);
    const settings = compactedSettings(cluster.settings.replication);
    if ((await describeTopic(cluster, topic)) === null) await makeTopic(cluster, topic, { partitions, settings });
    const known = must(await describeTopic(cluster, topic), topic);
    if (!known.compacted) {
      throw new SluiceError("TARGET_MISMATCH", `topic ${topic} is not compacted, but the state of a pipeline must not be deleted by age`, {
        hint: `kafka-configs --alter --entity-type topics --entity-name ${topic} --add-config cleanup.policy=compact`,
      });
    }
    if (known.partitions < partitions) await addPartitions(cluster, topic, partitions);
    return new KafkaStateLog(options);
  }

  async claim(partition: number, owner: string): Promise<Claim> {
    const { produces } = this.options;
    // A broker that is away for long must not end the statements: they wait, as they do for any target.
    const producer = new PartitionProducer(this.cluster, produces, this.topic, partition, { patience: "endless" });
    const claimed = () => this.write(producer, [{ key: `${CLAIM_PREFIX}${owner}`, value: Buffer.alloc(0) }]);
    const { generation, transactions } = await this.fenceTransactions(partition, claimed);
    const { startOffset } = await logBounds(this.cluster, this.topic, partition);
    const records: StateRecord[] = [];
    for await (const slices of this.read(partition, startOffset, generation)) records.push(...stateRecords(slices, generation));
    this.partitions.set(partition, { producer, transactions, checkedOffset: generation + 1, ownRecords: 0, fencedBy: null });
    return { generation, records };
  }

  /**
   * The claim lies behind all that earlier owners have committed, and they can commit no more: it is written once they are fenced, and
   * counts where nobody has fenced us meanwhile (decision 0020).
   */
  private async fenceTransactions(
    partition: number,
    claim: () => Promise<number>,
  ): Promise<{ readonly generation: number; readonly transactions: ReadonlyMap<string, Transaction> }> {
    const { transactions, pipeline, transactional } = this.options;
    const own = new Map(transactional.map((statement) => [statement, transactions.open(pipeline, statement, partition)]));
    for (let failures = 1; ; failures++) {
      await Promise.all([...own.values()].map((transaction) => transaction.begin()));
      const generation = await claim();
      const place = { topic: this.topic, partition };
      const isLast = await Promise.all([...own.values()].map((transaction) => transaction.isLast(place)));
      if (isLast.every(Boolean)) {
        for (const transaction of own.values()) transaction.generation = generation;
        return { generation, transactions: own };
      }
      await this.cluster.pause(failures, null);
    }
  }

  /**
   * Also rejects with LOG_CHANGED. STATE_FENCED may come after the entries were written: they lie behind the other's claim then,
   * where no reader takes them.
   */
  async append(partition: number, generation: number, entries: readonly StateEntry[], transactionOf?: string): Promise<void> {
    const ours = this.partitions.get(partition);
    if (ours === undefined) throw new SluiceError("STATE_FENCED", `${this.topic}-${partition} has not been claimed`);
    if (ours.fencedBy !== null) throw this.fenced(partition, generation, ours.fencedBy);
    if (entries.length === 0) return;
    const transaction = transactionOf === undefined ? undefined : ours.transactions.get(transactionOf);
    if (transaction !== undefined && transaction.generation !== generation)
      throw this.fenced(partition, generation, ours.checkedOffset - 1);
    if (transaction?.isEmpty === false) return this.commit(partition, generation, ours, transaction, entries);
    const expected = ours.checkedOffset + ours.ownRecords;
    const offset = await this.write(ours.producer, entries);
    if (offset < expected) {
      const message = `${this.topic}-${partition} was cut back or created again: offset ${offset} was given a second time`;
      throw new SluiceError("LOG_CHANGED", message, { coordinates: { topic: this.topic, partition, offset } });
    }
    ours.ownRecords += entries.length;
    // Large appends travel in several requests, and only the first one's offset is known: another owner may be in between.
    const isOneRequest = entries.reduce((bytes, { value }) => bytes + (value?.length ?? 0), 0) < LIMITS.produceBatchBytesMax / 2;
    if (offset > expected || !isOneRequest) await this.check(partition, ours);
    if (ours.fencedBy !== null) throw this.fenced(partition, generation, ours.fencedBy);
  }

  /**
   * A commit that succeeds lies before the claim of whoever comes next, who would have fenced the producer. One that is lost (brokers
   * were away for longer than a transaction may take) is made again, unless it turns out to be in the log, or another owner does.
   */
  private async commit(
    partition: number,
    generation: number,
    ours: Partition,
    transaction: Transaction,
    entries: readonly StateEntry[],
  ): Promise<void> {
    const placed = { topic: this.topic, partition, records: this.outgoing(entries), compression: this.options.produces.compression };
    const from = ours.checkedOffset;
    if (transaction.isDoubtful) await this.renew(partition, generation, transaction);
    for (let failures = 1; ; failures++) {
      try {
        return await transaction.commit(placed);
      } catch (error) {
        if (!(error instanceof LostTransaction)) throw error;
        this.cluster.trouble(`${transaction.transactionalId}: ${error.message} was lost, and is made again`);
      }
      await this.renew(partition, generation, transaction);
      if (await this.hasKey(partition, from, must(entries.at(-1)).key)) return transaction.committed();
      await this.cluster.pause(failures, null);
    }
  }

  /**
   * A new epoch, without fencing a successor: whoever has begun between the two has claimed before. What was under way is settled then.
   */
  private async renew(partition: number, generation: number, transaction: Transaction): Promise<void> {
    await this.confirm(partition, generation);
    await transaction.begin();
    await this.confirm(partition, generation);
  }

  private async hasKey(partition: number, from: number, key: string): Promise<boolean> {
    const { endOffset } = await logBounds(this.cluster, this.topic, partition);
    for await (const slices of this.read(partition, from, endOffset)) {
      if (stateRecords(slices, endOffset).some((record) => record.key === key)) return true;
    }
    return false;
  }

  async confirm(partition: number, generation: number): Promise<void> {
    const ours = this.partitions.get(partition);
    if (ours === undefined) throw new SluiceError("STATE_FENCED", `${this.topic}-${partition} has not been claimed`);
    if (ours.fencedBy === null) await this.check(partition, ours);
    if (ours.fencedBy !== null) throw this.fenced(partition, generation, ours.fencedBy);
  }

  /** Looks for a claim only where somebody else has written. */
  private async check(partition: number, ours: Partition): Promise<void> {
    const { endOffset } = await logBounds(this.cluster, this.topic, partition);
    if (endOffset - ours.checkedOffset !== ours.ownRecords) ours.fencedBy = await this.findClaim(partition, ours.checkedOffset, endOffset);
    ours.checkedOffset = endOffset;
    ours.ownRecords = 0;
  }

  async close(): Promise<void> {
    this.partitions.clear();
  }

  private outgoing(entries: readonly StateEntry[]): OutgoingRecords {
    const timestampMs = this.cluster.clock.now();
    return outgoingRecords(entries.map(({ key, value }): RawRecord => ({ key: Buffer.from(key), value, timestampMs })));
  }

  /** The offset of the first entry. */
  private async write(producer: PartitionProducer, entries: readonly StateEntry[]): Promise<number> {
    const { baseOffset, rejected, unknown } = await producer.send(this.outgoing(entries));
    const [refusal] = rejected.values();
    if (refusal !== undefined) throw new SluiceError("LIMIT_EXCEEDED", `${this.topic} does not take a record of the state: ${refusal}`);
    if (unknown !== null) throw unknown.error;
    if (baseOffset < 0) throw new SluiceError("CONNECTION_FAILED", `${this.topic}: the broker does not say where it wrote`);
    return baseOffset;
  }

  /** The first claim in `[from, to)`: somebody else wrote there. */
  private async findClaim(partition: number, from: number, to: number): Promise<number | null> {
    for await (const slices of this.read(partition, from, to)) {
      const claim = stateRecords(slices, to).find(({ key }) => key.startsWith(CLAIM_PREFIX));
      if (claim !== undefined) return claim.position;
    }
    return null;
  }

  /** What compaction has left of `[from, to)`; the last slices may go beyond. */
  private async *read(partition: number, from: number, to: number): AsyncGenerator<RecordSlices> {
    const reader = new KafkaPartitionReader(this.cluster, this.options.fetches, this.topic, partition);
    try {
      for (let offset = from; offset < to; ) {
        const fetched = await reader.fetch({
          offset,
          maxBytes: LIMITS.fetchBytesMax * 4,
          waitMs: READ_WAIT_MS,
          signal: this.cluster.closed,
        });
        yield* fetched.batches;
        offset = fetched.nextOffset;
      }
    } finally {
      await reader.close();
    }
  }

  private fenced(partition: number, generation: number, by: number): SluiceError {
    const { topic } = this;
    const message = `${topic}-${partition} has been claimed by another owner (generation ${by} after ${generation})`;
    return new SluiceError("STATE_FENCED", message, { coordinates: { topic, partition, offset: by } });
  }
}

/** The records below `end`, copied out of the fetched bytes. */
export function stateRecords(slices: RecordSlices, end: number): StateRecord[] {
  const records: StateRecord[] = [];
  for (let i = 0; i < slices.count; i++) {
    const position = slices.offsets[i] as number;
    if (position >= end) break;
    const key = slices.bytes.toString("utf8", slices.keyStarts[i], slices.keyEnds[i]);
    const start = slices.valueStarts[i] as number;
    const value = start < 0 ? null : Buffer.from(slices.bytes.subarray(start, slices.valueEnds[i]));
    records.push({ position, key, value });
  }
  return records;
}

/** Letters that Kafka has no place for are replaced; a checksum then keeps two such pipelines apart. */
export function stateTopic(pipeline: string): string {
  const TOPIC_LENGTH_MAX = 249;
  const name = `sluice.${pipeline.replace(/[^A-Za-z0-9._-]/g, "_")}.state`;
  if (name === `sluice.${pipeline}.state` && name.length <= TOPIC_LENGTH_MAX) return name;
  const checksum = createHash("sha256").update(pipeline).digest("hex").slice(0, 12);
  return `${name.slice(0, TOPIC_LENGTH_MAX - 20).replace(/\.state$/, "")}-${checksum}.state`;
}

export function compactedSettings(replication: number | null): Readonly<Record<string, string>> {
  return { ...internalSettings(replication), "cleanup.policy": "compact", "min.cleanable.dirty.ratio": "0.2" };
}
