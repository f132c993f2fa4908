import { must } from "../../src/assert.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { Source } from "../../src/ports/source.ts";
import { openStore } from "./open-store.ts";
import type { ScratchProject } from "./scratch-project.ts";

/** What a test itself writes to and reads from the stores of its project. */
export interface Stores {
  readonly source: Source;
  readonly elastic: Connection;
  readonly cassandra: Connection;
  close(): Promise<void>;
}

export async function openStores({ env }: ScratchProject): Promise<Stores> {
  const kafka = await openStore("kafka", { brokers: env["KAFKA_BROKERS"] });
  const elastic = await openStore("elasticsearch", { node: env["ELASTICSEARCH_URL"] });
  const cassandra = await openStore("cassandra", {
    contactPoints: env["CASSANDRA_CONTACT_POINTS"],
    localDataCenter: env["CASSANDRA_DATACENTER"],
  });
  const close = async (): Promise<void> => {
    await Promise.all([kafka.close(), elastic.close(), cassandra.close()]);
  };
  return { source: must(kafka.source), elastic, cassandra, close };
}
