import { describe, expect, it } from "vitest";
import { regressions } from "./regressions.ts";
import { reportOf, runSeed } from "./run-seed.ts";

/** For how long new seeds are tried. */
const FRESH_MS = 20_000;
const MINIMUM = 20;

const only = process.env["SEED"];

describe("simulated pipelines keep the laws", () => {
  if (only !== undefined) {
    it(`seed ${only}`, async () => {
      const result = await runSeed(Number(only));
      expect(result.found, reportOf(result)).toEqual([]);
    });
    return;
  }

  it.each(regressions())("seed $seed, which found: $why", async ({ seed }) => {
    const result = await runSeed(seed);
    expect(result.found, reportOf(result)).toEqual([]);
  });

  it("in whatever seeds there is time for", { timeout: FRESH_MS * 4 }, async () => {
    const first = Math.floor(Math.random() * 2 ** 31);
    const endMs = performance.now() + FRESH_MS;
    let tried = 0;
    while (tried < MINIMUM || performance.now() < endMs) {
      const result = await runSeed(first + tried++);
      expect(result.found, reportOf(result)).toEqual([]);
    }
    expect(tried).toBeGreaterThanOrEqual(MINIMUM);
  });

  it.each(Array.from({ length: 12 }, (_, seed) => 501 + seed))(
    "while one target is dead: the others come to the end, seed %i",
    async (seed) => {
      const result = await runSeed(seed, { hasFaults: false, isFirstDead: true });
      expect(result.found, reportOf(result)).toEqual([]);
    },
  );

  it.each([1, 2, 3, 4, 5])("and do the same again: seed %i", async (seed) => {
    const [one, other, another] = [await runSeed(seed), await runSeed(seed), await runSeed(seed + 100)];
    expect(other.hash).toBe(one.hash);
    expect(other.trace).toEqual(one.trace);
    expect(another.hash).not.toBe(one.hash);
  });
});
