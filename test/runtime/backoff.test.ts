import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { LIMITS } from "../../src/limits.ts";
import type { Random } from "../../src/ports/random.ts";
import { backOff } from "../../src/runtime/backoff.ts";
import { SeededRandom } from "../property/random.ts";
import { SteppedClock } from "../support/stepped-clock.ts";

const INTERVAL_MS = 100;
const ATTEMPTS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 30, 5000];
const NEVER = new AbortController().signal;
/** Of each attempt, without jitter. */
const GROWN_MS = [100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, ...Array<number>(5).fill(LIMITS.backoffMsMax)];

/** Pauses that it asks the clock for, by attempt. */
async function pausesMs(random: Random, atLeastMs: number | null = null): Promise<number[]> {
  const asked: number[] = [];
  const clock = { now: () => 0, monotonic: () => 0, sleep: async (ms: number) => void asked.push(ms) };
  for (const attempt of ATTEMPTS) await backOff(attempt, INTERVAL_MS, atLeastMs, { clock, random }, NEVER);
  return asked;
}

const always = (value: number): Random => ({ next: () => value });

describe("the pause before another try", () => {
  it("doubles with every try up to its limit, and chance takes up to half of it away", async () => {
    expect(await pausesMs(always(0))).toEqual(GROWN_MS.map((ms) => ms / 2));
    expect(await pausesMs(always(0.5))).toEqual(GROWN_MS.map((ms) => (ms * 3) / 4));
    const longest = await pausesMs(always(1 - Number.EPSILON));
    for (const [index, ms] of longest.entries()) expect(ms).toBeCloseTo(must(GROWN_MS[index]), 6);
    expect(Math.max(...longest)).toBeLessThanOrEqual(LIMITS.backoffMsMax);
  });

  it("is another one for each who waits, and the same where chance is", async () => {
    const [first, again, other] = [
      await pausesMs(new SeededRandom(1)),
      await pausesMs(new SeededRandom(1)),
      await pausesMs(new SeededRandom(2)),
    ];
    expect(again).toEqual(first);
    const shares = [...first, ...other].map((ms, index) => ms / must(GROWN_MS[index % GROWN_MS.length]));
    expect(new Set(shares).size).toBe(shares.length);
    for (const share of shares) expect(share).toSatisfy((one: number) => one >= 0.5 && one < 1);
    expect(Math.max(...shares) - Math.min(...shares)).toBeGreaterThan(0.3);
  });

  it("is never shorter than what was asked for, though that be more than its limit, and else goes by the tries", async () => {
    expect(await pausesMs(always(0), 1000)).toEqual(GROWN_MS.map((ms) => Math.max(ms / 2, 1000)));
    const long = 2 * LIMITS.backoffMsMax;
    expect(await pausesMs(always(0.9), long)).toEqual(GROWN_MS.map(() => long));
  });

  it("ends when nobody waits for it any more", async () => {
    const clock = new SteppedClock(0);
    const stopping = new AbortController();
    const pause = backOff(1, INTERVAL_MS, 60_000, { clock, random: always(0) }, stopping.signal);
    stopping.abort();
    await pause;
    expect(clock.monotonic()).toBe(0);
  });
});
