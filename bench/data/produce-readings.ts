import type { RawRecord, Source } from "../../src/ports/source.ts";
import { deviceId, END_MS, endMarkerText, PARTITIONS, type ReadingsOptions, readings, readingText } from "./readings.ts";

/** Of one partition about 1,200 records, so 250 kB: what busy producers make of their batches. */
const CHUNK = 4_800;

/** Writes the readings, and one end marker to each partition. The records of a key keep their order. */
export async function produceReadings(
  source: Source,
  topic: string,
  options: ReadingsOptions,
  progress: (line: string) => void,
): Promise<void> {
  const began = performance.now();
  let last: Promise<void> = Promise.resolve();
  let chunk: RawRecord[] = [];
  let latestMs = 0;
  let count = 0;
  const send = async (): Promise<void> => {
    // One at a time keeps the order; the next chunk is made while this one is on its way.
    await last;
    last = source.append(topic, chunk);
    chunk = [];
  };
  for (const reading of readings(options)) {
    latestMs = Math.max(latestMs, reading.timestampMs);
    chunk.push({ key: ascii(deviceId(reading.device)), value: ascii(readingText(reading)), timestampMs: reading.timestampMs });
    if (chunk.length === CHUNK) await send();
    if (++count % 1_000_000 === 0) progress(`${topic}: ${count / 1e6} of ${options.messages / 1e6} million messages written`);
  }
  await send();
  await last;
  const timestampMs = latestMs + END_MS;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    chunk.push({ key: ascii(`end-${partition}`), value: ascii(endMarkerText(partition, timestampMs)), timestampMs, partition });
  }
  await source.append(topic, chunk);
  progress(`${topic}: written in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

const ascii = (text: string): Buffer => Buffer.from(text, "latin1");
