import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameReceiver } from "../../../src/adapters/kafka/protocol/frame-receiver.ts";
import { ReceivePool } from "../../../src/adapters/kafka/protocol/receive-pool.ts";

const LARGE = 300_000;

/** An answer with its length in front. */
function frameOf(body: Uint8Array): Buffer {
  const frame = Buffer.alloc(4 + body.length);
  frame.writeInt32BE(body.length);
  frame.set(body, 4);
  return frame;
}

/** As a socket does: fills what the receiver offers, at most `pieceBytes` at a time. */
function receive(receiver: FrameReceiver, bytes: Buffer, pieceBytes: number): void {
  for (let at = 0; at < bytes.length; ) {
    const { target } = receiver;
    expect(target.length).toBeGreaterThan(0);
    const count = bytes.copy(target, 0, at, Math.min(bytes.length, at + pieceBytes));
    at += count;
    receiver.received(count);
  }
}

describe("FrameReceiver", () => {
  it("gives every answer whole, however the bytes come in", () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.nat(LARGE).map((size) => new Uint8Array(size).fill(size % 251)),
    );
    fc.assert(
      fc.property(fc.array(body, { maxLength: 12 }), fc.constantFrom(1000, 4095, 65_536, 1 << 20), (bodies, pieceBytes) => {
        const pool = new ReceivePool();
        const received: string[] = [];
        const receiver = new FrameReceiver(pool, (frame) => {
          received.push(frame.toString("latin1"));
          for (const part of pool.lend([{ bytes: frame }])) part.release();
        });
        const frames = bodies.map(frameOf);
        receive(receiver, Buffer.concat(frames), pieceBytes);
        expect(received).toEqual(frames.map((frame) => frame.toString("latin1")));
      }),
      { numRuns: 60 },
    );
  });

  it("gives answers byte by byte too", () => {
    const received: string[] = [];
    const receiver = new FrameReceiver(new ReceivePool(), (frame) => received.push(frame.toString("latin1", 4)));
    receive(receiver, Buffer.concat([frameOf(Buffer.from("one")), frameOf(Buffer.from("")), frameOf(Buffer.from("three"))]), 1);
    expect(received).toEqual(["one", "", "three"]);
  });

  it("says so where an answer cannot be that long", () => {
    const receiver = new FrameReceiver(new ReceivePool(), () => undefined);
    // The alert that a broker with TLS answers plain text with.
    expect(() => receive(receiver, Buffer.from([0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x50]), 64)).toThrow(/352518912 bytes.*tls/);
    expect(() => receive(new FrameReceiver(new ReceivePool(), () => undefined), Buffer.alloc(4, 0xff), 64)).toThrow(/-1 bytes/);
  });
});

describe("ReceivePool", () => {
  it("uses memory again when all parts of an answer are released, and not before", () => {
    const pool = new ReceivePool();
    const frame = pool.take(LARGE);
    const [first, second, empty] = pool.lend([
      { bytes: frame.subarray(10, 20) },
      { bytes: frame.subarray(20) },
      { bytes: Buffer.alloc(0) },
    ]);
    empty?.release();
    first?.release();
    expect(pool.take(LARGE).buffer).not.toBe(frame.buffer);
    second?.release();
    expect(pool.take(LARGE).buffer).toBe(frame.buffer);
    expect(pool.take(LARGE).buffer).not.toBe(frame.buffer);
  });

  it("takes the smallest memory that is large enough", () => {
    const pool = new ReceivePool();
    const frames = [3, 1, 2].map((grains) => pool.take(grains << 20));
    for (const bytes of frames) for (const part of pool.lend([{ bytes }])) part.release();
    expect(pool.take(1.5 * (1 << 20)).buffer).toBe(frames[2]?.buffer);
    expect(pool.take(1 << 20).buffer).toBe(frames[1]?.buffer);
    expect(pool.take(1 << 20).buffer).toBe(frames[0]?.buffer);
  });

  it("keeps no more than its limit", () => {
    const pool = new ReceivePool();
    const frames = Array.from({ length: 5 }, () => pool.take(10 << 20));
    for (const bytes of frames) for (const part of pool.lend([{ bytes }])) part.release();
    const again = Array.from({ length: 5 }, () => pool.take(10 << 20));
    expect(again.filter(({ buffer }) => frames.some((frame) => frame.buffer === buffer)).length).toBe(3);
  });
});
