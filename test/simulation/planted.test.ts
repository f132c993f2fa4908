import { describe, expect, it } from "vitest";
import { repartition } from "../../src/plan/repartition.ts";
import { PLANTED } from "./planted.ts";
import { runSeed } from "./run-seed.ts";
import { mainPlan, type Scenario, scenarioOf } from "./scenario.ts";

/** Of 24 searches from three places on, the longest found at its 28th seed. */
const SEEDS_MAX = 60;
/** Of so many seeds on a machine that has much else to do. */
const TIMEOUT_MS = 240_000;

const hasPartials = (scenario: Scenario): boolean =>
  repartition(mainPlan(scenario, scenario.workloads), () => scenario.partitions).statements.some(({ repartition: of }) => of !== undefined);

describe("the simulation finds", () => {
  it.each(Object.entries(PLANTED))("%s", { timeout: TIMEOUT_MS }, async (name, wiring) => {
    const mayTransact = wiring.isOfTransactions === true;
    let found: readonly string[] = [];
    let seed = 0;
    while (found.length === 0 && seed < SEEDS_MAX) {
      seed++;
      if (wiring.isOfPartials === true && !hasPartials(scenarioOf(seed, mayTransact))) continue;
      ({ found } = await runSeed(seed, { wiring, mayTransact }));
    }
    expect(found).not.toEqual([]);
    console.log(`${name}: found at seed ${seed}`);
  });
});
