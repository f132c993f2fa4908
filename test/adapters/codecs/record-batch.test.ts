import { gunzipSync, gzipSync } from "node:zlib";
import { crc32c } from "@platformatic/wasm-utils";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Attribute, BATCH_HEADER_BYTES, BatchField } from "../../../src/adapters/codecs/record-batch-format.ts";
import { type FetchedBytes, walkRecordBatches } from "../../../src/adapters/codecs/record-batch-reader.ts";
import { encodeRecordBatch } from "../../../src/adapters/codecs/record-batch-writer.ts";
import { SlicesBuilder } from "../../../src/adapters/codecs/slices-builder.ts";
import { SluiceError } from "../../../src/errors.ts";
import { decodeHeaders, encodeHeaders, HeaderFinder } from "../../../src/model/record-headers.ts";
import type { RecordSlices } from "../../../src/model/record-slices.ts";
import type { RawRecord } from "../../../src/ports/source.ts";
import { type PlainRow, plainWalk } from "./plain-walk.ts";

interface Row extends RawRecord {
  readonly offset: number;
}

function rowsOf(batches: readonly RecordSlices[]): Row[] {
  return batches.flatMap((slices) =>
    Array.from({ length: slices.count }, (_, i) => ({
      offset: slices.offsets[i] as number,
      timestampMs: slices.timestampsMs[i] as number,
      key: part(slices, slices.keyStarts, slices.keyEnds, i),
      value: part(slices, slices.valueStarts, slices.valueEnds, i),
      headers: decodeHeaders(slices.bytes, slices.headerStarts[i] as number, slices.headerEnds[i] as number) as Row["headers"] & {},
    })),
  );
}

function part(slices: RecordSlices, starts: Int32Array, ends: Int32Array, i: number): Buffer | null {
  return (starts[i] as number) < 0 ? null : slices.bytes.subarray(starts[i], ends[i]);
}

/** As `plainWalk` gives them. */
function plainRows(slices: RecordSlices): PlainRow[] {
  const latin1 = (starts: Int32Array, ends: Int32Array, i: number): string | null =>
    part(slices, starts, ends, i)?.toString("latin1") ?? null;
  return Array.from({ length: slices.count }, (_, i) => ({
    offset: slices.offsets[i] as number,
    timestampMs: slices.timestampsMs[i] as number,
    key: latin1(slices.keyStarts, slices.keyEnds, i),
    value: latin1(slices.valueStarts, slices.valueEnds, i),
    headers: latin1(slices.headerStarts, slices.headerEnds, i) ?? "\0",
  }));
}

function fetched(bytes: Buffer, more: Partial<FetchedBytes> = {}): FetchedBytes {
  return { topic: "t", partition: 3, bytes, start: 0, end: bytes.length, fromOffset: 0, ...more };
}

/** Sets the checksum right again after bytes were changed on purpose. */
function sealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch.subarray(BatchField.attributes)), BatchField.crc);
  return batch;
}

const text = (value: string | null): Buffer | null => (value === null ? null : Buffer.from(value));
const record = (value: string, timestampMs = 1000): RawRecord => ({ key: null, value: text(value), timestampMs, headers: [] });
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const anyRecord: fc.Arbitrary<RawRecord> = fc.record({
  key: fc.option(bytes),
  value: fc.option(bytes),
  timestampMs: fc.integer({ min: -1, max: 8_640_000_000_000_000 }),
  headers: fc.array(fc.tuple(fc.string({ maxLength: 10 }), bytes), { maxLength: 3 }),
});

/** Offset 0, time 1700000000000, key "k", value "v", header h=x, as laid down in Kafka's protocol guide, byte by byte. */
const KNOWN = Buffer.from(
  [
    "0000000000000000",
    "00000041",
    "00000000",
    "02",
    "00000000",
    "0000",
    "00000000",
    "0000018bcfe56800",
    "0000018bcfe56800",
    "ffffffffffffffff",
    "ffff",
    "ffffffff",
    "00000001",
    "1e",
    "00",
    "00",
    "00",
    "02",
    "6b",
    "02",
    "76",
    "02",
    "02",
    "68",
    "02",
    "78",
  ].join(""),
  "hex",
);

