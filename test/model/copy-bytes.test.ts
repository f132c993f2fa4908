import { describe, expect, it } from "vitest";
import { copyBytes, dataViewOf } from "../../src/model/copy-bytes.ts";

describe("copyBytes", () => {
  it("copies pieces of every length to every place, and nothing beside them", () => {
    const source = Buffer.from(Array.from({ length: 700 }, (_, i) => (i * 37 + 11) & 0xff));
    const inside = source.subarray(3);
    for (let length = 0; length <= 600; length++) {
      const start = length % 13;
      const at = length % 7;
      const target = Buffer.alloc(length + 20, 0xee).subarray(5);
      const expected = Buffer.from(target);
      expected.set(inside.subarray(start, start + length), at);
      expect(copyBytes(dataViewOf(target), at, dataViewOf(inside), start, start + length)).toBe(at + length);
      expect(target.equals(expected), `${length} bytes`).toBe(true);
    }
  });
});
