import { must } from "../../assert.ts";
import { LIMITS } from "../../limits.ts";
import { encodeHeaders } from "../../model/record-headers.ts";
import type { RawRecord } from "../../ports/source.ts";
import { RECORD_OVERHEAD_BYTES } from "../codecs/record-batch-writer.ts";
import type { OutgoingRecords } from "./partition-producer.ts";

export function outgoingRecords(records: readonly RawRecord[]): OutgoingRecords {
  const headers = records.map((record) => (record.headers?.length ? encodeHeaders(record.headers) : null));
  return {
    count: records.length,
    batchEnd(from, to) {
      let bytes = 0;
      for (let i = from; i < to; i++) {
        const { key, value } = must(records[i]);
        bytes += (key?.length ?? 0) + (value?.length ?? 0) + (headers[i]?.length ?? 0) + RECORD_OVERHEAD_BYTES;
        if (bytes > LIMITS.produceBatchBytesMax && i > from) return i;
      }
      return to;
    },
    encode(from, to, writer) {
      for (let i = from; i < to; i++) {
        const { timestampMs, key, value } = must(records[i]);
        writer.append(timestampMs, key, value, headers[i] ?? null);
      }
    },
  };
}
