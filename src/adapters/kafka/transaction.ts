import { must } from "../../assert.ts";
import { SluiceError } from "../../errors.ts";
import { partitionName } from "../../model/partition-name.ts";
import type { Compression } from "../codecs/record-batch-writer.ts";
import type { Cluster } from "./cluster.ts";
import type { OutgoingRecords } from "./partition-producer.ts";
import type { ProduceQueue } from "./produce-queue.ts";
import {
  type Answer,
  type BrokerAddress,
  type BrokerConnection,
  CoordinatorKind,
  type ProduceAnswer,
  type ProducedBatch,
  type TransactionalProducer,
  type TransactionPlace,
} from "./protocol/broker-connection.ts";
import { expectNone, KafkaAnswerError, KafkaError } from "./protocol/error-code.ts";

/** A transaction takes milliseconds: so long it is open only where brokers are away. */
const TIMEOUT_MS = 60_000;
const CONNECTION = "transactions";
const ENDING_PAUSE_MS = 5;
const ENDING_TRIES_MAX = 200;
const SEQUENCE_LIMIT = 2 ** 31;

/** Records of a transaction that go to one partition. */
export interface PlacedRecords extends TransactionPlace {
  readonly records: OutgoingRecords;
  readonly compression: Compression | null;
}

/** What the coordinator answers once the transaction is over, or the producer is not the last of its id. */
const LOST: ReadonlySet<number> = new Set([
  KafkaError.outOfOrderSequence,
  KafkaError.invalidProducerEpoch,
  KafkaError.invalidTransactionState,
  KafkaError.invalidProducerIdMapping,
  KafkaError.unknownProducer,
  KafkaError.producerFenced,
  KafkaError.transactionAbortable,
]);

const MOVED: ReadonlySet<number> = new Set([KafkaError.coordinatorLoading, KafkaError.coordinatorNotAvailable, KafkaError.notCoordinator]);

/** The transaction that was open is not, and nothing of it is committed, unless its end was under way. */
export class LostTransaction extends Error {}

/**
 * The transactions of one statement on one partition, one after the other (decision 0020). What belongs to the next one is staged here,
 * and travels with the blob that makes it durable; so a transaction that is lost can be made again, whole.
 */
export class Transaction {
  /** Of the claim that it is for; what others stage is refused. */
  generation: number | null = null;
  /**
   * A request had no answer, and may come a second time, late: the end of one transaction would then be that of the next, in the middle
   * of it. A new epoch refuses it.
   */
  isDoubtful = false;
  private readonly cluster: Cluster;
  private readonly queue: ProduceQueue;
  readonly transactionalId: string;
  private producer: TransactionalProducer | null = null;
  /** Of the next record, by place. */
  private readonly sequences = new Map<string, number>();
  private staged: PlacedRecords[] = [];
  private coordinator: BrokerAddress | null = null;

  constructor(cluster: Cluster, queue: ProduceQueue, transactionalId: string) {
    this.cluster = cluster;
    this.queue = queue;
    this.transactionalId = transactionalId;
  }

  /** Fences all earlier producers of the id: what one of them has begun is aborted when this resolves, and none can commit any more. */
  async begin(): Promise<void> {
    const { transactionalId } = this;
    const wish = { transactionalId, timeoutMs: TIMEOUT_MS };
    const { producerId, producerEpoch } = await this.ask("start of a transactional producer", (broker) => broker.initProducer(wish));
    this.producer = { transactionalId, producerId, producerEpoch };
    this.sequences.clear();
    this.isDoubtful = false;
  }

  /** Whether nobody has begun since. */
  async isLast(place: TransactionPlace): Promise<boolean> {
    const producer = must(this.producer);
    try {
      await this.ask("transaction", (broker) => broker.addToTransaction(producer, [place]));
      await this.ask("end of a transaction", (broker) => broker.endTransaction(producer, "abort"));
      return true;
    } catch (error) {
      if (error instanceof LostTransaction) return false;
      throw error;
    }
  }

  get isEmpty(): boolean {
    return this.staged.length === 0;
  }

  stage(records: readonly PlacedRecords[]): void {
    this.staged.push(...records);
  }

  /**
   * One transaction of all that is staged, and of `last` behind it. Rejects with LostTransaction, where it may or may not be committed, and
   * with CHANGE_REJECTED where a broker does not take a record.
   */
  async commit(last: PlacedRecords): Promise<void> {
    const producer = must(this.producer);
    const all = [...this.staged, last];
    const places = new Map(all.map(({ topic, partition }) => [partitionName({ topic, partition }), { topic, partition }]));
    await this.ask("transaction", (broker) => broker.addToTransaction(producer, [...places.values()]));
    const byPlace = [...Map.groupBy(all, partitionName).values()];
    await settled(byPlace.map((ofPlace) => this.sendAll(ofPlace)));
    await this.ask("end of a transaction", (broker) => broker.endTransaction(producer, "commit"));
    this.staged = [];
  }

