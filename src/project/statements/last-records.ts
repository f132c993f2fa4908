import { LIMITS } from "../../limits.ts";
import type { Source } from "../../ports/source.ts";
import { readPartition } from "../read-partition.ts";
import { FormatGuess } from "./guess-format.ts";
import { type RecordGuess, recordJson } from "./record-json.ts";

/**
 * The last records of a topic over all its partitions, the latest first, as JSON; those that came until `LIMITS.sampleMsMax` were over,
 * and of large ones as many as have room in `LIMITS.sampleBytesMax`, but one of each partition.
 */
export async function lastRecords(source: Source, topic: string, partitions: number, count: number): Promise<readonly string[]> {
  const signal = AbortSignal.timeout(LIMITS.sampleMsMax);
  const guess: RecordGuess = { key: new FormatGuess(), value: new FormatGuess() };
  const ofEach = Array.from({ length: partitions }, async (_, partition) => {
    const { startOffset, endOffset: to } = await source.bounds(topic, partition);
    const records: { readonly timestampMs: number; readonly json: string }[] = [];
    let charactersLeft = LIMITS.sampleBytesMax / partitions;
    for await (const slices of readPartition(source, topic, partition, { from: Math.max(startOffset, to - count), to, signal })) {
      for (let row = 0; row < slices.count && (slices.offsets[row] as number) < to; row++) {
        const json = recordJson(slices, row, guess);
        records.push({ timestampMs: slices.timestampsMs[row] as number, json });
        charactersLeft -= json.length;
        while (charactersLeft < 0 && records.length > 1) charactersLeft += records.shift()?.json.length ?? 0;
      }
    }
    return records.reverse();
  });
  const records = (await Promise.all(ofEach)).flat();
  // The sort is stable: within a partition, records of one time stay in order.
  return records
    .sort((left, right) => right.timestampMs - left.timestampMs)
    .slice(0, count)
    .map(({ json }) => json);
}
