import { LIMITS } from "../../limits.ts";
import { copyBytes, dataViewOf } from "../../model/copy-bytes.ts";
import { encodeHeaders } from "../../model/record-headers.ts";
import { varintSize, writeVarint } from "../../model/varint.ts";
import type { RawRecord } from "../../ports/source.ts";
import { crc32c } from "./crc32c.ts";
import { Attribute, BATCH_HEADER_BYTES, BatchField, CODEC_NAMES, type CodecName, NO_PRODUCER } from "./record-batch-format.ts";

/** Varints, attributes and lengths around the parts of a record; ten bytes for the time, five for each other number. */
export const RECORD_OVERHEAD_BYTES = 36;

/** Who sends a batch: with it a broker drops repeats of the same batch. */
export interface BatchProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Number of the batch's first record among all that this producer sent to the partition. */
  readonly baseSequence: number;
  /** Part of its transaction; left out: of none. */
  readonly isTransactional?: true;
}

/** How the records of a batch are compressed, all in one piece. */
export interface Compression {
  readonly codec: CodecName;
  compress(records: Buffer): Uint8Array;
}

/** Writes Kafka record batches (v2), one after the other in the same buffer. */
export class RecordBatchWriter {
  private buffer: Buffer;
  private target: DataView;
  private used = BATCH_HEADER_BYTES;
  private records = 0;
  private baseTimestampMs = 0;
  private maxTimestampMs = 0;

  constructor(initialBytes = 16 * 1024) {
    this.buffer = Buffer.allocUnsafeSlow(Math.max(initialBytes, BATCH_HEADER_BYTES));
    this.target = dataViewOf(this.buffer);
  }

  get count(): number {
    return this.records;
  }

  /** Bytes of the buffer, filled or not. */
  get capacity(): number {
    return this.buffer.length;
  }

  /** Size of the batch so far, its header included, before compression. */
  get byteLength(): number {
    return this.used;
  }

  /** `headers` is a block as `encodeHeaders` makes it, or null. */
  append(timestampMs: number, key: Uint8Array | null, value: Uint8Array | null, headers: Uint8Array | null): void {
    const keyBytes = key === null ? -1 : key.length;
    const valueBytes = value === null ? -1 : value.length;
    this.begin(timestampMs, keyBytes, valueBytes, headers?.length ?? 1);
    if (key === null) this.buffer[this.used++] = NULL_LENGTH;
    else this.part(dataViewOf(key), 0, keyBytes);
    if (value === null) this.buffer[this.used++] = NULL_LENGTH;
    else this.part(dataViewOf(value), 0, valueBytes);
    if (headers === null) this.buffer[this.used++] = 0;
    else this.used = copyBytes(this.target, this.used, dataViewOf(headers), 0, headers.length);
  }

  /** Key and value are ranges of `source`; one that begins at -1 is null. Of `headers` the first `headerBytes` count. */
  appendRanges(
    timestampMs: number,
    source: DataView,
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    headers: DataView,
    headerBytes: number,
  ): void {
    this.begin(timestampMs, keyStart < 0 ? -1 : keyEnd - keyStart, valueStart < 0 ? -1 : valueEnd - valueStart, headerBytes);
    if (keyStart < 0) this.buffer[this.used++] = NULL_LENGTH;
    else this.part(source, keyStart, keyEnd);
    if (valueStart < 0) this.buffer[this.used++] = NULL_LENGTH;
    else this.part(source, valueStart, valueEnd);
    this.used = copyBytes(this.target, this.used, headers, 0, headerBytes);
  }

  /** The batch, its first record at `baseOffset`: valid until the next record is appended. The writer is empty afterwards. */
  finish(baseOffset: number, producer: BatchProducer | null = null, compression: Compression | null = null): Buffer {
    const batch = compression === null ? this.buffer.subarray(0, this.used) : this.compressed(compression);
    batch.writeBigInt64BE(BigInt(baseOffset), BatchField.baseOffset);
    batch.writeInt32BE(batch.length - BatchField.leaderEpoch, BatchField.batchLength);
    batch.writeInt32BE(0, BatchField.leaderEpoch);
    batch.writeInt8(2, BatchField.magic);
    const codec = compression === null ? 0 : CODEC_NAMES.indexOf(compression.codec);
    batch.writeInt16BE(codec | (producer?.isTransactional ? Attribute.transactional : 0), BatchField.attributes);
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

  private compressed(compression: Compression): Buffer {
    return Buffer.concat([
      this.buffer.subarray(0, BATCH_HEADER_BYTES),
      compression.compress(this.buffer.subarray(BATCH_HEADER_BYTES, this.used)),
    ]);
  }

  /** Writes what stands before a record's key. Lengths of -1 are null. */
  private begin(timestampMs: number, keyBytes: number, valueBytes: number, headerBytes: number): void {
    if (this.records === 0) {
      this.baseTimestampMs = timestampMs;
      this.maxTimestampMs = timestampMs;
    }
    if (timestampMs > this.maxTimestampMs) this.maxTimestampMs = timestampMs;
    const timestampDelta = timestampMs - this.baseTimestampMs;
    const timestampBytes = isShort(timestampDelta) ? lengthSize(timestampDelta) : varintSize(timestampDelta);
    const bodyBytes = 1 + timestampBytes + lengthSize(this.records) + partSize(keyBytes) + partSize(valueBytes) + headerBytes;
    this.reserve(bodyBytes + RECORD_OVERHEAD_BYTES);
    const { buffer } = this;
    let at = writeLength(buffer, this.used, bodyBytes);
    buffer[at++] = 0;
    at = isShort(timestampDelta) ? writeLength(buffer, at, timestampDelta) : writeVarint(buffer, at, timestampDelta);
    this.used = writeLength(buffer, at, this.records++);
  }

  private part(source: DataView, start: number, end: number): void {
    this.used = copyBytes(this.target, writeLength(this.buffer, this.used, end - start), source, start, end);
  }

  private reserve(bytes: number): void {
    const needed = this.used + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.used);
    this.buffer = grown;
    this.target = dataViewOf(grown);
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

/** -1 as a variable-length integer. */
const NULL_LENGTH = 1;

function partSize(bytes: number): number {
  return bytes < 0 ? 1 : lengthSize(bytes) + bytes;
}

/** Whether the integer is from 0 to 2^30, where its zigzag form has 31 bits. */
function isShort(value: number): boolean {
  return value >= 0 && value <= 0x3fff_ffff;
}

/** As `varintSize`, for short integers alone. */
function lengthSize(value: number): number {
  return value < 0x40 ? 1 : value < 0x2000 ? 2 : value < 0x10_0000 ? 3 : value < 0x800_0000 ? 4 : 5;
}

/** As `writeVarint`, for short integers alone. */
function writeLength(target: Uint8Array, at: number, value: number): number {
  let rest = value << 1;
  let position = at;
  for (; rest > 0x7f; rest >>>= 7) target[position++] = 0x80 | (rest & 0x7f);
  target[position++] = rest;
  return position;
}
