import type { RecordSlices } from "./record-slices.ts";

/** Rows that were made, and lie in no topic: they have places and times. `noKeys`: -1 for each row. */
export function rowsWithoutBytes(
  { partition, count, offsets, timestampsMs }: Pick<RecordSlices, "partition" | "count" | "offsets" | "timestampsMs">,
  noKeys: Int32Array,
): RecordSlices {
  return {
    topic: "",
    partition,
    count,
    bytes: NOTHING,
    offsets,
    timestampsMs,
    keyStarts: noKeys,
    keyEnds: noKeys,
    valueStarts: noKeys,
    valueEnds: noKeys,
    headerStarts: noKeys,
    headerEnds: noKeys,
    nextOffset: (offsets[count - 1] as number) + 1,
    mark: { offset: -1, timestampMs: -1, checksum: 0 },
  };
}

const NOTHING = Buffer.alloc(0);
