import type { BoundPipeline } from "../model/statement.ts";
import type { Beginning, PipelinePlan } from "../plan/pipeline-plan.ts";
import { planPipeline } from "../plan/plan-pipeline.ts";
import type { StartMessage } from "../runtime/protocol.ts";
import { checkNamed } from "./open-named.ts";
import type { Project } from "./project.ts";

export interface RunOptions {
  readonly until: "follow" | "ends";
  readonly close: StartMessage["close"];
  readonly start: StartMessage["start"];
  readonly to: StartMessage["to"];
  /** Keep cursors and state under the pipeline's name; ad hoc queries do not. */
  readonly keepState: boolean;
  /** By statement name. */
  readonly beginnings: Readonly<Record<string, Beginning>>;
  /** See `PlanOptions`. */
  readonly epoch?: number;
  /** null: as its own setting says. */
  readonly parallelism: number | null;
  readonly progressIntervalMs: number;
}

/** All that a thread needs to run a pipeline of a project. Rejects with CONNECTION_UNKNOWN and CONFIG_INVALID. */
export async function startMessageOf(project: Project, pipeline: BoundPipeline, options: RunOptions): Promise<StartMessage> {
  const { keepState, beginnings, epoch = 0, parallelism, ...rest } = options;
  const plan = planPipeline(pipeline, { keepState, beginnings, epoch });
  return {
    kind: "start",
    plan,
    connections: await Promise.all(connectionsOf(plan).map((name) => checkNamed(project, name))),
    dataDirectory: project.dataDirectory,
    parallelism: parallelism ?? pipeline.parallelism,
    ...rest,
  };
}

/** The names of those that a plan uses. */
function connectionsOf(plan: PipelinePlan): readonly string[] {
  const used = [
    ...plan.sources.flatMap(({ connection, lookups = [] }) => [connection, ...lookups.map((lookup) => lookup.connection)]),
    ...plan.statements.flatMap(({ route, deadLetterRoute, late }) => [
      route?.connection,
      deadLetterRoute?.connection,
      late?.route.connection,
    ]),
  ];
  return [...new Set(used.filter((name) => name !== undefined))];
}
