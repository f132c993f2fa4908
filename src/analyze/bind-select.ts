import type { Expr, Span } from "../../grammar/ast.ts";
import { durationMs } from "../../grammar/units.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundIdentity, BoundItem, BoundSource, BoundStatement, BoundTarget, StatementSettings } from "../model/statement.ts";
import { TIMESTAMP } from "../model/type.ts";
import { bindCondition } from "./bind-expression.ts";
import { someNode } from "./bound-tree.ts";
import { bindClauses, bindEmit } from "./clauses.ts";
import { aliasOf, bindGrouping, type Grouping, liftOutput, liftToGroups } from "./grouping.ts";
import {
  type BoundKey,
  bindKey,
  checkTableKey,
  coversKey,
  idsCoveredByKey,
  type KeyInput,
  refuseScatteredGroups,
  warnOfUncoveredKey,
} from "./identity.ts";
import type { RunnableSelect } from "./not-yet.ts";
import { bindOutput, type Output } from "./output-columns.ts";
import type { Reporter } from "./reporter.ts";
import { columnsOf, type ResolvedSource } from "./resolve-name.ts";
import { createScope, fieldLeaf, fitsLimit, isValueField, type Place, type Scope } from "./scope.ts";

/** A SELECT with everything around it resolved. */
export interface SelectInput {
  readonly name: string;
  /** Canonical, of the whole statement. */
  readonly statementText: string;
  /** Of the file, for places inside clauses. */
  readonly text: string;
  readonly mode: "insert" | "upsert";
  readonly select: RunnableSelect;
  readonly source: ResolvedSource;
  /** null: an ad hoc SELECT. */
  readonly target: BoundTarget | null;
  /** The target keeps the key rules of Cassandra. */
  readonly needsKey: boolean;
  readonly settings: StatementSettings;
  /** Where the target, or an ad hoc SELECT, is written. */
  readonly span: Span;
}

/** What else the pipeline must know of a statement. */
export interface BoundSelect {
  readonly statement: BoundStatement;
  /** Its rows are identified by PK. */
  readonly hasPk: boolean;
  /** The source is a declared stream. */
  readonly isDeclared: boolean;
  readonly keyUse: Scope["keyUse"];
}

/** null: too little is known to say anything about the statement, and it was reported. */
export function bindSelect(input: SelectInput, report: Reporter): BoundSelect | null {
  const { select, source, target } = input;
  const windowed = select.window !== null;
  const scope = createScope(source, select.from.alias?.name ?? null, windowed, report);
  const eventTime = bindEventTime(scope, select.from.span);
  const rows = bindOutput(select.items, placeOf(scope, "SELECT"));
  const where = bindWhere(select.where, rows, scope);
  const grouping = bindGrouping(select.groupBy, rows, scope);
  const having = bindHaving(select.having, rows, grouping, scope);
  const roots = [...rows.columns.map(({ expr }) => expr), where, having, ...(grouping?.exprs ?? [])];
  if (!fitsLimit(scope, roots, input.span)) return null;
  const aggregated = select.groupBy.length > 0 || scope.aggregates.length > 0;
  checkShape(input, aggregated, report);

  const lifted = aggregated && grouping !== null;
  const output = lifted ? liftOutput(rows, grouping, scope) : rows;
  const clauses = bindClauses(select.clauses, { target, aggregated, windowed, text: input.text }, report);
  const appends = target?.kind === "topic" && input.mode === "insert";
  const key: KeyInput = { scope, output, grouping: aggregated ? grouping : null, pk: clauses.pk, appends };
  const bound = aggregated && grouping === null ? null : checkKey(input, key);
  const identity: BoundIdentity = bound?.identity ?? { kind: "coordinates" };
  if (aggregated && grouping !== null) refuseScatteredGroups(grouping, groupSpan(select), scope);
  const statement: BoundStatement = {
    name: input.name,
    text: input.statementText,
    mode: input.mode,
    source: bindSource(source, eventTime),
    target,
    fields: scope.fields,
    where,
    window: bindWindow(select),
    groupBy: aggregated ? (grouping?.exprs ?? []) : [],
    aggregates: scope.aggregates,
    aggregated,
    having: having !== null && lifted ? liftToGroups(having, grouping, scope) : null,
    items: itemsOf(output),
    identity,
    recordKey: bound?.recordKey ?? null,
    emit: bindEmit(select, { target, aggregated, windowed, text: input.text }, report),
    suffix: clauses.suffix,
    batchSize: clauses.batchSize,
    ttlSeconds: clauses.ttlSeconds,
    autocreate: clauses.autocreate,
    limit: select.limit?.count ?? null,
    idsCoveredByKey: idsCoveredByKey(identity, key.grouping, scope),
    needsSinglePartition: aggregated && grouping !== null && !coversKey(grouping.exprs, scope),
    settings: input.settings,
  };
  return { statement, hasPk: clauses.pk !== null && !appends, isDeclared: source.stream !== null, keyUse: scope.keyUse };
}

