import { describe, expect, it } from "vitest";
import { Random } from "../../bench/data/random.ts";
import { compare, isRegression } from "../../bench/report/comparison.ts";

/** Pairs whose head is `ratio` times base, both with noise of so many per cent, from a seed. */
function pairs(count: number, ratio: number, noise: number, seed: number): [number, number][] {
  const random = new Random(seed);
  const noisy = (value: number): number => value * (1 + ((random.below(2_001) - 1_000) / 1_000) * (noise / 100));
  return Array.from({ length: count }, () => [noisy(1_000), noisy(1_000 * ratio)]);
}

describe("a comparison of two commits", () => {
  it("says faster or slower by the direction that is good", () => {
    expect(compare(pairs(10, 1.2, 3, 1), "more").verdict).toBe("faster");
    expect(compare(pairs(10, 0.8, 3, 1), "more").verdict).toBe("slower");
    expect(compare(pairs(10, 1.2, 3, 1), "less").verdict).toBe("slower");
    expect(compare(pairs(10, 0.8, 3, 1), "less").verdict).toBe("faster");
  });

  it("sees no difference in noise alone, but for about one case in twenty", () => {
    const verdicts = Array.from({ length: 200 }, (_, seed) => compare(pairs(10, 1, 10, seed), "more").verdict);
    expect(verdicts.filter((verdict) => verdict !== "no difference").length).toBeLessThan(24);
  });

  it("has the median within its interval", () => {
    const { ratio, from, to } = compare(pairs(11, 1.1, 5, 7), "more");
    expect(from).toBeLessThanOrEqual(ratio);
    expect(ratio).toBeLessThanOrEqual(to);
  });

  it("leaves one or two disturbed pairs aside, and says nothing of fewer than six", () => {
    expect(compare([...pairs(9, 1.1, 1, 1), [1_000, 300]], "more").verdict).toBe("faster");
    expect(compare(pairs(6, 0.5, 1, 1), "more").verdict).toBe("slower");
    expect(compare(pairs(5, 0.5, 1, 1), "more")).toMatchObject({ from: 0, to: Number.POSITIVE_INFINITY, verdict: "no difference" });
  });

  it("has the interval of the sign test's tables", () => {
    const ranks = (count: number) =>
      compare(
        Array.from({ length: count }, (_, index) => [1, index + 1] as const),
        "more",
      );
    expect([6, 8, 9, 10, 12, 20].map((count) => ranks(count)).map(({ from, to }) => [from, to])).toEqual([
      [1, 6],
      [1, 8],
      [2, 8],
      [2, 9],
      [3, 10],
      [6, 15],
    ]);
  });

  it("is a regression beyond the threshold only", () => {
    expect(isRegression(compare(pairs(10, 0.97, 0.5, 1), "more"), 0.05)).toBe(false);
    expect(isRegression(compare(pairs(10, 0.9, 0.5, 1), "more"), 0.05)).toBe(true);
    expect(isRegression(compare(pairs(10, 1.2, 0.5, 1), "less"), 0.05)).toBe(true);
    expect(isRegression(compare(pairs(10, 1.2, 0.5, 1), "more"), 0.05)).toBe(false);
  });
});