describe("record batches", () => {
  it("have the layout of Kafka's protocol guide", () => {
    const records: RawRecord[] = [{ key: text("k"), value: text("v"), timestampMs: 1_700_000_000_000, headers: [["h", Buffer.from("x")]] }];
    const known = Buffer.from(KNOWN);
    known.writeInt32BE(known.length - 12, BatchField.batchLength);
    known[61] = (known.length - 62) * 2;
    expect(encodeRecordBatch(0, records).toString("hex")).toBe(sealed(known).toString("hex"));
  });

  it("come back as they were written, in any number, from any offset, in any cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyRecord, { minLength: 1, maxLength: 20 }), { maxLength: 5 }),
        fc.nat(60),
        fc.integer({ min: 1, max: 30 }),
        (groups, fromOffset, rowsMax) => {
          let offset = 10;
          const expected: Row[] = [];
          const log = groups.map((records) => {
            const batch = encodeRecordBatch(offset, records);
            expected.push(...records.map((one, i) => ({ ...one, offset: offset + i })));
            offset += records.length;
            return batch;
          });
          const walked = walkRecordBatches(fetched(Buffer.concat(log), { fromOffset, rowsMax }));
          expect(rowsOf(walked.batches)).toEqual(expected.filter((row) => row.offset >= fromOffset));
          expect(walked.nextOffset).toBe(groups.length === 0 ? fromOffset : Math.max(fromOffset, offset));
          for (const slices of walked.batches) expect(slices.count).toBeLessThanOrEqual(rowsMax);
          const cuts = walked.batches.map((slices) => slices.nextOffset);
          expect(cuts.at(-1) ?? walked.nextOffset).toBe(walked.nextOffset);
        },
      ),
    );
  });

  it("leave out a batch that is cut off at the end", () => {
    const whole = encodeRecordBatch(0, [record("a"), record("b")]);
    const cut = encodeRecordBatch(2, [record("c")]);
    for (let length = 0; length < cut.length; length++) {
      const walked = walkRecordBatches(fetched(Buffer.concat([whole, cut.subarray(0, length)])));
      expect(rowsOf(walked.batches).map((row) => row.value?.toString())).toEqual(["a", "b"]);
      expect(walked.nextOffset).toBe(2);
    }
  });

  it("mark the last batch that was read by base offset, time and checksum", () => {
    const first = encodeRecordBatch(0, [record("a", 5), record("b", 9)]);
    const second = encodeRecordBatch(2, [record("c", 7)]);
    const log = Buffer.concat([first, second]);
    expect(walkRecordBatches(fetched(log)).batches[0]?.mark).toEqual({
      offset: 2,
      timestampMs: 7,
      checksum: second.readUInt32BE(BatchField.crc),
    });
    const cut = walkRecordBatches(fetched(log, { rowsMax: 2 }));
    expect(cut.batches.map((slices) => slices.mark?.offset)).toEqual([0, 2]);
  });

  it("never give a broken batch, nor fail with another error", () => {
    const log = encodeRecordBatch(0, [record("one"), { ...record("two"), headers: [["h", Buffer.from("x")]] }, record("three")]);
    fc.assert(
      fc.property(fc.nat(log.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, flip, seal) => {
        const broken = Buffer.from(log);
        broken[at] = (broken[at] as number) ^ flip;
        if (seal) sealed(broken);
        try {
          const { batches } = walkRecordBatches(fetched(broken));
          const intact = at < BatchField.magic || seal;
          if (!intact && batches.length > 0) expect.fail(`byte ${at} was flipped and nobody noticed`);
        } catch (error) {
          expect(error).toBeInstanceOf(SluiceError);
          expect((error as SluiceError).code).toBe("LOG_CORRUPT");
          expect((error as SluiceError).coordinates).toMatchObject({ topic: "t", partition: 3 });
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("are taken, or refused, as a reading number by number takes or refuses them, whatever their bytes are", () => {
    let [taken, refused] = [0, 0];
    // Lengths and deltas of one, two and three bytes, and changes at the places where numbers stand.
    const size = fc.oneof(fc.nat(70), fc.integer({ min: 8100, max: 8300 }));
    const filled = fc.tuple(size, fc.constantFrom(0, 0, 1, 0x80)).map(([length, fill]) => Buffer.alloc(length, fill));
    const one = fc.record({
      key: fc.option(filled),
      value: fc.option(filled),
      timestampMs: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.nat(1e13)),
      headers: fc.array(fc.tuple(fc.string({ maxLength: 3 }), bytes), { maxLength: 1 }),
    });
    // a length of five bytes, of which the last has bits beyond the 32nd
    const endless = {
      key: null,
      value: null,
      timestampMs: 0,
      headers: [["", Buffer.from([128, 128, 128, 48])] as [string, Buffer<ArrayBuffer>]],
    };
    const regression: [(typeof endless)[], { at: number; value: number }[], number] = [[endless], [{ at: 612502610, value: 129 }], 0];
    const change = fc.record({ at: fc.nat(), value: fc.oneof(fc.nat(3), fc.constantFrom(0x7f, 0x80, 0x81, 0xfe, 0xff), fc.nat(255)) });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 6 }), fc.array(change, { maxLength: 2 }), fc.nat(3), (records, changes, cut) => {
        const whole = encodeRecordBatch(5, records);
        const batch = Buffer.from(whole.subarray(0, whole.length - cut));
        batch.writeInt32BE(batch.length - 12, BatchField.batchLength);
        for (const { at, value } of changes) {
          const recordsBytes = batch.length - BATCH_HEADER_BYTES;
          const near = Math.floor(at / 3) % Math.min(12, recordsBytes);
          const place = [Math.floor(at / 3) % recordsBytes, near, recordsBytes - 1 - near][at % 3] as number;
          batch[BATCH_HEADER_BYTES + place] = value;
        }
        const expected = plainWalk(sealed(batch));
        // Somewhere in more bytes, so that reading on beyond the batch would find some.
        const around = Buffer.concat([Buffer.alloc(9, 0x01), batch, Buffer.alloc(9, 0x01)]);
        const walk = () => walkRecordBatches(fetched(around, { start: 9, end: 9 + batch.length, fromOffset: -1e15 }));
        if (expected === null) {
          refused++;
          expect(walk).toThrow(expect.objectContaining({ code: "LOG_CORRUPT" }));
          return;
        }
        taken++;
        expect(walk().batches.flatMap(plainRows)).toEqual(expected);
      }),
      { numRuns: 3000, examples: [regression] },
    );
    expect([taken > 500, refused > 500]).toEqual([true, true]);
  });

  it("take the broker's time where the topic says so", () => {
    const batch = encodeRecordBatch(0, [record("a", 5), record("b", 9)]);
    batch.writeInt16BE(Attribute.logAppendTime, BatchField.attributes);
    expect(rowsOf(walkRecordBatches(fetched(sealed(batch))).batches).map((row) => row.timestampMs)).toEqual([9, 9]);
  });

  it("pass over control batches and transactions that were given up", () => {
    const batch = (offset: number, producerId: number, attributes: number, value: string): Buffer => {
      const made = encodeRecordBatch(offset, [record(value)]);
      made.writeBigInt64BE(BigInt(producerId), BatchField.producerId);
      made.writeInt16BE(attributes, BatchField.attributes);
      return sealed(made);
    };
    const { transactional, control } = Attribute;
    const log = Buffer.concat([
      batch(0, 7, transactional, "given up"),
      batch(1, 8, transactional, "committed"),
      batch(2, -1, 0, "plain"),
      batch(3, 7, transactional | control, "abort marker"),
      batch(4, 7, transactional, "second transaction"),
      batch(5, 7, transactional | control, "commit marker"),
    ]);
    const walked = walkRecordBatches(fetched(log, { abortedTransactions: [{ producerId: 7, firstOffset: 0 }] }));
    expect(rowsOf(walked.batches).map((row) => row.value?.toString())).toEqual(["committed", "plain", "second transaction"]);
    expect(walked.nextOffset).toBe(6);
  });

  it("are decompressed by what the caller gives, and refused without it", () => {
    const plain = encodeRecordBatch(0, [record("a"), record("b")]);
    const packed = Buffer.concat([plain.subarray(0, 61), gzipSync(plain.subarray(61))]);
    packed.writeInt32BE(packed.length - 12, BatchField.batchLength);
    packed.writeInt16BE(1, BatchField.attributes);
    const log = Buffer.concat([sealed(packed), encodeRecordBatch(2, [record("c")])]);
    const walked = walkRecordBatches(fetched(log, { decompress: (codec, data) => (codec === "gzip" ? gunzipSync(data) : data) }));
    expect(rowsOf(walked.batches).map((row) => row.value?.toString())).toEqual(["a", "b", "c"]);
    expect(() => walkRecordBatches(fetched(log))).toThrow(/compressed with gzip/);
  });
});

