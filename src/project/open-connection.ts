import { openCassandra } from "../adapters/cassandra/open-cassandra.ts";
import { openElasticsearch } from "../adapters/elasticsearch/open-elasticsearch.ts";
import { openEmbedded } from "../adapters/embedded/open-embedded.ts";
import { openKafka } from "../adapters/kafka/open-kafka.ts";
import { unreachable } from "../assert.ts";
import type { Clock } from "../ports/clock.ts";
import type { Connection, ConnectionConfig, TroubleListener } from "../ports/connection.ts";
import type { Random } from "../ports/random.ts";

export interface ConnectionEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  /** Where embedded connections keep their data. */
  readonly dataDirectory: string;
  readonly onTrouble: TroubleListener;
}

/** The one place that knows which adapter serves which kind. Throws CONFIG_INVALID; does no I/O. */
export function openConnection(config: ConnectionConfig, environment: ConnectionEnvironment): Connection {
  switch (config.kind) {
    case "embedded":
      return openEmbedded(config, environment.dataDirectory, environment.clock);
    case "kafka":
      return openKafka(config, environment);
    case "elasticsearch":
      return openElasticsearch(config, environment);
    case "cassandra":
      return openCassandra(config, environment);
    default:
      return unreachable(config.kind);
  }
}
