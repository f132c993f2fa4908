import { isDeepStrictEqual } from "node:util";
import type { Expr, FromItem, Path, Select, Stage, Unnest } from "../../grammar/ast.ts";
import type { DeclaredStream } from "../catalog/catalog.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundJoin, BoundQuery, BoundRelation, QueryColumns, RelationKind } from "../model/query.ts";
import type { BoundItem } from "../model/statement.ts";
import { ANY, type DataType, TIMESTAMP, typeName } from "../model/type.ts";
import { bindCondition, bindExpression } from "./bind-expression.ts";
import { bindJoinCondition, checkRelationName } from "./bind-join.ts";
import { bindWindow, checkWindowed } from "./bind-window.ts";
import { someNode } from "./bound-tree.ts";
import { aliasOf, bindGrouping, type Grouping, liftOutput, liftToGroups } from "./grouping.ts";
import { bindOutput, type Output } from "./output-columns.ts";
import type { Reporter } from "./reporter.ts";
import { columnsOf, dotted, type ResolvedSource } from "./resolve-name.ts";
import { allColumns, createScope, fieldLeaf, fitsLimit, isValueField, type Place, type Scope, type ScopeRelation } from "./scope.ts";
import { commonType, isInteger, isTime, mayBe } from "./type-rules.ts";

/** What the names after FROM and JOIN mean; null: reported. */
export interface Relations {
  readonly find: (path: Path) => Omit<ScopeRelation, "alias"> | null;
}

export interface QueryEnvironment {
  readonly relations: Relations;
  /** Queries with a name, of WITH. */
  readonly stages: ReadonlyMap<string, NamedQuery>;
  readonly report: Reporter;
}

interface NamedQuery {
  readonly relation: Omit<ScopeRelation, "alias">;
  readonly query: BoundQuery;
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
  /** Of the declared event time among the fields. */
  readonly eventTime: number | null;
}

/** null: too little is known to say anything about the SELECT, and it was reported. */
export function bindQuery(select: Select, given: QueryEnvironment): QueryParts | null {
  const environment = { ...given, stages: bindStages(select.with, given) };
  const { report } = environment;
  const from = bindRelation(select.from, select, environment);
  if (from === null) return null;
  const scope = createScope(from.relation, { joined: select.joins.length > 0, windowed: select.window !== null }, report);
  const joins = bindJoins(select, scope, environment);
  if (joins === null) return null;
  const eventTime = declaredTime(scope, select);
  const ignored = select.clauses.flatMap((clause) => (clause.kind === "fields" && clause.name === "IGNORE" ? clause.fields : []));
  const structured = select.clauses.some(({ name }) => name === "WITHSTRUCTURE");
  const rows = bindOutput(select.items, placeOf(scope, "SELECT"), { structured, ignored });
  const where = bindWhere(select.where, rows, scope);
  const grouping = bindGrouping(select.groupBy, rows, scope);
  const having = bindHaving(select.having, rows, grouping, scope);
  const time = bindTimes(select, scope);
  const partitionBy = bindAll(select.partitionBy, placeOf(scope, "PARTITION BY"));
  const roots = [...rows.columns.map(({ expr }) => expr), where, having, ...(grouping?.exprs ?? []), ...joins.map(({ on }) => on)];
  if (!fitsLimit(scope, roots, select.span)) return null;
  const aggregated = select.groupBy.length > 0 || scope.aggregates.length > 0;
  checkWindowed(select, aggregated, report);
  const lifted = aggregated && grouping !== null;
  const output = lifted ? liftOutput(rows, grouping, scope) : rows;
  const query: BoundQuery = {
    from: from.bound,
    joins,
    fields: scope.fields,
    where,
    window: select.window === null ? null : bindWindow(select.window, report),
    groupBy: aggregated ? (grouping?.exprs ?? []) : [],
    aggregates: scope.aggregates,
    aggregated,
    having: having !== null && lifted ? liftToGroups(having, grouping, scope) : null,
    items: itemsOf(output),
    distinct: select.distinct,
    partitionBy,
    eventTime: time,
    union: bindUnion(select, output, environment),
  };
  return { query, scope, output, grouping: aggregated ? grouping : null, aggregated, eventTime };
}

