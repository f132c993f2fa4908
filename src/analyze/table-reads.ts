import type { Select, Span } from "../../grammar/ast.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundQuery } from "../model/query.ts";
import type { BoundAggregate, BoundIdentity, BoundStatement } from "../model/statement.ts";
import { BIGINT, BOOLEAN, STRING } from "../model/type.ts";
import type { QueryParts } from "./bind-query.ts";
import { isSame } from "./bound-tree.ts";
import { columnLeaf } from "./column-leaf.ts";
import type { JoinedKey } from "./join-steps.ts";
import type { Unbuilt } from "./not-yet.ts";
import type { Reporter } from "./reporter.ts";
import { fieldLeaf, isValueField, type Scope } from "./scope.ts";

/** Whether rows of a table are read, or of joined tables: rows that replace each other, by their key. */
export function isOfTable({ from, joins }: Pick<BoundQuery, "from" | "joins">): boolean {
  return from.reads === "table" && joins.every(({ right }) => right.reads === "table");
}

/** A group of a table loses rows, too: it is there while it has one. Its aggregates take them back. */
export function groupsOfTable(query: BoundQuery, joined: JoinedKey | null): Pick<BoundStatement, "aggregates" | "having" | "rowKey"> {
  const { aggregates, having } = query;
  if (!query.aggregated || !isOfTable(query)) return { aggregates, having, rowKey: null };
  const known = aggregates.findIndex(({ name, argument }) => name === "count" && argument === null);
  const taken = aggregates.map((aggregate): BoundAggregate => ({ ...aggregate, handling: "retracted" }));
  const all = known >= 0 ? taken : [...taken, ROWS];
  const rows: BoundExpr = { kind: "aggregate", type: BIGINT, index: known >= 0 ? known : taken.length };
  const one: BoundExpr = { kind: "literal", type: BIGINT, value: 1 };
  const isThere: BoundExpr = { kind: "binary", type: BOOLEAN, op: ">=", left: rows, right: one };
  const both = having === null ? isThere : ({ kind: "binary", type: BOOLEAN, op: "and", left: isThere, right: having } as const);
  return { aggregates: all, having: both, rowKey: joined?.columns.map(({ expr }) => expr) ?? null };
}

const ROWS: BoundAggregate = {
  name: "count",
  argument: null,
  more: [],
  distinct: false,
  filter: null,
  handling: "retracted",
  type: BIGINT,
  text: "COUNT(*)",
};

/** The columns of the record key, by which the rows of a table are told apart. */
function keyOf(scope: Scope, span: Span): readonly { readonly name: string; readonly expr: BoundExpr }[] {
  const { stream } = scope.source;
  const declared = stream?.columns.filter(({ place }) => place?.of === "key" || place?.of === "key-field") ?? [];
  const columns = declared.map((column) => ({ name: column.name, expr: columnLeaf(scope, span, column, [column.name], column.type, 0) }));
  const keyField = stream?.keyField ?? null;
  const field = stream?.columns.find(({ name }) => name === keyField);
  if (columns.length === 0 && keyField !== null && field !== undefined)
    columns.push({ name: keyField, expr: fieldLeaf(scope, span, "value", [keyField], field.type) });
  if (columns.length === 0) {
    scope.keyUse.whole ??= span;
    columns.push({ name: "_key", expr: fieldLeaf(scope, span, "key", [], STRING) });
  }
  return columns.flatMap(({ name, expr }) => (expr === null ? [] : [{ name, expr }]));
}

/**
 * The id of a row of a table: its key, under the names that SELECT gives it; `identity`: what PK says, if anything. A record that deletes a
 * row has its key alone, so that an id of anything else would never be deleted. null: reported.
 */
export function tableIdentity(
  identity: BoundIdentity,
  { scope, output }: Pick<QueryParts, "scope" | "output">,
  span: Span,
): BoundIdentity | null {
  const key = keyOf(scope, span);
  if (identity.kind !== "columns") {
    const nameOf = (expr: BoundExpr): string | null => output.columns.find((column) => isSame(column.expr, expr))?.name ?? null;
    return { kind: "columns", columns: key.map(({ name, expr }) => ({ name: nameOf(expr) ?? name, expr })) };
  }
  const missing = key.find(({ expr }) => !identity.columns.some((column) => isSame(column.expr, expr)));
  const foreign = identity.columns.find(({ expr }) => !isOfKey(expr.kind === "cast" ? expr.operand : expr, scope));
  if (missing === undefined && foreign === undefined) return identity;
  const names = key.map(({ name }) => name).join(", ");
  const message = "rows of a table are told apart by its key: a record that deletes one has nothing else";
  return scope.report.error("KEY_REQUIRED", span, message, `PK ${names}, or leave PK out`);
}

function isOfKey(expr: BoundExpr, scope: Scope): boolean {
  if (expr.kind !== "field") return false;
  const keyField = scope.source.stream?.keyField ?? null;
  return scope.fields[expr.index]?.root === "key" || (keyField !== null && isValueField(scope, expr, keyField));
}

/** What has no meaning where rows replace each other. */
export function refuseTimesOfTables({ query }: QueryParts, select: Select, report: Reporter): void {
  if (!isOfTable(query)) return;
  const suffix = select.clauses.find(({ name }) => name === "WITHINDEXSUFFIX");
  if (select.window !== null) {
    const message = "a window takes rows by their time, and those of a table replace each other at any time";
    const hint = "SELECT STREAM … reads every change as a row of its own; GROUP BY without a window goes on with the table";
    report.error("CLAUSE_NOT_ALLOWED", select.window.span, message, hint);
  }
  if (suffix !== undefined && !query.aggregated) {
    const message = "WITHINDEXSUFFIX goes by the time of a row, and a row of a table would be left behind with each change";
    report.error("CLAUSE_NOT_ALLOWED", suffix.span, message, "SELECT STREAM … writes every change as a document of its own");
  }
}

/** Of what is written of tables. */
export function unbuiltOfTables({ query }: QueryParts, select: Select): readonly Unbuilt[] {
  if (!isOfTable(query)) return [];
  const hint = "SELECT STREAM … reads its records, each as it was written";
  const unbuilt: Unbuilt[] = [];
  if (query.unnests.length > 0) unbuilt.push({ what: "elements of tables", span: select.from.span, hint });
  if (query.union.length > 0) unbuilt.push({ what: "tables in a UNION", span: select.from.span, hint });
  return unbuilt;
}
