import { describe, expect, it } from "vitest";
import { Distribution } from "../../../bench/sustained/measure/distribution.ts";

function distributionOf(values: Iterable<number>): Distribution {
  const distribution = new Distribution();
  for (const value of values) distribution.add(value);
  return distribution;
}

describe("distribution", () => {
  it("gives quantiles by nearest rank, whatever the order", () => {
    const distribution = distributionOf(Array.from({ length: 2_000 }, (_, i) => (i * 7) % 2_000).map((value) => value + 1));
    expect(distribution.summary()).toEqual({ count: 2_000, p50: 1_000, p99: 1_980, p999: 1_998, max: 2_000 });
  });

  it("sees what comes after a quantile was asked for", () => {
    const distribution = distributionOf([5]);
    expect(distribution.quantile(1)).toBe(5);
    distribution.add(1);
    expect([distribution.quantile(0), distribution.quantile(0.5), distribution.quantile(1)]).toEqual([1, 1, 5]);
  });

  it("has no quantile of nothing", () => {
    expect(new Distribution().quantile(0.5)).toBeNaN();
  });
});
