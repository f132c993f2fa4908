import { expect } from "vitest";
import { LIMITS } from "../../src/limits.ts";
import { decodeHeaders, type RecordHeader } from "../../src/model/record-headers.ts";
import type { RecordSlices } from "../../src/model/record-slices.ts";
import type { Source } from "../../src/ports/source.ts";

export interface LogRecord {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly RecordHeader[];
}

/** Slices as plain records, keys and values as text. */
export function recordsOf(batches: readonly RecordSlices[]): LogRecord[] {
  return batches.flatMap((slices) => Array.from({ length: slices.count }, (_, row) => recordOf(slices, row)));
}

function recordOf(slices: RecordSlices, row: number): LogRecord {
  const text = (starts: Int32Array, ends: Int32Array): string | null =>
    (starts[row] as number) < 0 ? null : slices.bytes.toString("utf8", starts[row], ends[row]);
  return {
    offset: slices.offsets[row] as number,
    timestampMs: slices.timestampsMs[row] as number,
    key: text(slices.keyStarts, slices.keyEnds),
    value: text(slices.valueStarts, slices.valueEnds),
    headers: decodeHeaders(slices.bytes, slices.headerStarts[row] as number, slices.headerEnds[row] as number),
  };
}

/** Everything from `offset` to the end that the partition has now, by as many fetches as it takes; checks each of them. */
export async function readToEnd(source: Source, topic: string, partition = 0, offset = 0, maxBytes = 1 << 20): Promise<LogRecord[]> {
  const { endOffset } = await source.bounds(topic, partition);
  const reader = source.openPartition(topic, partition);
  const records: LogRecord[] = [];
  try {
    for (let next = offset; next < endOffset; ) {
      const result = await reader.fetch({ offset: next, maxBytes, waitMs: 1000, signal: AbortSignal.timeout(30_000) });
      for (const slices of result.batches) {
        expect(slices).toMatchObject({ topic, partition });
        expect(slices.count).toBeGreaterThan(0);
        expect(slices.count).toBeLessThanOrEqual(LIMITS.batchRowsMax);
        expect(slices.offsets[0]).toBeGreaterThanOrEqual(next);
        expect(slices.nextOffset).toBeGreaterThan(slices.offsets[slices.count - 1] as number);
      }
      expect(result.nextOffset).toBeGreaterThan(next);
      expect(result.nextOffset).toBeGreaterThanOrEqual(result.batches.at(-1)?.nextOffset ?? 0);
      records.push(...recordsOf(result.batches));
      next = result.nextOffset;
    }
  } finally {
    await reader.close();
  }
  for (let i = 1; i < records.length; i++) expect(records[i]?.offset).toBeGreaterThan(records[i - 1]?.offset as number);
  return records;
}
