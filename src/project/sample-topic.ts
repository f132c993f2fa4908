import { ColumnInference, type InferredRelation } from "../catalog/inferred-columns.ts";
import { LIMITS } from "../limits.ts";
import type { RecordSlices } from "../model/record-slices.ts";
import type { Source } from "../ports/source.ts";
import { readPartition } from "./read-partition.ts";

/**
 * What the last records of each partition have in common: at most `LIMITS.sampleRecordsMax` of each, `LIMITS.sampleBytesMax` together,
 * and what came until `LIMITS.sampleMsMax` were over. Nothing is written, and no group is joined. Rejects as the source does.
 */
export async function sampleTopic(source: Source, topic: string, partitions: number): Promise<InferredRelation> {
  const sampled = new TopicSampling(source, topic);
  await Promise.all(evenly(partitions, LIMITS.samplePartitionsMax).map((partition) => sampled.read(partition)));
  return sampled.inference.result();
}

/** So many of the numbers from 0, spread over all of them. */
function evenly(count: number, wanted: number): readonly number[] {
  const length = Math.min(count, wanted);
  return Array.from({ length }, (_, index) => Math.floor((index * count) / length));
}

class TopicSampling {
  readonly inference = new ColumnInference();
  private readonly source: Source;
  private readonly topic: string;
  private readonly signal = AbortSignal.timeout(LIMITS.sampleMsMax);
  private bytesLeft: number = LIMITS.sampleBytesMax;

  constructor(source: Source, topic: string) {
    this.source = source;
    this.topic = topic;
  }

  async read(partition: number): Promise<void> {
    const { startOffset, endOffset: to } = await this.source.bounds(this.topic, partition);
    const from = Math.max(startOffset, to - LIMITS.sampleRecordsMax);
    for await (const slices of readPartition(this.source, this.topic, partition, { from, to, signal: this.signal })) {
      this.take(slices, to);
      if (this.bytesLeft <= 0) return;
    }
  }

  private take({ bytes, count, offsets, keyStarts, keyEnds, valueStarts, valueEnds }: RecordSlices, endOffset: number): void {
    const part = (starts: Int32Array, ends: Int32Array, row: number): Buffer | null =>
      (starts[row] as number) < 0 ? null : bytes.subarray(starts[row], ends[row]);
    for (let row = 0; row < count && this.bytesLeft > 0; row++) {
      if ((offsets[row] as number) >= endOffset) return;
      const [key, value] = [part(keyStarts, keyEnds, row), part(valueStarts, valueEnds, row)];
      this.bytesLeft -= (key?.length ?? 0) + (value?.length ?? 0);
      this.inference.add(key, value);
    }
  }
}
