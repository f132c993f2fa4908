import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProvidedServices } from "./provided.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const FOLDERS = ["temperatures", "cars", "home"] as const;
type Folder = (typeof FOLDERS)[number];

/** Topics, indexes and folders of pipelines; keyspaces are told by what stands before them. */
const NAMES = /\b(?:temperatures(?=\b|_1)|(?:hot_homes|home_readings|efficient_cars|cars|homes?)\b)/g;
const KEYSPACE = /(?<=cassandra\.)iot\b/g;

/**
 * The committed project with every topic, index, keyspace and pipeline renamed, so that a run neither finds what another
 * left behind nor touches what is not its own. The SQL is otherwise the same.
 */
export class ScratchProject {
  readonly directory = mkdtempSync(join(tmpdir(), "sluice-services-"));
  readonly id = Math.floor(performance.timeOrigin + performance.now()).toString(36);
  readonly topic = `temperatures_${this.id}`;
  readonly results = `temperatures_${this.id}.aggregated`;
  readonly keyspace = `iot_${this.id}`;
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
    for (const folder of FOLDERS) {
      mkdirSync(this.folder(folder), { recursive: true });
      for (const file of readdirSync(join(ROOT, "queries", folder)).filter((name) => name.endsWith(".sql")))
        writeFileSync(join(this.folder(folder), file), this.renamed(readFileSync(join(ROOT, "queries", folder, file), "utf8")));
    }
    writeFileSync(join(this.directory, "queries/catalog.sql"), this.renamed(readFileSync(join(ROOT, "queries/catalog.sql"), "utf8")));
  }

  renamed(sql: string): string {
    return sql.replaceAll(NAMES, `$&_${this.id}`).replaceAll(KEYSPACE, this.keyspace);
  }

  folder(folder: Folder): string {
    return join(this.directory, "queries", `${folder}_${this.id}`);
  }

  pipeline(name: string, folder: Folder = "temperatures"): string {
    return join(this.folder(folder), `${name}.sql`);
  }

  write(name: string, sql: string): string {
    writeFileSync(this.pipeline(name), this.renamed(sql));
    return this.pipeline(name);
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
