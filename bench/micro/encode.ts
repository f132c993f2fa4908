import { partitionForKey } from "../../src/adapters/codecs/murmur2.ts";
import { CODEC_NAMES, type CodecName } from "../../src/adapters/codecs/record-batch-format.ts";
import { encodeRecordBatch, RecordBatchWriter } from "../../src/adapters/codecs/record-batch-writer.ts";
import { ChangeRecords } from "../../src/adapters/kafka/change-records.ts";
import { compressionBy } from "../../src/adapters/kafka/compress.ts";
import { rowsByPlace } from "../../src/adapters/rows-by-place.ts";
import { must } from "../../src/assert.ts";
import { documentOf, keyOf } from "../../src/model/change.ts";
import { OriginHeaderWriter } from "../../src/model/origin-header.ts";
import { changes } from "./changes.ts";
import { inTurns, type MicroBench, type Way } from "./harness.ts";

const ROWS = 20_000;
const PARTITIONS = 4;
const ORIGIN = { pipeline: "bench", statement: "out#1", partition: 0, generation: 17 };

/** Partition, header, records, checksum: all that a row costs on its way to a topic, but for the socket. */
export const encode: MicroBench = {
  name: "encode",
  what: "rows of 115 bytes as record batches for four partitions",
  measure(options) {
    const batch = changes(ROWS);
    const { bytes, keyStarts, keyEnds } = batch;
    const writer = new RecordBatchWriter();
    const byRecord = (): unknown => {
      const partitions = Array.from({ length: PARTITIONS }, (): Parameters<typeof encodeRecordBatch>[1][number][] => []);
      for (let row = 0; row < ROWS; row++) {
        const key = keyOf(batch, row);
        const origin = Buffer.from(`s|17|0|${batch.causeOffsets[row]}.0|bench|out#1`);
        const timestampMs = batch.timestampsMs[row] as number;
        const record = { key, value: documentOf(batch, row), timestampMs, headers: [["sluice", origin]] as const };
        must(partitions[partitionForKey(must(key), PARTITIONS)]).push(record);
      }
      return partitions.map((records) => encodeRecordBatch(0, records));
    };
    const byColumns = (codec: CodecName): Way => {
      const compression = compressionBy(codec);
      const run = (): unknown => {
        const headers = new OriginHeaderWriter(ORIGIN, "stream");
        const partitionOf = new Int32Array(ROWS);
        for (let row = 0; row < ROWS; row++) partitionOf[row] = partitionForKey(bytes, PARTITIONS, keyStarts[row], keyEnds[row]);
        return rowsByPlace(partitionOf, PARTITIONS).map((rows) => {
          const records = new ChangeRecords(batch, rows, headers);
          records.encode(0, records.count, writer);
          return writer.finish(0, { producerId: 1, producerEpoch: 0, baseSequence: 0 }, compression).length;
        });
      };
      return { name: codec === "none" ? "from columns" : `from columns, ${codec}`, run };
    };
    return inTurns(ROWS, [{ name: "an object a record", isNaive: true, run: byRecord }, ...CODEC_NAMES.map(byColumns)], options);
  },
};
