import { systemClock } from "../../src/adapters/system-clock.ts";
import { systemRandom } from "../../src/adapters/system-random.ts";
import type { Connection, ConnectionConfig } from "../../src/ports/connection.ts";
import { openConnection } from "../../src/project/open-connection.ts";

/** A test's own connection to a service, under the name of its kind. */
export function openStore(kind: "kafka" | "elasticsearch" | "cassandra", settings: ConnectionConfig["settings"]): Promise<Connection> {
  const environment = { clock: systemClock, random: systemRandom, dataDirectory: "", onTrouble: () => {} };
  return openConnection({ name: kind, kind, as: kind, settings }, environment);
}
