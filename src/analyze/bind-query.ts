import { isDeepStrictEqual } from "node:util";
import type { Expr, FromItem, Join, Path, Select, Stage } from "../../grammar/ast.ts";
import { DAY_MS } from "../model/calendar.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundJoin, BoundQuery, BoundRelation, QueryColumns, RelationKind } from "../model/query.ts";
import type { BoundAggregate, BoundItem } from "../model/statement.ts";
import { TIMESTAMP_MS_MAX } from "../model/timestamp-text.ts";
import { ANY, BOOLEAN, TIMESTAMP, typeName } from "../model/type.ts";
import type { QueryWindow } from "../model/window.ts";
import { bindCondition, bindExpression } from "./bind-expression.ts";
import { bindJoinCondition, checkRelationName } from "./bind-join.ts";
import { bindUnnest, bindUnnestCondition } from "./bind-unnest.ts";
import { bindWindow, checkWindowed } from "./bind-window.ts";
import { someNode } from "./bound-tree.ts";
import { isRecordKey } from "./column-leaf.ts";
import { columnsRelation } from "./columns-relation.ts";
import { declaredTime } from "./declared-time.ts";
import { checkEventTime } from "./event-times.ts";
import { aliasOf, bindGrouping, distinctGrouping, type Grouping, liftOutput, liftToGroups } from "./grouping.ts";
import { importExpr } from "./made-columns.ts";
import { timeLiteral } from "./operators.ts";
import { bindOutput, type Output } from "./output-columns.ts";
import { ranks } from "./over-stage.ts";
import type { Reporter } from "./reporter.ts";
import { dotted } from "./resolve-name.ts";
import { isRowWise, stageEmit } from "./row-wise.ts";
import { allColumns, createScope, fitsLimit, isValueField, node, type Place, type Scope, type ScopeRelation } from "./scope.ts";
import { commonType, isInteger, isTime, mayBe } from "./type-rules.ts";

/** What the names after FROM and JOIN mean; null: reported. */
export interface Relations {
  /** `join`: behind which it stands; null: behind FROM. */
  readonly find: (path: Path, join: Join | null) => Pick<ScopeRelation, "source" | "kind" | "lookup"> | null;
}

export interface QueryEnvironment {
  readonly relations: Relations;
  /** Queries with a name, of WITH. */
  readonly stages: ReadonlyMap<string, NamedQuery>;
  readonly report: Reporter;
}

interface NamedQuery {
  readonly kind: ScopeRelation["kind"];
  readonly columns: QueryColumns;
  readonly parts: QueryParts;
  readonly select: Select;
  /** Whoever reads it can read what it reads instead. */
  readonly isRowWise: boolean;
}

/** A bound SELECT, with what its identity, its clauses and its target are checked against. */
export interface QueryParts {
  readonly query: BoundQuery;
  readonly scope: Scope;
  /** Of groups where there are any. */
  readonly output: Output;
  /** null: stateless, or what is wrong with it was reported. */
  readonly grouping: Grouping | null;
  readonly aggregated: boolean;
  /** The time of START AT. */
  readonly startMs: number | null;
}

