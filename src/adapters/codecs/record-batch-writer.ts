import { LIMITS } from "../../limits.ts";
import { encodeHeaders } from "../../model/record-headers.ts";
import { varintSize, writeVarint } from "../../model/varint.ts";
import type { RawRecord } from "../../ports/source.ts";
import { crc32c } from "./crc32c.ts";
import { BATCH_HEADER_BYTES, BatchField, NO_PRODUCER } from "./record-batch-format.ts";

/** Varints, attributes and lengths around the parts of a record; ten bytes for the time, five for each other number. */
const RECORD_OVERHEAD_BYTES = 36;

/** Who sends a batch: with it a broker drops repeats of the same batch. */
export interface BatchProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Number of the batch's first record among all that this producer sent to the partition. */
  readonly baseSequence: number;
}

/** Writes uncompressed Kafka record batches (v2), one after the other in the same buffer. */
export class RecordBatchWriter {
  private buffer: Buffer;
  private used = BATCH_HEADER_BYTES;
  private records = 0;
  private baseTimestampMs = 0;
  private maxTimestampMs = 0;

  constructor(initialBytes = 64 * 1024) {
    this.buffer = Buffer.allocUnsafeSlow(Math.max(initialBytes, BATCH_HEADER_BYTES));
  }

  get count(): number {
    return this.records;
  }

  /** Size of the batch so far, its header included. */
  get byteLength(): number {
    return this.used;
  }

  /** `headers` is a block as `encodeHeaders` makes it, or null. */
  append(timestampMs: number, key: Uint8Array | null, value: Uint8Array | null, headers: Uint8Array | null): void {
    if (this.records === 0) {
      this.baseTimestampMs = timestampMs;
      this.maxTimestampMs = timestampMs;
    }
    this.maxTimestampMs = Math.max(this.maxTimestampMs, timestampMs);
    const timestampDelta = timestampMs - this.baseTimestampMs;
    const bodyBytes = this.bodyBytes(timestampDelta, key, value, headers);
    this.reserve(bodyBytes + RECORD_OVERHEAD_BYTES);
    const { buffer } = this;
    let at = writeVarint(buffer, this.used, bodyBytes);
    buffer[at++] = 0;
    at = writeVarint(buffer, at, timestampDelta);
    at = writeVarint(buffer, at, this.records);
    at = writePart(buffer, at, key);
    at = writePart(buffer, at, value);
    if (headers === null) {
      buffer[at++] = 0;
    } else {
      buffer.set(headers, at);
      at += headers.length;
    }
    this.used = at;
    this.records++;
  }

  /** The batch as an exact copy, its first record at `baseOffset`; the writer is empty afterwards. */
  finish(baseOffset: number, producer: BatchProducer | null = null): Buffer {
    const batch = Buffer.allocUnsafeSlow(this.used);
    this.buffer.copy(batch, 0, 0, this.used);
    batch.writeBigInt64BE(BigInt(baseOffset), BatchField.baseOffset);
    batch.writeInt32BE(this.used - BatchField.leaderEpoch, BatchField.batchLength);
    batch.writeInt32BE(0, BatchField.leaderEpoch);
    batch.writeInt8(2, BatchField.magic);
    batch.writeInt16BE(0, BatchField.attributes);
    batch.writeInt32BE(this.records - 1, BatchField.lastOffsetDelta);
    batch.writeBigInt64BE(BigInt(this.baseTimestampMs), BatchField.baseTimestamp);
    batch.writeBigInt64BE(BigInt(this.maxTimestampMs), BatchField.maxTimestamp);
    batch.writeBigInt64BE(BigInt(producer?.producerId ?? NO_PRODUCER), BatchField.producerId);
    batch.writeInt16BE(producer?.producerEpoch ?? -1, BatchField.producerEpoch);
    batch.writeInt32BE(producer?.baseSequence ?? -1, BatchField.baseSequence);
    batch.writeInt32BE(this.records, BatchField.recordCount);
    batch.writeUInt32BE(crc32c(batch.subarray(BatchField.attributes)), BatchField.crc);
    this.used = BATCH_HEADER_BYTES;
    this.records = 0;
    return batch;
  }

  private bodyBytes(timestampDelta: number, key: Uint8Array | null, value: Uint8Array | null, headers: Uint8Array | null): number {
    return 1 + varintSize(timestampDelta) + varintSize(this.records) + partBytes(key) + partBytes(value) + (headers?.length ?? 1);
  }

  private reserve(bytes: number): void {
    const needed = this.used + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.used);
    this.buffer = grown;
  }
}

/** Records as one batch whose first offset is `baseOffset`. */
export function encodeRecordBatch(baseOffset: number, records: readonly RawRecord[]): Buffer {
  const writer = new RecordBatchWriter(Math.min(records.length * 128, LIMITS.fetchBytesMax));
  for (const record of records) {
    const headers = record.headers === undefined || record.headers.length === 0 ? null : encodeHeaders(record.headers);
    writer.append(record.timestampMs, record.key, record.value, headers);
  }
  return writer.finish(baseOffset);
}

function partBytes(part: Uint8Array | null): number {
  return part === null ? 1 : varintSize(part.length) + part.length;
}

function writePart(buffer: Buffer, at: number, part: Uint8Array | null): number {
  if (part === null) return writeVarint(buffer, at, -1);
  const start = writeVarint(buffer, at, part.length);
  buffer.set(part, start);
  return start + part.length;
}
