import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { runCrashPoints } from "./crash-points.ts";
import { CRASH_SCENARIOS } from "./crash-scenarios.ts";
import { PLANTED } from "./planted.ts";

const { CRASH, SEED = "1", RECORDS = "6" } = process.env;

/** Of some seconds, on a machine that has much else to do. */
const TIMEOUT_MS = 240_000;

describe("a process that dies after any of its requests", () => {
  const names = CRASH_SCENARIOS.filter((name) => CRASH === undefined || name === CRASH);
  it.each(names)("leaves what its successor makes whole: %s", { timeout: TIMEOUT_MS }, async (name) => {
    const { points, found } = await runCrashPoints(name, Number(SEED), Number(RECORDS));
    expect(found, found.join("\n")).toEqual([]);
    // From the opening of its targets to the last checkpoint.
    expect(points).toBeGreaterThan(30);
    console.log(`${name}: ${points} points`);
  });

  it.each([
    ["a barrier that loses deletes", "rows that come and go"],
    ["a state restored without its position", "joins"],
    ["partial results that are acknowledged before they are written", "partial results"],
    ["rows that are committed after the position that they rest on", "a transaction"],
  ] as const)("shows %s in %s", { timeout: TIMEOUT_MS }, async (planted, name) => {
    const { found } = await runCrashPoints(name, 1, 12, { wiring: must(PLANTED[planted]) });
    expect(found).not.toEqual([]);
  });
});
