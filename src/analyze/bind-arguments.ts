import { isDeepStrictEqual } from "node:util";
import type { Call, Expr, Span } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import { signature } from "../functions/registry.ts";
import type { LambdaPattern, Parameter, TypePattern } from "../functions/spec.ts";
import type { BoundExpr } from "../model/expression.ts";
import { type DataType, DOUBLE, NULL, STRING, TIMESTAMP, typeName } from "../model/type.ts";
import { bindLambda } from "./bind-nested.ts";
import { conform, expectKind, partHint, readLiteral, refuseWide } from "./operators.ts";
import { didYouMean } from "./reporter.ts";
import { node, type Place, type Scope } from "./scope.ts";
import { type Bindings, patternName, substitute, unify } from "./type-patterns.ts";
import { commonType, hasText, isAssignable, mayBe } from "./type-rules.ts";

export type Bind = (expr: Expr, place: Place) => BoundExpr | null;

/** What of a function says how it is called. */
export interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: TypePattern | ((argumentTypes: readonly DataType[]) => DataType);
}

/** The arguments as the parameters take them, and what the call gives. */
export interface BoundArguments {
  readonly operands: readonly BoundExpr[];
  readonly types: readonly DataType[];
  readonly type: DataType;
}

interface Argument {
  readonly parameter: Parameter;
  /** null: a lambda, whose turn comes when the others are known. */
  readonly bound: BoundExpr | null;
  readonly written: Expr;
}

/** null: what does not fit was reported. */
export function bindArguments(call: Call, spec: Signature, place: Place, bind: Bind): BoundArguments | null {
  const { scope } = place;
  const bound = call.args.map((argument, index) => {
    if (argument.kind === "lambda") return null;
    return wordOf(argument, parameterAt(spec, index), place) ?? bind(argument, place);
  });
  if (!hasRightCount(call, spec, scope)) return null;
  const args: Argument[] = [];
  for (const [index, expr] of bound.entries()) {
    const parameter = parameterAt(spec, index);
    const written = call.args[index];
    if (parameter === undefined || written === undefined) continue;
    if (isLambda(parameter.type)) args.push({ parameter, bound: null, written });
    else if (expr !== null) args.push({ parameter, bound: expr, written });
    else if (written.kind === "lambda") bind(written, place);
  }
  if (args.length < call.args.length) return null;
  const common = commonArgumentType(args, spec, scope);
  if (common === null) return null;
  const bindings: Bindings = new Map();
  for (const { parameter, bound: argument } of args) {
    if (argument !== null && isPattern(parameter.type)) unify(parameter.type, argument.type, bindings);
  }
  const lambdas = bindLambdas(args, spec, bindings, place, bind);
  const fitted = args.map((argument, index) => lambdas[index] ?? fitArgument(argument, spec, common, bindings, scope));
  const operands = fitted.filter((argument) => argument !== null);
  if (operands.length < args.length) return null;
  const types = operands.map(({ type }, index) => (args[index]?.parameter.type === "same" ? common : type));
  const type = typeof spec.result === "function" ? spec.result(types) : substitute(spec.result, bindings);
  return { operands, types, type };
}

/**
 * Lambdas by the place of their argument. Their parameters have the types that the other arguments give them; where what a body
 * gives widens such a type (`reduce(a, 0, (s, x) => s + 0.5)`), it is bound once more with the wider one.
 */
function bindLambdas(args: readonly Argument[], spec: Signature, bindings: Bindings, place: Place, bind: Bind): (BoundExpr | null)[] {
  return args.map(({ parameter, written }) => {
    if (!isLambda(parameter.type)) return null;
    const { parameters, result } = parameter.type;
    if (written.kind !== "lambda") {
      const example = `(${parameters.map((_, index) => ["x", "y", "z"][index] ?? "w").join(", ")}) => …`;
      return place.scope.report.error("TYPE_MISMATCH", written.span, `${spec.name} needs a lambda here`, `for example ${example}`);
    }
    const types = (): DataType[] => parameters.map((pattern) => substitute(pattern, bindings));
    const before = types();
    const bound = bindLambda(written, before, place, bind);
    if (bound?.kind !== "lambda") return null;
    if (!unify(result, bound.type, bindings)) return refuseBody(bound, result, bindings, written.span, spec, place.scope);
    const again = isDeepStrictEqual(types(), before) ? bound : bindLambda(written, types(), place, bind);
    return again?.kind === "lambda" ? conformBody(again, substitute(result, bindings), written, place.scope) : null;
  });
}

/** What the body gives as a value of the type that is wanted. */
function conformBody(lambda: BoundExpr & { kind: "lambda" }, wanted: DataType, { span }: Expr, scope: Scope): BoundExpr | null {
  if (isDeepStrictEqual(lambda.type, wanted)) return lambda;
  const body = isAssignable(lambda.type, wanted) ? castTo(lambda.body, wanted, span, scope) : null;
  return body === null ? null : node(scope, span, { ...lambda, type: wanted, body });
}

