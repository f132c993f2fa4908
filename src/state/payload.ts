import { SluiceError } from "../errors.ts";
import { copyBytes } from "../model/copy-bytes.ts";

/** Little-endian numbers and bytes, growing. */
export class PayloadWriter {
  private buffer: Buffer;
  private view: DataView;
  private used = 0;

  constructor(initialBytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(initialBytes);
    this.view = viewOf(this.buffer);
  }

  uint8(value: number): void {
    this.reserve(1);
    this.buffer[this.used++] = value;
  }

  uint32(value: number): void {
    this.reserve(4);
    this.view.setUint32(this.used, value, true);
    this.used += 4;
  }

  float64(value: number): void {
    this.reserve(8);
    this.view.setFloat64(this.used, value, true);
    this.used += 8;
  }

  /** Records [at, at + length) of an array. */
  float64s(values: Float64Array, at: number, length: number): void {
    this.reserve(length * 8);
    const { view } = this;
    let { used } = this;
    for (let i = at; i < at + length; i++, used += 8) view.setFloat64(used, values[i] as number, true);
    this.used = used;
  }

  /** Room for so many bytes, which `write` fills from the given place on. */
  bytes(length: number, write: (target: Uint8Array, at: number) => void): void {
    this.reserve(length);
    write(this.buffer, this.used);
    this.used += length;
  }

  /** A copy of `[start, end)` of `source`. */
  copy(source: DataView, start: number, end: number): void {
    this.reserve(end - start);
    this.used = copyBytes(this.view, this.used, source, start, end);
  }

  /** What was written. The writer is not used again. */
  take(): Buffer {
    return this.buffer.subarray(0, this.used);
  }

  private reserve(bytes: number): void {
    if (this.used + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.used + bytes));
    this.buffer.copy(larger, 0, 0, this.used);
    this.buffer = larger;
    this.view = viewOf(larger);
  }
}

/** Reads what `PayloadWriter` wrote; running over the end is STATE_CORRUPT. */
export class PayloadReader {
  private readonly buffer: Buffer;
  private readonly view: DataView;
  private at = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
    this.view = viewOf(buffer);
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  float64(): number {
    return this.view.getFloat64(this.advance(8), true);
  }

  float64s(values: Float64Array, at: number, length: number): void {
    let from = this.advance(length * 8);
    for (let i = at; i < at + length; i++, from += 8) values[i] = this.view.getFloat64(from, true);
  }

  get isAtEnd(): boolean {
    return this.at === this.buffer.length;
  }

  /** A view, not a copy. */
  bytes(length: number): Buffer {
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

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Several payloads as one. */
export function joinPayloads(parts: readonly Buffer[]): Buffer {
  const writer = new PayloadWriter(parts.reduce((sum, part) => sum + part.length + 4, 0));
  for (const part of parts) {
    writer.uint32(part.length);
    writer.bytes(part.length, (target, at) => target.set(part, at));
  }
  return writer.take();
}

/** The same back. */
export function splitPayload(payload: Buffer): readonly Buffer[] {
  const reader = new PayloadReader(payload);
  const parts: Buffer[] = [];
  while (!reader.isAtEnd) parts.push(reader.bytes(reader.uint32()));
  return parts;
}
