/** Reads a whole topic through our reader, checksums compared, and decodes nothing. Prints what it measured as JSON. */
import { LIMITS } from "../../src/limits.ts";
import type { Source } from "../../src/ports/source.ts";
import { PARTITIONS } from "../data/readings.ts";
import { openSource } from "../kafka.ts";

export interface ReadReport {
  readonly messages: number;
  /** From the first records that came. */
  readonly seconds: number;
  readonly workCpuSeconds: number;
}

let messages = 0;
let firstMs: number | null = null;
let cpuAtFirst = process.cpuUsage();

function count(records: number): void {
  if (records > 0 && firstMs === null) {
    firstMs = performance.now();
    cpuAtFirst = process.cpuUsage();
  }
  messages += records;
}

async function readPartition(source: Source, topic: string, partition: number): Promise<void> {
  const reader = source.openPartition(topic, partition);
  const { startOffset, endOffset } = await source.bounds(topic, partition);
  const { signal } = new AbortController();
  const fetch = (offset: number) => reader.fetch({ offset, maxBytes: LIMITS.fetchBytesMax, waitMs: LIMITS.fetchWaitMs, signal });
  for (let ahead = startOffset < endOffset ? fetch(startOffset) : null; ahead !== null; ) {
    const { batches, nextOffset, release } = await ahead;
    // As the feeds of a pipeline do: the next fetch is under way while this one is worked off.
    ahead = nextOffset < endOffset ? fetch(nextOffset) : null;
    for (const batch of batches) count(batch.count);
    release?.();
  }
  await reader.close();
}

const [broker = "", topic = ""] = process.argv.slice(2);
const { source, close } = openSource(broker);
await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => readPartition(source, topic, partition)));
const seconds = (performance.now() - (firstMs ?? performance.now())) / 1000;
const { user, system } = process.cpuUsage(cpuAtFirst);
const report: ReadReport = { messages, seconds, workCpuSeconds: (user + system) / 1e6 };
console.log(JSON.stringify(report));
await close();
