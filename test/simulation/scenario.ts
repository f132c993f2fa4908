import { renderDiagnostic } from "../../grammar/diagnostics.ts";
import { parse } from "../../grammar/parse.ts";
import { analyzePipeline } from "../../src/analyze/analyze-pipeline.ts";
import type { Catalog } from "../../src/catalog/catalog.ts";
import type { PipelinePlan } from "../../src/plan/pipeline-plan.ts";
import { planPipeline } from "../../src/plan/plan-pipeline.ts";
import type { ConnectionConfig, ConnectionKind } from "../../src/ports/connection.ts";
import { SeededRandom } from "../property/random.ts";
import { AHEAD_MS, type Item, randomItems, randomLabels, type Written } from "./items.ts";
import { oracleScenario } from "./oracle-scenario.ts";
import { deadLettersOf, into } from "./statement-parts.ts";
import { pipelineSql, randomWorkload, spreadWindows, type TargetKind, type Workload } from "./workload.ts";

/** What a seed stands for: records, pipelines over them, and everything that is not decided on the way. */
export interface Scenario {
  readonly seed: number;
  /** By topic. */
  readonly records: Readonly<Record<string, readonly Written[]>>;
  readonly partitions: number;
  readonly aheadMs: number;
  readonly lengthMs: number;
  readonly commitIntervalMs: number;
  readonly retriesMax: number;
  /**
   * Whether some timestamps are too far ahead at first and not later. Then no clock goes back, and no statement comes later: it
   * would decide anew where the note is not kept any more.
   */
  readonly areTimesUncertain: boolean;
  readonly workloads: readonly Workload[];
  /** The text of a pipeline of some of them. */
  readonly sqlOf: (workloads: readonly Workload[]) => string;
  /** Joins the pipeline while it runs; null: none does. */
  readonly added: Workload | null;
  /** Read what the workload of that name has written to a topic. */
  readonly chained: readonly { readonly from: Workload; readonly to: string; readonly target: "index" | "table" }[];
  readonly workers: number;
  readonly parallelism: number;
  readonly stateLog: "checked" | "open";
  /** Where the pipelines keep their dead letters. */
  readonly lettersIn: TargetKind;
  /** Topics are written in transactions with the state. */
  readonly isTransactional: boolean;
}

export const MAIN = "main";
export const CHAIN = "chain";

/** Statements that mean the same as in the oracle of the language, in place of those made here. */
const ORACLE_EACH = 3;

/** `mayTransact` false: as if nothing were written in transactions. */
export function scenarioOf(seed: number, mayTransact = true): Scenario {
  const random = new SeededRandom(seed);
  const lengthMs = random.pick([3000, 8000]);
  // Apart, so that seeds go on to stand for what they stood for.
  const isTransactional = mayTransact && new SeededRandom(seed ^ 0x51ab7e03).chance(0.25);
  const lettersIn = new SeededRandom(seed ^ 0x3ad8025f).pick<TargetKind>(["index", "topic", "table"]);
  const common = {
    seed,
    isTransactional,
    lettersIn,
    lengthMs,
    commitIntervalMs: random.pick([1, 50, 400]),
    retriesMax: random.pick([3, 50, 50]),
    workers: random.pick([1, 1, 2, 3]),
    parallelism: random.pick([1, 1, 2]),
    stateLog: random.pick(["checked", "open", "open"] as const),
  };
  // There is somebody who takes over.
  const all = isTransactional ? { ...common, workers: Math.max(common.workers, 2) } : common;
  return seed % ORACLE_EACH === 0 ? { ...all, ...oracleScenario(seed, lengthMs) } : { ...all, ...ownScenario(random, seed, lengthMs) };
}

/** What a scenario reads and computes. */
export type Matter = Pick<
  Scenario,
  "records" | "partitions" | "aheadMs" | "areTimesUncertain" | "workloads" | "sqlOf" | "added" | "chained"
