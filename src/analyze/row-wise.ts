import type { Select } from "../../grammar/ast.ts";
import { walk } from "../../grammar/walk.ts";
import type { BoundStatement } from "../model/statement.ts";
import { isAggregate } from "./bind-aggregate.ts";
import type { Unbuilt } from "./not-yet.ts";

/** What cannot run yet of a query inside another one. */
export function unbuiltInside(select: Select): readonly Unbuilt[] {
  const { union, partitionBy, eventTime, startAt, late, emit, limit, clauses } = select;
  const [member] = union;
  const [partition] = partitionBy;
  const [clause] = clauses;
  const hint = "write the inner SELECT into a topic of its own";
  const outside = "write it behind the outer SELECT";
  const found: (Unbuilt | null)[] = [
    member === undefined ? null : { what: "UNION in stages and sub-queries", span: member.span, hint },
    partition === undefined ? null : { what: "PARTITION BY clauses in stages and sub-queries", span: partition.span, hint: outside },
    eventTime === null ? null : { what: "EVENTTIME BY clauses in stages and sub-queries", span: eventTime.span, hint: outside },
    startAt === null ? null : { what: "START AT clauses in stages and sub-queries", span: startAt.span, hint: outside },
    late === null ? null : { what: "LATE INTO clauses in stages and sub-queries", span: late.span, hint: outside },
    emit?.mode === "EVERY" ? { what: "EMIT EVERY clauses in stages and sub-queries", span: emit.span, hint: outside } : null,
    limit === null ? null : { what: "LIMIT in stages and sub-queries", span: limit.span, hint: outside },
    clause === undefined ? null : { what: `${clause.name} clauses in stages and sub-queries`, span: clause.span, hint: outside },
  ];
  return found.filter((one) => one !== null);
}

/** Whether it is a filter and a projection of rows: whoever reads it can read what it reads instead. */
export function isRowWise(select: Select): boolean {
  return unbuiltInside(select).length === 0 && !select.distinct && groupingOf(select) === null && !looksAround(select);
}

/** Whether a column is made of the rows around: with OVER. */
export function looksAround({ items }: Select): boolean {
  let found = false;
  for (const item of items) {
    if (item.kind !== "expr") continue;
    walk(item.expr, (expr) => {
      found ||= expr.kind === "call" && expr.over !== null;
    });
  }
  return found;
}

/** Where a SELECT says that it makes groups; null: it does not. */
export function groupingOf(select: Select): { readonly span: Unbuilt["span"] } | null {
  return select.window ?? select.groupBy[0] ?? select.having ?? aggregateOf(select);
}

function aggregateOf({ items }: Select): { readonly span: Unbuilt["span"] } | null {
  let found: { readonly span: Unbuilt["span"] } | null = null;
  for (const item of items) {
    if (item.kind !== "expr") continue;
    walk(item.expr, (expr) => {
      if (expr.kind === "call" && expr.over === null && isAggregate(expr.name.name)) found ??= expr;
    });
  }
  return found;
}

/** Results of windows leave once, where nothing else is said: as records they would have to be told apart by more than their key. */
export function stageEmit({ window, emit }: Select): BoundStatement["emit"] {
  if (emit !== null) return emit.mode === "FINAL" ? "final" : "changes";
  return window === null ? "changes" : "final";
}

/** A SELECT with OVER, read by one that writes its columns. */
export function aroundRows(select: Select): Select {
  const { span, startAt, late, emit, limit, union, clauses, partitionBy, with: stages } = select;
  const rows: Select = {
    ...select,
    with: [],
    startAt: null,
    late: null,
    emit: null,
    limit: null,
    union: [],
    clauses: [],
    partitionBy: [],
  };
  return {
    span,
    with: stages,
    readAs: null,
    distinct: false,
    items: [{ kind: "star", span, prefix: null }],
    from: { kind: "derived", span, select: rows, alias: null },
    joins: [],
    formats: null,
    where: null,
    window: null,
    groupBy: [],
    having: null,
    partitionBy,
    eventTime: null,
    startAt,
    late,
    emit,
    limit,
    union,
    clauses,
  };
}