function placeOf(scope: Scope, clause: Place["clause"], alias: Place["alias"] = () => null): Place {
  return { scope, clause, inAggregate: false, parameters: [], alias };
}

/** The declared event time is read from every record, whether or not an expression names it. */
function bindEventTime(scope: Scope, span: Span): number | null {
  const { stream } = scope.source;
  if (stream === null || stream.timestampField === null) return null;
  const type = columnsOf(scope.source)?.find(({ name }) => name === stream.timestampField)?.type ?? TIMESTAMP;
  const leaf = fieldLeaf(scope, span, "value", [stream.timestampField], type);
  return leaf?.kind === "field" ? leaf.index : null;
}

function bindSource(source: ResolvedSource, eventTime: number | null): BoundSource {
  const { connection, name, stream } = source;
  return {
    connection: connection.name,
    topic: name,
    valueFormat: "json",
    keyFormat: stream?.keyFormat ?? "string",
    eventTime,
    keyField: stream?.keyField ?? null,
    partitions: stream?.partitions ?? null,
    columns: columnsOf(source),
  };
}

function bindWindow({ window }: RunnableSelect): BoundStatement["window"] {
  if (window === null) return null;
  return { kind: "tumbling", sizeMs: durationMs(window.size), graceMs: window.grace === null ? 0 : durationMs(window.grace) };
}

function bindWhere(where: Expr | null, output: Output, scope: Scope): BoundExpr | null {
  if (where === null) return null;
  const bound = bindCondition(where, placeOf(scope, "WHERE"), "WHERE");
  if (bound !== null && columnsOf(scope.source) === null) warnOfAliases(bound, output, scope);
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
  return bindCondition(
    having,
    placeOf(scope, "HAVING", (name) => (isGrouped(name) ? null : aliasOf(name, output))),
    "HAVING",
  );
}

/** Clauses that need each other. */
function checkShape({ select, target }: SelectInput, aggregated: boolean, report: Reporter): void {
  const { having, window, limit } = select;
  const star = select.items.find((item) => item.kind === "star");
  if (aggregated && star !== undefined) {
    report.error(
      "NOT_GROUPED",
      star.span,
      "* has many values in a group",
      "select grouping fields, aggregates, window_start and window_end by name",
    );
  }
  if (!aggregated && having !== null) {
    report.error("CLAUSE_NOT_ALLOWED", having.span, "HAVING filters groups, and rows are not grouped", "write WHERE");
  }
  if (!aggregated && window !== null) {
    report.error(
      "CLAUSE_NOT_ALLOWED",
      window.span,
      "WINDOW needs aggregates or GROUP BY",
      "for example SELECT deviceId, COUNT(*) … GROUP BY deviceId",
    );
  }
  if (limit !== null && target !== null) {
    report.error("CLAUSE_NOT_ALLOWED", limit.span, "LIMIT ends a SELECT; a pipeline does not end", "leave LIMIT out");
  }
}

function checkKey(input: SelectInput, key: KeyInput): BoundKey | null {
  const { report } = key.scope;
  const bound = bindKey(key);
  if (input.mode === "upsert" && key.pk === null) {
    report.error("KEY_REQUIRED", input.span, "UPSERT needs PK: it says which row to change", "for example PK deviceId, or INSERT INTO");
  }
  if (bound === null) return null;
  // Rows that are shown replace nothing: they need no key, and none is missing where a grouping value is null.
  if (input.target === null) return { identity: { kind: "coordinates" }, recordKey: key.grouping === null ? bound.recordKey : [] };
  if (input.needsKey) checkTableKey(key, bound.identity, input.target, input.span);
  warnOfUncoveredKey(key, bound.identity);
  return bound;
}

function itemsOf({ star, columns }: Output): readonly BoundItem[] {
  const items = columns.flatMap(({ name, expr }): BoundItem[] => (expr === null ? [] : [{ kind: "column", name, expr }]));
  return star === null ? items : [{ kind: "star" }, ...items];
}

function groupSpan({ groupBy, items, from }: RunnableSelect): Span {
  const first = groupBy[0]?.span ?? items[0]?.span ?? from.span;
  const last = groupBy.at(-1)?.span ?? items.at(-1)?.span ?? from.span;
  return { start: first.start, end: last.end };
}