/** null: too little is known to say anything about the SELECT, and it was reported. */
export function bindQuery(select: Select, given: QueryEnvironment): QueryParts | null {
  const environment = { ...given, stages: bindStages(select.with, given) };
  const { report } = environment;
  const from = bindRelation(select.from, select, environment);
  if (from === null) return null;
  const scope = createScope(
    from.relation,
    { joined: select.joins.length > 0, windowed: select.window !== null, counted: select.window?.kind === "count" },
    report,
  );
  if (from.merged !== null) mergeUnnests(from.merged, select, scope);
  const joins = bindJoins(select, scope, environment);
  if (joins === null) return null;
  declaredTime(scope, 0, select.from.span);
  const ignored = select.clauses.flatMap((clause) => (clause.kind === "fields" && clause.name === "IGNORE" ? clause.fields : []));
  const structured = select.clauses.some(({ name }) => name === "WITHSTRUCTURE");
  const rows = bindOutput(select.items, placeOf(scope, "SELECT"), { structured, ignored });
  const conditions = [mergedWhere(from.merged, select, scope), ...joins.conditions, bindWhere(select.where, rows, scope)];
  const where = allOf(conditions, select.span, scope);
  const isDistinct = select.distinct && select.groupBy.length === 0 && scope.aggregates.length === 0 && rows.star === null;
  const grouping = isDistinct ? distinctGrouping(rows, scope) : bindGrouping(select.groupBy, rows, scope);
  const having = bindHaving(select.having, rows, grouping, scope);
  const time = bindTimes(select, scope);
  const partitionBy = bindAll(select.partitionBy, placeOf(scope, "PARTITION BY"));
  const roots = [...rows.columns.map(({ expr }) => expr), where, having, ...(grouping?.exprs ?? []), ...joins.bound.map(({ on }) => on)];
  if (!fitsLimit(scope, roots, select.span)) return null;
  const aggregated = isDistinct || select.groupBy.length > 0 || scope.aggregates.length > 0;
  checkWindowed(select, { aggregated, isDistinct }, report);
  const lifted = aggregated && grouping !== null;
  const output = lifted ? liftOutput(rows, grouping, scope) : rows;
  const window = select.window === null ? null : bindWindow(select.window, report);
  const query: BoundQuery = {
    from: from.bound,
    joins: joins.bound,
    unnests: scope.unnests,
    fields: scope.fields,
    where,
    window,
    groupBy: aggregated ? (grouping?.exprs ?? []) : [],
    aggregates: handled(scope.aggregates, window),
    aggregated,
    having: having !== null && lifted ? liftToGroups(having, grouping, scope) : null,
    items: itemsOf(output),
    distinct: select.distinct,
    partitionBy,
    eventTime: time.eventTime,
    union: bindUnion(select, output, environment),
  };
  return { query, scope, output, grouping: aggregated ? grouping : null, aggregated, startMs: time.startMs };
}

/** Windows that overlap are put together from panes, sessions from those that a row connects. */
function handled(aggregates: readonly BoundAggregate[], window: QueryWindow | null): readonly BoundAggregate[] {
  const merges = window !== null && window.kind !== "tumbling" && (window.kind !== "count" || window.advanceRows < window.sizeRows);
  return merges ? aggregates.map((aggregate) => ({ ...aggregate, handling: "merged" })) : aggregates;
}

export function placeOf(scope: Scope, clause: Place["clause"], alias: Place["alias"] = () => null): Place {
  return { scope, clause, inAggregate: false, parameters: [], alias };
}

function bindAll(exprs: readonly Expr[], place: Place): readonly BoundExpr[] {
  return exprs.map((expr) => bindExpression(expr, place)).filter((expr) => expr !== null);
}

function itemsOf({ star, without, columns, partialStars }: Output): readonly BoundItem[] {
  const items = columns.flatMap(({ name, expr }): BoundItem[] => (expr === null ? [] : [{ kind: "column", name, expr }]));
  const members = partialStars.flatMap(({ expr, without: left }): BoundItem[] =>
    expr?.kind === "field" ? [{ kind: "members", expr, without: left }] : [],
  );
  return [...(star === null ? [] : [{ kind: "star", without } as const]), ...items, ...members];
}

// --- relations ---------------------------------------------------------------------------------

/** The stages of WITH, each of which may read those before it. */
export function bindStages(stages: readonly Stage[], environment: QueryEnvironment): ReadonlyMap<string, NamedQuery> {
  if (stages.length === 0) return environment.stages;
  const known = new Map(environment.stages);
  const own = new Set<string>();
  for (const { name, select } of stages) {
    const bound = bindNamed(select, { ...environment, stages: known });
    if (own.has(name.name))
      environment.report.error("DUPLICATE_NAME", name.span, `two stages are named '${name.name}'`, "give one of them another name");
    own.add(name.name);
    if (bound !== null) known.set(name.name, bound);
  }
  return known;
}

