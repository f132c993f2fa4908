/** Kafka's variable-length integers: zigzag, seven bits a byte, lowest first. */

/** Bytes end before what they promise does: the message says what was being read. */
export class TruncatedError extends Error {}

/** Reads forward through bytes and never past `end`. Used again for other bytes by `reset`. */
export class VarintReader {
  bytes: Uint8Array;
  at: number;
  end: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  reset(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** A 32-bit integer. Short ones, which nearly all are, are taken without a loop. */
  varint(): number {
    const { bytes, at } = this;
    if (at + 1 < this.end) {
      const first = bytes[at] as number;
      if (first < 0x80) {
        this.at = at + 1;
        return (first >>> 1) ^ -(first & 1);
      }
      const second = bytes[at + 1] as number;
      if (second < 0x80) {
        this.at = at + 2;
        const raw = (second << 7) | (first & 0x7f);
        return (raw >>> 1) ^ -(raw & 1);
      }
    }
    return this.longVarint();
  }

  private longVarint(): number {
    let raw = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.next();
      raw |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
    }
    throw new TruncatedError(`a number at byte ${this.at - 5} has more than five bytes`);
  }

  /** A 64-bit integer as a double: exact up to 2^53, which no time in milliseconds exceeds. */
  varlong(): number {
    const first = this.next();
    let magnitude = (first & 0x7f) >>> 1;
    let byte = first;
    for (let count = 1, scale = 64; byte >= 0x80 && count < 10; count++, scale *= 128) {
      byte = this.next();
      magnitude += (byte & 0x7f) * scale;
    }
    if (byte < 0x80) return first & 1 ? -magnitude - 1 : magnitude;
    throw new TruncatedError(`a number at byte ${this.at - 10} has more than ten bytes`);
  }

  /** Passes over `length` bytes and gives their first position. */
  skip(length: number): number {
    const start = this.at;
    if (length < 0 || start + length > this.end) throw new TruncatedError(`${length} bytes at byte ${start} reach past the end`);
    this.at = start + length;
    return start;
  }

  private next(): number {
    if (this.at >= this.end) throw new TruncatedError(`a number is cut off at byte ${this.at}`);
    return this.bytes[this.at++] as number;
  }
}

/** Bytes that `value` takes; a safe integer. */
export function varintSize(value: number): number {
  let rest = Math.floor(magnitudeOf(value) / 64);
  let size = 1;
  while (rest > 0) {
    rest = Math.floor(rest / 128);
    size++;
  }
  return size;
}

/** Writes a safe integer at `at` and gives the position after it. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  const magnitude = magnitudeOf(value);
  let rest = Math.floor(magnitude / 64);
  let low = (magnitude - rest * 64) * 2 + (value < 0 ? 1 : 0);
  let position = at;
  while (rest > 0) {
    target[position++] = 0x80 | low;
    const quotient = Math.floor(rest / 128);
    low = rest - quotient * 128;
    rest = quotient;
  }
  target[position++] = low;
  return position;
}

/** Zigzag without its doubling, which would lose the last bit of large numbers. */
function magnitudeOf(value: number): number {
  return value < 0 ? -value - 1 : value;
}
