import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { skipHeaders } from "../../model/record-headers.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import { TruncatedError, VarintReader } from "../../model/varint.ts";
import { crc32c } from "./crc32c.ts";
import { Attribute, BATCH_HEADER_BYTES, BatchField, CODEC_NAMES, type CodecName } from "./record-batch-format.ts";
import { SlicesColumns, type SpareColumns } from "./slices-columns.ts";

/** A record with null key, null value and no headers. */
const RECORD_BYTES_MIN = 7;

/** Bytes of a log as a broker sends them: whole record batches, of which the last may be cut off. */
export interface FetchedBytes {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Records below are left out. */
  readonly fromOffset: number;
  /** Rows in one `RecordSlices`; `LIMITS.batchRowsMax` if not given. */
  readonly rowsMax?: number;
  /** Transactions that were given up, in the order of their first offsets; their records are left out. */
  readonly abortedTransactions?: readonly AbortedTransaction[];
  /** Undoes a codec; without it compressed batches are refused. */
  readonly decompress?: (codec: CodecName, compressed: Buffer) => Buffer;
  /** Arrays to be used again. */
  readonly spare?: SpareColumns;
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface WalkedRecords {
  /** In offset order, none empty. */
  readonly batches: readonly RecordSlices[];
  /** Past the last whole record batch, markers and left-out records included; `fromOffset` where there is no whole one. */
  readonly nextOffset: number;
}

interface BatchHeader {
  readonly start: number;
  readonly end: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly attributes: number;
  readonly baseTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly producerId: number;
  readonly recordCount: number;
  readonly crc: number;
}

/** The records of one batch, uncompressed, in `bytes` of all. */
interface Records {
  readonly header: BatchHeader;
  readonly start: number;
  readonly end: number;
}

/**
 * Walks Kafka record batches (v2) in place: rows are positions in the given bytes, or in one decompressed copy of them.
 * Everything is checked (lengths, checksum, counts); rejects with LOG_CORRUPT. Control batches give no rows.
 */
export function walkRecordBatches(fetched: FetchedBytes): WalkedRecords {
  const headers = readHeaders(fetched);
  const last = headers.at(-1);
  const nextOffset = last === undefined ? fetched.fromOffset : Math.max(fetched.fromOffset, last.lastOffset + 1);
  const wanted = committedData(headers, fetched.abortedTransactions ?? []).filter((header) => header.lastOffset >= fetched.fromOffset);
  for (const header of wanted) verify(fetched, header);
  const { bytes, records } = uncompressed(fetched, wanted);
  const columns = new SlicesColumns(fetched.topic, fetched.partition, bytes, fetched.rowsMax ?? LIMITS.batchRowsMax, fetched.spare);
  columns.expect(records.reduce((sum, { header }) => sum + header.recordCount, 0));
  const reader = new VarintReader(bytes, 0, 0);
  for (const batch of records) {
    try {
      walkRecords(reader, batch, fetched.fromOffset, columns);
    } catch (error) {
      if (!(error instanceof TruncatedError)) throw error;
      throw corrupt(fetched, batch.header, error.message);
    }
  }
  return { batches: columns.finish(nextOffset), nextOffset };
}

function readHeaders(fetched: FetchedBytes): BatchHeader[] {
  const { bytes, end } = fetched;
  const headers: BatchHeader[] = [];
  let start = fetched.start;
  while (end - start >= BATCH_HEADER_BYTES) {
    const header = readHeader(bytes, start);
    const magic = bytes[start + BatchField.magic] as number;
    if (magic !== 2) throw corrupt(fetched, header, `record format ${magic}, but only format 2 is understood`);
    if (header.end - start < BATCH_HEADER_BYTES) throw corrupt(fetched, header, `a batch of ${header.end - start} bytes`);
    if (header.end > end) break;
    if (header.lastOffset < header.baseOffset || header.recordCount < 0) {
      throw corrupt(fetched, header, `last offset ${header.lastOffset}, ${header.recordCount} records`);
    }
    headers.push(header);
    start = header.end;
  }
  return headers;
}

function readHeader(bytes: Buffer, start: number): BatchHeader {
  const baseOffset = readInt64(bytes, start + BatchField.baseOffset);
  return {
    start,
    end: start + BatchField.leaderEpoch + bytes.readInt32BE(start + BatchField.batchLength),
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(start + BatchField.lastOffsetDelta),
    attributes: bytes.readInt16BE(start + BatchField.attributes),
    baseTimestampMs: readInt64(bytes, start + BatchField.baseTimestamp),
    maxTimestampMs: readInt64(bytes, start + BatchField.maxTimestamp),
    producerId: readInt64(bytes, start + BatchField.producerId),
    recordCount: bytes.readInt32BE(start + BatchField.recordCount),
    crc: bytes.readUInt32BE(start + BatchField.crc),
  };
}

/** The batches that hold data, without those of transactions that were given up. A marker ends its producer's transaction. */
function committedData(headers: readonly BatchHeader[], aborted: readonly AbortedTransaction[]): BatchHeader[] {
  const abortedProducers = new Set<number>();
  let pending = 0;
  return headers.filter((header) => {
    for (let next = aborted[pending]; next !== undefined && next.firstOffset <= header.lastOffset; next = aborted[pending]) {
      abortedProducers.add(next.producerId);
      pending++;
    }
    if ((header.attributes & Attribute.control) !== 0) {
      abortedProducers.delete(header.producerId);
      return false;
    }
    return (header.attributes & Attribute.transactional) === 0 || !abortedProducers.has(header.producerId);
  });
}

function verify(fetched: FetchedBytes, header: BatchHeader): void {
  const sum = crc32c(fetched.bytes.subarray(header.start + BatchField.attributes, header.end));
  if (sum !== header.crc) throw corrupt(fetched, header, `checksum ${sum}, but ${header.crc} is written in it`);
}

/** One buffer in which all records lie uncompressed: the fetched bytes themselves where no batch is compressed. */
function uncompressed(fetched: FetchedBytes, headers: readonly BatchHeader[]): { bytes: Buffer; records: Records[] } {
  if (headers.every((header) => (header.attributes & Attribute.codec) === 0)) {
    const records = headers.map((header) => ({ header, start: header.start + BATCH_HEADER_BYTES, end: header.end }));
    return { bytes: fetched.bytes, records };
  }
  const parts = headers.map((header) => recordsOf(fetched, header));
  let at = 0;
  const records = headers.map((header, i) => {
    const start = at;
    at += (parts[i] as Buffer).length;
    return { header, start, end: at };
  });
  return { bytes: parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts), records };
}

