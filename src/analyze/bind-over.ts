import type { Call, Over } from "../../grammar/ast.ts";
import { printExpr } from "../../grammar/print-expression.ts";
import { aggregateFunction, objectAggregate } from "../functions/registry.ts";
import type { BoundExpr } from "../model/expression.ts";
import { ANY, BIGINT, type DataType, DOUBLE } from "../model/type.ts";
import type { Bind } from "./bind-arguments.ts";
import { node, type Place } from "./scope.ts";

/** Functions that look at the rows around: of the type of their first argument, or of one of their own. */
const ROW_FUNCTIONS: ReadonlyMap<string, DataType | "first"> = new Map<string, DataType | "first">([
  ["row_number", BIGINT],
  ["rank", BIGINT],
  ["dense_rank", BIGINT],
  ["ntile", BIGINT],
  ["percent_rank", DOUBLE],
  ["cume_dist", DOUBLE],
  ["lag", "first"],
  ["lead", "first"],
  ["first_value", "first"],
  ["last_value", "first"],
  ["nth_value", "first"],
]);

/** Whether a function means nothing without OVER. */
export const needsOver = (name: string): boolean => ROW_FUNCTIONS.has(name.toLowerCase());

/** `f(x) OVER (…)`: a value for each row, made of the rows around it. */
export function bindOver(call: Call, over: Over, place: Place, bind: Bind): BoundExpr | null {
  const { scope } = place;
  const inside: Place = { ...place, inAggregate: true };
  const name = call.name.name.toLowerCase();
  if (place.clause !== "SELECT" || place.inAggregate) {
    const where = place.inAggregate ? "an aggregate" : place.clause;
    const hint = "a sub-query can select it: FROM (SELECT … OVER (…) AS x FROM t) WHERE x = 1";
    return scope.report.error("CLAUSE_NOT_ALLOWED", call.span, `OVER cannot stand in ${where}`, hint);
  }
  const args = call.args.map((argument) => bind(argument, inside));
  const partitionBy = over.partitionBy.map((expr) => bind(expr, inside));
  const orderBy = over.orderBy.map((item) => ({ item, expr: bind(item.expr, inside) }));
  const around = [...partitionBy, ...orderBy.map(({ expr }) => expr)];
  const own = ROW_FUNCTIONS.get(name);
  const cells = aggregateFunction(name);
  if (own === undefined && cells === null && objectAggregate(name) === null) {
    const hint = "aggregates have one, and row_number, rank, dense_rank, lag, lead, first_value and last_value";
    return scope.report.error("WRONG_ARGUMENTS", call.span, `${call.name.name} takes no OVER`, hint);
  }
  if (args.includes(null) || around.includes(null)) return null;
  const [first] = args;
  const type = own === "first" ? (first?.type ?? ANY) : (own ?? cells?.result(first?.type ?? null) ?? ANY);
  const text = printExpr(call);
  const index = scope.overs.push({
    name,
    type,
    args: args.filter((arg) => arg !== null),
    partitionBy: partitionBy.filter((expr) => expr !== null),
    orderBy: orderBy.flatMap(({ item: { descending, nulls }, expr }) =>
      expr === null ? [] : [{ expr, descending, nullsFirst: nulls === "FIRST" }],
    ),
    over,
    text,
    span: call.span,
  });
  return node(scope, call.span, { kind: "over", type, index: index - 1, text });
}
