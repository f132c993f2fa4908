import type { FromItem, Join, Select, Span } from "../../grammar/ast.ts";
import type { BoundExpr } from "../model/expression.ts";
import { PLAIN_LAYOUT, readingLayout } from "../model/format.ts";
import type { BoundJoin, BoundQuery } from "../model/query.ts";
import type { BoundJoinStep, BoundLookup, BoundSource } from "../model/statement.ts";
import { BIGINT, type DataType, TIMESTAMP } from "../model/type.ts";
import { windowKeyOf } from "../model/window.ts";
import { bindLookup } from "./bind-lookup.ts";
import type { StageQuery } from "./bind-stage.ts";
import { isSame } from "./bound-tree.ts";
import { columnLeaf, isRecordKey } from "./column-leaf.ts";
import type { EventTimeOf } from "./event-times.ts";
import { equalities, inputRelations, type Pair } from "./join-equalities.ts";
import { placeKey } from "./over-stage.ts";
import { qualifierOf } from "./resolve-field.ts";
import { columnsOf } from "./resolve-name.ts";
import { stageEmit } from "./row-wise.ts";
import { fieldLeaf, isValueField, recordsOf, type Scope, type ScopeRelation } from "./scope.ts";
import { tableIdentity } from "./table-reads.ts";

/** What is read of a relation. */
export function sourceOfRelation(relation: ScopeRelation, time: ReturnType<EventTimeOf>): BoundSource {
  const { kind } = relation;
  const source = recordsOf(relation);
  const { connection, name, stream } = source;
  return {
    reads: kind === "table" ? "table" : "stream",
    connection: connection.name,
    topic: name,
    valueFormat: stream?.layout.value.format ?? "json",
    keyFormat: stream?.keyFormat ?? "string",
    layout: stream === null ? PLAIN_LAYOUT : readingLayout(stream.layout),
    ...time,
    keyField: stream?.keyField ?? null,
    partitions: stream?.partitions ?? null,
    columns: columnsOf(source)?.filter(({ place }) => place === undefined) ?? null,
  };
}

/** Joins as steps that can run; says in the scope whose keys tell where the rows lie. null: what cannot run was reported. */
function bindJoinSteps({ joins }: BoundQuery, select: Select, scope: Scope, timeOf: EventTimeOf): BoundSteps | null {
  const written = select.joins.map((join, index) => ({ join, relation: index + 1 })).filter(({ join }) => join.right.kind !== "unnest");
  const steps: BoundJoinStep[] = [];
  const lookups: BoundLookup[] = [];
  for (const [index, { join, relation }] of written.entries()) {
    const bound = joins[index] as BoundJoin;
    if (bound.right.kind === "lookup") {
      const lookup = bindLookup(bound, join, relation, scope);
      if (lookup !== null) lookups.push(lookup);
      continue;
    }
    if (lookups.some(({ type }) => type === "inner") && (bound.type === "RIGHT" || bound.type === "FULL")) {
      const hint = "write it before the table that is looked up";
      scope.report.error("NOT_SUPPORTED_YET", join.span, `${bound.type} joins behind a look-up are not supported yet`, hint);
    }
    const step = stepOf(bound, join, relation, scope, timeOf);
    if (step === null) continue;
    steps.push(step);
    scope.located = locatedAfter(step, relation, scope.located);
  }
  return steps.length + lookups.length < written.length ? null : { steps, lookups };
}

interface BoundSteps {
  readonly steps: readonly BoundJoinStep[];
  readonly lookups: readonly BoundLookup[];
}

/** Keys of a side that may be missing say nothing. */
function locatedAfter({ type, coPartitioned }: BoundJoinStep, relation: number, located: readonly number[]): readonly number[] {
  if (type === "full") return [];
  if (type === "right") return [relation];
  return type === "inner" && coPartitioned ? [...located, relation] : located;
}

