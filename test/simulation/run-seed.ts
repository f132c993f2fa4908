import { findings } from "./checks.ts";
import { contentsOf } from "./contents.ts";
import { type Scenario, scenarioOf } from "./scenario.ts";
import { Simulation, type SimulationOptions } from "./simulation.ts";
import type { Workload } from "./workload.ts";

export interface SeedResult {
  readonly seed: number;
  /** What is against the laws; empty: nothing. */
  readonly found: readonly string[];
  /** Of the trace of the first run: equal where the same happened. */
  readonly hash: number;
  readonly trace: readonly string[];
  readonly statements: readonly string[];
}

/** Runs whose seed is divisible by that are compared with others of the same records. */
const COMPARED_EACH = 8;

/** One scenario with its faults; some are run again without them, and statement by statement. */
export async function runSeed(seed: number, options: SimulationOptions = {}): Promise<SeedResult> {
  const scenario = scenarioOf(seed, options.mayTransact ?? true);
  const simulation = new Simulation(scenario, options);
  const found = await attempt(simulation);
  const isCompared = seed % COMPARED_EACH === 0 && options.wiring === undefined && found.length === 0;
  return {
    seed,
    found: isCompared ? await comparisons(simulation) : found,
    hash: simulation.trace.hash,
    trace: simulation.trace.last(80),
    statements: simulation.workloads.map(({ sql }) => sql),
  };
}

/** Runs it; what is against the laws. */
export async function attempt(simulation: Simulation): Promise<readonly string[]> {
  try {
    await simulation.run();
    return findings(simulation);
  } catch (error) {
    return [...simulation.watch.violations, error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

/** The same bytes without faults and with other cuts, and of each statement alone; as long as the notes are the same. */
async function comparisons(simulation: Simulation): Promise<readonly string[]> {
  const { scenario } = simulation;
  if (scenario.areTimesUncertain) return [];
  const calm = new Simulation(scenario, { hasFaults: false, chance: scenario.seed + 1 });
  const problems = [...(await attempt(calm)), ...differing("without faults", simulation, calm, simulation.workloads)];
  for (const workload of simulation.workloads) {
    const only: Scenario = { ...scenario, workloads: [workload], added: null, chained: [] };
    const alone = new Simulation(only, { hasFaults: false, chance: scenario.seed + 2 });
    problems.push(...(await attempt(alone)), ...differing("alone", simulation, alone, [workload]));
  }
  return problems;
}

function differing(how: string, left: Simulation, right: Simulation, workloads: readonly Workload[]): readonly string[] {
  return workloads.flatMap(({ name, target, isStream }) => {
    const [one, other] = [left, right].map((run) => contentsOf(run, target, name, isStream).join("\n"));
    return one === other ? [] : [`${name} has other contents ${how}:\n${one}\nand\n${other}`];
  });
}

/** What to do with a seed that found something. */
export function reportOf({ seed, found, trace, statements }: SeedResult): string {
  const replay = `SEED=${seed} npx vitest run --project 'fast*' test/simulation/simulation.test.ts`;
  return [`seed ${seed}: ${found.join("\n  ")}`, `replay: ${replay}`, ...statements, "the last that happened:", ...trace].join("\n");
}
