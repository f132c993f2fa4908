import { type ChangeBatch, Operation } from "../../model/change.ts";
import { type ColumnBatch, Condition } from "../../model/column-batch.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { Decoder } from "../../ports/codec.ts";

/** Changes as the records that they would be in a topic, but that a delete has what is left of its row: that by which it is told apart. */
export function decodeChanges(decoder: Decoder, changes: ChangeBatch, partition: number): ColumnBatch {
  const batch = decoder.decode(recordsOf(changes, partition));
  const { operations, count } = changes;
  for (let row = 0; row < count; row++) if (operations[row] === Operation.delete) batch.conditions[row] = Condition.tombstone;
  return batch;
}

function recordsOf(changes: ChangeBatch, partition: number): RecordSlices {
  const { count, bytes, causeOffsets, timestampsMs, keyStarts, keyEnds, documentStarts, documentEnds } = changes;
  const none = new Int32Array(count).fill(-1);
  return {
    topic: "",
    partition,
    count,
    bytes,
    offsets: causeOffsets,
    timestampsMs,
    keyStarts,
    keyEnds,
    valueStarts: documentStarts,
    valueEnds: documentEnds,
    headerStarts: none,
    headerEnds: none,
    nextOffset: (causeOffsets[count - 1] as number) + 1,
    mark: { offset: -1, timestampMs: -1, checksum: 0 },
  };
}
