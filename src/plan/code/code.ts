import type { BoundExpr } from "../../model/expression.ts";
import { type CodeWriter, literalCode } from "./code-writer.ts";
import { dummyOf, expectedOf, isRepr, type Repr, reprOf, typeRead } from "./repr.ts";

/** Where the parameters of the lambdas around the code stand. Within a lambda an error is thrown: the call catches it. */
export type ParameterCodes = Code[];

/** Where an expression's value stands: JavaScript expressions without side effects, cheap to repeat. */
export interface Code {
  readonly value: string;
  /** "false", "true" or a name. Where it is true, `value` is a dummy of the same representation. */
  readonly isNull: string;
}

/**
 * What differs between the phases: how leaves are read, and what an error does. `fail` gives a statement that does not
 * fall through, so that no state is touched by a row after its error.
 */
export interface CodeScope {
  readonly writer: CodeWriter;
  readonly parameters: ParameterCodes;
  leaf(expr: BoundExpr, want: Repr): Code;
  fail(message: string, code?: "RECORD_TYPE" | "RECORD_TARGET"): string;
  /** A name for a value that is made once, and that the text of the function does not show. */
  static(value: unknown, text: string): string;
  /** A name for a text, which then is not in the text of the function. */
  text?(value: string): string;
  /** A statement that says at which record the loop is, before something that may never end; empty where nobody would see it. */
  tellRecord?(): string;
  /** Code that knows the value otherwise than by computing it each time. */
  kept?(expr: BoundExpr): Code | null;
  /** A statement that writes the JSON text of a value that lies there already. */
  jsonText?(expr: BoundExpr): string | null;
  /** The same for a part of an id or record key: an expression that writes it, and is false where it could not. */
  keyText?(expr: BoundExpr, quoted: boolean): string | null;
}

/** `expressionCode`, for the code of its operators. */
export type Compile = (expr: BoundExpr, scope: CodeScope, want?: Repr) => Code;

export const NULL_CODE = (repr: Repr): Code => ({ value: dummyOf(repr), isNull: "true" });

export function eitherNull(a: Code, b: Code): string {
  if (a.isNull === "true" || b.isNull === "true") return "true";
  if (a.isNull === "false") return b.isNull;
  return b.isNull === "false" ? a.isNull : `(${a.isNull} || ${b.isNull})`;
}

/** Names a value, so that it is computed once; where it is null the computation is left out. */
export function bind(scope: CodeScope, repr: Repr, isNull: string, value: string): Code {
  const name = scope.writer.fresh("v");
  if (isNull === "false") {
    scope.writer.line(`const ${name} = ${value};`);
    return { value: name, isNull };
  }
  const nullName = scope.writer.fresh("n");
  scope.writer.line(`const ${nullName} = ${isNull};`);
  scope.writer.line(`const ${name} = ${nullName} ? ${dummyOf(repr)} : ${value};`);
  return { value: name, isNull: nullName };
}

/** A value that may be null, from code that gives null for it. */
export function nullable(scope: CodeScope, repr: Repr, code: string): Code {
  const value = scope.writer.fresh("v");
  const isNull = scope.writer.fresh("n");
  scope.writer.line(`const ${value} = ${code};`);
  scope.writer.line(`const ${isNull} = ${value} === null;`);
  return { value: dummyOf(repr) === "null" ? value : `(${isNull} ? ${dummyOf(repr)} : ${value})`, isNull };
}

/** The value as an expression that is null where it is null. */
export function valueOrNull({ value, isNull }: Code): string {
  return isNull === "false" ? value : isNull === "true" ? "null" : `(${isNull} ? null : ${value})`;
}

/** An error where there is no way to leave the row: in a lambda, which is a function of its own. */
export function throwCode(message: string): string {
  return `throw new RangeError(${message});`;
}

/** From `any`, `exact` or `decimal` to what the operator above needs; a misfit is the row's error. */
export function coerce(code: Code, expr: BoundExpr, want: Repr, scope: CodeScope): Code {
  const own = reprOf(expr.type);
  if (own === want || code.isNull === "true") return code;
  const { writer } = scope;
  if (expr.type.kind === "decimal") return { value: `h.doubleOfDecimal(${code.value}, ${expr.type.scale})`, isNull: code.isNull };
  if (want === "any") return code;
  if (own === "exact" && want === "number") {
    const bound = bind(scope, "number", code.isNull, code.value);
    writer.line(`if (typeof ${bound.value} === "bigint") ${scope.fail(`h.uncomputable("value", ${bound.value})`)}`);
    return bound;
  }
  if (own !== "any") return code;
  const bound = bind(scope, "any", code.isNull, code.value);
  const isNull = writer.fresh("n");
  writer.line(`const ${isNull} = ${bound.value} === null;`);
  if (want === "number") {
    writer.line(`if (typeof ${bound.value} === "bigint") ${scope.fail(`h.uncomputable("value", ${bound.value})`)}`);
  }
  // Of what becomes one of these, the analyzer made a cast: here the value is always NULL.
  if (want === "decimal" || want === "object") return { value: dummyOf(want), isNull };
  const message = `h.misfitValue("value", ${literalCode(expectedOf(typeRead(want)))}, ${bound.value})`;
  writer.line(`if (!${isNull} && !(${isRepr(bound.value, want)})) ${scope.fail(message)}`);
  return { value: `(${isNull} ? ${dummyOf(want)} : ${bound.value})`, isNull };
}

/** The flag of an `any` value: its JavaScript null counts as well. */
export function orNull(code: Code): string {
  return code.isNull === "true"
    ? "true"
    : code.isNull === "false"
      ? `${code.value} === null`
      : `(${code.isNull} || ${code.value} === null)`;
}

export type Binary = BoundExpr & { kind: "binary" };