function bindNamed(select: Select, environment: QueryEnvironment): NamedQuery | null {
  const parts = bindQuery(select, environment);
  if (parts === null) return null;
  const { from, joins } = parts.query;
  const readsOne = from.kind === "topic" && joins.length === 0 && parts.output.partialStars.length === 0;
  return { kind: kindOf(select, parts), columns: columnsFrom(parts.output), parts, select, isRowWise: readsOne && isRowWise(select) };
}

function columnsFrom({ star, columns, partialStars }: Output): QueryColumns {
  if (star !== null || partialStars.length > 0) return null;
  return columns.map(({ name, expr }) => ({ name, type: expr?.type ?? ANY }));
}

/** Groups are a table, whose rows change until they are final; anything else is what it was made of. */
function kindOf(select: Select, { aggregated, scope }: QueryParts): ScopeRelation["kind"] {
  const { readAs } = select;
  if (aggregated) return stageEmit(select) === "final" ? "stream" : "table";
  if (scope.overs.length > 0) return ranks(scope) ? "table" : "stream";
  if (readAs !== null) return readAs === "TABLE" ? "table" : "stream";
  const kinds = scope.relations.map(({ kind }) => kind);
  if (kinds.includes("stream")) return "stream";
  return kinds.every((kind) => kind === "table") ? "table" : null;
}

interface Found {
  readonly relation: ScopeRelation;
  readonly bound: BoundRelation;
  /** The query that `relation` stands for, where the SELECT reads what that one reads. */
  readonly merged: QueryParts | null;
}

function bindRelation(item: FromItem, { readAs, joins }: Select, environment: QueryEnvironment, join: Join | null = null): Found | null {
  const alias = item.alias?.name ?? null;
  if (item.kind === "unnest") return null;
  const stage = item.kind === "derived" ? bindNamed(item.select, environment) : stageOf(item.path, environment);
  if (item.kind === "derived" && stage === null) return null;
  const name = item.kind === "derived" ? (alias ?? "the sub-query") : dotted(item.path);
  if (stage !== null) {
    const isAlone = joins.every(({ right }) => right.kind === "unnest");
    return stage.isRowWise && isAlone ? mergedQuery(stage, alias, name) : foundQuery(stage, alias, name);
  }
  const found = item.kind === "relation" ? environment.relations.find(item.path, join) : null;
  if (found === null) return null;
  if (found.lookup === true) {
    const { source } = found;
    const bound = { kind: "lookup", name: `${source.connection.name}.${source.name}`, reads: "table" } as const;
    return { relation: { source, alias, kind: "table", made: null, lookup: true }, bound, merged: null };
  }
  const kind = readAs === null ? found.kind : readAs === "TABLE" ? "table" : "stream";
  const bound: BoundRelation = { kind: "topic", name: found.source.name, reads: reads(kind) };
  return { relation: { source: found.source, alias, kind, made: null }, bound, merged: null };
}

function stageOf({ parts: [first, second] }: Path, { stages }: QueryEnvironment): NamedQuery | null {
  return (first !== undefined && second === undefined ? stages.get(first.name) : undefined) ?? null;
}

function foundQuery({ kind, columns, parts, select }: NamedQuery, alias: string | null, name: string): Found {
  const isText = !parts.aggregated && parts.scope.source.stream?.keyFormat === "string";
  const source = columnsRelation(name, columns, { keyField: keyColumnOf(parts, select), format: isText ? "string" : "json" });
  const relation: ScopeRelation = { source, alias, kind, made: null, stage: { select, parts } };
  return { relation, bound: { kind: "query", name, reads: reads(kind), query: parts.query }, merged: null };
}

/** The column that groups are made by, if it is one; of rows the one that is their key. */
function keyColumnOf({ query: { groupBy, items, aggregated, window }, scope }: QueryParts, select: Select): string | null {
  if (!aggregated) {
    const key = items.find((item) => item.kind === "column" && scope.located.some((relation) => isRecordKey(item.expr, scope, relation)));
    return key?.kind === "column" ? key.name : null;
  }
  // Of windows that change, these are part of the key.
  if (window !== null && stageEmit(select) === "changes") return null;
  const found = items.find((item) => item.kind === "column" && item.expr.kind === "group");
  return groupBy.length === 1 && found?.kind === "column" ? found.name : null;
}

