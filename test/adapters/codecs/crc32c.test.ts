import { crc32c as portable } from "@platformatic/wasm-utils";
import fc from "fast-check";
import { expect, it } from "vitest";
import { crc32c } from "../../../src/adapters/codecs/crc32c.ts";

it("gives the check value of the Castagnoli polynomial", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
});

it("gives the same by either implementation, at any place in a buffer", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.nat(300), (bytes, start) => {
      const view = bytes.subarray(Math.min(start, bytes.length));
      expect(crc32c(view)).toBe(portable(view));
    }),
    { numRuns: 500 },
  );
});
