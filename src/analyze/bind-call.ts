import { isDeepStrictEqual } from "node:util";
import type { Call, Expr, Span } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import { printExpr } from "../../grammar/print.ts";
import { AGGREGATE_FUNCTIONS, aggregateFunction, SCALAR_FUNCTIONS, scalarFunction, signature } from "../functions/registry.ts";
import type { AggregateFunction, Parameter, ScalarFunction, TypePattern } from "../functions/spec.ts";
import { insteadOf } from "../functions/written-elsewhere.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundAggregate } from "../model/statement.ts";
import { type DataType, isNumeric, NULL, STRING, TIMESTAMP, typeName } from "../model/type.ts";
import { expectKind, readAsTime, refuseDecimal, refuseWide } from "./operators.ts";
import { didYouMean } from "./reporter.ts";
import { node, type Place, type Scope } from "./scope.ts";
import { type Bindings, patternName, substitute, unify } from "./type-patterns.ts";
import { commonType, hasText, isAssignable, isNested, isTime, mayBe } from "./type-rules.ts";

type Bind = (expr: Expr, place: Place) => BoundExpr | null;

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

// --- scalar functions --------------------------------------------------------------------------

interface Argument {
  readonly parameter: Parameter;
  readonly bound: BoundExpr;
  readonly span: Span;
}

function bindScalar(call: Call, spec: ScalarFunction, place: Place, bind: Bind): BoundExpr | null {
  const { scope } = place;
  const bound = call.args.map((argument) => bind(argument, place));
  if (!hasRightCount(call, spec, scope)) return null;
  const args: Argument[] = [];
  for (const [index, expr] of bound.entries()) {
    const parameter = spec.parameters[Math.min(index, spec.parameters.length - 1)];
    const span = call.args[index]?.span;
    if (expr !== null && parameter !== undefined && span !== undefined) args.push({ parameter, bound: expr, span });
  }
  if (args.length < call.args.length) return null;
  const common = commonArgumentType(args, spec, scope);
  const bindings: Bindings = new Map();
  for (const { parameter, bound: argument } of args) if (isPattern(parameter.type)) unify(parameter.type, argument.type, bindings);
  const fitted = args.map((argument) => fitArgument(argument, spec, bindings, scope));
  if (common === null || fitted.includes(null)) return null;
  const operands = fitted.filter((argument) => argument !== null);
  const types = operands.map(({ type }, index) => (args[index]?.parameter.type === "same" ? common : type));
  const type = typeof spec.result === "function" ? spec.result(types) : substitute(spec.result, bindings);
  const expr = spec.rewrite?.(operands, type) ?? ({ kind: "call", type, name: spec.name, args: operands } as const);
  return node(scope, call.span, expr);
}

function hasRightCount(call: Call, spec: ScalarFunction, scope: Scope): boolean {
  const shape = signature(spec.name, spec.parameters);
  if (call.star || call.distinct) {
    scope.report.error("WRONG_ARGUMENTS", call.span, `${spec.name} takes no ${call.star ? "*" : "DISTINCT"}`, `write ${shape}`);
    return false;
  }
  const needed = spec.parameters.filter(({ optional }) => !optional).length;
  const most = spec.parameters.at(-1)?.repeated ? Number.POSITIVE_INFINITY : spec.parameters.length;
  if (call.args.length >= needed && call.args.length <= most) return true;
  const count = needed === most ? `${needed}` : most === Number.POSITIVE_INFINITY ? `at least ${needed}` : `${needed} to ${most}`;
  scope.report.error(
    "WRONG_ARGUMENTS",
    call.span,
    `${spec.name} takes ${count} argument${count === "1" ? "" : "s"}, not ${call.args.length}`,
    `write ${shape}`,
  );
  return false;
}

/** The one type of all arguments marked `same` (NULL if there are none); null: they have none. */
function commonArgumentType(args: readonly Argument[], spec: ScalarFunction, scope: Scope): DataType | null {
  let common: DataType = NULL;
  for (const { parameter, bound, span } of args) {
    if (parameter.type !== "same") continue;
    const wider = isNested(bound.type) ? null : commonType(common, bound.type);
    if (wider === null) {
      const others = common === NULL ? "" : `, those before it are ${typeName(common)}`;
      const message = `one argument of ${spec.name} is ${typeName(bound.type)}${others}`;
      return scope.report.error("TYPE_MISMATCH", span, message, "CAST makes them one type");
    }
    common = wider;
  }
  return common;
}

