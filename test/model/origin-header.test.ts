import { describe, expect, it } from "vitest";
import { OriginHeaderWriter, readOriginHeader } from "../../src/model/origin-header.ts";
import { decodeHeaders, encodeHeaders } from "../../src/model/record-headers.ts";

const origin = { pipeline: "temps.a|b%7C", statement: 'elastic."x|y"#1', partition: 3, generation: 42 };

describe("origin header", () => {
  it("says who wrote a record of a stream, and where it stands", () => {
    const writer = new OriginHeaderWriter(origin, "stream");
    writer.write(1, 1, 1);
    writer.write(9, 2 ** 52 - 1, 9);
    writer.write(9, 2 ** 52, 7);
    const block = writer.block.subarray(0, writer.length);
    expect(decodeHeaders(block, 0, block.length).map(([name, value]) => [name, value?.toString()])).toEqual([
      ["sluice", 's|42|3|4503599627370496.7|temps.a%7Cb%257C|elastic."x|y"#1'],
    ]);
    expect(readOriginHeader(block, 0, block.length)).toEqual({
      ...origin,
      place: { kind: "position", causeOffset: 2 ** 52, causeOrdinal: 7 },
    });
  });

  it("carries the version in a table", () => {
    const writer = new OriginHeaderWriter(origin, "table");
    writer.write(1_700_000_000_000_001, 1, 0);
    const block = writer.block.subarray(0, writer.length);
    expect(readOriginHeader(block, 0, block.length)).toEqual({ ...origin, place: { kind: "version", version: 1_700_000_000_000_001 } });
  });

  it("is not made of other people's headers", () => {
    const read = (value: string | null) => {
      const block = encodeHeaders([["sluice", value === null ? null : Buffer.from(value)]]);
      return readOriginHeader(block, 0, block.length);
    };
    expect([read(null), read(""), read("s|1|2|3|p|s"), read("t|1|2|x|p|s"), read("s|1|2|3.4|p")]).toEqual(Array(5).fill(null));
    expect(readOriginHeader(Buffer.alloc(0), -1, -1)).toBeNull();
  });
});
