import { must } from "../../assert.ts";
import { encodeHeaders } from "../../model/record-headers.ts";
import type { RawRecord } from "../../ports/source.ts";
import type { OutgoingRecords } from "./partition-producer.ts";

export function outgoingRecords(records: readonly RawRecord[]): OutgoingRecords {
  const headers = records.map((record) => (record.headers?.length ? encodeHeaders(record.headers) : null));
  return {
    count: records.length,
    sizeOf(i) {
      const { key, value } = must(records[i]);
      return (key?.length ?? 0) + (value?.length ?? 0) + (headers[i]?.length ?? 0);
    },
    write(i, writer) {
      const { timestampMs, key, value } = must(records[i]);
      writer.append(timestampMs, key, value, headers[i] ?? null);
    },
  };
}
