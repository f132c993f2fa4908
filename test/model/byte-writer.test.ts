import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../src/model/byte-writer.ts";

function written(write: (writer: ByteWriter) => void): string {
  const writer = new ByteWriter(1);
  write(writer);
  return writer.take().toString("utf8");
}

describe("ByteWriter", () => {
  it("writes numbers as JSON.stringify does", () => {
    const edges = [0, -0, 1, -1, 9, 10, 99, 100, 1e15, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 1e21, 1e-7, 0.1, NaN, Infinity, 5e-324];
    for (const value of edges) expect(written((writer) => writer.number(value))).toBe(JSON.stringify(value));
    fc.assert(fc.property(fc.double(), (value) => written((writer) => writer.number(value)) === JSON.stringify(value)));
    const decimals = fc.tuple(fc.integer(), fc.constantFrom(1, 10, 100, 1000)).map(([digits, power]) => digits / power);
    fc.assert(fc.property(decimals, (value) => written((writer) => writer.number(value)) === JSON.stringify(value)));
    fc.assert(fc.property(fc.maxSafeInteger(), (value) => written((writer) => writer.number(value)) === String(value)));
  });

  it("writes strings as JSON.stringify does, lone surrogates too", () => {
    for (const text of ["", 'a"b\\c\n\u0001\u007f', "café", "\ud800", "x".repeat(5000), "é".repeat(5000), "😀"]) {
      expect(written((writer) => writer.jsonString(text))).toBe(JSON.stringify(text));
    }
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const bytes = Buffer.from(text);
        expect(written((writer) => writer.jsonString(text))).toBe(JSON.stringify(text));
        expect(written((writer) => writer.jsonStringFromUtf8(bytes, 0, bytes.length))).toBe(JSON.stringify(text));
      }),
    );
  });

  it("writes times as Date does, in all years", () => {
    const edges = [
      0, -1, 951_782_399_999, 951_782_400_000, -62_167_219_200_000, -62_167_219_200_001, 253_402_300_799_999, 253_402_300_800_000,
    ];
    for (const ms of [...edges, 8.64e15, 8.65e15, NaN]) {
      expect(written((writer) => writer.timestamp(ms))).toBe(JSON.stringify(new Date(ms)));
    }
    fc.assert(
      fc.property(fc.integer({ min: -70_000_000_000_000, max: 260_000_000_000_000 }), (ms) => {
        expect(written((writer) => writer.timestamp(ms))).toBe(JSON.stringify(new Date(ms)));
      }),
      { numRuns: 2000 },
    );
  });

  it("puts pieces one after the other, whatever their length", () => {
    const piece = fc.oneof(fc.string({ unit: "grapheme", maxLength: 100 }), fc.string({ unit: "grapheme-ascii", maxLength: 100 }));
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = written((writer) => {
          for (const part of pieces) {
            writer.utf8(part);
            const bytes = Buffer.from(`<${part}>`);
            writer.bytes(bytes, 1, bytes.length - 1);
          }
        });
        expect(text).toBe(pieces.map((part) => part + part).join(""));
      }),
    );
  });

  it("hands over what it wrote and starts again", () => {
    const writer = new ByteWriter();
    writer.ascii("first");
    const first = writer.take();
    writer.ascii("2nd");
    expect(writer.length).toBe(3);
    writer.truncate(1);
    writer.byte(0x21);
    expect(writer.view().toString()).toBe("2!");
    writer.reset();
    expect(writer.length).toBe(0);
    expect(first.toString()).toBe("first");
    expect(first.buffer.byteLength).toBe(5);
  });
});
