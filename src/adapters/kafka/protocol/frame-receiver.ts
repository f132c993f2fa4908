import { LIMITS } from "../../../limits.ts";
import type { ReceivePool } from "./receive-pool.ts";

const LENGTH_BYTES = 4;

/** Enough for the answers that are not fetches; of a fetch so much is received in front of its memory and copied. */
const HEAD_BYTES = 4096;

/**
 * Cuts what a broker sends into its answers, each with its length in front. Of a large answer, the memory is taken as soon as
 * the length is known, and the rest received straight into it.
 */
export class FrameReceiver {
  private readonly pool: ReceivePool;
  private readonly onFrame: (frame: Buffer) => void;
  private readonly head = Buffer.allocUnsafeSlow(HEAD_BYTES);
  private headBytes = 0;
  /** The answer that has begun and not ended. */
  private frame: Buffer | null = null;
  private frameBytes = 0;

  constructor(pool: ReceivePool, onFrame: (frame: Buffer) => void) {
    this.pool = pool;
    this.onFrame = onFrame;
  }

  /** Where the next bytes are to be put, as many as fit; never empty. */
  get target(): Buffer {
    return this.frame === null ? this.head.subarray(this.headBytes) : this.frame.subarray(this.frameBytes);
  }

  /** `count` bytes have been put into `target`. Throws where an answer cannot be as long as it says. */
  received(count: number): void {
    if (this.frame === null) {
      this.headBytes += count;
      this.cutHead();
      return;
    }
    this.frameBytes += count;
    if (this.frameBytes < this.frame.length) return;
    const { frame } = this;
    this.frame = null;
    this.onFrame(frame);
  }

  private cutHead(): void {
    let at = 0;
    while (this.headBytes - at >= LENGTH_BYTES) {
      const frame = this.pool.take(LENGTH_BYTES + this.lengthAt(at));
      const there = this.head.copy(frame, 0, at, this.headBytes);
      if (there < frame.length) {
        this.frame = frame;
        this.frameBytes = there;
        this.headBytes = 0;
        return;
      }
      at += there;
      this.onFrame(frame);
    }
    this.head.copyWithin(0, at, this.headBytes);
    this.headBytes -= at;
  }

  private lengthAt(at: number): number {
    const length = this.head.readInt32BE(at);
    if (length >= 0 && length <= LIMITS.answerBytesMax) return length;
    throw new RangeError(`an answer of ${length} bytes, which no Kafka broker gives: is it one, and does it expect tls?`);
  }
}
