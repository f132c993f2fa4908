import type { Select } from "../../grammar/ast.ts";
import type { BoundSource, BoundStatement, FieldRef } from "../model/statement.ts";
import { NO_OPTIONS } from "../model/target-options.ts";
import type { QueryParts } from "./bind-query.ts";
import type { SelectInput } from "./bind-select.ts";
import { eventTimes } from "./event-times.ts";
import { coversKey, refuseScatteredGroups } from "./identity.ts";
import { bindJoined, inputRelations, sourceOfRelation } from "./join-steps.ts";
import { reportUnbuilt } from "./not-yet.ts";
import type { ScopeRelation } from "./scope.ts";
import { groupsOfTable } from "./table-reads.ts";
import { unbuiltOf } from "./unbuilt-parts.ts";

/** An aggregate that another SELECT reads: a stage of WITH, or a sub-query. */
export interface StageQuery {
  readonly select: Select;
  readonly parts: QueryParts;
}

/** Results of windows leave once, where nothing else is said: as records they would have to be told apart by more than their key. */
export function stageEmit({ window, emit }: Select): BoundStatement["emit"] {
  if (emit !== null) return emit.mode === "FINAL" ? "final" : "changes";
  return window === null ? "changes" : "final";
}

/** What FROM reads where that is a stage. null: it is a topic, or what cannot run was reported. */
export function bindStage(relation: ScopeRelation | undefined, input: SelectInput): BoundStatement | null {
  const stage = relation?.stage ?? null;
  if (stage === null) return null;
  const { select, parts } = stage;
  const { query, scope, grouping } = parts;
  const { report } = scope;
  const inner = { ...input, select, columns: null, name: `${input.name}/${relation?.source.name ?? ""}`, target: null };
  const unbuilt = unbuiltOf(parts, inner);
  reportUnbuilt(unbuilt, report);
  if (grouping === null) return null;
  const from = scope.relations[0] as ScopeRelation;
  const below = bindStage(from, inner);
  const timeOf = eventTimes(query, select, scope, input.settings);
  const { steps, key: joined } = bindJoined(query, select, scope, timeOf);
  if (query.from.kind === "topic") refuseScatteredGroups(grouping, select.groupBy[0]?.span ?? select.span, scope);
  if (unbuilt.length > 0 || steps === null) return null;
  const inputs = inputRelations(scope);
  return {
    name: inner.name,
    reportedAs: input.reportedAs,
    distinct: query.distinct,
    text: "",
    mode: "insert",
    source: below === null ? sourceOfRelation(from, timeOf(0, select.from.span)) : sourceOfStage(below, from),
    stage: below,
    joins: steps,
    target: null,
    targetName: null,
    targetOptions: NO_OPTIONS,
    fields: scope.fields.map(({ root, path, type, text, relation: of }): FieldRef => {
      const number = inputs.indexOf(of);
      return { root, path, type, text, ...(number > 0 ? { input: number } : {}) };
    }),
    unnests: query.unnests,
    where: query.where,
    window: query.window,
    groupBy: query.groupBy,
    ...groupsOfTable(query, joined),
    aggregated: true,
    items: query.items,
    identity: { kind: "coordinates" },
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
    needsSinglePartition: (below?.needsSinglePartition ?? false) || !coversKey(grouping.exprs, scope),
    settings: input.settings,
  };
}

/** What a stage gives, as what is read: of the topic that it reads in the end, with times of its own. */
export function sourceOfStage({ source: { eventTimeExpr: _, ...source } }: BoundStatement, { kind }: ScopeRelation): BoundSource {
  return { ...source, reads: kind === "table" ? "table" : "stream", eventTime: null };
}
