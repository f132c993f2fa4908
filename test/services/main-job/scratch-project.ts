import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProvidedServices } from "../provided.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/**
 * The committed project with every topic, index, keyspace and pipeline renamed, so that a run neither finds what another
 * left behind nor touches what is not its own. The SQL is otherwise the same.
 */
export class ScratchProject {
  readonly directory = mkdtempSync(join(tmpdir(), "sluice-main-job-"));
  readonly id = Math.floor(performance.timeOrigin + performance.now()).toString(36);
  readonly topic = `temperatures_${this.id}`;
  readonly results = `temperatures_${this.id}.aggregated`;
  readonly env: Readonly<Record<string, string>>;

  constructor(services: { readonly [Name in keyof ProvidedServices]: NonNullable<ProvidedServices[Name]> }) {
    this.env = {
      KAFKA_BROKERS: services.kafka.brokers.join(","),
      ELASTICSEARCH_URL: services.elasticsearch.node,
      CASSANDRA_CONTACT_POINTS: services.cassandra.contactPoints.join(","),
      CASSANDRA_DATACENTER: services.cassandra.localDataCenter,
    };
    cpSync(join(ROOT, "sluice.kafka.yaml"), join(this.directory, "sluice.yaml"));
    const config = readFileSync(join(ROOT, "sluice.kafka.yaml"), "utf8");
    writeFileSync(join(this.directory, "kafkajs.yaml"), config.replace("kind: kafka\n", "kind: kafka\n    client: kafkajs\n"));
    mkdirSync(join(this.directory, "queries", this.topic), { recursive: true });
    this.copy("queries/catalog.sql", "queries/catalog.sql");
    for (const file of readdirSync(join(ROOT, "queries/temperatures")).filter((name) => name.endsWith(".sql"))) {
      this.copy(`queries/temperatures/${file}`, `queries/${this.topic}/${file}`);
    }
  }

  renamed(sql: string): string {
    return sql
      .replaceAll(/\btemperatures(?=\b|_1m)/g, this.topic)
      .replaceAll("hot_homes", `hot_homes_${this.id}`)
      .replaceAll("cassandra.iot.", `cassandra.iot_${this.id}.`);
  }

  pipeline(name: string): string {
    return join(this.directory, "queries", this.topic, `${name}.sql`);
  }

  write(name: string, sql: string): string {
    writeFileSync(this.pipeline(name), this.renamed(sql));
    return this.pipeline(name);
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private copy(from: string, to: string): void {
    writeFileSync(join(this.directory, to), this.renamed(readFileSync(join(ROOT, from), "utf8")));
  }
}
