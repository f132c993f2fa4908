/**
 * Reads a topic from its beginning to its end through the source port, all partitions at once, as the feeds of a pipeline do:
 * the next fetch of a partition is under way while this one is worked off. Nothing is decoded.
 *
 *     node bench/micro/read.ts --topic temperatures --brokers 127.0.0.1:29092 [--client platformatic|kafkajs] [--rounds 3]
 */
import { parseArgs } from "node:util";
import { openKafka } from "../../src/adapters/kafka/open-kafka.ts";
import { systemClock } from "../../src/adapters/system-clock.ts";
import { systemRandom } from "../../src/adapters/system-random.ts";
import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import type { FetchResult, Source } from "../../src/ports/source.ts";

interface Round {
  readonly records: number;
  readonly bytes: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

const { values: options } = parseArgs({
  options: {
    topic: { type: "string" },
    brokers: { type: "string", default: "127.0.0.1:9092" },
    client: { type: "string", multiple: true, default: ["platformatic", "kafkajs"] },
    rounds: { type: "string", default: "1" },
  },
});

async function readPartition(source: Source, topic: string, partition: number): Promise<{ records: number; bytes: number }> {
  const reader = source.openPartition(topic, partition);
  const { startOffset, endOffset } = await source.bounds(topic, partition);
  const signal = AbortSignal.timeout(600_000);
  const fetch = (offset: number): Promise<FetchResult> =>
    reader.fetch({ offset, maxBytes: LIMITS.fetchBytesMax, waitMs: LIMITS.fetchWaitMs, signal });
  let records = 0;
  let bytes = 0;
  for (let ahead = fetch(startOffset); ; ) {
    const { batches, nextOffset, release } = await ahead;
    if (nextOffset < endOffset) ahead = fetch(nextOffset);
    for (const { count, keyStarts, valueEnds } of batches) {
      records += count;
      bytes += (valueEnds[count - 1] as number) - (keyStarts[0] as number);
    }
    release?.();
    if (nextOffset >= endOffset) break;
  }
  await reader.close();
  return { records, bytes };
}

async function round(client: string): Promise<Round> {
  const settings = { brokers: options.brokers, client };
  const connection = openKafka(
    { name: "bench", kind: "kafka", as: "kafka", settings },
    { clock: systemClock, random: systemRandom, onTrouble: (_, message) => console.error(message) },
  );
  const source = must(connection.source, "source");
  const topic = must(options.topic, "--topic");
  const { partitions } = must(await source.describeTopic(topic), `topic ${topic}`);
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const read = await Promise.all(Array.from({ length: partitions }, (_, partition) => readPartition(source, topic, partition)));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  await connection.close();
  const sum = (of: "records" | "bytes"): number => read.reduce((total, each) => total + each[of], 0);
  return { records: sum("records"), bytes: sum("bytes"), seconds, cpuSeconds: (user + system) / 1e6 };
}

for (const client of options.client) {
  for (let i = 0; i < Number(options.rounds); i++) {
    const { records, bytes, seconds, cpuSeconds } = await round(client);
    const figures = [
      `${(records / seconds / 1000).toFixed(0)} k records/s`,
      `${(bytes / seconds / 1e6).toFixed(0)} MB/s`,
      `${((cpuSeconds / records) * 1e6).toFixed(3)} µs CPU a record`,
      `peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`,
    ];
    console.log(`${client.padEnd(12)} ${records} records, ${seconds.toFixed(2)} s: ${figures.join(", ")}`);
  }
}
