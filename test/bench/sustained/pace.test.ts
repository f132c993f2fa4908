import { describe, expect, it } from "vitest";
import { dueMs, paceFor, roundsDue } from "../../../bench/sustained/load/pace.ts";

describe("pace", () => {
  it.each([1, 150, 10_000, 50_000, 115_741, 1_500_000, 5_000_000])("makes exactly %i records a second", (rate) => {
    const pace = paceFor(rate, 4);
    expect(pace.roundRecords).toBe(pace.batchRecords * 4);
    expect((pace.roundRecords / pace.roundMs) * 1000).toBeCloseTo(rate, 6);
    const sent = roundsDue(pace, 60_000) * pace.roundRecords;
    expect(Math.abs(sent - rate * 60)).toBeLessThanOrEqual(pace.roundRecords);
  });

  it("keeps rounds short, and batches below what a broker takes", () => {
    expect(paceFor(115_741, 4).roundMs).toBeCloseTo(10, 0);
    expect(paceFor(50_000_000, 4).batchRecords * 250).toBeLessThanOrEqual(1_000_000);
  });

  it("has a round due from its due time on", () => {
    const pace = paceFor(115_741, 4);
    expect(roundsDue(pace, -1)).toBe(0);
    for (const round of [0, 1, 2, 10]) {
      expect(roundsDue(pace, dueMs(pace, round) + 1e-6)).toBe(round + 1);
      expect(roundsDue(pace, dueMs(pace, round + 1) - 1e-6)).toBe(round + 1);
    }
  });
});
