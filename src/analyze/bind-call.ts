import type { Call } from "../../grammar/ast.ts";
import { likeliest } from "../../grammar/nearest.ts";
import { listFunctions, scalarFunction, signature } from "../functions/registry.ts";
import type { ScalarFunction } from "../functions/spec.ts";
import { insteadOf } from "../functions/written-elsewhere.ts";
import type { BoundExpr } from "../model/expression.ts";
import { bindAggregate, isAggregate } from "./bind-aggregate.ts";
import { type Bind, bindArguments } from "./bind-arguments.ts";
import { bindRowMaking, isRowMaking } from "./bind-explode.ts";
import { bindOver, needsOver } from "./bind-over.ts";
import { didYouMean } from "./reporter.ts";
import { node, type Place } from "./scope.ts";

export function bindCall(call: Call, place: Place, bind: Bind): BoundExpr | null {
  if (call.over !== null) return bindOver(call, call.over, place, bind);
  if (call.nulls !== undefined) {
    const message = `${call.nulls} NULLS stands before OVER alone`;
    return place.scope.report.error("WRONG_ARGUMENTS", call.span, message, `${call.name.name}(…) OVER (PARTITION BY a ORDER BY b)`);
  }
  if (isAggregate(call.name.name)) return bindAggregate(call, place, bind);
  const scalar = scalarFunction(call.name.name);
  if (scalar !== null) return bindScalar(call, scalar, place, bind);
  if (isRowMaking(call.name.name)) return bindRowMaking(call, place, bind);
  for (const argument of call.args) bind(argument, place);
  if (needsOver(call.name.name)) {
    const written = call.name.name.toUpperCase();
    const hint = `write ${written}(…) OVER (PARTITION BY a ORDER BY b)`;
    return place.scope.report.error("WRONG_ARGUMENTS", call.span, `${written} looks at the rows around and needs OVER`, hint);
  }
  const names = listFunctions().flatMap(({ name, synonyms }) => [name, ...synonyms]);
  const hint = insteadOf(call.name.name) ?? didYouMean(likeliest(call.name.name, names));
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
  const [first] = call.args;
  if (spec.ofMap !== undefined && first !== undefined) {
    // TRANSFORM, FILTER and REDUCE of ksqlDB take arrays and maps: what the first argument is decides.
    const bound = bind(first, place);
    const ofMap = bound?.type.kind === "map" ? scalarFunction(spec.ofMap) : null;
    const known: Bind = (expr, at) => (expr === first ? bound : bind(expr, at));
    return bound === null ? null : bindAs(call, ofMap ?? spec, place, known);
  }
  return bindAs(call, spec, place, bind);
}

function bindAs(call: Call, spec: ScalarFunction, place: Place, bind: Bind): BoundExpr | null {
  const { scope } = place;
  const bound = bindArguments(call, spec, place, bind);
  if (bound === null) return null;
  const { operands, type } = bound;
  return node(scope, call.span, spec.rewrite?.(operands, type) ?? { kind: "call", type, name: spec.name, args: operands });
}
