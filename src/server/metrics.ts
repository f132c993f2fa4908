import { Counter, collectDefaultMetrics, Gauge, Registry } from "@prometheus-io/client";
import type { PipelineState } from "../fleet/pipeline-status.ts";
import type { StatementCounters, StatementProgress } from "../runtime/protocol.ts";
import type { ServerContext } from "./server-context.ts";

const STATES: readonly PipelineState[] = ["starting", "waiting", "running", "stopping", "paused", "failed"];

/** What became of records, and of changes: `in` is the sum of the others, as is `sent` of its own. */
const RECORDS = { applied: "applied", filtered: "filtered", late: "late", deadLettered: "dead_lettered" } as const;
const CHANGES = { written: "written", superseded: "superseded", rejected: "rejected" } as const;

/** All metrics of a server, made of the pipelines' own counters when they are asked for. */
export function createMetrics(context: ServerContext): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "sluice_" });
  pipelineMetrics(registry, context);
  recordMetrics(registry, context);
  return registry;
}

function pipelineMetrics(registry: Registry, { deployments, fleet }: ServerContext): void {
  const statuses = () => deployments.list().flatMap(({ name }) => [[name, fleet.status(name)] as const]);
  const registers = [registry];
  new Gauge({
    name: "sluice_pipeline_state",
    help: "1 for the state that the pipeline is in, 0 for the others.",
    labelNames: ["pipeline", "state"] as const,
    registers,
    collect() {
      this.reset();
      for (const [pipeline, status] of statuses())
        for (const state of STATES) this.set({ pipeline, state }, status?.state === state ? 1 : 0);
    },
  });
  gathered(registry, "sluice_pipeline_restarts_total", "Starts after a failure, since the server began.", ["pipeline"], () =>
    statuses().map(([pipeline, status]) => [{ pipeline }, status?.restarts ?? 0]),
  );
  gathered(
    registry,
    "sluice_pipeline_messages_total",
    "Records fetched in this run, each once however many statements read it.",
    ["pipeline"],
    () => statuses().map(([pipeline, status]) => [{ pipeline }, status?.messages ?? 0]),
  );
  gathered(registry, "sluice_pipeline_bytes_total", "Bytes fetched in this run.", ["pipeline"], () =>
    statuses().map(([pipeline, status]) => [{ pipeline }, status?.bytes ?? 0]),
  );
}

function recordMetrics(registry: Registry, { deployments, fleet }: ServerContext): void {
  const statements = (): readonly (readonly [string, StatementProgress])[] =>
    deployments.list().flatMap(({ name }) => (fleet.status(name)?.statements ?? []).map((statement) => [name, statement] as const));
  const each = (count: (counters: StatementCounters) => number) => () =>
    statements().map(([pipeline, { name, counters }]) => [{ pipeline, statement: name }, count(counters)] as const);
  const byOutcome = (outcomes: Readonly<Partial<Record<keyof StatementCounters, string>>>) => () =>
    statements().flatMap(([pipeline, { name, counters }]) =>
      Object.entries(outcomes).map(([key, outcome]) => {
        return [{ pipeline, statement: name, outcome }, counters[key as keyof StatementCounters]] as const;
      }),
    );
  const labels = ["pipeline", "statement"];
  gathered(
    registry,
    "sluice_statement_in_total",
    "Records taken since the beginning of the statement's state.",
    labels,
    each(({ in: taken }) => taken),
  );
  gathered(registry, "sluice_statement_records_total", "What became of them.", [...labels, "outcome"], byOutcome(RECORDS));
  gathered(
    registry,
    "sluice_statement_sent_total",
    "Changes given to the target.",
    labels,
    each(({ sent }) => sent),
  );
  gathered(registry, "sluice_statement_changes_total", "What became of them.", [...labels, "outcome"], byOutcome(CHANGES));
  new Gauge({
    name: "sluice_statement_lag_records",
    help: "Records between the statement's positions and the ends of its topic.",
    labelNames: ["pipeline", "statement", "target"] as const,
    registers: [registry],
    collect() {
      this.reset();
      for (const [pipeline, { name, target, lag }] of statements()) this.set({ pipeline, statement: name, target }, lag);
    },
  });
}

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** A counter that is kept elsewhere. */
function gathered(registry: Registry, name: string, help: string, labelNames: readonly string[], samples: () => readonly Sample[]): void {
  new Counter({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      for (const [labels, value] of samples()) this.inc({ ...labels }, value);
    },
  });
}
