import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { spreadPartitions } from "../../src/runtime/owners/spread-partitions.ts";
import { SeededRandom, seeds } from "../property/random.ts";

describe("partitions over threads", () => {
  it("go round without a past", () => {
    expect(spreadPartitions([0, 1, 2, 3, 4], 2, new Map())).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
  });

  it("may leave threads without any", () => {
    expect(spreadPartitions([3], 3, new Map())).toEqual([[3], [], []]);
  });

  it("forget threads that there are no more", () => {
    expect(spreadPartitions([0, 1], 1, new Map([[0, 3]]))).toEqual([[0, 1]]);
  });

  it.each(seeds([], 20))("are shared out evenly, once each, and move no further than that needs: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    const homes = new Map<number, number>();
    const threads = 1 + random.below(5);
    for (let round = 0; round < 20; round++) {
      const partitions = [...Array(24).keys()].filter(() => random.chance(0.6));
      const shares = spreadPartitions(partitions, threads, homes);
      expect(shares.flat().toSorted((a, b) => a - b)).toEqual(partitions);
      const sizes = shares.map(({ length }) => length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      const stayed = shares.flatMap((share, thread) => share.filter((partition) => homes.get(partition) === thread)).length;
      expect(stayed).toBe(mostThatCanStay(partitions, threads, homes));
      for (const [thread, share] of shares.entries()) for (const partition of share) homes.set(partition, thread);
    }
  });
});

/** No thread keeps more than its share, and only so many have one more than the others. */
function mostThatCanStay(partitions: readonly number[], threads: number, homes: ReadonlyMap<number, number>): number {
  const atLeast = Math.floor(partitions.length / threads);
  const wanted = Array.from({ length: threads }, (_, thread) => partitions.filter((partition) => homes.get(partition) === thread).length);
  const overfull = wanted.filter((count) => count > atLeast).length;
  const base = wanted.reduce((sum, count) => sum + Math.min(count, atLeast), 0);
  return base + Math.min(overfull, must(partitions.length % threads));
}
