import type { Select } from "../../grammar/ast.ts";
import { walk } from "../../grammar/walk.ts";
import { isAggregate } from "./bind-aggregate.ts";
import type { Unbuilt } from "./not-yet.ts";

/** What keeps a query inside another one from being merged into it: all that is more than a filter and a projection of rows. */
export function notRowWise(select: Select): readonly Unbuilt[] {
  const { distinct, union, partitionBy, eventTime, startAt, late, emit, limit, clauses, span } = select;
  const [member] = union;
  const [partition] = partitionBy;
  const [clause] = clauses;
  const grouping = groupingOf(select);
  const hint = "write the inner SELECT into a topic of its own";
  const outside = "write it behind the outer SELECT";
  const found: (Unbuilt | null)[] = [
    grouping === null ? null : { what: "aggregates in stages and sub-queries", span: grouping.span, hint },
    distinct ? { what: "DISTINCT in stages and sub-queries", span, hint } : null,
    member === undefined ? null : { what: "UNION in stages and sub-queries", span: member.span, hint },
    partition === undefined ? null : { what: "PARTITION BY clauses in stages and sub-queries", span: partition.span, hint: outside },
    eventTime === null ? null : { what: "EVENTTIME BY clauses in stages and sub-queries", span: eventTime.span, hint: outside },
    startAt === null ? null : { what: "START AT clauses in stages and sub-queries", span: startAt.span, hint: outside },
    late === null ? null : { what: "LATE INTO clauses in stages and sub-queries", span: late.span, hint: outside },
    emit === null || emit.mode === "CHANGES" ? null : { what: "EMIT clauses in stages and sub-queries", span: emit.span, hint: outside },
    limit === null ? null : { what: "LIMIT in stages and sub-queries", span: limit.span, hint: outside },
    clause === undefined ? null : { what: `${clause.name} clauses in stages and sub-queries`, span: clause.span, hint: outside },
  ];
  return found.filter((one) => one !== null);
}

export function isRowWise(select: Select): boolean {
  return notRowWise(select).length === 0;
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
