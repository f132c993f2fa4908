import type { Expr, Select, Span } from "../../grammar/ast.ts";
import { printExpr } from "../../grammar/print-expression.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundQuery } from "../model/query.ts";
import type { BoundSource, StatementSettings } from "../model/statement.ts";
import { relationsIn } from "./bound-tree.ts";
import { declaredTime } from "./declared-time.ts";
import { qualifierOf } from "./resolve-field.ts";
import type { Scope } from "./scope.ts";

/** When the records of a relation were: what EVENTTIME BY makes of them, else the declared column, else their timestamp. */
export type EventTimeOf = (relation: number, span: Span) => Pick<BoundSource, "eventTime" | "eventTimeExpr">;

export function eventTimes(query: BoundQuery, select: Select, scope: Scope, { time }: Pick<StatementSettings, "time">): EventTimeOf {
  return (relation, span) => {
    if (time !== "event") return { eventTime: null };
    const { eventTime: expr } = query;
    if (expr === null || select.eventTime === null || timedRelation(expr, scope) !== relation)
      return { eventTime: declaredTime(scope, relation, span) };
    if (expr.kind === "field" && isTimeColumn(expr)) return { eventTime: expr.index };
    return { eventTime: null, eventTimeExpr: { expr, text: printExpr(select.eventTime) } };
  };
}

/** Read as it is. */
function isTimeColumn({ kind, type }: BoundExpr): boolean {
  return kind === "field" && (type.kind === "timestamp" || type.kind === "bigint");
}

/** The relation whose records an expression says the time of. */
function timedRelation(expr: BoundExpr, scope: Scope): number {
  const [relation = 0] = relationsIn(expr, scope.fields);
  return relation;
}

/** A record has its time before it meets any other, and a row of a table counts until it is replaced. */
export function checkEventTime(expr: BoundExpr, { span }: Expr, scope: Scope): void {
  const { relations, report, fields } = scope;
  const used = [...relationsIn(expr, fields)];
  if (used.length > 1) {
    const names = used.map((relation) => `'${qualifierOf(relations[relation])}'`).join(" and ");
    const message = `EVENTTIME BY is made of fields of ${names}, and a record has its time before it is joined`;
    report.error("INVALID_JOIN", span, message, "make it of fields of one of them; of another one CREATE STREAM declares the time");
  }
  const relation = relations[timedRelation(expr, scope)];
  if (relation?.kind !== "table" || relations.every(({ kind }) => kind === "table")) return;
  const message = `'${qualifierOf(relation)}' is a table, whose rows count until they are replaced`;
  report.error("INVALID_JOIN", span, message, "EVENTTIME BY says the time of the records of a stream");
}
