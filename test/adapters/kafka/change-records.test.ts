import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CODEC_NAMES } from "../../../src/adapters/codecs/record-batch-format.ts";
import { encodeRecordBatch, RecordBatchWriter } from "../../../src/adapters/codecs/record-batch-writer.ts";
import { ChangeRecords } from "../../../src/adapters/kafka/change-records.ts";
import { compressionBy } from "../../../src/adapters/kafka/compress.ts";
import { decompress } from "../../../src/adapters/kafka/decompress.ts";
import { LIMITS } from "../../../src/limits.ts";
import { ChangeBatchBuilder } from "../../../src/model/change-batch-builder.ts";
import { OriginHeaderWriter } from "../../../src/model/origin-header.ts";

const ORIGIN = { pipeline: "p|é", statement: "out#1", partition: 3, generation: 12 };

const anyChange = fc.record({
  document: fc.option(fc.string({ maxLength: 400, unit: "binary" }).map((text) => JSON.stringify(text))),
  key: fc.constantFrom("none", "id", "own"),
  id: fc.string({ maxLength: 90 }),
  timestampMs: fc.integer({ min: -1, max: 8_640_000_000_000_000 }),
  offset: fc.nat({ max: 2 ** 48 }),
});

type Change = typeof anyChange extends fc.Arbitrary<infer T> ? T : never;

function recordsOf(changes: readonly Change[], rows: readonly number[]): ChangeRecords {
  const builder = new ChangeBatchBuilder();
  for (const [row, { document, key, id, timestampMs, offset }] of changes.entries()) {
    if (document !== null) builder.writer.utf8(document);
    builder.beginId();
    builder.writer.utf8(id);
    if (key === "id") builder.useIdAsKey();
    if (key === "own") {
      builder.beginKey();
      builder.writer.utf8(`key of ${id}`);
    }
    if (document === null) builder.addDelete(1, timestampMs, offset, row, null);
    else builder.addUpsert(1, timestampMs, offset, row, null);
  }
  return new ChangeRecords(builder.build(), Int32Array.from(rows), new OriginHeaderWriter(ORIGIN, "stream"));
}

describe("ChangeRecords", () => {
  it("encodes rows as any record is encoded", () => {
    fc.assert(
      fc.property(fc.array(anyChange, { minLength: 1 }), (changes) => {
        const rows = changes.flatMap((_, row) => (row % 3 === 1 ? [] : [row]));
        const writer = new RecordBatchWriter(1);
        recordsOf(changes, rows).encode(0, rows.length, writer);
        const expected = rows.map((row) => {
          const { document, key, id, timestampMs, offset } = changes[row] as Change;
          return {
            key: key === "none" ? null : Buffer.from(key === "id" ? id : `key of ${id}`),
            value: document === null ? null : Buffer.from(document),
            timestampMs,
            headers: [["sluice", Buffer.from(`s|12|3|${offset}.${row}|p%7Cé|out#1`)]] as const,
          };
        });
        expect(writer.finish(0).toString("hex")).toBe(encodeRecordBatch(0, expected).toString("hex"));
      }),
    );
  });

  it("cuts batches before they are larger than Kafka takes, with one record at least", () => {
    const sizes = [400_000, 400_000, 400_000, 1_200_000, 10, 10];
    const changes = sizes.map((size) => ({ document: `"${"x".repeat(size)}"`, key: "id" as const, id: "a", timestampMs: 0, offset: 1 }));
    const records = recordsOf(changes, [...sizes.keys()]);
    const cuts: number[] = [];
    for (let from = 0; from < records.count; ) {
      const to = records.batchEnd(from, records.count);
      const writer = new RecordBatchWriter();
      records.encode(from, to, writer);
      if (to > from + 1) expect(writer.byteLength).toBeLessThan(LIMITS.produceBatchBytesMax);
      cuts.push(to);
      from = to;
    }
    expect(cuts).toEqual([2, 3, 4, 6]);
  });

  it.each(CODEC_NAMES)("compresses with %s what is read again", (codec) => {
    const writer = new RecordBatchWriter();
    const changes = Array.from({ length: 500 }, (_, i) => ({
      document: `{"i":${i}}`,
      key: "id" as const,
      id: `d${i}`,
      timestampMs: i,
      offset: i,
    }));
    const records = recordsOf(changes, [...changes.keys()]);
    records.encode(0, records.count, writer);
    const plain = Buffer.from(writer.finish(0));
    records.encode(0, records.count, writer);
    const batch = writer.finish(0, null, compressionBy(codec));
    expect(decompress(codec, batch.subarray(61)).equals(plain.subarray(61))).toBe(true);
    expect(batch.readInt16BE(21)).toBe(CODEC_NAMES.indexOf(codec));
    if (codec !== "none") expect(batch.length).toBeLessThan(plain.length / 2);
  });
});
