import { describe, expect, it } from "vitest";
import { PLANTED } from "./planted.ts";
import { runSeed } from "./run-seed.ts";

const SEEDS_MAX = 200;
/** Of 200 seeds on a machine that has much else to do. */
const TIMEOUT_MS = 240_000;

describe("the simulation finds", () => {
  it.each(Object.entries(PLANTED))("%s", { timeout: TIMEOUT_MS }, async (_name, wiring) => {
    let tried = 0;
    let found: readonly string[] = [];
    while (found.length === 0 && tried < SEEDS_MAX)
      ({ found } = await runSeed(++tried, { wiring, mayTransact: wiring.isOfTransactions === true }));
    expect(found).not.toEqual([]);
  });
});
