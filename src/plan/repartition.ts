import { createHash } from "node:crypto";
import { hindranceOf, isScattered } from "../analyze/gathering.ts";
import { LIMITS } from "../limits.ts";
import { type BoundStatement, canRepartition } from "../model/statement.ts";
import type { RouteTarget } from "../ports/sink.ts";
import type { PipelinePlan, SourcePlan, StatementPlan } from "./pipeline-plan.ts";
import { plainTarget } from "./plain-target.ts";

/** Where partial results of ad hoc queries are. */
export const MEMORY_CONNECTION = "~partials";

/** Part of the names of internal topics: what is in them. */
const FORMAT = 1;

/**
 * What becomes of statements whose rows that belong together lie in several partitions. Where parts of them can be put together, one
 * becomes two (decision 0016): one that aggregates each partition of its source, and one that puts the partials together, which come to
 * it by an internal topic with as many partitions, by group. Else all partitions are read as one log (decision 0019).
 * `partitionsOf`: of a source, where they are known.
 */
export function repartition(plan: PipelinePlan, partitionsOf: (source: SourcePlan, index: number) => number | null): PipelinePlan {
  const sources = plan.sources.map((source) => ({ ...source, statements: [] as number[] }));
  const statements: StatementPlan[] = [];
  for (const one of plan.statements) {
    const input = one.inputs[0]?.source ?? 0;
    const read = sources[input] as SourcePlan & { readonly statements: number[] };
    const partitions = partitionsOf(read, input);
    read.statements.push(statements.length);
    if (partitions === null || partitions === 1 || !one.statement.needsSinglePartition || !canRepartition(one.statement)) {
      statements.push(
        gathered(
          one,
          one.inputs.map(({ source }) => partitionsOf(plan.sources[source] as SourcePlan, source)),
        ),
      );
      continue;
    }
    const route = internalRoute(plan, one, partitions);
    statements.push(partialsPlan(one, route, partitions));
    sources.push({ ...internalSource(route), statements: [statements.length] });
    statements.push(mergingPlan(one, partitions, sources.length - 1));
  }
  return { ...plan, sources, statements };
}

/** `partitions`: of the topics that it reads. */
function gathered(plan: StatementPlan, partitions: readonly (number | null)[]): StatementPlan {
  const counts = partitions.filter((count) => count !== null);
  const { statement } = plan;
  if (counts.length < partitions.length || !isScattered(statement, counts) || hindranceOf(statement) !== null) return plan;
  if (counts.some((count) => count > LIMITS.gatheredPartitionsMax)) return plan;
  return { ...plan, gathered: counts, fingerprint: staged(plan, "g", counts.join("+")) };
}

function internalRoute(plan: PipelinePlan, { statement, fingerprint, beginning }: StatementPlan, partitions: number): RouteTarget {
  const shape = createHash("sha256").update(JSON.stringify([FORMAT, stateOf(fingerprint), partitions, beginning.count]));
  const connection = plan.stateConnection === null ? MEMORY_CONNECTION : statement.source.connection;
  const name = `${internalPrefix(plan.name)}${statement.name.replaceAll(/[^\w.-]/g, "_")}.${shape.digest("hex").slice(0, 12)}`;
  return { ...plainTarget(connection, "topic", name), topicReading: "table", partitions };
}

/** How the names of a pipeline's internal topics begin. */
function internalPrefix(pipeline: string): string {
  return `sluice.${pipeline}.partials.`;
}

/** Not so a topic of state of a pipeline whose name goes on like that. */
export function isInternalTopic(topic: string, pipeline: string): boolean {
  const prefix = internalPrefix(pipeline);
  return topic.startsWith(prefix) && /^[\w.-]+\.[0-9a-f]{12}$/.test(topic.slice(prefix.length));
}

function internalSource({ connection, name, partitions }: RouteTarget): SourcePlan {
  const nothing = { format: "none", columns: [], delimiter: "," } as const;
  return {
    connection,
    topic: name,
    valueFormat: "none",
    keyFormat: "bytes",
    layout: { key: null, value: nothing },
    fields: [],
    interned: [],
    statements: [],
    partitions,
    isInternal: true,
  };
}

/** Counts records and keeps them back that are late; results and what they are written to are the second stage's. */
function partialsPlan(plan: StatementPlan, route: RouteTarget, partitions: number): StatementPlan {
  const { statement } = plan;
  const partials: BoundStatement = {
    ...merged(statement),
    name: `${statement.name}~partials`,
    target: { connection: route.connection, kind: "topic", name: route.name },
    targetName: null,
    having: null,
    items: [],
    identity: { kind: "columns", columns: [] },
    recordKey: null,
    recordTime: null,
    emit: "changes",
    emitEveryMs: null,
    suffix: null,
    limit: null,
    idsCoveredByKey: true,
  };
  return {
    ...plan,
    statement: partials,
    star: null,
    route,
    repartition: { of: statement.name, kind: "partials", partitions },
    fingerprint: staged(plan, "p", partitions),
  };
}

function mergingPlan(plan: StatementPlan, partitions: number, source: number): StatementPlan {
  return {
    ...plan,
    statement: { ...merged(plan.statement), late: null, idsCoveredByKey: true },
    inputs: [{ source, columns: [] }],
    sides: [{ stage: null, input: 0, columns: [] }],
    late: null,
    repartition: { of: plan.statement.name, kind: "merging", partitions },
    fingerprint: staged(plan, "m", partitions),
  };
}

function merged(statement: BoundStatement): BoundStatement {
  const aggregates = statement.aggregates.map((aggregate) => ({ ...aggregate, handling: "repartitioned" as const }));
  return { ...statement, aggregates, needsSinglePartition: false };
}

function staged({ fingerprint }: StatementPlan, stage: string, partitions: number | string): string {
  return `${stateOf(fingerprint)}${stage}${partitions}${fingerprint.slice(fingerprint.indexOf("."))}`;
}

function stateOf(fingerprint: string): string {
  return fingerprint.slice(0, fingerprint.indexOf("."));
}
