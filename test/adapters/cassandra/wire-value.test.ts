import fc from "fast-check";
import { expect, it } from "vitest";
import { parseCqlType } from "../../../src/adapters/cassandra/cql-type.ts";
import { toWire } from "../../../src/adapters/cassandra/to-cql-value.ts";
import { int64Bytes } from "../../../src/adapters/cassandra/wire-value.ts";

it("writes 64-bit integers, highest byte first", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      const expected = Buffer.alloc(8);
      expected.writeBigInt64BE(BigInt(value));
      expect(int64Bytes(value)).toEqual(expected);
      expect(int64Bytes(value)).toEqual(int64Bytes(BigInt(value)));
    }),
  );
});

it("reads instants as they are written by us and by others", () => {
  const convert = toWire(parseCqlType("timestamp"));
  fc.assert(
    fc.property(
      fc.date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true }),
      (date) => {
        expect(convert(date.toISOString())).toEqual(int64Bytes(date.getTime()));
      },
    ),
  );
  const bad = ["2023-02-29", "2023-13-01", "2023-00-10", "2023-04-31", "2023-01-00"].map((day) => `${day}T00:00:00.000Z`);
  for (const text of [
    ...bad,
    "2023-01-01T24:00:00.000Z",
    "2023-01-01T00:60:00.000Z",
    "2023-01-01T00:00:0x.000Z",
    "2023-01-01T00:00:00.00xZ",
  ]) {
    expect(() => convert(text), text).toThrow("does not fit");
  }
});