/** The argument as the parameter takes it; null: it never fits. */
function fitArgument({ parameter, bound, span }: Argument, spec: ScalarFunction, bindings: Bindings, scope: Scope): BoundExpr | null {
  if (isPattern(parameter.type)) return asPattern(bound, parameter.type, span, spec, bindings, scope);
  switch (parameter.type) {
    case "any":
    case "same":
      return bound;
    case "numeric":
      return expectKind(scope, bound, span, "number", spec.name) ? bound : null;
    case "text":
      return asText(bound, span, spec, scope);
    case "timestamp":
      return asTimestamp(bound, span, spec, scope);
    case "number":
      return expectKind(scope, bound, span, "number", spec.name) && !refuseDecimal(scope, bound, span) && !refuseWide(scope, bound, span)
        ? bound
        : null;
    case "string": {
      if (!expectKind(scope, bound, span, "string", spec.name)) return null;
      const { oneOf } = parameter;
      if (oneOf === undefined || bound.kind !== "literal" || bound.value === null || oneOf.includes(String(bound.value).toLowerCase()))
        return bound;
      const hint = didYouMean(nearest(String(bound.value), oneOf)) ?? `use ${oneOf.join(", ")}`;
      return scope.report.error("INVALID_VALUE", span, `${spec.name} does not know '${bound.value}'`, hint);
    }
    case "integer":
    case "boolean":
      return expectKind(scope, bound, span, parameter.type, spec.name) && !refuseWide(scope, bound, span) ? bound : null;
    default:
      throw new Error("assertion failed: lambdas are bound on their own");
  }
}

function isPattern(type: Parameter["type"]): type is TypePattern {
  return typeof type === "object" && type.kind !== "lambda";
}

/** The argument as the type that the pattern comes to, once all arguments were looked at. */
function asPattern(
  bound: BoundExpr,
  pattern: TypePattern,
  span: Span,
  spec: ScalarFunction,
  bindings: Bindings,
  scope: Scope,
): BoundExpr | null {
  const wanted = substitute(pattern, bindings);
  const read = readAsTime(scope, bound, span, wanted);
  if (read === null || isDeepStrictEqual(read.type, wanted)) return read;
  if (isAssignable(read.type, wanted)) return node(scope, span, { kind: "cast", type: wanted, operand: read, safe: false });
  const message = `${spec.name} needs ${patternName(pattern, typeName)} here, but this is ${typeName(read.type)}`;
  return scope.report.error("TYPE_MISMATCH", span, message, `CAST(… AS ${typeName(wanted)})`);
}

function asText(bound: BoundExpr, span: Span, spec: ScalarFunction, scope: Scope): BoundExpr | null {
  if (bound.type.kind === "string" || bound.type.kind === "null") return bound;
  if (mayBe(bound.type, hasText)) return node(scope, span, { kind: "cast", type: STRING, operand: bound, safe: false });
  return scope.report.error("TYPE_MISMATCH", span, `${spec.name} cannot take ${typeName(bound.type)}`);
}

/** Fields of unknown type are read as ISO 8601 text or epoch milliseconds, as CAST does. */
function asTimestamp(bound: BoundExpr, span: Span, spec: ScalarFunction, scope: Scope): BoundExpr | null {
  const read = readAsTime(scope, bound, span, TIMESTAMP);
  if (read === null || isTime(read.type) || read.type.kind === "null") return read;
  if (read.type.kind === "any") return node(scope, span, { kind: "cast", type: TIMESTAMP, operand: read, safe: false });
  return scope.report.error(
    "TYPE_MISMATCH",
    span,
    `${spec.name} needs a TIMESTAMP, but this is ${typeName(read.type)}`,
    "CAST(… AS TIMESTAMP)",
  );
}

// --- aggregates --------------------------------------------------------------------------------

function bindAggregate(call: Call, spec: AggregateFunction, place: Place, bind: Bind): BoundExpr | null {
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
