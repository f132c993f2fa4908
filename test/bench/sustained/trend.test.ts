import { describe, expect, it } from "vitest";
import { isLagFlat, isMemoryFlat, type Point, slopeOf, trendOf } from "../../../bench/sustained/measure/trend.ts";

const line = (count: number, of: (x: number) => number): Point[] => Array.from({ length: count }, (_, x) => ({ x, y: of(x) }));

describe("trend", () => {
  it("finds the slope of a line", () => {
    expect(slopeOf(line(50, (x) => 3 * x + 7))).toBeCloseTo(3);
    expect(slopeOf(line(1, () => 7))).toBe(0);
  });

  it("is not bent by a burst every minute", () => {
    const trend = trendOf(line(300, (x) => (x % 60 < 3 ? 200_000 : 60_000)));
    expect(trend.slope).toBe(0);
    expect(trend.max).toBe(200_000);
    expect(isLagFlat(trend, 115_741)).toBe(true);
  });

  it("calls a lag that grows by a second of input not flat, however long it takes", () => {
    expect(isLagFlat(trendOf(line(600, (x) => 50_000 + x * 200)), 115_741)).toBe(false);
    expect(isLagFlat(trendOf(line(600, (x) => 50_000 + x * 100)), 115_741)).toBe(true);
  });

  it("calls a lag of many seconds not flat, even for a moment", () => {
    expect(isLagFlat(trendOf(line(600, (x) => (x === 300 ? 600_000 : 50_000))), 115_741)).toBe(false);
  });

  it("judges memory only after a while", () => {
    const growing = trendOf(line(300, (x) => 200 + x / 10));
    expect(isMemoryFlat(growing, 299)).toBe(false);
    expect(isMemoryFlat(trendOf(line(300, (x) => 200 + (x % 20))), 299)).toBe(true);
    expect(isMemoryFlat(growing, 60)).toBeNull();
  });
});
