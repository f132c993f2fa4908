import { LIMITS } from "../../limits.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import { crc32c } from "./crc32c.ts";
import { SlicesColumns } from "./slices-columns.ts";

interface Row {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Buffer | null;
}

/** Makes `RecordSlices` of records that come one by one as objects (kafkajs, table rows): they are copied into one buffer. */
export class SlicesBuilder {
  private readonly topic: string;
  private readonly partition: number;
  private readonly rowsMax: number;
  private rows: Row[] = [];
  private bytes = 0;

  constructor(topic: string, partition: number, rowsMax: number = LIMITS.batchRowsMax) {
    this.topic = topic;
    this.partition = partition;
    this.rowsMax = rowsMax;
  }

  get count(): number {
    return this.rows.length;
  }

  get byteLength(): number {
    return this.bytes;
  }

  /** `headers` is a block as `encodeHeaders` makes it, or null. The buffers are copied by `build`, not before. */
  append(offset: number, timestampMs: number, key: Buffer | null, value: Buffer | null, headers: Buffer | null): void {
    this.rows.push({ offset, timestampMs, key, value, headers });
    this.bytes += (key?.length ?? 0) + (value?.length ?? 0) + (headers?.length ?? 0);
  }

  /** What was appended, cut to at most `rowsMax` rows each; the builder is empty afterwards. */
  build(nextOffset: number): readonly RecordSlices[] {
    const { rows } = this;
    const bytes = Buffer.allocUnsafeSlow(this.bytes);
    const columns = new SlicesColumns(this.topic, this.partition, bytes, this.rowsMax);
    columns.expect(rows.length);
    let at = 0;
    const put = (part: Buffer | null): number => {
      if (part === null) return -1;
      const start = at;
      at += part.copy(bytes, at);
      return start;
    };
    for (const { offset, timestampMs, key, value, headers } of rows) {
      const keyStart = put(key);
      const keyEnd = at;
      const valueStart = put(value);
      const valueEnd = at;
      const headerStart = put(headers);
      columns.mark({ offset, timestampMs, checksum: crc32c(bytes.subarray(keyStart < 0 ? keyEnd : keyStart, valueEnd)) });
      columns.add(offset, timestampMs, keyStart, keyEnd, valueStart, valueEnd, headerStart, at);
    }
    this.rows = [];
    this.bytes = 0;
    return columns.finish(nextOffset);
  }
}
