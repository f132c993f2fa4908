import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decimalLength, writeDecimal } from "../../src/model/decimal-text.ts";

describe("decimal text", () => {
  it("is what String makes of whole numbers", () => {
    const edges = [0, 9, 10, 99_999_999, 100_000_000, 1_000_000_007, 2 ** 31, 999_999_999_999_999, 2 ** 53 - 1];
    const check = (value: number): void => {
      const target = Buffer.alloc(20, 0x78);
      const at = writeDecimal(target, 18, value);
      expect(target.toString("latin1")).toBe(`${"x".repeat(at)}${value}xx`);
      expect(decimalLength(value)).toBe(18 - at);
    };
    for (const value of edges) check(value);
    fc.assert(fc.property(fc.maxSafeNat(), fc.nat({ max: 50 }), (value, bits) => check(Math.floor(value / 2 ** bits))));
  });
});
