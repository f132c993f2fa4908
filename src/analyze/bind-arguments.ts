import { isDeepStrictEqual } from "node:util";
import type { Call, Expr, Span } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import { signature } from "../functions/registry.ts";
import type { Parameter, TypePattern } from "../functions/spec.ts";
import type { BoundExpr } from "../model/expression.ts";
import { type DataType, NULL, STRING, TIMESTAMP, typeName } from "../model/type.ts";
import { expectKind, readAsTime, refuseDecimal, refuseWide } from "./operators.ts";
import { didYouMean } from "./reporter.ts";
import { node, type Place, type Scope } from "./scope.ts";
import { type Bindings, patternName, substitute, unify } from "./type-patterns.ts";
import { commonType, hasText, isAssignable, isNested, isTime, mayBe } from "./type-rules.ts";

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
  readonly bound: BoundExpr;
  readonly span: Span;
}

/** null: what does not fit was reported. */
export function bindArguments(call: Call, spec: Signature, place: Place, bind: Bind): BoundArguments | null {
  const { scope } = place;
  const bound = call.args.map((argument, index) => wordOf(argument, parameterAt(spec, index), place) ?? bind(argument, place));
  if (!hasRightCount(call, spec, scope)) return null;
  const args: Argument[] = [];
  for (const [index, expr] of bound.entries()) {
    const parameter = parameterAt(spec, index);
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
  return { operands, types, type };
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
function fitArgument({ parameter, bound, span }: Argument, spec: Signature, bindings: Bindings, scope: Scope): BoundExpr | null {
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
  spec: Signature,
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

function asText(bound: BoundExpr, span: Span, spec: Signature, scope: Scope): BoundExpr | null {
  if (bound.type.kind === "string" || bound.type.kind === "null") return bound;
  if (mayBe(bound.type, hasText)) return node(scope, span, { kind: "cast", type: STRING, operand: bound, safe: false });
  return scope.report.error("TYPE_MISMATCH", span, `${spec.name} cannot take ${typeName(bound.type)}`);
}

/** Fields of unknown type are read as ISO 8601 text or epoch milliseconds, as CAST does. */
function asTimestamp(bound: BoundExpr, span: Span, spec: Signature, scope: Scope): BoundExpr | null {
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
