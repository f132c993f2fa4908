import type { Clock } from "../ports/clock.ts";
import type { Connection, ConnectionConfig, ConnectionKind, TroubleListener } from "../ports/connection.ts";
import type { Random } from "../ports/random.ts";

export interface ConnectionEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  /** Where embedded connections keep their data. */
  readonly dataDirectory: string;
  readonly onTrouble: TroubleListener;
}

type Open = (config: ConnectionConfig, environment: ConnectionEnvironment) => Connection;
type Check = (config: ConnectionConfig) => unknown;

/** Loaded when they are used: most runs use two kinds, and one client loads longer than all the rest. */
const OPEN: Readonly<Record<ConnectionKind, () => Promise<Open>>> = {
  embedded: async () => {
    const { openEmbedded } = await import("../adapters/embedded/open-embedded.ts");
    return (config, { dataDirectory, clock }) => openEmbedded(config, dataDirectory, clock);
  },
  kafka: async () => (await import("../adapters/kafka/open-kafka.ts")).openKafka,
  elasticsearch: async () => (await import("../adapters/elasticsearch/open-elasticsearch.ts")).openElasticsearch,
  cassandra: async () => (await import("../adapters/cassandra/open-cassandra.ts")).openCassandra,
};

const CHECK: Readonly<Record<ConnectionKind, () => Promise<Check>>> = {
  embedded: async () => (await import("../adapters/embedded/settings.ts")).readSettings,
  kafka: async () => (await import("../adapters/kafka/settings.ts")).readSettings,
  elasticsearch: async () => (await import("../adapters/elasticsearch/settings.ts")).readSettings,
  cassandra: async () => (await import("../adapters/cassandra/settings.ts")).readSettings,
};

/** The one place that knows which adapter serves which kind. No I/O but loading it. Rejects with CONFIG_INVALID. */
export async function openConnection(config: ConnectionConfig, environment: ConnectionEnvironment): Promise<Connection> {
  const open = await OPEN[config.kind]();
  return open(config, environment);
}

/** Rejects with CONFIG_INVALID where the connection's settings are unsound, without loading its client. */
export async function checkConnection(config: ConnectionConfig): Promise<void> {
  const check = await CHECK[config.kind]();
  check(config);
}