describe("SlicesBuilder", () => {
  it("copies objects into the same slices", () => {
    fc.assert(
      fc.property(fc.array(anyRecord), (records) => {
        const builder = new SlicesBuilder("t", 3, 7);
        records.forEach((one, i) => {
          const headers = one.headers?.length === 0 ? null : encodeHeaders(one.headers ?? []);
          builder.append(i * 2, one.timestampMs, one.key, one.value, headers);
        });
        const batches = builder.build(records.length * 2);
        expect(rowsOf(batches)).toEqual(records.map((one, i) => ({ ...one, offset: i * 2 })));
        expect(builder.count).toBe(0);
      }),
    );
  });
});

describe("HeaderFinder", () => {
  it("finds the last header of a name", () => {
    const block = encodeHeaders([
      ["other", Buffer.from("1")],
      ["sluice", Buffer.from("first")],
      ["sluic", Buffer.from("2")],
      ["sluice", Buffer.from("last")],
      ["empty", null],
    ]);
    const finder = new HeaderFinder("sluice");
    expect(finder.find(block, 0, block.length)).toBe(true);
    expect(block.toString("utf8", finder.valueStart, finder.valueEnd)).toBe("last");
    expect(finder.find(block, -1, -1)).toBe(false);
    expect(new HeaderFinder("none").find(block, 0, block.length)).toBe(false);
    const empty = new HeaderFinder("empty");
    expect(empty.find(block, 0, block.length)).toBe(true);
    expect(empty.valueStart).toBe(-1);
  });
});