function stepOf({ type, on, within }: BoundJoin, join: Join, relation: number, scope: Scope, timeOf: EventTimeOf): BoundJoinStep | null {
  const { report, relations } = scope;
  const { span } = join;
  if (type === "CROSS" || on === null) {
    const hint = "ON says which rows belong together, for example ON a.id = b.id";
    return report.error("INVALID_JOIN", span, "every row with every row is no join of streams", hint);
  }
  const { keys, rest } = equalities(on, relation, scope);
  if (keys.length === 0) {
    const name = qualifierOf(relations[relation]);
    return report.error(
      "INVALID_JOIN",
      span,
      `ON compares no field of '${name}' for equality with one before it`,
      "for example ON a.id = b.id",
    );
  }
  const right = relations[relation] as ScopeRelation;
  const left = inputRelations(scope).filter((index) => index < relation);
  const isLeftTable = left.every((index) => relations[index]?.kind === "table");
  const kind = type.toLowerCase() as BoundJoinStep["type"];
  if (right.kind !== "table" && isLeftTable) {
    const hint = `FROM ${qualifierOf(right)} JOIN ${qualifierOf(relations[0])} …`;
    return report.error("INVALID_JOIN", join.right.span, "a table is joined to a stream, not a stream to a table", hint);
  }
  if (right.kind === "table" && !isLeftTable && kind !== "inner" && kind !== "left") {
    const hint = "INNER and LEFT joins are: each row of the stream is one row, or none";
    return report.error("INVALID_JOIN", span, `${type} joins of a stream with a table have no meaning`, hint);
  }
  const paired = right.kind === "table" ? tableKeys(keys, relation, join.right, scope) : keys;
  if (paired === null) return null;
  const [owner] = scope.located;
  if (isLeftTable && owner === undefined) {
    const hint = "write it before the FULL join, or INSERT what is joined INTO a topic and read that as a table";
    return report.error("NOT_SUPPORTED_YET", span, "joins behind a FULL join of tables are not supported yet", hint);
  }
  const isForeign = isLeftTable && !isByKey(paired, scope);
  if (isForeign && kind !== "inner" && kind !== "left") {
    const message = `${type} joins need the keys of both tables in ON`;
    return report.error("INVALID_JOIN", span, message, "by another field of the left table, INNER and LEFT joins are");
  }
  if (isLeftTable && kind === "full" && rest !== null) {
    const message = "FULL joins of tables compare their keys, and nothing else: both rows would be rows of one key";
    return report.error("INVALID_JOIN", span, message, "WHERE filters what is joined");
  }
  const coPartitioned =
    !isForeign &&
    keys.some((pair) => isRecordKey(pair.right, scope, relation) && left.some((index) => isRecordKey(pair.left, scope, index)));
  return {
    type: kind,
    right: sourceOfRelation(right, timeOf(relation, join.right.span)),
    keys: isLeftTable && !isForeign ? paired.map((pair) => leftFromKey(pair, left, join.right.span, scope)) : paired,
    residual: rest,
    within,
    leftKey: isForeign && owner !== undefined ? tableKey(owner, span, scope) : null,
    coPartitioned,
  };
}

/** Whether rows of tables are found by the key of the left one; that of a stage has to be whole. */
function isByKey(paired: readonly Pair[], scope: Scope): boolean {
  const isPart = (pair: Pair): boolean => scope.located.some((index) => isKeyPart(pair.left, scope, index));
  const own = stageColumns(scope.relations[scope.located[0] ?? 0]);
  return paired.every(isPart) && (own === null || own.length === paired.length);
}

/** Part of the key of a table, or all of it. */
function isKeyPart(expr: BoundExpr, scope: Scope, relation: number): boolean {
  const own = stageColumns(scope.relations[relation]);
  if (own !== null) return own.some(({ name }) => isValueField(scope, expr, name, relation));
  const field = expr.kind === "field" ? scope.fields[expr.index] : undefined;
  return isRecordKey(expr, scope, relation) || (field?.root === "key" && field.relation === relation);
}

/** The key of a table, read from the record key; of a stage its columns. */
function tableKey(relation: number, span: Span, scope: Scope): readonly BoundExpr[] {
  const own = stageColumns(scope.relations[relation]);
  if (own !== null) return own.flatMap(({ name, type }) => fieldLeaf(scope, span, "value", [name], type, relation) ?? []);
  const stream = recordsOf(scope.relations[relation] as ScopeRelation).stream;
  const parts = stream?.columns.filter(({ place }) => place?.of === "key-field") ?? [];
  const whole = stream?.columns.find(({ place }) => place?.of === "key");
  const leaves =
    parts.length > 0
      ? parts.map((part) => fieldLeaf(scope, span, "key", [part.name], part.type, relation))
      : [
          whole === undefined
            ? fieldLeaf(scope, span, "key", [], { kind: "string" }, relation)
            : columnLeaf(scope, span, whole, [whole.name], whole.type, relation),
        ];
  return leaves.filter((leaf) => leaf !== null);
}

