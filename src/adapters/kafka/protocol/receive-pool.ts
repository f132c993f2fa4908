import { LIMITS } from "../../../limits.ts";

/** Smaller answers are left to the garbage collector. */
const POOLED_BYTES_MIN = 64 * 1024;

/** Memory is made in multiples of this, so that answers of nearly the same size find each other's. */
const GRAIN_BYTES = 256 * 1024;

/** Memory that large answers are received in, again and again: new memory for each would cost more than reading it. */
export class ReceivePool {
  private readonly spare: ArrayBuffer[] = [];
  private spareBytes = 0;
  /** What is in use, and by how many. What nobody gives back is collected with its last view. */
  private readonly users = new WeakMap<ArrayBufferLike, number>();

  /** Bytes of any content. */
  take(bytes: number): Buffer {
    if (bytes < POOLED_BYTES_MIN) return Buffer.allocUnsafeSlow(bytes);
    const memory = this.takeSpare(bytes) ?? new ArrayBuffer(Math.ceil(bytes / GRAIN_BYTES) * GRAIN_BYTES);
    this.users.set(memory, 1);
    return Buffer.from(memory, 0, bytes);
  }

  /** The parts of one answer, each of which uses the answer's memory until it is released, once. */
  lend<Part extends { readonly bytes: Buffer }>(parts: readonly Part[]): readonly (Part & { release(): void })[] {
    const users = parts.filter(({ bytes }) => bytes.length > 0).length;
    for (const { bytes } of parts) if (this.users.has(bytes.buffer)) this.users.set(bytes.buffer, users);
    return parts.map((part) => ({ ...part, release: () => this.giveBack(part.bytes.buffer) }));
  }

  private giveBack(memory: ArrayBufferLike): void {
    const users = this.users.get(memory);
    if (users === undefined || !(memory instanceof ArrayBuffer)) return;
    if (users > 1) {
      this.users.set(memory, users - 1);
      return;
    }
    this.users.delete(memory);
    if (this.spareBytes + memory.byteLength > LIMITS.receiveSpareBytesMax) return;
    this.spare.push(memory);
    this.spareBytes += memory.byteLength;
  }

  /** The smallest that is large enough; of several the one used last, which may still be in the processor's cache. */
  private takeSpare(bytes: number): ArrayBuffer | undefined {
    let found = -1;
    for (let i = this.spare.length - 1; i >= 0; i--) {
      const size = (this.spare[i] as ArrayBuffer).byteLength;
      if (size >= bytes && (found < 0 || size < (this.spare[found] as ArrayBuffer).byteLength)) found = i;
    }
    if (found < 0) return undefined;
    const [memory] = this.spare.splice(found, 1) as [ArrayBuffer];
    this.spareBytes -= memory.byteLength;
    return memory;
  }
}
