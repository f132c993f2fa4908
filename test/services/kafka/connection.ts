import { openKafka } from "../../../src/adapters/kafka/open-kafka.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { systemRandom } from "../../../src/adapters/system-random.ts";
import { must } from "../../../src/assert.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import type { Source } from "../../../src/ports/source.ts";

export const CLIENTS = ["platformatic", "kafkajs"] as const;
export type Client = (typeof CLIENTS)[number];

/** Connections of one test file, as different processes would have them; `close` closes them all. */
export class KafkaConnections {
  /** What was reported as trouble. */
  readonly troubles: string[] = [];
  private readonly brokers: readonly string[];
  private readonly client: Client;
  private readonly opened: Connection[] = [];

  constructor(brokers: readonly string[], client: Client) {
    this.brokers = brokers;
    this.client = client;
  }

  open(settings: Readonly<Record<string, unknown>> = {}): Connection {
    const config = {
      name: "kafka",
      kind: "kafka",
      as: "kafka",
      settings: { brokers: this.brokers, client: this.client, sessionTimeoutMs: 2000, rebalanceTimeoutMs: 10_000, ...settings },
    } as const;
    const onTrouble = (_: string, message: string): void => {
      this.troubles.push(message);
    };
    const connection = openKafka(config, { clock: systemClock, random: systemRandom, onTrouble });
    this.opened.push(connection);
    return connection;
  }

  source(settings?: Readonly<Record<string, unknown>>): Source {
    return must(this.open(settings).source, "source");
  }

  async close(): Promise<void> {
    for (const connection of this.opened.splice(0)) await connection.close();
  }
}
