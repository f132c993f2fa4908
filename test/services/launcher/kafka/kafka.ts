import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Connection, metadataV12 as metadata } from "@platformatic/kafka";
import { javaTool, missingTools } from "../java.ts";
import { classPath, pomProperty, resolveClassPath } from "../maven.ts";
import { HOST } from "../ports.ts";
import { run } from "../process.ts";
import type { Instance, Service } from "../service.ts";

const POM = join(import.meta.dirname, "pom.xml");
const VERSION = pomProperty(POM, "kafka.version");
const NAME = `kafka-${VERSION}`;

/** One node of Apache Kafka, broker and controller at once (KRaft). */
export const kafka: Service = {
  version: VERSION,
  stopMs: 30_000,
  missing: () => missingTools({ from: 17 }),
  install: (shared) => resolveClassPath(shared, NAME, POM),

  async prepare(instance) {
    const file = propertiesFile(instance);
    writeFileSync(file, properties(instance));
    if (existsSync(join(instance.data, "meta.properties"))) return;
    mkdirSync(instance.data, { recursive: true });
    const args = [...jvm(instance), "-XX:TieredStopAtLevel=1", "kafka.tools.StorageTool", "format", "-t", clusterId(), "-c", file];
    await run(await javaTool("java", 17), args);
  },

  async command(instance) {
    const heapMb = instance.heapMb ?? 512;
    const args = [
      `-Xms${heapMb}m`,
      `-Xmx${heapMb}m`,
      "-XX:+ExitOnOutOfMemoryError",
      ...jvm(instance),
      "kafka.Kafka",
      propertiesFile(instance),
    ];
    return { program: await javaTool("java", 17), args };
  },

  /** Ready when a broker is listed and every partition that it has from an earlier run has a leader again. */
  async ready({ ports }) {
    const connection = new Connection("launcher", { connectTimeout: 2000, requestTimeout: 2000 });
    try {
      await connection.connect(HOST, ports[0]);
      const { brokers, topics } = await metadata.api.async(connection, null, false, false);
      return brokers.length > 0 && topics.every((topic) => topic.partitions.every((partition) => partition.leaderId >= 0));
    } finally {
      await connection.close();
    }
  },
};

const propertiesFile = (instance: Instance): string => join(instance.directory, "server.properties");

/** 16 random bytes; Kafka's tool would take a leading `-` for an option. */
function clusterId(): string {
  const id = randomBytes(16).toString("base64url");
  return id.startsWith("-") ? clusterId() : id;
}

function jvm(instance: Instance): readonly string[] {
  const logger = "-Dorg.slf4j.simpleLogger";
  return [
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
    `${logger}.defaultLogLevel=warn`,
    `${logger}.showDateTime=true`,
    `${logger}.dateTimeFormat=HH:mm:ss.SSS`,
    "-cp",
    classPath(instance.shared, NAME),
  ];
}

function properties({ data, ports: [client, controller], settings }: Instance): string {
  const lines = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@${HOST}:${controller}`,
    listeners: `PLAINTEXT://${HOST}:${client},CONTROLLER://${HOST}:${controller}`,
    "advertised.listeners": `PLAINTEXT://${HOST}:${client}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "log.dirs": data,
    "num.partitions": 4,
    // A topic that a misspelt name created would hide the mistake.
    "auto.create.topics.enable": false,
    // One broker: every internal topic has one replica, and few partitions start faster.
    "default.replication.factor": 1,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 4,
    "group.initial.rebalance.delay.ms": 0,
    // A killed member is noticed after its session time-out: tests may ask for one second instead of six.
    "group.min.session.timeout.ms": 1000,
    // 128 MiB by default, a quarter of the heap.
    "log.cleaner.dedupe.buffer.size": 16_777_216,
    // Records of tests are from any year.
    "log.retention.ms": -1,
    // Compaction and deletion soon enough to be waited for in a test.
    "log.cleaner.backoff.ms": 500,
    "log.retention.check.interval.ms": 1000,
    "log.segment.delete.delay.ms": 500,
    "num.network.threads": 2,
    "num.io.threads": 4,
    // After a crash a broker may register again only when its old session has run out: 9 s by default.
    "broker.session.timeout.ms": 3000,
    "broker.heartbeat.interval.ms": 500,
    ...settings,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}
