import { afterAll, afterEach } from "vitest";
import type { Source } from "../../../src/ports/source.ts";
import { freshName } from "../../conformance/names.ts";
import { ServedProject } from "../../support/served-project.ts";
import { ClusterAdmin } from "./cluster-admin.ts";
import { KafkaConnections } from "./connection.ts";

/** Servers that share a catalog on one cluster, for the tests of one block: they end with each test, their topics with the block. */
export class SharedServers {
  readonly admin: ClusterAdmin;
  readonly source: Source;
  private readonly brokers: readonly string[];
  private readonly topics = new Set<string>();
  private readonly servers: ServedProject[] = [];

  constructor(brokers: readonly string[]) {
    const connections = new KafkaConnections(brokers, "platformatic");
    this.brokers = brokers;
    this.admin = new ClusterAdmin(brokers);
    this.source = connections.source();
    afterEach(async () => {
      for (const server of this.servers.splice(0)) await server.close();
    });
    afterAll(async () => {
      await connections.close();
      for (const topic of this.topics) await this.admin.deleteTopic(topic).catch(() => {});
      await this.admin.close();
    });
  }

  async newTopic(prefix: string, partitions: number): Promise<string> {
    const topic = freshName(prefix);
    this.topics.add(topic);
    await this.source.createTopic(topic, { partitions });
    return topic;
  }

  /** The name of a pipeline whose state goes too. */
  newPipeline(prefix: string): string {
    const name = freshName(prefix);
    this.topics.add(`sluice.${name}.state`);
    return name;
  }

  /** Two processes with folders of their own. */
  async start(catalog = freshName("servers.catalog")): Promise<readonly [ServedProject, ServedProject]> {
    for (const topic of [catalog, `${catalog}.status`]) this.topics.add(topic);
    const config = {
      connections: { kafka: { kind: "kafka", brokers: this.brokers, sessionTimeoutMs: 6_000 } },
      defaults: { source: "kafka", sink: "kafka" },
      server: { catalog: "kafka", "catalog.topic": catalog },
    };
    const files = { "sluice.yaml": JSON.stringify(config) };
    const both = [new ServedProject(files), new ServedProject(files)] as const;
    this.servers.push(...both);
    for (const server of both) await server.start();
    return both;
  }
}
