import { systemClock } from "../../src/adapters/system-clock.ts";
import { systemRandom } from "../../src/adapters/system-random.ts";
import { must } from "../../src/assert.ts";
import type { Connection, ConnectionConfig } from "../../src/ports/connection.ts";
import type { Source } from "../../src/ports/source.ts";
import { openConnection } from "../../src/project/open-connection.ts";
import type { ScratchProject } from "./scratch-project.ts";

/** What a test itself writes to and reads from the stores of its project. */
export interface Stores {
  readonly source: Source;
  readonly elastic: Connection;
  readonly cassandra: Connection;
  close(): Promise<void>;
}

export async function openStores({ env, directory }: ScratchProject): Promise<Stores> {
  const open = (config: Omit<ConnectionConfig, "as">): Promise<Connection> =>
    openConnection(
      { ...config, as: config.kind },
      { clock: systemClock, random: systemRandom, dataDirectory: directory, onTrouble: () => {} },
    );
  const kafka = await open({ name: "kafka", kind: "kafka", settings: { brokers: env["KAFKA_BROKERS"] } });
  const elastic = await open({ name: "elastic", kind: "elasticsearch", settings: { node: env["ELASTICSEARCH_URL"] } });
  const cassandra = await open({
    name: "cassandra",
    kind: "cassandra",
    settings: { contactPoints: env["CASSANDRA_CONTACT_POINTS"], localDataCenter: env["CASSANDRA_DATACENTER"] },
  });
  const close = async (): Promise<void> => {
    await Promise.all([kafka.close(), elastic.close(), cassandra.close()]);
  };
  return { source: must(kafka.source), elastic, cassandra, close };
}
