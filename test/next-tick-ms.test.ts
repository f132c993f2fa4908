import { expect, it } from "vitest";
import { nextTickMs } from "../src/next-tick-ms.ts";

it("ends at the next multiple of the period, or at the one behind it where that is too near", () => {
  expect([0, 1, 4_000, 4_750, 4_751, 12_500].map((nowMs) => nowMs + nextTickMs(nowMs, 5_000))).toEqual([
    5_000, 5_000, 5_000, 5_000, 10_000, 15_000,
  ]);
});