>;

/** Scenarios that have a window over partial results in any case, and more records for it: by chance few have. */
const SPREAD = { odds: 0.3, partitionsMin: 2, records: 60 };

function ownScenario(random: SeededRandom, seed: number, lengthMs: number): Matter {
  // Apart, as above.
  const spread = new SeededRandom(seed ^ 0x2c1b3c6d);
  const isSpread = spread.chance(SPREAD.odds);
  const partitions = Math.max(random.pick([1, 2, 3]), isSpread ? SPREAD.partitionsMin : 1);
  const added = random.chance(0.4) ? randomWorkload(random, "added") : null;
  const areTimesUncertain = added === null && random.chance(0.5);
  const items = (count: number, isKeyed: boolean): readonly Item[] =>
    randomItems(random, count, { partitions, lengthMs, isKeyed, areTimesUncertain });
  const drawn = Array.from({ length: 1 + random.below(4) }, (_, index) => randomWorkload(random, `t${index}`));
  const workloads = isSpread ? [spreadWindows(spread, "t0"), ...drawn.slice(1)] : drawn;
  const streams = workloads.filter(({ isChained }) => isChained);
  return {
    records: {
      readings: items(40 + random.below(260), true),
      loose: items(10 + random.below(50) + (isSpread ? SPREAD.records : 0), false),
      labels: randomLabels(random, partitions),
    },
    partitions,
    aheadMs: AHEAD_MS,
    areTimesUncertain,
    workloads,
    sqlOf: (some) => pipelineSql(partitions, some),
    added,
    chained: streams.map((from) => ({ from, to: `after_${from.name}`, target: random.pick(["index", "table"] as const) })),
  };
}

const KINDS: Readonly<Record<string, ConnectionKind>> = { bus: "kafka", elastic: "elasticsearch", cassandra: "cassandra" };

export const CONNECTIONS: readonly ConnectionConfig[] = Object.entries(KINDS).map(([name, kind]) => ({
  name,
  kind,
  as: kind,
  settings: {},
}));

const CATALOG: Catalog = {
  connections: new Map(CONNECTIONS.map((config) => [config.name, config])),
  defaultSource: "bus",
  defaultSink: "elastic",
  streams: new Map(),
};

function planOf(name: string, scenario: Scenario, sql: string): PipelinePlan {
  const text = `SET 'error.policy' = 'noop'; SET 'dead.letters' = '${into(scenario.lettersIn, deadLettersOf(name))}';
    SET 'commit.interval' = ${scenario.commitIntervalMs}; SET 'retry.interval' = 100; SET 'max.retries' = ${scenario.retriesMax};
    ${scenario.isTransactional ? "SET 'delivery' = 'transactional';" : ""}
    ${sql}`;
  const { pipeline, diagnostics } = analyzePipeline(parse(text), { name, catalog: CATALOG });
  if (pipeline === null) throw new Error(diagnostics.map((diagnostic) => renderDiagnostic(text, diagnostic, {})).join("\n"));
  return planPipeline(pipeline, { keepState: true });
}

export function mainPlan(scenario: Scenario, workloads: readonly Workload[]): PipelinePlan {
  return planOf(MAIN, scenario, scenario.sqlOf(workloads));
}

/** The persister behind the aggregator: it stores what the others have written to topics. */
export function chainPlan(scenario: Scenario): PipelinePlan | null {
  if (scenario.chained.length === 0) return null;
  const texts = scenario.chained.map(
    ({ from, to, target }) =>
      `CREATE STREAM s_${from.name} (device STRING) WITH (topic = '${from.name}', key = 'device', partitions = 2);
     -- @name ${to}
     INSERT INTO ${into(target, to)} SELECT device, COUNT(*) AS n FROM s_${from.name} GROUP BY device EMIT CHANGES;`,
  );
  return planOf(CHAIN, scenario, texts.join("\n"));
}
