import { BATCH_HEADER_BYTES, BatchField } from "../../../src/adapters/codecs/record-batch-format.ts";

export interface PlainRow {
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: string | null;
  readonly value: string | null;
  /** The header block with its count. */
  readonly headers: string;
}

/**
 * The records of one uncompressed batch as Kafka's protocol guide has them, number by number and without regard to speed; null where
 * they are broken. Bytes as latin1 text.
 */
export function plainWalk(batch: Buffer): PlainRow[] | null {
  const count = batch.readInt32BE(BatchField.recordCount);
  const baseOffset = Number(batch.readBigInt64BE(BatchField.baseOffset));
  const baseTimestampMs = Number(batch.readBigInt64BE(BatchField.baseTimestamp));
  const rows: PlainRow[] = [];
  let at = BATCH_HEADER_BYTES;

  const byte = (): number => {
    if (at >= batch.length) throw new RangeError("cut off");
    return batch[at++] as number;
  };
  // What lies beyond `bits` is dropped before the sign is unfolded, as in Kafka's own reader.
  const number = (bytesMax: number, bits: number): bigint => {
    let raw = 0n;
    for (let i = 0; i < bytesMax; i++) {
      const next = byte();
      raw |= BigInt(next & 0x7f) << BigInt(7 * i);
      if (next >= 0x80) continue;
      raw = BigInt.asUintN(bits, raw);
      return (raw >> 1n) ^ -(raw & 1n);
    }
    throw new RangeError("too long a number");
  };
  const integer = (): number => Number(number(5, 32));
  const part = (): string | null => {
    const length = integer();
    if (length < 0) return null;
    if (at + length > batch.length) throw new RangeError("cut off");
    at += length;
    return batch.toString("latin1", at - length, at);
  };

  try {
    for (let i = 0; i < count; i++) {
      const length = integer();
      const start = at;
      byte();
      const timestampDelta = Number(number(10, 64));
      const offsetDelta = integer();
      const key = part();
      const value = part();
      const headersStart = at;
      const headers = integer();
      if (headers < 0) return null;
      for (let h = 0; h < headers; h++) {
        if (part() === null) return null;
        part();
      }
      if (at - start !== length) return null;
      const block = batch.toString("latin1", headersStart, at);
      rows.push({ offset: baseOffset + offsetDelta, timestampMs: baseTimestampMs + timestampDelta, key, value, headers: block });
    }
  } catch {
    return null;
  }
  return at === batch.length ? rows : null;
}