  /** All that is staged is committed, by a transaction whose answer was lost. */
  committed(): void {
    this.staged = [];
  }

  private async sendAll(placed: readonly PlacedRecords[]): Promise<void> {
    for (const { topic, partition, records, compression } of placed) {
      for (let from = 0; from < records.count; ) {
        const to = records.batchEnd(from, records.count);
        const place = partitionName({ topic, partition });
        const baseSequence = this.sequences.get(place) ?? 0;
        const { producerId, producerEpoch } = must(this.producer);
        const writer = this.queue.borrowWriter();
        records.encode(from, to, writer);
        const bytes = writer.finish(0, { producerId, producerEpoch, baseSequence, isTransactional: true }, compression);
        await this.send({ topic, partition, bytes });
        this.queue.giveBack(writer);
        this.sequences.set(place, (baseSequence + to - from) % SEQUENCE_LIMIT);
        from = to;
      }
    }
  }

  /** The same batch again until it is answered: a broker that has it already drops the repeat. */
  private send(batch: ProducedBatch): Promise<void> {
    const { topic, partition } = batch;
    return this.cluster.retrying(
      async () => {
        try {
          const { node } = await this.cluster.leader(topic, partition);
          const broker = await this.cluster.connectionTo(node, CONNECTION);
          const { requestTimeoutMs } = this.cluster.settings;
          const [answer] = await broker.produce([batch], requestTimeoutMs, this.transactionalId);
          this.take(must(answer));
        } catch (error) {
          if (error instanceof SluiceError && error.retryable) this.cluster.forgetTopic(topic);
          throw error;
        }
      },
      null,
      "endless",
    );
  }

  private take({ errorCode, message, topic, partition }: ProduceAnswer): void {
    if (errorCode === KafkaError.duplicateSequence) return;
    const what = `write to ${topic}-${partition}`;
    if (LOST.has(errorCode)) throw new LostTransaction(what);
    const isTooLarge = errorCode === KafkaError.messageTooLarge || errorCode === KafkaError.recordListTooLarge;
    if (isTooLarge) throw new SluiceError("CHANGE_REJECTED", new KafkaAnswerError(errorCode, what, message).message);
    expectNone(errorCode, what, message);
  }

  private ask<Result extends Answer>(what: string, request: (broker: BrokerConnection) => Promise<Result>): Promise<Result> {
    return this.cluster.retrying(
      async () => {
        try {
          this.coordinator ??= await this.find();
          const broker = await this.cluster.connect(this.coordinator, CONNECTION);
          const answer = await this.unhurried(() => request(broker));
          if (MOVED.has(answer.errorCode)) this.coordinator = null;
          if (LOST.has(answer.errorCode)) throw new LostTransaction(what);
          expectNone(answer.errorCode, `${what} (${this.transactionalId})`, answer.message);
          return answer;
        } catch (error) {
          if (!(error instanceof KafkaAnswerError)) {
            this.coordinator = null;
            this.isDoubtful = true;
          }
          throw error;
        }
      },
      null,
      "endless",
    );
  }

  /** The end of a transaction is answered before it has reached all partitions; that takes milliseconds, and is no trouble. */
  private async unhurried<Result extends Answer>(request: () => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      const answer = await request();
      if (answer.errorCode !== KafkaError.concurrentTransactions || tries === ENDING_TRIES_MAX) return answer;
      await this.cluster.clock.sleep(ENDING_PAUSE_MS, this.cluster.closed);
    }
  }

  private async find(): Promise<BrokerAddress> {
    const answer = await (await this.cluster.anyBroker()).findCoordinator(CoordinatorKind.transaction, this.transactionalId);
    expectNone(answer.errorCode, `coordinator of ${this.transactionalId}`, answer.message);
    return answer.address;
  }
}

/** By pipeline, statement and partition: where the rows of a statement meet the blob that they are committed with. */
export class Transactions {
  private readonly cluster: Cluster;
  private readonly queue: ProduceQueue;
  private readonly byPlace = new Map<string, Transaction>();

  constructor(cluster: Cluster, queue: ProduceQueue) {
    this.cluster = cluster;
    this.queue = queue;
  }

  /** A new one; what an earlier one has staged is given up. */
  open(pipeline: string, statement: string, partition: number): Transaction {
    const id = `sluice.${pipeline}.${statement}.${partition}`;
    const transaction = new Transaction(this.cluster, this.queue, id);
    this.byPlace.set(id, transaction);
    return transaction;
  }

  of(pipeline: string, statement: string, partition: number): Transaction | null {
    return this.byPlace.get(`sluice.${pipeline}.${statement}.${partition}`) ?? null;
  }
}

/** Waits for all, so that nothing is under way any more when the first failure is reported. */
async function settled(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
}
