import { type CrashScenarioName, crashScenario } from "./crash-scenarios.ts";
import type { CrashPoint } from "./fault-plan.ts";
import { attempt } from "./run-seed.ts";
import { SOUND } from "./sim-connection.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";

export interface CrashPointsResult {
  /** How many were tried. */
  readonly points: number;
  /** The first that is against the laws, with what happened; empty: nothing is. */
  readonly found: readonly string[];
}

/** A scenario without faults, and then once more for each point at which a process may die: there it does, and is started again. `records`: of each topic. */
export async function runCrashPoints(
  name: CrashScenarioName,
  seed: number,
  records: number,
  { wiring = SOUND }: Pick<SimulationOptions, "wiring"> = {},
): Promise<CrashPointsResult> {
  const scenario = crashScenario(name, seed, records);
  const clean = new Simulation(scenario, { hasFaults: false, wiring });
  const report = (simulation: Simulation, found: readonly string[], point: CrashPoint | null): readonly string[] => [
    `${name}, seed ${seed}, ${point === null ? "without a crash" : `dying after request ${point.request}, others under way: ${point.inFlight}`}`,
    ...found,
    `replay: CRASH=${JSON.stringify(name)} SEED=${seed} RECORDS=${records} npx vitest run --project 'fast*' test/simulation/crash-points.test.ts`,
    ...simulation.workloads.map(({ sql }) => sql),
    "the last that happened:",
    ...simulation.trace.last(80),
  ];
  const wrong = await attempt(clean);
  if (wrong.length > 0) return { points: 0, found: report(clean, wrong, null) };
  const points = clean.crashPoints;
  for (const crashPoint of points) {
    const simulation = new Simulation(scenario, { hasFaults: false, crashPoint, wiring });
    const found = await attempt(simulation);
    if (found.length > 0) return { points: points.length, found: report(simulation, found, crashPoint) };
  }
  return { points: points.length, found: [] };
}
