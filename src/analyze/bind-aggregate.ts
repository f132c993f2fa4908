import type { Call, Span } from "../../grammar/ast.ts";
import { printExpr } from "../../grammar/print.ts";
import type { AggregateFunction } from "../functions/spec.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundAggregate } from "../model/statement.ts";
import { isNumeric, typeName } from "../model/type.ts";
import type { Bind } from "./bind-arguments.ts";
import { refuseDecimal, refuseWide } from "./operators.ts";
import { node, type Place, type Scope } from "./scope.ts";
import { isTime } from "./type-rules.ts";

export function bindAggregate(call: Call, spec: AggregateFunction, place: Place, bind: Bind): BoundExpr | null {
  const { scope } = place;
  const written = spec.name.toUpperCase();
  if (!isAllowed(call, written, place)) return null;
  if (call.distinct) return scope.report.error("NOT_SUPPORTED_YET", call.span, `${written}(DISTINCT …) is not supported yet`);
  const [argument, ...more] = call.args;
  if (call.star ? !spec.star : argument === undefined || more.length > 0) {
    return scope.report.error("WRONG_ARGUMENTS", call.span, `${written} takes one argument`, argumentHint(call, spec, written));
  }
  const bound = argument === undefined ? null : bind(argument, { ...place, inAggregate: true });
  if (argument !== undefined && (bound === null || !isAggregable(bound, argument.span, spec, written, scope))) return null;
  const type = spec.result(bound?.type ?? null);
  const index = aggregateIndex(scope, { name: spec.name, argument: bound, type, text: printExpr(call) });
  return node(scope, call.span, { kind: "aggregate", type, index });
}

const ROW_FUNCTIONS: Readonly<Partial<Record<AggregateFunction["name"], string>>> = { max: "greatest", min: "least" };

function argumentHint(call: Call, spec: AggregateFunction, written: string): string {
  const ofRow = ROW_FUNCTIONS[spec.name];
  if (call.args.length > 1 && ofRow !== undefined) return `${ofRow}(${call.args.map(printExpr).join(", ")}) compares the fields of one row`;
  return spec.star ? `write ${written}(*) or ${written}(field)` : `write ${written}(field)`;
}

function isAllowed(call: Call, written: string, { scope, clause, inAggregate }: Place): boolean {
  const groups = (clause === "SELECT" || clause === "HAVING") && !inAggregate;
  if (groups) return true;
  const hint = inAggregate ? "aggregates do not nest" : clause === "WHERE" ? "HAVING filters groups" : null;
  scope.report.error("AGGREGATE_NOT_ALLOWED", call.span, `${written} cannot stand in ${inAggregate ? "an aggregate" : clause}`, hint);
  return false;
}

function isAggregable(bound: BoundExpr, span: Span, spec: AggregateFunction, written: string, scope: Scope): boolean {
  const { type } = bound;
  if (spec.parameter === "any") return true;
  if (refuseDecimal(scope, bound, span) || refuseWide(scope, bound, span)) return false;
  if (spec.parameter === "comparable" && type.kind === "string") {
    scope.report.error("NOT_SUPPORTED_YET", span, `${written} of STRING is not supported yet`, "numbers, timestamps and dates are");
    return false;
  }
  const accepts = spec.parameter === "number" ? isNumeric(type) : isNumeric(type) || isTime(type);
  if (accepts || type.kind === "any") return true;
  const wanted = spec.parameter === "number" ? "numbers" : "numbers, timestamps or dates";
  const hint = type.kind === "string" ? "CAST(… AS DOUBLE)" : null;
  scope.report.error("TYPE_MISMATCH", span, `${written} needs ${wanted}, but this is ${typeName(type)}`, hint);
  return false;
}

/** The same aggregate is computed once, however often it is written. */
function aggregateIndex(scope: Scope, aggregate: BoundAggregate): number {
  const key = JSON.stringify([aggregate.name, aggregate.argument]);
  const known = scope.aggregateIndexes.get(key);
  if (known !== undefined) return known;
  scope.aggregateIndexes.set(key, scope.aggregates.length);
  return scope.aggregates.push(aggregate) - 1;
}
