import type { Call } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import { AGGREGATE_FUNCTIONS, aggregateFunction, SCALAR_FUNCTIONS, scalarFunction, signature } from "../functions/registry.ts";
import type { ScalarFunction } from "../functions/spec.ts";
import { insteadOf } from "../functions/written-elsewhere.ts";
import type { BoundExpr } from "../model/expression.ts";
import { bindAggregate } from "./bind-aggregate.ts";
import { type Bind, bindArguments } from "./bind-arguments.ts";
import { didYouMean } from "./reporter.ts";
import { node, type Place } from "./scope.ts";

export function bindCall(call: Call, place: Place, bind: Bind): BoundExpr | null {
  const aggregate = aggregateFunction(call.name.name);
  if (aggregate !== null) return bindAggregate(call, aggregate, place, bind);
  const scalar = scalarFunction(call.name.name);
  if (scalar !== null) return bindScalar(call, scalar, place, bind);
  for (const argument of call.args) bind(argument, place);
  const names = [...SCALAR_FUNCTIONS, ...AGGREGATE_FUNCTIONS].flatMap(({ name, synonyms }) => [name, ...synonyms]);
  const hint = insteadOf(call.name.name) ?? didYouMean(nearest(call.name.name, names));
  return place.scope.report.error("UNKNOWN_FUNCTION", call.name.span, `there is no function ${call.name.name}`, hint);
}

function bindScalar(call: Call, spec: ScalarFunction, place: Place, bind: Bind): BoundExpr | null {
  const { scope } = place;
  if (call.star || call.distinct) {
    const message = `${spec.name} takes no ${call.star ? "*" : "DISTINCT"}`;
    return scope.report.error("WRONG_ARGUMENTS", call.span, message, `write ${signature(spec.name, spec.parameters)}`);
  }
  if (call.filter !== null) {
    return scope.report.error("WRONG_ARGUMENTS", call.filter.span, `${spec.name} takes no FILTER`, "FILTER belongs to aggregates");
  }
  const bound = bindArguments(call, spec, place, bind);
  if (bound === null) return null;
  const { operands, type } = bound;
  return node(scope, call.span, spec.rewrite?.(operands, type) ?? { kind: "call", type, name: spec.name, args: operands });
}
