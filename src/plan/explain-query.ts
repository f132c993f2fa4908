import type { BoundExpr } from "../model/expression.ts";
import type { BoundJoin, BoundQuery, BoundRelation } from "../model/query.ts";
import type { BoundTarget, BoundUnnest } from "../model/statement.ts";
import type { QueryWindow } from "../model/window.ts";
import { boundText } from "./bound-text.ts";
import type { ExplainNode } from "./explain.ts";
import { itemText } from "./item-text.ts";

/** What a statement means from its target down to what it reads, also where some of it cannot run yet. `target` null: shown. */
export function explainQuery(query: BoundQuery, target: BoundTarget | null): ExplainNode {
  const detail = target === null ? "to whoever asked" : `to ${target.kind} ${target.connection}.${target.name}`;
  return { step: "route", detail, inputs: [queryNode(query)] };
}

function queryNode(query: BoundQuery): ExplainNode {
  const node = selectNode(query);
  if (query.union.length === 0) return node;
  return { step: "union all", detail: "", inputs: [node, ...query.union.map(queryNode)] };
}

function selectNode(query: BoundQuery): ExplainNode {
  const text = (expr: BoundExpr): string => boundText(expr, query);
  const list = (exprs: readonly BoundExpr[]): string => exprs.map(text).join(", ");
  const { unnests, where, eventTime, partitionBy, aggregated, window, groupBy, aggregates, having, items, distinct } = query;
  const above = (step: string, detail: string): void => {
    node = { step, detail, inputs: [node] };
  };
  let node = relationNode(query.from);
  for (const join of query.joins) {
    node = { step: `${join.type.toLowerCase()} join`, detail: joinDetail(join, text), inputs: [node, relationNode(join.right)] };
  }
  for (const unnest of unnests) above("unnest", unnestText(unnest, text));
  if (eventTime !== null) above("event time", text(eventTime));
  if (where !== null) above("filter", text(where));
  if (aggregated) {
    const computed = aggregates.map((aggregate) => aggregate.text).join(", ") || "nothing";
    above("aggregate", `${window === null ? "" : `${windowText(window)}; `}by ${list(groupBy) || "all"}: ${computed}`);
  }
  if (having !== null) above("having", text(having));
  above("project", items.map((item) => itemText(item, text)).join(", "));
  if (distinct) above("distinct", "");
  if (partitionBy.length > 0) above("partition", `by ${list(partitionBy)}`);
  return node;
}

function relationNode(relation: BoundRelation): ExplainNode {
  switch (relation.kind) {
    case "topic":
      return { step: "scan", detail: relation.reads === "unknown" ? relation.name : `${relation.name} as a ${relation.reads}`, inputs: [] };
    case "lookup":
      return { step: "look up", detail: relation.name, inputs: [] };
    case "query":
      return { step: "query", detail: relation.name, inputs: [queryNode(relation.query)] };
  }
}

/** `items, side by side with tags; a row without where there are none` */
export function unnestText({ arrays, outer }: BoundUnnest, text: (expr: BoundExpr) => string): string {
  return `${arrays.map(text).join(", side by side with ")}${outer ? "; a row without where there are none" : ""}`;
}

function joinDetail({ on, within }: BoundJoin, text: (expr: BoundExpr) => string): string {
  const time = within === null ? "" : ` ${withinText(within)}`;
  return `${on === null ? "" : `on ${text(on)}`}${time}`.trim();
}

export function withinText({ beforeMs, afterMs, graceMs }: NonNullable<BoundJoin["within"]>): string {
  return `within ${beforeMs} ms before and ${afterMs} ms after, grace ${graceMs} ms`;
}

export function windowText(window: QueryWindow): string {
  const { graceMs, offsetMs, timeZone } = window;
  const offset = offsetMs === 0 ? "" : `, offset ${offsetMs} ms`;
  const more = `${offset}${timeZone === null ? "" : `, time zone ${timeZone}`}, grace ${graceMs} ms`;
  switch (window.kind) {
    case "tumbling":
    case "sliding":
      return `${window.kind} ${window.sizeMs} ms${more}`;
    case "hopping":
    case "cumulating":
      return `${window.kind} ${window.sizeMs} ms every ${window.advanceMs} ms${more}`;
    case "session":
      return `session with gaps of ${window.gapMs} ms${more}`;
    case "count":
      return `${window.sizeRows} rows every ${window.advanceRows}`;
  }
}
