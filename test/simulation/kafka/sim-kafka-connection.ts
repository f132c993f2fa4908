import { Cluster } from "../../../src/adapters/kafka/cluster.ts";
import { FetchQueue } from "../../../src/adapters/kafka/fetch-queue.ts";
import { KafkaStateLog } from "../../../src/adapters/kafka/kafka-state-log.ts";
import { ProduceQueue } from "../../../src/adapters/kafka/produce-queue.ts";
import type { Answer, BrokerConnection, TransactionalProducer } from "../../../src/adapters/kafka/protocol/broker-connection.ts";
import { KafkaError } from "../../../src/adapters/kafka/protocol/error-code.ts";
import { readSettings } from "../../../src/adapters/kafka/settings.ts";
import { TopicSink } from "../../../src/adapters/kafka/topic-sink.ts";
import { Transactions } from "../../../src/adapters/kafka/transaction.ts";
import type { RouteTarget, Sink } from "../../../src/ports/sink.ts";
import type { StateLog } from "../../../src/ports/state-log.ts";
import type { RequestKind } from "../fault-plan.ts";
import type { SimProcess } from "../sim-process.ts";
import type { SimKafka } from "./sim-kafka.ts";

const ADDRESS = { host: "simulated", port: 1 };
const NODE = 1;
const TIMEOUT_MS = 60_000;
const NONE: Answer = { errorCode: KafkaError.none, message: null };

/** The adapter of Kafka as it is, on simulated brokers: of one connection of a process what writes rows and blobs in transactions. */
export class SimKafkaConnection {
  private readonly kafka: SimKafka;
  private readonly cluster: Cluster;
  private readonly fetches: FetchQueue;
  private readonly produces: ProduceQueue;
  private readonly transactions: Transactions;

  constructor(kafka: SimKafka, process: SimProcess) {
    this.kafka = kafka;
    const settings = readSettings({ name: "bus", kind: "kafka", as: "kafka", settings: { brokers: `${ADDRESS.host}:${ADDRESS.port}` } });
    const { clock, random } = process;
    const environment = { clock, random, onTrouble: () => {} };
    this.cluster = new Cluster("bus", settings, async () => brokerConnection(kafka, process), environment);
    this.fetches = new FetchQueue(this.cluster);
    this.produces = new ProduceQueue(this.cluster);
    this.transactions = new Transactions(this.cluster, this.produces);
  }

  async openStateLog(pipeline: string, partitions: number, transactional: readonly string[]): Promise<StateLog> {
    const { cluster, fetches, produces, transactions } = this;
    const log = await KafkaStateLog.open({ cluster, fetches, produces, transactions, pipeline, transactional }, partitions);
    // As an object of its own, which defects can be planted in.
    return {
      claim: (partition, owner) => log.claim(partition, owner),
      append: (partition, generation, entries, transactionOf) => log.append(partition, generation, entries, transactionOf),
      confirm: async (partition, generation) => log.confirm?.(partition, generation),
      close: () => log.close(),
    };
  }

  newSink(target: RouteTarget): Sink {
    this.kafka.targets.add(target.name);
    return new TopicSink(this.cluster, this.produces, target, this.transactions);
  }

  close(): Promise<void> {
    return this.cluster.close();
  }
}

function brokerConnection(kafka: SimKafka, process: SimProcess): BrokerConnection {
  const { broker, transactions } = kafka;
  const ask = <T>(kind: RequestKind, what: string, apply: () => T): Promise<T> => process.request(kind, what, apply);
  const answerOf = (errorCode: number): Answer => ({ errorCode, message: null });
  const never = (): Promise<never> => Promise.reject(new Error("no simulated pipeline asks that"));
  let isClosed = false;
  return {
    get closed() {
      return isClosed;
    },
    metadata: (names) =>
      ask("ask", "metadata", () => ({
        brokers: [{ ...ADDRESS, node: NODE }],
        controller: NODE,
        topics: (names ?? [...broker.topics.keys()]).map((name) => {
          const topic = broker.topics.get(name);
          const errorCode = topic === undefined ? KafkaError.unknownTopicOrPartition : KafkaError.none;
          return { errorCode, name, id: topic?.id ?? null, internal: false, leaders: topic?.partitions.map(() => NODE) ?? [] };
        }),
      })),
    listOffset: (topic, partition, timestampMs) =>
      ask("ask", topic, () => {
        const { startOffset, endOffset } = broker.topic(topic).partition(partition);
        return { ...NONE, offset: timestampMs === -2 ? startOffset : endOffset };
      }),
    fetch: async ({ waitMs, partitions }) => {
      if (waitMs > 0) await process.clock.sleep(Math.min(waitMs, 20));
      return ask("fetch", "state", () => partitions.map(({ topic, partition, offset }) => kafka.fetch(topic, partition, offset)));
    },
    produce: async (batches, _timeoutMs, transactionalId) => {
      // What is on its way is as it was when it was sent.
      const sent = batches.map((batch) => ({ ...batch, bytes: Buffer.from(batch.bytes) }));
      return ask("append", sent[0]?.topic ?? "nothing", () =>
        sent.map((batch) => ({
          ...kafka.produce(batch, transactionalId, process),
          message: null,
          topic: batch.topic,
          partition: batch.partition,
        })),
      );
    },
    initProducer: (wish) =>
      ask("claim", wish?.transactionalId ?? "producer", () => ({ ...NONE, ...transactions.init(wish?.transactionalId ?? null) })),
    addToTransaction: (producer, places) =>
      ask("append", idOf(producer), () => {
        const added = places.map(({ topic, partition }) => [`${partition} ${topic}`, broker.topic(topic).partition(partition)] as const);
        return answerOf(transactions.add(producer, new Map(added), TIMEOUT_MS));
      }),
    endTransaction: (producer, end) => ask("append", `${end} ${idOf(producer)}`, () => answerOf(transactions.end(producer, end))),
    createTopic: ({ name, partitions, settings }) =>
      ask("ask", name, () => {
        broker.create(name, Math.max(partitions, 1), settings["cleanup.policy"] === "compact");
        return NONE;
      }),
    describeTopic: (name) =>
      ask("ask", name, () => {
        const policy = broker.topics.get(name)?.compacted === true ? "compact" : "delete";
        return { ...NONE, settings: new Map<string, string | null>([["cleanup.policy", policy]]) };
      }),
    close: () => {
      isClosed = true;
    },
    deleteTopic: never,
    deleteRecords: never,
    addPartitions: never,
    deleteGroup: never,
    findCoordinator: () => ask("ask", "coordinator", () => ({ ...NONE, address: ADDRESS })),
    joinGroup: never,
    syncGroup: never,
    heartbeat: never,
    leaveGroup: never,
    commitOffsets: never,
  };
}

const idOf = ({ transactionalId, producerEpoch }: TransactionalProducer): string => `${transactionalId} epoch ${producerEpoch}`;
