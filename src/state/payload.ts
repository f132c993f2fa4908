import { SluiceError } from "../errors.ts";

/** Big-endian numbers and length-prefixed bytes, growing. */
export class PayloadWriter {
  private buffer = Buffer.allocUnsafeSlow(4096);
  private used = 0;

  uint8(value: number): void {
    this.reserve(1);
    this.used = this.buffer.writeUInt8(value, this.used);
  }

  uint32(value: number): void {
    this.reserve(4);
    this.used = this.buffer.writeUInt32BE(value, this.used);
  }

  float64(value: number): void {
    this.reserve(8);
    this.used = this.buffer.writeDoubleBE(value, this.used);
  }

  /** Bytes with their length before them. */
  block(bytes: Uint8Array): void {
    this.uint32(bytes.length);
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  take(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.used));
  }

  private reserve(bytes: number): void {
    if (this.used + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.used + bytes));
    this.buffer.copy(larger, 0, 0, this.used);
    this.buffer = larger;
  }
}

/** Reads what `PayloadWriter` wrote; running over the end is STATE_CORRUPT. */
export class PayloadReader {
  private readonly buffer: Buffer;
  private at = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  uint8(): number {
    return this.buffer.readUInt8(this.advance(1));
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.advance(4));
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.advance(8));
  }

  /** A view, not a copy. */
  block(): Buffer {
    const length = this.uint32();
    const start = this.advance(length);
    return this.buffer.subarray(start, start + length);
  }

  private advance(bytes: number): number {
    const start = this.at;
    if (start + bytes > this.buffer.length) throw new SluiceError("STATE_CORRUPT", "kept state ends too early");
    this.at = start + bytes;
    return start;
  }
}
