import { walkRecordBatches } from "../../src/adapters/codecs/record-batch-reader.ts";
import { inTurns, type MicroBench } from "./harness.ts";
import { encodedReadings, ROWS, slicesOf } from "./rows.ts";

/** The checksum is part of both. */
export const walk: MicroBench = {
  name: "walk",
  what: "record batches to positions",
  measure(options) {
    const bytes = encodedReadings();
    const fetched = { topic: "readings", partition: 0, bytes, start: 0, end: bytes.length, fromOffset: 0 };
    const objects = (): unknown => {
      const slices = slicesOf(bytes);
      return Array.from({ length: slices.count }, (_, row) => ({
        offset: slices.offsets[row],
        timestampMs: slices.timestampsMs[row],
        key: Buffer.from(bytes.subarray(slices.keyStarts[row], slices.keyEnds[row])),
        value: Buffer.from(bytes.subarray(slices.valueStarts[row], slices.valueEnds[row])),
        headers: {},
      }));
    };
    return inTurns(
      ROWS,
      [
        { name: "an object with copies for each record", isNaive: true, run: objects },
        { name: "in place", run: () => walkRecordBatches(fetched) },
      ],
      options,
    );
  },
};