function recordsOf(fetched: FetchedBytes, header: BatchHeader): Buffer {
  const bytes = fetched.bytes.subarray(header.start + BATCH_HEADER_BYTES, header.end);
  const codecNumber = header.attributes & Attribute.codec;
  if (codecNumber === 0) return bytes;
  const codec = CODEC_NAMES[codecNumber];
  if (codec === undefined) throw corrupt(fetched, header, `unknown compression ${codecNumber}`);
  if (fetched.decompress === undefined) throw corrupt(fetched, header, `compressed with ${codec}, which is not read here`);
  try {
    return fetched.decompress(codec, bytes);
  } catch (error) {
    throw corrupt(fetched, header, `its ${codec} data cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function walkRecords(reader: VarintReader, batch: Records, fromOffset: number, columns: SlicesColumns): void {
  const { header, end } = batch;
  const { bytes } = reader;
  if (header.recordCount > (end - batch.start) / RECORD_BYTES_MIN) {
    throw new TruncatedError(`${header.recordCount} records in ${end - batch.start} bytes`);
  }
  const logAppendTime = (header.attributes & Attribute.logAppendTime) !== 0;
  columns.mark({ offset: header.baseOffset, timestampMs: header.maxTimestampMs, checksum: header.crc });
  const record: RecordParts = {
    end: 0,
    timestampDelta: 0,
    offsetDelta: 0,
    keyStart: 0,
    keyEnd: 0,
    valueStart: 0,
    valueEnd: 0,
    headersStart: 0,
  };
  let at = batch.start;
  for (let left = header.recordCount; left > 0; left--) {
    if (!readShort(bytes, at, end, record)) readAny(reader, at, end, record);
    at = record.end;
    const offset = header.baseOffset + record.offsetDelta;
    if (offset < fromOffset) continue;
    const timestampMs = logAppendTime ? header.maxTimestampMs : header.baseTimestampMs + record.timestampDelta;
    columns.add(offset, timestampMs, record.keyStart, record.keyEnd, record.valueStart, record.valueEnd, record.headersStart, at);
  }
  if (at !== end) throw new TruncatedError(`bytes are left after ${header.recordCount} records`);
}

/** Where the parts of a record are; a start of -1 is null, or no headers. */
interface RecordParts {
  end: number;
  timestampDelta: number;
  offsetDelta: number;
  keyStart: number;
  keyEnd: number;
  valueStart: number;
  valueEnd: number;
  headersStart: number;
}

/** A number of one or two bytes, of which `second` counts only where `first` says that it goes on. */
function short(first: number, second: number): number {
  const raw = first < 0x80 ? first : (second << 7) | (first & 0x7f);
  return (raw >>> 1) ^ -(raw & 1);
}

/**
 * Reads a record whose numbers have no more than two bytes each, and that has no headers, as nearly all are. False: this is
 * another one, or a broken one. What is read beyond the record's end on the way there is of no consequence.
 */
function readShort(bytes: Uint8Array, start: number, end: number, record: RecordParts): boolean {
  let at = start;
  let first = bytes[at] as number;
  let second = bytes[at + 1] as number;
  let goesOn = first & second;
  at += 1 + (first >>> 7);
  const recordEnd = at + short(first, second);
  if (recordEnd > end) return false;
  at++;
  first = bytes[at] as number;
  second = bytes[at + 1] as number;
  goesOn |= first & second;
  at += 1 + (first >>> 7);
  record.timestampDelta = short(first, second);
  first = bytes[at] as number;
  second = bytes[at + 1] as number;
  goesOn |= first & second;
  at += 1 + (first >>> 7);
  record.offsetDelta = short(first, second);
  first = bytes[at] as number;
  second = bytes[at + 1] as number;
  goesOn |= first & second;
  at += 1 + (first >>> 7);
  const keyBytes = short(first, second);
  record.keyStart = keyBytes < 0 ? -1 : at;
  if (keyBytes > 0) at += keyBytes;
  record.keyEnd = at;
  first = bytes[at] as number;
  second = bytes[at + 1] as number;
  goesOn |= first & second;
  at += 1 + (first >>> 7);
  const valueBytes = short(first, second);
  record.valueStart = valueBytes < 0 ? -1 : at;
  if (valueBytes > 0) at += valueBytes;
  record.valueEnd = at;
  record.headersStart = -1;
  record.end = recordEnd;
  return goesOn < 0x80 && at + 1 === recordEnd && bytes[at] === 0;
}

/** Reads any record; throws where it is broken. */
function readAny(reader: VarintReader, start: number, end: number, record: RecordParts): void {
  reader.reset(reader.bytes, start, end);
  const length = reader.varint();
  const recordEnd = reader.at + length;
  reader.skip(1);
  record.timestampDelta = reader.varlong();
  record.offsetDelta = reader.varint();
  record.keyStart = skipPart(reader);
  record.keyEnd = reader.at;
  record.valueStart = skipPart(reader);
  record.valueEnd = reader.at;
  const headersStart = reader.at;
  skipHeaders(reader);
  if (reader.at !== recordEnd) throw new TruncatedError(`the record at byte ${start} is not ${length} bytes long`);
  record.headersStart = recordEnd - headersStart > 1 ? headersStart : -1;
  record.end = recordEnd;
}

/** Passes over a length-prefixed part: where it begins, -1 for null. */
function skipPart(reader: VarintReader): number {
  const length = reader.varint();
  return length < 0 ? -1 : reader.skip(length);
}

/** An int64 as a double: offsets, times and producer ids stay below 2^53. */
function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 2 ** 32 + bytes.readUInt32BE(at + 4);
}

function corrupt(fetched: FetchedBytes, header: BatchHeader, what: string): SluiceError {
  const { topic, partition } = fetched;
  const offset = header.baseOffset;
  return new SluiceError("LOG_CORRUPT", `${topic}-${partition}: the record batch at offset ${offset} is broken: ${what}`, {
    coordinates: { topic, partition, offset },
  });
}
