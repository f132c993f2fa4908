import { openKafka } from "../../src/adapters/kafka/open-kafka.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { systemRandom } from "../../src/adapters/system-random.ts";
import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import type { FetchResult, Source } from "../../src/ports/source.ts";
import { type MicroBench, summaryOf } from "./harness.ts";

const CLIENTS = ["kafkajs", "platformatic"] as const;

/**
 * A topic from its beginning to its end through the source port, all partitions at once, as the feeds of a pipeline read it: the
 * next fetch of a partition is under way while this one is worked off. Nothing is decoded. CPU of the whole process.
 */
export const read: MicroBench = {
  name: "read",
  what: "records of a topic to positions (--broker and --topic)",
  async measure({ rounds, broker, topic }) {
    if (broker === null || topic === null) return null;
    const figures = CLIENTS.map((): number[] => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, client] of CLIENTS.entries()) figures[i]?.push(await microsARecord(client, broker, topic));
    }
    return CLIENTS.map((name, i) => ({ name, isNaive: name === "kafkajs", microsARow: summaryOf(figures[i] ?? []) }));
  },
};

async function microsARecord(client: string, brokers: string, topic: string): Promise<number> {
  const connection = openKafka(
    { name: "bench", kind: "kafka", as: "kafka", settings: { brokers, client } },
    { clock: systemClock, random: systemRandom, onTrouble: (_, message) => console.error(message) },
  );
  const source = must(connection.source, "source");
  const { partitions } = must(await source.describeTopic(topic), `topic ${topic}`);
  const before = process.cpuUsage();
  const counts = await Promise.all(Array.from({ length: partitions }, (_, partition) => readPartition(source, topic, partition)));
  const { user, system } = process.cpuUsage(before);
  await connection.close();
  return (user + system) / counts.reduce((sum, count) => sum + count, 0);
}

async function readPartition(source: Source, topic: string, partition: number): Promise<number> {
  const reader = source.openPartition(topic, partition);
  const { startOffset, endOffset } = await source.bounds(topic, partition);
  const signal = AbortSignal.timeout(600_000);
  const fetch = (offset: number): Promise<FetchResult> =>
    reader.fetch({ offset, maxBytes: LIMITS.fetchBytesMax, waitMs: LIMITS.fetchWaitMs, signal });
  let records = 0;
  for (let ahead = fetch(startOffset); ; ) {
    const { batches, nextOffset, release } = await ahead;
    if (nextOffset < endOffset) ahead = fetch(nextOffset);
    for (const { count } of batches) records += count;
    release?.();
    if (nextOffset >= endOffset) break;
  }
  await reader.close();
  return records;
}
