import { SeededRandom } from "../property/random.ts";
import { AHEAD_MS, randomItems, randomLabels } from "./items.ts";
import { enriched, near } from "./joins.ts";
import type { Scenario } from "./scenario.ts";
import {
  latest,
  type Maker,
  pipelineSql,
  rows,
  sessions,
  spreadWindows,
  type TargetKind,
  totals,
  type Workload,
  windows,
} from "./workload.ts";

interface Recipe {
  readonly statements: readonly { readonly maker: Maker; readonly fits?: (workload: Workload) => boolean }[];
  readonly isTransactional?: true;
  readonly workers?: number;
  readonly partitions?: number;
}

const intoTopic = ({ target }: Workload): boolean => target === "topic";
const comesAndGoes = ({ target, sql }: Workload): boolean => target !== "topic" && /HAVING COUNT\(\*\) < 3 .*CHANGES/s.test(sql);
const intoStore = ({ target }: Workload): boolean => target !== "topic";

const RECIPES = {
  "a window into a topic, and who reads it": { statements: [{ maker: windows, fits: ({ isChained }) => isChained }] },
  joins: { statements: [{ maker: near }, { maker: enriched }] },
  "partial results": {
    statements: [{ maker: spreadWindows }],
    partitions: 2,
  },
  "a transaction": {
    statements: [
      { maker: windows, fits: intoTopic },
      { maker: rows, fits: intoTopic },
    ],
    isTransactional: true,
    workers: 2,
  },
  "rows that come and go": { statements: [{ maker: totals, fits: comesAndGoes }, { maker: sessions, fits: intoStore }, { maker: latest }] },
} as const satisfies Readonly<Record<string, Recipe>>;

export type CrashScenarioName = keyof typeof RECIPES;
export const CRASH_SCENARIOS = Object.keys(RECIPES) as readonly CrashScenarioName[];

const LENGTH_MS = 1500;

/** A few records and statements of one kind: so few that a process can die after each of their requests. */
export function crashScenario(name: CrashScenarioName, seed: number, records: number): Scenario {
  const random = new SeededRandom(seed);
  const recipe: Recipe = RECIPES[name];
  const { statements, partitions = 1 } = recipe;
  const items = (isKeyed: boolean) => randomItems(random, records, { partitions, lengthMs: LENGTH_MS, isKeyed, areTimesUncertain: false });
  const workloads = statements.map(({ maker, fits = () => true }, index) => drawn(random, maker, `t${index}`, fits));
  const chained = recipe.isTransactional === true ? [] : workloads.filter(({ isChained }) => isChained);
  return {
    seed,
    records: { readings: items(true), loose: items(false), labels: randomLabels(random, partitions) },
    partitions,
    aheadMs: AHEAD_MS,
    lengthMs: LENGTH_MS,
    commitIntervalMs: random.pick([50, 400]),
    retriesMax: 50,
    areTimesUncertain: false,
    workloads,
    sqlOf: (some) => pipelineSql(partitions, some),
    added: null,
    chained: chained.map((from) => ({ from, to: `after_${from.name}`, target: random.pick(["index", "table"] as const) })),
    workers: recipe.workers ?? 1,
    parallelism: 1,
    stateLog: random.pick(["checked", "open"] as const),
    lettersIn: random.pick<TargetKind>(["index", "topic", "table"]),
    isTransactional: recipe.isTransactional === true,
  };
}

/** The first one that fits. */
function drawn(random: SeededRandom, maker: Maker, name: string, fits: (workload: Workload) => boolean): Workload {
  for (;;) {
    const workload = maker(random, name);
    if (fits(workload)) return workload;
  }
}