const reads = (kind: ScopeRelation["kind"]): RelationKind => kind ?? "unknown";

interface BoundJoins {
  readonly bound: readonly BoundJoin[];
  /** What ON says of elements. */
  readonly conditions: readonly (BoundExpr | null)[];
}

function bindJoins(select: Select, scope: Scope, environment: QueryEnvironment): BoundJoins | null {
  const bound: BoundJoin[] = [];
  const conditions: (BoundExpr | null)[] = [];
  for (const join of select.joins) {
    const { right, type } = join;
    const found = right.kind === "unnest" ? null : bindRelation(right, select, environment, join);
    const relation = right.kind === "unnest" ? bindUnnest(right, type === "LEFT", placeOf(scope, "UNNEST")) : (found?.relation ?? null);
    if (relation === null) return null;
    scope.relations.push(relation);
    checkRelationName(relation, right.span, scope);
    if (found === null) conditions.push(bindUnnestCondition(join, placeOf(scope, "ON")));
    else bound.push({ type, right: found.bound, ...bindJoinCondition(join, placeOf(scope, "ON")) });
  }
  return { bound, conditions };
}

// --- merging -----------------------------------------------------------------------------------

/** A row-wise query reads a topic row by row: in its place the topic is read, and its columns are expressions over the record. */
function mergedQuery({ kind, columns, parts }: NamedQuery, alias: string | null, name: string): Found {
  const { output, scope, query } = parts;
  const byName = new Map(output.columns.map((column) => [column.name, column.expr]));
  const made = { byName, isOpen: output.star !== null, scope };
  return { relation: { source: columnsRelation(name, columns), alias, kind, made }, bound: query.from, merged: parts };
}

/** Its elements come first, so that theirs keep their numbers. */
function mergeUnnests({ scope: inner }: QueryParts, { from }: Select, scope: Scope): void {
  const place = placeOf(scope, "UNNEST");
  for (const { arrays, outer } of inner.unnests) {
    const imported = arrays.map((array) => importExpr(array, inner, place, from.span));
    scope.unnests.push({ arrays: imported.filter((array) => array !== null), outer });
  }
  scope.keyUse.whole ??= inner.keyUse.whole;
  scope.keyUse.fields ??= inner.keyUse.fields;
}

function mergedWhere(merged: QueryParts | null, { from }: Select, scope: Scope): BoundExpr | null {
  const where = merged?.query.where ?? null;
  return merged === null || where === null ? null : importExpr(where, merged.scope, placeOf(scope, "WHERE"), from.span);
}

function allOf(conditions: readonly (BoundExpr | null)[], span: Select["span"], scope: Scope): BoundExpr | null {
  let all: BoundExpr | null = null;
  for (const condition of conditions) {
    if (condition === null) continue;
    all = all === null ? condition : node(scope, span, { kind: "binary", type: BOOLEAN, op: "and", left: all, right: condition });
  }
  return all;
}

// --- clauses -----------------------------------------------------------------------------------

/** EVENTTIME BY and START AT. */
function bindTimes(
  { eventTime, startAt }: Select,
  scope: Scope,
): { readonly eventTime: BoundExpr | null; readonly startMs: number | null } {
  const bind = (expr: Expr, clause: "EVENTTIME BY" | "START AT"): BoundExpr | null => {
    const bound = bindExpression(expr, placeOf(scope, clause));
    if (bound === null || mayBe(bound.type, (type) => isTime(type) || isInteger(type) || type.kind === "string")) return bound;
    const message = `${clause} needs a TIMESTAMP, but this is ${typeName(bound.type)}`;
    return scope.report.error("TYPE_MISMATCH", expr.span, message, "epoch milliseconds and ISO 8601 texts are times too");
  };
  const start = startAt?.time ?? null;
  const time = start?.kind === "string" ? timeLiteral(scope, start.value, start.span, TIMESTAMP) : start && bind(start, "START AT");
  const startMs = time === null ? null : timeOf(time);
  if (start !== null && time !== null && startMs === null)
    scope.report.error("INVALID_VALUE", start.span, "this is no time", "for example START AT '2026-01-01T00:00:00Z'");
  const expr = eventTime === null ? null : bind(eventTime, "EVENTTIME BY");
  if (eventTime !== null && expr !== null) checkEventTime(expr, eventTime, scope);
  return { startMs, eventTime: expr };
}

