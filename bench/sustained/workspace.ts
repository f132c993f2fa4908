import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PATHS } from "../paths.ts";

export interface Addresses {
  readonly kafka: string;
  readonly elasticsearch?: string;
  readonly cassandra?: string;
}

/** A project folder of one run: `sluice.yaml` and pipelines. Names with `id` in them are this run's own. */
export class Workspace {
  readonly id = Date.now().toString(36);
  readonly directory = join(PATHS.projects, this.id);
  readonly config = join(this.directory, "sluice.yaml");

  constructor({ kafka, elasticsearch, cassandra }: Addresses) {
    const connections = {
      kafka: { kind: "kafka", brokers: kafka },
      ...(elasticsearch === undefined ? {} : { elastic: { kind: "elasticsearch", node: `http://${elasticsearch}` } }),
      ...(cassandra === undefined ? {} : { cassandra: { kind: "cassandra", contactPoints: cassandra, localDataCenter: "datacenter1" } }),
    };
    mkdirSync(join(this.directory, "queries"), { recursive: true });
    // JSON is YAML.
    writeFileSync(this.config, JSON.stringify({ connections, defaults: { source: "kafka", sink: "kafka" } }, null, 2));
  }

  /** Gives the file; the pipeline has the same name. */
  pipeline(name: string, sql: string): string {
    const file = join(this.directory, "queries", `${name}.sql`);
    writeFileSync(file, sql);
    return file;
  }

  dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Declares the bench's readings as a stream. */
export function readingsStream(topic: string, partitions: number): string {
  const columns = "deviceId STRING, ts TIMESTAMP, temperature DOUBLE, humidity INT, battery DOUBLE";
  return `CREATE STREAM ${topic} (${columns}) WITH (key = 'deviceId', timestamp = 'ts', partitions = ${partitions});\n`;
}
