import { SluiceError } from "../../errors.ts";
import type { CatalogLog } from "../../ports/catalog-log.ts";
import type { Connection, ConnectionConfig, Finding, RelationInfo, TargetFinding } from "../../ports/connection.ts";
import type { TopicSchemas } from "../../ports/schemas.ts";
import type { RouteTarget, Sink } from "../../ports/sink.ts";
import type { Source } from "../../ports/source.ts";
import type { KeptState, StateLog } from "../../ports/state-log.ts";
import type { StatusLog } from "../../ports/status-log.ts";
import { inLayout } from "../encoding-sink.ts";
import { SchemaRegistry } from "../registry/schema-registry.ts";
import { Cluster, type KafkaEnvironment } from "./cluster.ts";
import { diagnose } from "./diagnose.ts";
import { FetchQueue } from "./fetch-queue.ts";
import { KafkaCatalogLog } from "./kafka-catalog-log.ts";
import { KafkaKeptState } from "./kafka-kept-state.ts";
import { KafkaSource } from "./kafka-source.ts";
import { KafkaStateLog } from "./kafka-state-log.ts";
import { KafkaStatusLog } from "./kafka-status-log.ts";
import { ProduceQueue } from "./produce-queue.ts";
import type { ConnectBroker } from "./protocol/broker-connection.ts";
import { type KafkaSettings, readSettings } from "./settings.ts";
import { TopicSink } from "./topic-sink.ts";
import { createTopic, describeTopic, listTopics, topicWish } from "./topics.ts";
import { Transactions } from "./transaction.ts";

/** A connection to a Kafka cluster. Throws CONFIG_INVALID; no I/O before the first use. */
export function openKafka(config: ConnectionConfig, environment: KafkaEnvironment): Connection {
  return new KafkaConnection(config, environment);
}

class KafkaConnection implements Connection {
  readonly config: ConnectionConfig;
  readonly source: Source;
  readonly schemas?: TopicSchemas;
  readonly keptState: KeptState;
  private readonly cluster: Cluster;
  private readonly fetches: FetchQueue;
  private readonly produces: ProduceQueue;
  private readonly transactions: Transactions;

  constructor(config: ConnectionConfig, environment: KafkaEnvironment) {
    this.config = config;
    const settings = readSettings(config);
    this.cluster = new Cluster(config.name, settings, connectBy(settings), environment);
    this.fetches = new FetchQueue(this.cluster);
    this.produces = new ProduceQueue(this.cluster);
    this.transactions = new Transactions(this.cluster, this.produces);
    this.source = new KafkaSource(this.cluster, this.fetches, this.produces);
    if (settings.registry !== null) this.schemas = new SchemaRegistry(config.name, settings.registry, environment.clock);
    this.keptState = new KafkaKeptState(this.cluster, this.fetches);
  }

  async openSink(target: RouteTarget): Promise<Sink> {
    if (target.kind !== "topic") {
      throw new SluiceError("TARGET_MISMATCH", `${this.config.name}.${target.name}: Kafka has topics, but no ${target.kind}`);
    }
    await this.prepareTopic(target);
    return inLayout(new TopicSink(this.cluster, this.produces, target, this.transactions), target);
  }

  async checkTarget(target: RouteTarget): Promise<readonly TargetFinding[]> {
    const known = await describeTopic(this.cluster, target.name);
    if (known !== null || target.partitions !== null) return [];
    const [severity, message, hint] = target.autocreate
      ? (["warning", `topic ${target.name} does not exist yet and will be made`, null] as const)
      : (["error", `there is no topic ${target.name} on ${this.config.name}`, "create it, or write AUTOCREATE"] as const);
    const unknown = { name: target.name, among: await listTopics(this.cluster) };
    return [{ severity, code: "TARGET_MISSING", column: null, message, hint, unknown }];
  }

  openStateLog(pipeline: string, partitions: number, transactional: readonly string[] = []): Promise<StateLog> {
    const { cluster, fetches, produces, transactions } = this;
    return KafkaStateLog.open({ cluster, fetches, produces, transactions, pipeline, transactional }, partitions);
  }

  catalogLog(topic: string): CatalogLog {
    return new KafkaCatalogLog(this.cluster, this.fetches, this.produces, topic);
  }

  statusLog(topic: string): StatusLog {
    return new KafkaStatusLog(this.cluster, this.fetches, this.produces, topic);
  }

  readTable(): null {
    return null;
  }

  async listRelations(): Promise<readonly RelationInfo[]> {
    return (await listTopics(this.cluster)).map((name) => ({ name, kind: "topic" }));
  }

  diagnose(): Promise<readonly Finding[]> {
    return diagnose(this.cluster);
  }

  close(): Promise<void> {
    return this.cluster.close();
  }

  private async prepareTopic(target: RouteTarget): Promise<void> {
    const known = await describeTopic(this.cluster, target.name);
    if (known !== null && (target.partitions ?? 0) <= known.partitions) return;
    if (known === null && !target.autocreate) {
      throw new SluiceError("TARGET_MISSING", `there is no topic ${target.name} on ${this.config.name}`, {
        hint: "create it, or write AUTOCREATE",
      });
    }
    const { retentionMs, isKept } = target.options;
    await createTopic(this.cluster, target.name, topicWish({ ...target, retentionMs, isKept }));
  }
}

/** Loads the one client library that is used, when it is used. */
function connectBy(settings: KafkaSettings): ConnectBroker {
  let loaded: Promise<ConnectBroker> | null = null;
  const load = async (): Promise<ConnectBroker> =>
    settings.client === "kafkajs"
      ? (await import("./kafkajs/kafkajs-connection.ts")).connectKafkajs(settings)
      : (await import("./platformatic/platformatic-connection.ts")).connectPlatformatic(settings);
  return async (address, requestTimeoutMs) => {
    loaded ??= load();
    return (await loaded)(address, requestTimeoutMs);
  };
}
