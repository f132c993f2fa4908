import { SluiceError } from "../../errors.ts";
import type { Compression, RecordBatchWriter } from "../codecs/record-batch-writer.ts";
import { type Cluster, type Patience, stopIfAborted } from "./cluster.ts";
import type { ProduceQueue } from "./produce-queue.ts";
import { expectNone, KafkaAnswerError, KafkaError } from "./protocol/error-code.ts";

/** Records on their way to one partition, encoded when they are sent. */
export interface OutgoingRecords {
  readonly count: number;
  /** Up to where the records from `from` on, but not from `to` on, fit into one batch; at least one does. */
  batchEnd(from: number, to: number): number;
  encode(from: number, to: number, writer: RecordBatchWriter): void;
}

export interface ProduceResult {
  /** Of the first record written; -1 where none was. */
  readonly baseOffset: number;
  /** Records that Kafka does not take, and why. */
  readonly rejected: ReadonlyMap<number, string>;
  /** Where it came to an end too early: nothing is known of the records from here on; the error is retryable. */
  readonly unknown: { readonly from: number; readonly error: SluiceError } | null;
}

export interface ProducerOptions {
  /** null is none; left out: as the connection says. */
  readonly compression?: Compression | null;
  /** `endless`: until the connection is closed; nothing of what was sent is unknown then. */
  readonly patience?: Patience;
}

/** What lets a broker drop the repeat of a batch. */
interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Of the next record. */
  sequence: number;
}

const SEQUENCE_LIMIT = 2 ** 31;

/** Answers that may concern single records of a batch; none of the batch is written then. */
const MAY_BE_ONE_RECORD: ReadonlySet<number> = new Set([
  KafkaError.messageTooLarge,
  KafkaError.recordListTooLarge,
  KafkaError.invalidRecord,
  KafkaError.invalidTimestamp,
]);

/** The broker has lost our sequence, or knows another. */
const NEEDS_NEW_IDENTITY: ReadonlySet<number> = new Set([
  KafkaError.outOfOrderSequence,
  KafkaError.invalidProducerEpoch,
  KafkaError.unknownProducer,
]);

/**
 * Writes to one partition, idempotent and with acks=all. Records keep their order, also over tries: what is sent again because
 * its answer was lost is in the log once.
 */
export class PartitionProducer {
  private readonly cluster: Cluster;
  private readonly queue: ProduceQueue;
  private readonly topic: string;
  private readonly partition: number;
  private readonly compression: Compression | null;
  private readonly patience: Patience;
  private identity: Identity | null = null;
  private last: Promise<unknown> = Promise.resolve();

  constructor(cluster: Cluster, queue: ProduceQueue, topic: string, partition: number, options: ProducerOptions = {}) {
    const { compression = queue.compression, patience = "requestTimeout" } = options;
    this.compression = compression;
    this.patience = patience;
    this.cluster = cluster;
    this.queue = queue;
    this.topic = topic;
    this.partition = partition;
  }

  /**
   * Resolves when all records are durable but those that the result names. Calls are worked off one after the other.
   * Rejects with TARGET_MISSING, CONNECTION_REFUSED_RIGHTS or STOPPED.
   */
  send(records: OutgoingRecords, signal: AbortSignal | null = null): Promise<ProduceResult> {
    const work = this.last.then(() => this.sendAll(records, signal));
    this.last = work.catch(() => undefined);
    return work;
  }

  private async sendAll(records: OutgoingRecords, signal: AbortSignal | null): Promise<ProduceResult> {
    const rejected = new Map<number, string>();
    let baseOffset = -1;
    const ranges: [from: number, to: number][] = [[0, records.count]];
    for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
      const [from, wanted] = range;
      if (from === wanted) continue;
      const to = records.batchEnd(from, wanted);
      ranges.push([to, wanted]);
      try {
        const offset = await this.sendBatch(records, from, to, signal);
        if (baseOffset < 0) baseOffset = offset;
      } catch (error) {
        if (!(error instanceof KafkaAnswerError) || !MAY_BE_ONE_RECORD.has(error.kafkaCode)) {
          // Whether the batch is in the log is not known: its sequence cannot be used again, nor skipped.
          this.identity = null;
          if (error instanceof SluiceError && error.retryable) return { baseOffset, rejected, unknown: { from, error } };
          throw error;
        }
        const middle = (from + to) >>> 1;
        if (to - from === 1) rejected.set(from, error.message);
        else ranges.push([middle, to], [from, middle]);
      }
    }
    return { baseOffset, rejected, unknown: null };
  }

  private sendBatch(records: OutgoingRecords, from: number, to: number, signal: AbortSignal | null): Promise<number> {
    return this.cluster.retrying(
      async () => {
        stopIfAborted(signal);
        this.identity ??= await this.newIdentity();
        const { producerId, producerEpoch, sequence } = this.identity;
        const writer = this.queue.borrowWriter();
        records.encode(from, to, writer);
        const offset = await this.submit(writer.finish(0, { producerId, producerEpoch, baseSequence: sequence }, this.compression));
        this.queue.giveBack(writer);
        this.identity = { producerId, producerEpoch, sequence: (sequence + to - from) % SEQUENCE_LIMIT };
        return offset;
      },
      signal,
      this.patience,
    );
  }

  private async submit(bytes: Buffer): Promise<number> {
    const { topic, partition } = this;
    try {
      const { node } = await this.cluster.leader(topic, partition);
      const answer = await this.queue.submit(node, { topic, partition, bytes });
      if (answer.errorCode === KafkaError.duplicateSequence) return answer.baseOffset;
      if (NEEDS_NEW_IDENTITY.has(answer.errorCode)) {
        this.identity = null;
        throw new SluiceError("CONNECTION_FAILED", `${topic}-${partition}: the broker does not know this producer any more`);
      }
      expectNone(answer.errorCode, `write to ${topic}-${partition}`, answer.message);
      return answer.baseOffset;
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      if (error.code === "TOPIC_MISSING") throw new SluiceError("TARGET_MISSING", error.message, { cause: error });
      if (error.retryable) this.cluster.forgetTopic(topic);
      throw error;
    }
  }

  private async newIdentity(): Promise<Identity> {
    const answer = await (await this.cluster.anyBroker()).initProducer(null);
    expectNone(answer.errorCode, "start of an idempotent producer", answer.message);
    return { producerId: answer.producerId, producerEpoch: answer.producerEpoch, sequence: 0 };
  }
}
