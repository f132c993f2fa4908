import { openKafka } from "../src/adapters/kafka/open-kafka.ts";
import { systemClock } from "../src/adapters/system-clock.ts";
import { systemRandom } from "../src/adapters/system-random.ts";
import { must } from "../src/assert.ts";
import type { Source } from "../src/ports/source.ts";

/** The topics of the broker through our own adapter. */
export function openSource(broker: string): { readonly source: Source; readonly close: () => Promise<void> } {
  const connection = openKafka(
    { name: "bench", kind: "kafka", as: "kafka", settings: { brokers: broker } },
    { clock: systemClock, random: systemRandom, onTrouble: (_, message) => console.error(`bench: ${message}; trying again`) },
  );
  return { source: must(connection.source), close: () => connection.close() };
}
