import { describe, expect, it } from "vitest";
import { murmur2, partitionForKey } from "../../../src/adapters/codecs/murmur2.ts";

/** From the unit test of Kafka's own clients (UtilsTest.testMurmur2). */
const KNOWN: readonly (readonly [string, number])[] = [
  ["21", -973932308],
  ["foobar", -790332482],
  ["a-little-bit-long-string", -985981536],
  ["a-little-bit-longer-string", -1486304829],
  ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
  ["abc", 479470107],
];

describe("murmur2", () => {
  it.each(KNOWN)("of %s", (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash);
  });

  it("chooses a partition as Kafka's default partitioner does", () => {
    expect(partitionForKey(Buffer.from("21"), 12)).toBe((-973932308 & 0x7fffffff) % 12);
    const used = new Set(Array.from({ length: 100 }, (_, i) => partitionForKey(Buffer.from(`device-${i}`), 4)));
    expect(used).toEqual(new Set([0, 1, 2, 3]));
  });
});