/** Rows of a table are found by its key alone, as a record that deletes one has nothing else: the right sides, read from the record key. */
function tableKeys(keys: readonly Pair[], relation: number, item: FromItem, scope: Scope): readonly Pair[] | null {
  const { report } = scope;
  const { source, stage } = scope.relations[relation] as ScopeRelation;
  if (stage !== undefined) return stageKeys(keys, relation, item, scope);
  const parts = source.stream?.columns.filter(({ place }) => place?.of === "key-field") ?? [];
  const name = qualifierOf(scope.relations[relation]);
  if (parts.length > 0) {
    const leaves = parts.map((part) => fieldLeaf(scope, item.span, "key", [part.name], part.type, relation));
    const found = leaves.map((leaf) => keys.find((pair) => leaf !== null && isSame(pair.right, leaf)));
    if (found.every((pair) => pair !== undefined) && found.length === keys.length) return found;
    const hint = `ON compares ${parts.map((part) => `${name}.${part.name}`).join(" and ")}`;
    return report.error("INVALID_JOIN", item.span, `rows of the table '${name}' are found by its whole key`, hint);
  }
  const [pair, another] = keys;
  if (pair !== undefined && another === undefined && isRecordKey(pair.right, scope, relation)) {
    return [{ left: pair.left, right: keyLeaf(pair.right, relation, item.span, scope) }];
  }
  const key = source.stream?.columns.find(({ place }) => place?.of === "key")?.name ?? source.stream?.keyField;
  const hint = key ? `ON … = ${name}.${key}` : "CREATE TABLE declares a PRIMARY KEY";
  return report.error("INVALID_JOIN", item.span, `rows of the table '${name}' are found by its key alone`, hint);
}

/** A row of a stage that goes has left the columns that tell it from others. */
function stageKeys(keys: readonly Pair[], relation: number, item: FromItem, scope: Scope): readonly Pair[] | null {
  const right = scope.relations[relation] as ScopeRelation;
  const name = qualifierOf(right);
  const own = stageColumns(right);
  if (own === null) {
    const hint = "select its key, or its groups, with window_start where windows change";
    return scope.report.error("INVALID_JOIN", item.span, `'${name}' does not give what its rows are told apart by`, hint);
  }
  const found = own.flatMap((column) => keys.find((pair) => isValueField(scope, pair.right, column.name, relation)) ?? []);
  if (found.length === own.length && found.length === keys.length) return found;
  const hint = `ON compares ${own.map((column) => `${name}.${column.name}`).join(" and ")}`;
  return scope.report.error("INVALID_JOIN", item.span, `rows of '${name}' are found by all that they are told apart by`, hint);
}

/** The columns that tell the rows of a stage apart that is a table. null: it is none, or they are not all selected. */
function stageColumns(relation: ScopeRelation | undefined): ReturnType<typeof groupColumns> {
  const { stage, kind } = relation ?? {};
  if (stage === undefined || kind !== "table") return null;
  if (stage.parts.aggregated) return groupColumns(stage);
  const identity = tableIdentity({ kind: "coordinates" }, stage.parts, stage.select.from.span);
  if (identity?.kind !== "columns") return null;
  const { output } = stage.parts;
  const columns = identity.columns.flatMap(({ name, expr }) =>
    output.columns.some((column) => column.name === name && isSame(column.expr, expr)) ? [{ name, type: expr.type }] : [],
  );
  return columns.length < identity.columns.length ? null : columns;
}

/** A field of the value that equals the key (`WITH (key = …)`) is read from the key. */
function keyLeaf(expr: BoundExpr, relation: number, span: Span, scope: Scope): BoundExpr {
  const field = expr.kind === "field" ? scope.fields[expr.index] : undefined;
  if (field === undefined || field.root === "key") return expr;
  const type = scope.relations[relation]?.source.stream?.keyFormat === "json" ? field.type : ({ kind: "string" } as const);
  const leaf = fieldLeaf(scope, span, "key", [], type, relation);
  if (leaf === null) return expr;
  return field.type.kind === "string" || field.type.kind === type.kind
    ? leaf
    : { kind: "cast", type: field.type, operand: leaf, safe: false };
}

/** The same of the left side of tables that are joined by their keys: a record that deletes a row has nothing else. */
function leftFromKey(pair: Pair, relations: readonly number[], span: Span, scope: Scope): Pair {
  const owner = relations.find((relation) => scope.relations[relation]?.stage === undefined && isRecordKey(pair.left, scope, relation));
  return owner === undefined ? pair : { ...pair, left: keyLeaf(pair.left, owner, span, scope) };
}

