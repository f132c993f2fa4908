import { gzipSync, zstdCompressSync } from "node:zlib";
import { lz4Compress, snappyCompress } from "@platformatic/wasm-utils";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32c } from "../../../src/adapters/codecs/crc32c.ts";
import { BATCH_HEADER_BYTES, BatchField, CODEC_NAMES, type CodecName } from "../../../src/adapters/codecs/record-batch-format.ts";
import { walkRecordBatches } from "../../../src/adapters/codecs/record-batch-reader.ts";
import { encodeRecordBatch } from "../../../src/adapters/codecs/record-batch-writer.ts";
import { decompress } from "../../../src/adapters/kafka/decompress.ts";

const COMPRESS: Readonly<Record<CodecName, (bytes: Buffer) => Buffer>> = {
  none: (bytes) => bytes,
  gzip: (bytes) => gzipSync(bytes),
  snappy: (bytes) => snappyCompress(bytes),
  lz4: (bytes) => lz4Compress(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
};

/** In blocks, as Java's library writes it. */
function xerial(bytes: Buffer, blockBytes: number): Buffer {
  const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00, 0, 0, 0, 1, 0, 0, 0, 1]);
  const parts: Buffer[] = [header];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = snappyCompress(bytes.subarray(at, at + blockBytes));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** A batch of values `from`, `from + 1`, … whose records are compressed, and then changed by `spoil`. */
function batchOf(codec: CodecName, from: number, count: number, spoil: (records: Buffer) => void = () => undefined): Buffer {
  const plain = encodeRecordBatch(
    from,
    Array.from({ length: count }, (_, i) => ({ key: null, value: Buffer.from(`value ${from + i}`), timestampMs: 1000 })),
  );
  const records = Buffer.from(COMPRESS[codec](plain.subarray(BATCH_HEADER_BYTES)));
  spoil(records);
  const batch = Buffer.concat([plain.subarray(0, BATCH_HEADER_BYTES), records]);
  batch.writeInt32BE(batch.length - BatchField.leaderEpoch, BatchField.batchLength);
  batch.writeInt16BE(CODEC_NAMES.indexOf(codec), BatchField.attributes);
  batch.writeUInt32BE(crc32c(batch.subarray(BatchField.attributes)), BatchField.crc);
  return batch;
}

function valuesOf(bytes: Buffer): string[] {
  const { batches } = walkRecordBatches({ topic: "t", partition: 0, bytes, start: 0, end: bytes.length, fromOffset: 0, decompress });
  return batches.flatMap((slices) =>
    Array.from({ length: slices.count }, (_, i) => slices.bytes.toString("latin1", slices.valueStarts[i], slices.valueEnds[i])),
  );
}

describe("compressed record batches", () => {
  it("stand among others of any codec", () => {
    const codec = fc.constantFrom(...CODEC_NAMES);
    fc.assert(
      fc.property(fc.array(fc.tuple(codec, fc.integer({ min: 1, max: 300 })), { minLength: 1, maxLength: 6 }), (kinds) => {
        let next = 0;
        const log = kinds.map(([name, count]) => {
          next += count;
          return batchOf(name, next - count, count);
        });
        expect(valuesOf(Buffer.concat(log))).toEqual(Array.from({ length: next }, (_, i) => `value ${i}`));
      }),
      { numRuns: 50 },
    );
  });

  it.each(CODEC_NAMES)("with broken bytes under a right checksum are refused with coordinates, or give rows: %s", (codec) => {
    let refused = 0;
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const spoilt = batchOf(codec, 7, 40, (records) => {
          records[at % records.length] = (records[at % records.length] as number) ^ flip;
        });
        const log = Buffer.concat([batchOf("none", 0, 7), spoilt]);
        try {
          expect(valuesOf(log).slice(0, 7)).toEqual(Array.from({ length: 7 }, (_, i) => `value ${i}`));
        } catch (error) {
          refused++;
          expect(error).toMatchObject({ code: "LOG_CORRUPT", coordinates: { topic: "t", partition: 0, offset: 7 } });
        }
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(20);
  });
});

describe("snappy", () => {
  it("is read in Java's blocks too", () => {
    const bytes = Buffer.from("all of it, several times. ".repeat(500));
    expect(decompress("snappy", xerial(bytes, 1000)).equals(bytes)).toBe(true);
    expect(() => decompress("snappy", xerial(bytes, 1000).subarray(0, -3))).toThrow(/beyond the data/);
  });

  it("makes no room for what a length only claims", () => {
    const before = process.memoryUsage.rss();
    // 2^32 - 1, and two bytes of data.
    const claim = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61]);
    expect(() => decompress("snappy", claim)).toThrow(/4294967295 bytes when decompressed/);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 << 20);
  });
});
