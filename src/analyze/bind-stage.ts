import type { Select } from "../../grammar/ast.ts";
import type { BoundIdentity, BoundJoinStep, BoundSource, BoundStatement, FieldRef } from "../model/statement.ts";
import { NO_OPTIONS } from "../model/target-options.ts";
import { withLookups } from "./bind-lookup.ts";
import type { QueryParts } from "./bind-query.ts";
import type { SelectInput } from "./bind-select.ts";
import { eventTimes } from "./event-times.ts";
import { coversKey } from "./identity.ts";
import { inputRelations } from "./join-equalities.ts";
import { bindJoined, groupColumns, sourceOfRelation } from "./join-steps.ts";
import { reportUnbuilt } from "./not-yet.ts";
import { bindOver, looksWithinKeys } from "./over-stage.ts";
import { stageEmit } from "./row-wise.ts";
import type { ScopeRelation } from "./scope.ts";
import { groupsOfTable, isOfTable, tableIdentity } from "./table-reads.ts";
import { unbuiltOf } from "./unbuilt-parts.ts";

/** What another SELECT reads, and is no filter of one topic alone: a stage of WITH, or a sub-query. */
export interface StageQuery {
  readonly select: Select;
  readonly parts: QueryParts;
}

/** Joins with the stages that they join. null: what cannot run was reported. */
export function withStages(
  steps: readonly BoundJoinStep[] | null,
  input: Omit<SelectInput, "columns">,
  reader: QueryParts,
): readonly BoundJoinStep[] | null {
  const { relations } = reader.scope;
  const joined = inputRelations(reader.scope).slice(1);
  const bound = joined.map((relation, index): BoundJoinStep | null => {
    const right = relations[relation];
    const step = steps?.[index];
    if (right?.stage === undefined) return step ?? null;
    const stage = bindStage(right, { ...input, columns: null }, reader, { kind: "coordinates" });
    return stage === null || step === undefined ? null : { ...step, right: sourceOfStage(stage, right), stage };
  });
  return steps === null || bound.includes(null) ? null : bound.filter((step) => step !== null);
}

/** What FROM reads, or is joined, where that is a stage. null: it is a topic, or what cannot run was reported. */
export function bindStage(
  relation: ScopeRelation | undefined,
  input: SelectInput,
  reader: QueryParts,
  identity: BoundIdentity,
): BoundStatement | null {
  const stage = relation?.stage ?? null;
  if (stage === null) return null;
  const { select, parts } = stage;
  const { query, scope, grouping, aggregated } = parts;
  const { report } = scope;
  const inner = { ...input, select, columns: null, name: `${input.name}/${relation?.source.name ?? ""}`, target: null };
  const unbuilt = unbuiltOf(parts, inner);
  reportUnbuilt(unbuilt, report);
  if (unbuilt.length > 0 || (aggregated && grouping === null)) return null;
  const from = scope.relations[0] as ScopeRelation;
  const timeOf = eventTimes(query, select, scope, input.settings);
  const { steps: joins, lookups, key: joined } = bindJoined(query, select, scope, timeOf);
  const isOfRows = !aggregated && scope.overs.length === 0;
  const isWithinKeys = isOfRows || (grouping === null ? looksWithinKeys(scope) : coversKey(grouping.exprs, scope));
  const own = aggregated || isOfRows ? { items: query.items, over: null } : bindOver(stage, reader, identity);
  const below = bindStage(from, inner, parts, { kind: "coordinates" });
  const steps = withStages(joins, inner, parts);
  const rowId = isOfRows && isOfTable(query) ? tableIdentity({ kind: "coordinates" }, parts, select.from.span) : null;
  if (steps === null || own === null || (query.from.kind === "query" && below === null)) return null;
  const { fields, where } = withLookups(lookups, query.where, scope);
  return {
    name: inner.name,
    reportedAs: input.reportedAs,
    distinct: query.distinct,
    text: "",
    mode: "insert",
    source: below === null ? sourceOfRelation(from, timeOf(0, select.from.span)) : sourceOfStage(below, from),
    stage: below,
    over: own.over,
    joins: steps,
    lookups,
    target: null,
    targetName: null,
    targetOptions: NO_OPTIONS,
    fields: own.over !== null ? [...fields, ...givenOn(reader.scope, fields)] : fields,
    unnests: query.unnests,
    where,
    window: query.window,
    groupBy: query.groupBy,
    ...groupsOfTable(query, keepsRecordKeys(parts) ? null : joined),
    aggregated,
    items: own.items,
    identity: aggregated ? keyOfResults(stage) : (rowId ?? { kind: "coordinates" }),
    recordKey: null,
    recordKeyMayBeNull: false,
    keyDelimiter: null,
    recordTime: null,
    tombstones: "delete",
    emit: stageEmit(select),
    emitEveryMs: null,
    late: null,
    suffix: null,
    batchSize: null,
    ttlSeconds: null,
    autocreate: false,
    limit: null,
    idsCoveredByKey: true,
    needsSinglePartition: lieInOne(below, steps) || !isWithinKeys,
    settings: input.settings,
  };
}

/** Whether a stage after FROM, or one that is joined, needs all records in one partition. */
export function lieInOne(stage: BoundStatement | null, steps: readonly BoundJoinStep[]): boolean {
  return [stage, ...steps.map((step) => step.stage)].some((one) => one?.needsSinglePartition === true);
}

/** Whether what is read are the results of an aggregate, as they are: they have keys as records have. */
export function keepsRecordKeys({ query, scope }: QueryParts): boolean {
  return query.joins.length === 0 && scope.relations[0]?.stage?.parts.aggregated === true;
}

/** What is left of a result that goes. */
function keyOfResults(stage: StageQuery): BoundIdentity {
  const names = groupColumns(stage)?.map(({ name }) => name) ?? [];
  const columns = stage.parts.query.items.flatMap((item) => (item.kind === "column" && names.includes(item.name) ? [item] : []));
  return { kind: "columns", columns: columns.map(({ name, expr }) => ({ name, expr })) };
}

/** Keys and headers that are read behind a stage which gives rows on as they are. */
function givenOn({ fields }: QueryParts["scope"], own: readonly FieldRef[]): readonly FieldRef[] {
  const isOwn = ({ root, path }: FieldRef): boolean =>
    own.some((field) => field.root === root && field.path.join("\0") === path.join("\0"));
  return fields.flatMap(({ root, path, type, text }) => {
    const field: FieldRef = { root, path, type, text };
    return root === "value" || isOwn(field) ? [] : [field];
  });
}

/** What a stage gives, as what is read: of the topic that it reads in the end, with times of its own. */
export function sourceOfStage({ source: { eventTimeExpr: _, ...source } }: BoundStatement, { kind }: ScopeRelation): BoundSource {
  return { ...source, reads: kind === "table" ? "table" : "stream", eventTime: null };
}