function castTo(operand: BoundExpr, type: DataType, span: Span, scope: Scope): BoundExpr | null {
  return node(scope, span, { kind: "cast", type, operand, safe: false });
}

function refuseBody({ type }: BoundExpr, result: TypePattern, bindings: Bindings, span: Span, spec: Signature, scope: Scope): null {
  const message = `the lambda of ${spec.name} gives ${typeName(type)}, but ${typeName(substitute(result, bindings))} is wanted`;
  return scope.report.error("TYPE_MISMATCH", span, message, "CAST makes one of the other");
}

function isLambda(type: Parameter["type"]): type is LambdaPattern {
  return typeof type === "object" && type.kind === "lambda";
}

/** The last parameter stands for all further arguments. */
function parameterAt({ parameters }: Signature, index: number): Parameter | undefined {
  return parameters[Math.min(index, parameters.length - 1)];
}

/** A bare word where a unit is wanted: `timestampadd(DAY, 1, time)`. */
function wordOf(argument: Expr, parameter: Parameter | undefined, { scope }: Place): BoundExpr | null {
  if (parameter?.word !== true || argument.kind !== "ref" || argument.path.parts.length !== 1) return null;
  const [part] = argument.path.parts;
  if (part === undefined || part.quoted || !parameter.oneOf?.includes(part.name.toLowerCase())) return null;
  return node(scope, argument.span, { kind: "literal", type: STRING, value: part.name.toLowerCase() });
}

function hasRightCount(call: Call, spec: Signature, scope: Scope): boolean {
  const shape = signature(spec.name, spec.parameters);
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
function commonArgumentType(args: readonly Argument[], spec: Signature, scope: Scope): DataType | null {
  let common: DataType = NULL;
  for (const { parameter, bound, written } of args) {
    if (parameter.type !== "same" || bound === null) continue;
    const wider = commonType(common, bound.type);
    if (wider === null) {
      const others = common === NULL ? "" : `, those before it are ${typeName(common)}`;
      const message = `one argument of ${spec.name} is ${typeName(bound.type)}${others}`;
      return scope.report.error("TYPE_MISMATCH", written.span, message, "CAST makes them one type");
    }
    common = wider;
  }
  return common;
}

/** The argument as the parameter takes it; null: it never fits. */
function fitArgument({ parameter, bound, written }: Argument, spec: Signature, common: DataType, bindings: Bindings, scope: Scope) {
  const { span } = written;
  if (bound === null) return null;
  if (isPattern(parameter.type)) return asPattern(bound, parameter.type, span, spec, bindings, scope);
  switch (parameter.type) {
    case "any":
      return bound;
    case "same":
      return conform(scope, { expr: bound, span }, common);
    case "numeric":
      return expectKind(scope, bound, span, "number", spec.name) ? bound : null;
    case "text":
      return asText(bound, span, spec, scope);
    case "timestamp":
      return asTimestamp(bound, span, spec, scope);
    case "number":
      if (!expectKind(scope, bound, span, "number", spec.name) || refuseWide(scope, bound, span)) return null;
      return bound.type.kind === "decimal" ? conform(scope, { expr: bound, span }, DOUBLE) : bound;
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
      return null;
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
  spec: Signature,
  bindings: Bindings,
  scope: Scope,
): BoundExpr | null {
  const wanted = substitute(pattern, bindings);
  const read = readLiteral(scope, { expr: bound, span }, wanted);
  if (read === null || isDeepStrictEqual(read.type, wanted)) return read;
  if (isAssignable(read.type, wanted)) return node(scope, span, { kind: "cast", type: wanted, operand: read, safe: false });
  const message = `${spec.name} needs ${patternName(pattern, typeName)} here, but this is ${typeName(read.type)}`;
  return scope.report.error("TYPE_MISMATCH", span, message, `CAST(… AS ${typeName(wanted)})`);
}

function asText(bound: BoundExpr, span: Span, spec: Signature, scope: Scope): BoundExpr | null {
  if (bound.type.kind === "string" || bound.type.kind === "null") return bound;
  if (mayBe(bound.type, hasText)) return node(scope, span, { kind: "cast", type: STRING, operand: bound, safe: false });
  return scope.report.error("TYPE_MISMATCH", span, `${spec.name} cannot take ${typeName(bound.type)}`, partHint(bound.type));
}

/** Fields of unknown type are read as ISO 8601 text or epoch milliseconds, as CAST does. */
function asTimestamp(bound: BoundExpr, span: Span, spec: Signature, scope: Scope): BoundExpr | null {
  const read = readLiteral(scope, { expr: bound, span }, TIMESTAMP);
  if (read === null || read.type.kind === "timestamp" || read.type.kind === "null") return read;
  if (read.type.kind === "any" || read.type.kind === "date")
    return node(scope, span, { kind: "cast", type: TIMESTAMP, operand: read, safe: false });
  return scope.report.error(
    "TYPE_MISMATCH",
    span,
    `${spec.name} needs a TIMESTAMP, but this is ${typeName(read.type)}`,
    "CAST(… AS TIMESTAMP)",
  );
}
