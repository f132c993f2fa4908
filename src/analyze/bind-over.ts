import type { Call, Over } from "../../grammar/ast.ts";
import { printExpr } from "../../grammar/print-expression.ts";
import { ROW_FUNCTIONS, type RowFunction } from "../functions/row-functions.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundAggregate } from "../model/statement.ts";
import { BIGINT, type DataType, DOUBLE } from "../model/type.ts";
import { aggregateOf, isAggregate } from "./bind-aggregate.ts";
import { type Bind, bindArguments } from "./bind-arguments.ts";
import { bindFrame } from "./bind-frame.ts";
import { node, type OverCall, type Place } from "./scope.ts";

/** Those that say where a row stands among all of its partition. */
const PLACES: ReadonlyMap<string, DataType> = new Map([
  ["rank", BIGINT],
  ["dense_rank", BIGINT],
  ["ntile", BIGINT],
  ["percent_rank", DOUBLE],
  ["cume_dist", DOUBLE],
]);
/** Those of rows that have not come. */
const AHEAD: ReadonlySet<string> = new Set(["lead", "nth_value"]);

/** Whether a function means nothing without OVER. */
export const needsOver = (name: string): boolean => {
  const lower = name.toLowerCase();
  return ROW_FUNCTIONS.has(lower) || PLACES.has(lower) || AHEAD.has(lower);
};

type Bound = Pick<OverCall, "type" | "args" | "aggregate" | "ignoresNulls">;

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
  const partitionBy = over.partitionBy.map((expr) => bind(expr, inside));
  const orderBy = over.orderBy.map((item) => ({ item, expr: bind(item.expr, inside) }));
  const bound = bindFunction(call, name, inside, bind);
  const frame = over.frame === null ? null : bindFrame(over.frame, inside, bind);
  const around = [...partitionBy, ...orderBy.map(({ expr }) => expr)];
  if (bound === null || frame === "refused" || around.includes(null)) return null;
  const text = printExpr(call);
  const index = scope.overs.push({
    name,
    ...bound,
    frame: ROW_FUNCTIONS.get(name)?.framed === false ? null : frame,
    partitionBy: partitionBy.filter((expr) => expr !== null),
    orderBy: orderBy.flatMap(({ item: { descending, nulls }, expr }) =>
      expr === null ? [] : [{ expr, descending, nullsFirst: nulls === "FIRST" }],
    ),
    over,
    text,
    span: call.span,
  });
  return node(scope, call.span, { kind: "over", type: bound.type, index: index - 1, text });
}

function bindFunction(call: Call, name: string, place: Place, bind: Bind): Bound | null {
  const { report } = place.scope;
  const own = ROW_FUNCTIONS.get(name);
  const written = call.name.name.toUpperCase();
  if (call.nulls === "IGNORE" && (own === undefined || own.parameters.length === 0)) {
    const hint = "LAG, FIRST_VALUE and LAST_VALUE take it; aggregates leave nulls out anyway";
    return report.error("WRONG_ARGUMENTS", call.span, `${written} takes no IGNORE NULLS`, hint);
  }
  const ignoresNulls = call.nulls === "IGNORE";
  if (own !== undefined) return bindRowFunction(call, own, place, bind);
  const type = PLACES.get(name);
  if (type !== undefined || AHEAD.has(name)) {
    const args = call.args.map((argument) => bind(argument, place));
    if (args.includes(null)) return null;
    return { type: type ?? args[0]?.type ?? BIGINT, args: args.filter((arg) => arg !== null), aggregate: null, ignoresNulls };
  }
  if (!isAggregate(name)) {
    for (const argument of call.args) bind(argument, place);
    const hint = "aggregates have one, and row_number, rank, dense_rank, lag, first_value and last_value";
    return report.error("WRONG_ARGUMENTS", call.span, `${call.name.name} takes no OVER`, hint);
  }
  const aggregate: BoundAggregate | null = aggregateOf(call, place, bind);
  return aggregate === null ? null : { type: aggregate.type, args: [], aggregate, ignoresNulls };
}

function bindRowFunction(call: Call, spec: RowFunction, place: Place, bind: Bind): Bound | null {
  const { scope } = place;
  const written = spec.name.toUpperCase();
  if (call.star || call.distinct || call.filter !== null) {
    const what = call.star ? "*" : call.distinct ? "DISTINCT" : "FILTER";
    return scope.report.error("WRONG_ARGUMENTS", call.span, `${written} takes no ${what}`);
  }
  const bound = bindArguments(call, spec, place, bind);
  if (bound === null) return null;
  const ignoresNulls = call.nulls === "IGNORE";
  const literals = bound.operands.map((operand) => (operand.kind === "literal" ? operand.value : undefined));
  for (const [index, operand] of bound.operands.entries()) {
    if (spec.parameters[index]?.literal !== true || operand.kind === "literal") continue;
    const message = `${spec.parameters[index]?.name} of ${written} must be a literal: it is the same for all rows`;
    return scope.report.error("WRONG_ARGUMENTS", call.args[index]?.span ?? call.span, message);
  }
  try {
    spec.collector({ ignoresNulls, retracts: false, literals });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return scope.report.error("INVALID_VALUE", call.span, error.message);
  }
  return { type: bound.type, args: bound.operands, aggregate: null, ignoresNulls };
}