export function placeOf(scope: Scope, clause: Place["clause"], alias: Place["alias"] = () => null): Place {
  return { scope, clause, inAggregate: false, parameters: [], alias };
}

function bindAll(exprs: readonly Expr[], place: Place): readonly BoundExpr[] {
  return exprs.map((expr) => bindExpression(expr, place)).filter((expr) => expr !== null);
}

function itemsOf({ star, columns }: Output): readonly BoundItem[] {
  const items = columns.flatMap(({ name, expr }): BoundItem[] => (expr === null ? [] : [{ kind: "column", name, expr }]));
  return star === null ? items : [{ kind: "star" }, ...items];
}

// --- relations ---------------------------------------------------------------------------------

/** The stages of WITH, each of which may read those before it. */
export function bindStages(stages: readonly Stage[], environment: QueryEnvironment): ReadonlyMap<string, NamedQuery> {
  if (stages.length === 0) return environment.stages;
  const known = new Map(environment.stages);
  const own = new Set<string>();
  for (const { name, select } of stages) {
    const bound = bindNamed(name.name, select, { ...environment, stages: known });
    if (own.has(name.name))
      environment.report.error("DUPLICATE_NAME", name.span, `two stages are named '${name.name}'`, "give one of them another name");
    own.add(name.name);
    if (bound !== null) known.set(name.name, bound);
  }
  return known;
}

function bindNamed(name: string, select: Select, environment: QueryEnvironment): NamedQuery | null {
  const parts = bindQuery(select, environment);
  if (parts === null) return null;
  return { query: parts.query, relation: { source: asSource(name, columnsFrom(parts.output)), kind: kindOf(select, parts) } };
}

function columnsFrom({ star, columns, partialStars }: Output): QueryColumns {
  if (star !== null || partialStars.length > 0) return null;
  return columns.map(({ name, expr }) => ({ name, type: expr?.type ?? ANY }));
}

/** Groups are a table, whose rows change; anything else is what it was made of. */
function kindOf({ readAs }: Select, { aggregated, scope }: QueryParts): ScopeRelation["kind"] {
  if (aggregated) return "table";
  if (readAs !== null) return readAs === "TABLE" ? "table" : "stream";
  const kinds = scope.relations.map(({ kind }) => kind);
  if (kinds.includes("stream")) return "stream";
  return kinds.every((kind) => kind === "table") ? "table" : null;
}

/** What belongs to no connection. */
const NOWHERE = { name: "", kind: "embedded", as: "embedded" } as const;

/** Columns of a query as if they were declared; null: any may be there. */
export function asSource(name: string, columns: QueryColumns): ResolvedSource {
  const stream: DeclaredStream | null =
    columns === null
      ? null
      : { name, connection: "", topic: name, columns, keyField: null, keyFormat: "json", timestampField: null, partitions: null };
  return { connection: NOWHERE, name, stream };
}

interface Found {
  readonly relation: ScopeRelation;
  readonly bound: BoundRelation;
}

function bindRelation(item: FromItem, { readAs }: Select, environment: QueryEnvironment): Found | null {
  const alias = item.alias?.name ?? null;
  if (item.kind === "derived") {
    const named = bindNamed(alias ?? "the sub-query", item.select, environment);
    return named === null ? null : foundQuery(named, alias, alias ?? "");
  }
  if (item.kind === "unnest") return null;
  const [first, second] = item.path.parts;
  const stage = first !== undefined && second === undefined ? environment.stages.get(first.name) : undefined;
  if (stage !== undefined) return foundQuery(stage, alias, dotted(item.path));
  const found = environment.relations.find(item.path);
  if (found === null) return null;
  const kind = readAs === null ? found.kind : readAs === "TABLE" ? "table" : "stream";
  const bound: BoundRelation = { kind: "topic", name: found.source.name, reads: reads(kind) };
  return { relation: { source: found.source, alias, kind }, bound };
}

