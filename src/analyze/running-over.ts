import { ROW_FUNCTIONS } from "../functions/row-functions.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundAggregate, BoundItem, BoundRunning, BoundRunningCall } from "../model/statement.ts";
import type { QueryParts } from "./bind-query.ts";
import { isSame } from "./bound-tree.ts";
import { type OverCall, recordsOf } from "./scope.ts";

/** Values of the rows before. null: reported. */
export function bindRunning(parts: QueryParts): { readonly items: readonly BoundItem[]; readonly over: BoundRunning } | null {
  const { output, scope } = parts;
  const { report, overs } = scope;
  for (const call of overs) {
    const isOrdered = call.orderBy.length > 0;
    const isOfAll = !isOrdered && (call.aggregate !== null || ROW_FUNCTIONS.get(call.name)?.framed === true);
    if (isOfAll) {
      const message = "without ORDER BY it is made of all rows, which never end";
      return report.error("INVALID_VALUE", call.span, message, "ORDER BY the event time: then it is made of those up to the row");
    }
    if (isOrdered && (call.orderBy.some(({ descending }) => descending) || !isOfTime(call.orderBy[0]?.expr ?? null, parts))) {
      const message = "rows are looked back on in the order in which they come: ORDER BY names their event time, _timestamp or _offset";
      const hint = "CREATE STREAM … WITH (timestamp = …), or EVENTTIME BY, says what the event time is";
      return report.error("INVALID_VALUE", call.over.orderBy[0]?.span ?? call.span, message, hint);
    }
  }
  const items = output.columns.flatMap(({ name, expr }): BoundItem[] => (expr === null ? [] : [{ kind: "column", name, expr }]));
  const calls = overs.map((call): BoundRunningCall => {
    const { partitionBy, args, ignoresNulls, frame, type, text } = call;
    return { call: call.name, type, text, partitionBy, args, ignoresNulls, frame, aggregate: withHandling(call) };
  });
  return { items, over: { kind: "running", calls } };
}

/** Rows leave frames that begin behind the first row. */
function withHandling({ aggregate, frame }: OverCall): BoundAggregate | null {
  if (aggregate === null || frame === null || frame.from === null) return aggregate;
  return { ...aggregate, handling: "retracted" };
}

/** Whether an order is that of time, or of the log. */
export function isOfTime(expr: BoundExpr | null, { query, scope }: QueryParts): boolean {
  if (expr === null) return false;
  if (expr.kind === "meta") return expr.name === "timestamp" || expr.name === "offset";
  if (query.eventTime !== null && isSame(expr, query.eventTime)) return true;
  const field = expr.kind === "field" ? scope.fields[expr.index] : undefined;
  if (field === undefined || field.root !== "value" || field.path.length !== 1) return false;
  const relation = scope.relations[field.relation];
  if (relation?.stage === undefined) {
    const time = relation === undefined ? null : (recordsOf(relation).stream?.timestampField ?? null);
    return time !== null && time === field.path[0];
  }
  const { parts: below } = relation.stage;
  const column = below.output.columns.find(({ name }) => name === field.path[0]);
  if (column?.expr?.kind === "window") return true;
  return !below.aggregated && isOfTime(column?.expr ?? null, below);
}

export const isOffset = (expr: BoundExpr): boolean => expr.kind === "meta" && expr.name === "offset";