/** In ms; null: it is none. */
function timeOf({ type, ...expr }: BoundExpr): number | null {
  if (expr.kind !== "literal" || typeof expr.value !== "number") return null;
  const ms = type.kind === "date" ? expr.value * DAY_MS : expr.value;
  return Math.abs(ms) <= TIMESTAMP_MS_MAX ? ms : null;
}

function bindWhere(where: Expr | null, output: Output, scope: Scope): BoundExpr | null {
  if (where === null) return null;
  const bound = bindCondition(where, placeOf(scope, "WHERE"), "WHERE");
  if (bound !== null && allColumns(scope) === null) warnOfAliases(bound, output, scope);
  return bound;
}

/** Declared streams get an error for an unknown column; in a schemaless one the alias would be read as a field. */
function warnOfAliases(where: BoundExpr, output: Output, scope: Scope): void {
  someNode(where, (node) => {
    const field = node.kind === "field" ? scope.fields[node.index] : undefined;
    const name = field?.root === "value" && field.path.length === 1 ? field.text : null;
    const aliased = name === null ? null : aliasOf(name, output);
    if (name === null || aliased === null || someNode(aliased, (inner) => isValueField(scope, inner, name))) return false;
    const hint = someNode(aliased, (inner) => inner.kind === "aggregate") ? "HAVING filters groups" : "write the expression itself";
    const message = `'${name}' is a field of the record here, not the alias of SELECT`;
    scope.report.warning("ALIAS_NOT_VISIBLE", scope.spans.get(node) ?? { start: 0, end: 0 }, message, hint);
    return false;
  });
}

/** In HAVING an alias of SELECT comes before a field, unless the rows are grouped by that field. */
function bindHaving(having: Expr | null, output: Output, grouping: Grouping | null, scope: Scope): BoundExpr | null {
  if (having === null) return null;
  const isGrouped = (name: string): boolean => grouping?.exprs.some((expr) => isValueField(scope, expr, name)) ?? false;
  const place = placeOf(scope, "HAVING", (name) => (isGrouped(name) ? null : aliasOf(name, output)));
  return bindCondition(having, place, "HAVING");
}

// --- UNION -------------------------------------------------------------------------------------

function bindUnion({ union, items }: Select, output: Output, environment: QueryEnvironment): readonly BoundQuery[] {
  const first = columnsFrom(output);
  return union.flatMap((member) => {
    const bound = bindQuery(member, environment);
    if (bound === null) return [];
    const columns = columnsFrom(bound.output);
    const span = { start: member.items[0]?.span.start ?? member.span.start, end: member.items.at(-1)?.span.end ?? member.span.end };
    if (first !== null && columns !== null && items.length > 0) checkMember(first, columns, span, environment.report);
    return [bound.query];
  });
}

function checkMember(first: NonNullable<QueryColumns>, columns: NonNullable<QueryColumns>, span: Expr["span"], report: Reporter): void {
  if (columns.length !== first.length) {
    const message = `this SELECT has ${columns.length} columns, the first one of the UNION has ${first.length}`;
    report.error("COLUMNS_DIFFER", span, message, "all members of a UNION have the same columns");
    return;
  }
  for (const [index, { type }] of columns.entries()) {
    const wanted = first[index] as (typeof first)[number];
    if (isDeepStrictEqual(type, wanted.type) || commonType(wanted.type, type) !== null) continue;
    const message = `column ${index + 1} is ${typeName(type)} here, in the first SELECT '${wanted.name}' is ${typeName(wanted.type)}`;
    report.error("COLUMNS_DIFFER", span, message, "CAST makes them one type");
  }
}