function foundQuery({ relation, query }: NamedQuery, alias: string | null, name: string): Found {
  return { relation: { ...relation, alias }, bound: { kind: "query", name, reads: reads(relation.kind), query } };
}

const reads = (kind: ScopeRelation["kind"]): RelationKind => kind ?? "unknown";

function bindJoins(select: Select, scope: Scope, environment: QueryEnvironment): readonly BoundJoin[] | null {
  const joins: BoundJoin[] = [];
  for (const join of select.joins) {
    const found = join.right.kind === "unnest" ? bindUnnest(join.right, scope) : bindRelation(join.right, select, environment);
    if (found === null) return null;
    scope.relations.push(found.relation);
    checkRelationName(found.relation, join.right.span, scope);
    joins.push({ type: join.type, right: found.bound, ...bindJoinCondition(join, placeOf(scope, "ON")) });
  }
  return joins;
}

/** `UNNEST(items) AS t(item)`: `t.item`, `item`; without columns `t` is the element itself. */
function bindUnnest({ operand, alias, columns, span }: Unnest, scope: Scope): Found | null {
  const bound = bindExpression(operand, placeOf(scope, "UNNEST"));
  if (bound === null) return null;
  const { type } = bound;
  if (!mayBe(type, ({ kind }) => kind === "array" || kind === "map")) {
    return scope.report.error(
      "TYPE_MISMATCH",
      operand.span,
      `UNNEST needs an ARRAY or a MAP, but this is ${typeName(type)}`,
      "ARRAY[…] makes one",
    );
  }
  const element: DataType = type.kind === "array" ? type.element : type.kind === "map" ? type.value : ANY;
  const name = alias?.name ?? "element";
  const names = columns.length === 0 ? [name] : columns.map((column) => column.name);
  const inner = element.kind === "struct" ? element.fields : [];
  if (columns.length > 1 && element.kind === "struct" && columns.length > inner.length) {
    const message = `an element has ${inner.length} fields, but here are ${columns.length} names`;
    scope.report.error("COLUMNS_DIFFER", span, message, `its fields are ${inner.map((field) => field.name).join(", ")}`);
  }
  const typed = names.map((column, index) => ({ name: column, type: names.length === 1 ? element : (inner[index]?.type ?? ANY) }));
  // Without names for columns the relation has no name of its own: `t.sku` is a field of the element `t`.
  const relation: ScopeRelation = { source: asSource(columns.length === 0 ? "" : name, typed), alias: null, kind: null };
  return { relation, bound: { kind: "unnest", name, operand: bound } };
}

// --- clauses -----------------------------------------------------------------------------------

/** The declared event time is read from every record, whether or not an expression names it. */
function declaredTime(scope: Scope, { from }: Select): number | null {
  const { stream } = scope.source;
  if (stream === null || stream.timestampField === null) return null;
  const type = columnsOf(scope.source)?.find(({ name }) => name === stream.timestampField)?.type ?? TIMESTAMP;
  const leaf = fieldLeaf(scope, from.span, "value", [stream.timestampField], type);
  return leaf?.kind === "field" ? leaf.index : null;
}

/** EVENTTIME BY and START AT. */
function bindTimes({ eventTime, startAt }: Select, scope: Scope): BoundExpr | null {
  const bind = (expr: Expr, clause: "EVENTTIME BY" | "START AT"): BoundExpr | null => {
    const bound = bindExpression(expr, placeOf(scope, clause));
    if (bound === null || mayBe(bound.type, (type) => isTime(type) || isInteger(type) || type.kind === "string")) return bound;
    const message = `${clause} needs a TIMESTAMP, but this is ${typeName(bound.type)}`;
    return scope.report.error("TYPE_MISMATCH", expr.span, message, "epoch milliseconds and ISO 8601 texts are times too");
  };
  if (startAt !== null && startAt.time !== null) bind(startAt.time, "START AT");
  return eventTime === null ? null : bind(eventTime, "EVENTTIME BY");
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