export interface BoundJoined extends Pick<BoundSteps, "lookups"> {
  /** null: what cannot run was reported. */
  readonly steps: readonly BoundJoinStep[] | null;
  readonly key: JoinedKey | null;
}

/** The joins of a SELECT; those of stages without these. */
export function bindJoined(query: BoundQuery, select: Select, scope: Scope, timeOf: EventTimeOf): BoundJoined {
  const bound = bindJoinSteps(query, select, scope, timeOf);
  const { span } = select.from;
  const key = joinedKey(bound?.steps ?? [], select, scope) ?? stageKey(span, scope) ?? placeKey(scope.relations[0], scope, span);
  return { steps: bound?.steps ?? null, lookups: bound?.lookups ?? [], key };
}

/** What the results of a stage are known by; null: not all of it is selected, or no aggregate is read. */
function stageKey(span: Span, scope: Scope): JoinedKey | null {
  const [{ stage, kind }] = scope.relations as [ScopeRelation];
  if (stage === undefined || !stage.parts.aggregated) return null;
  const columns = groupColumns(stage)?.map((column) => ({
    name: column.name,
    expr: fieldLeaf(scope, span, "value", [column.name], column.type),
  }));
  const leaves = columns?.flatMap(({ name, expr }) => (expr === null ? [] : [{ name, expr }])) ?? [];
  return leaves.length === 0 ? null : { of: kind === "table" ? "table" : "streams", columns: leaves };
}

/** The columns by which results of an aggregate are told apart: groups, and windows where they change. null: not all are selected. */
export function groupColumns({ select, parts }: StageQuery): readonly { readonly name: string; readonly type: DataType }[] | null {
  const { groupBy, items, window } = parts.query;
  const nameOf = (isIt: (expr: BoundExpr) => boolean): string | null =>
    items.flatMap((item) => (item.kind === "column" && isIt(item.expr) ? [item.name] : []))[0] ?? null;
  const groups = groupBy.map(({ type }, index) => ({ name: nameOf((expr) => expr.kind === "group" && expr.index === index), type }));
  const bounds = stageEmit(select) === "final" ? [] : windowKeyOf(window);
  const windows = bounds.map((bound) => ({
    name: nameOf((expr) => expr.kind === "window" && expr.bound === bound),
    type: bound === "row" ? BIGINT : TIMESTAMP,
  }));
  const columns = [...groups, ...windows].flatMap(({ name, type }) => (name === null ? [] : [{ name, type }]));
  return columns.length < groups.length + windows.length ? null : columns;
}

/** What rows that are joined are known by: of tables their key, of streams the key by which they are joined. */
export interface JoinedKey {
  readonly of: "table" | "streams";
  readonly columns: readonly { readonly name: string; readonly expr: BoundExpr }[];
}

/** null: the key of the stream's records, or there is no join. */
function joinedKey(steps: readonly BoundJoinStep[], select: Select, scope: Scope): JoinedKey | null {
  const [first] = steps;
  if (first === undefined) return null;
  const isTable = inputRelations(scope).every((relation) => scope.relations[relation]?.kind === "table");
  const named = (expr: BoundExpr, index: number) => ({ name: nameOf(expr, scope) ?? `key_${index + 1}`, expr });
  if (isTable) {
    const own = tableKey(0, select.from.span, scope);
    return { of: "table", columns: own.map((expr, part) => named(eitherKey(expr, steps, part), part)) };
  }
  const ofStreams = steps.filter(({ right }) => right.reads === "stream");
  if (ofStreams.length === 0) return null;
  return { of: "streams", columns: first.keys.map(({ left }, part) => named(eitherKey(left, ofStreams, part), part)) };
}

/** Where the left side may be missing, the key is that of the right one. */
function eitherKey(left: BoundExpr, steps: readonly BoundJoinStep[], part: number): BoundExpr {
  const others = steps.filter(({ type }) => type === "right" || type === "full").flatMap(({ keys }) => keys[part]?.right ?? []);
  if (others.length === 0) return left;
  return { kind: "call", type: left.type, name: "coalesce", args: [left, ...others] };
}

function nameOf(expr: BoundExpr, { fields, relations }: Scope): string | null {
  const leaf = expr.kind === "call" ? expr.args[0] : expr.kind === "cast" ? expr.operand : expr;
  const field = leaf?.kind === "field" ? fields[leaf.index] : undefined;
  if (field === undefined) return null;
  const owner = relations[field.relation];
  const key = owner === undefined ? undefined : recordsOf(owner).stream?.columns.find(({ place }) => place?.of === "key")?.name;
  return field.path.at(-1) ?? key ?? null;
}
