import { must, unreachable } from "../../assert.ts";
import { scalarFunction } from "../../functions/registry.ts";
import type { ScalarFunction } from "../../functions/spec.ts";
import type { BoundExpr, BoundOp } from "../../model/expression.ts";
import { BOOLEAN, type DataType, isNumeric, TIMESTAMP } from "../../model/type.ts";
import { type CodeWriter, literalCode } from "./code-writer.ts";
import { dummyOf, expectedOf, isRepr, type Repr, reprOf, typeRead } from "./repr.ts";

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
  leaf(expr: BoundExpr, want: Repr): Code;
  fail(message: string): string;
  /** A name for a value that is made once, and that the text of the function does not show. */
  static(value: unknown, text: string): string;
  /** A name for a text, which then is not in the text of the function. */
  text?(value: string): string;
  /** Code that knows the value otherwise than by computing it each time. */
  kept?(expr: BoundExpr): Code | null;
  /** A statement that writes the JSON text of a value that lies there already. */
  jsonText?(expr: BoundExpr): string | null;
  /** The same for a part of an id or record key: an expression that writes it, and is false where it could not. */
  keyText?(expr: BoundExpr, quoted: boolean): string | null;
}

export const NULL_CODE = (repr: Repr): Code => ({ value: dummyOf(repr), isNull: "true" });

/** Emits the statements that compute `expr` and says where its value stands, in the representation asked for. */
export function expressionCode(expr: BoundExpr, scope: CodeScope, want: Repr = reprOf(expr.type)): Code {
  const kept = scope.kept?.(expr) ?? null;
  if (kept !== null) return kept;
  switch (expr.kind) {
    case "literal":
      return expr.value === null ? NULL_CODE(want) : coerce({ value: constantCode(expr, scope), isNull: "false" }, expr, want, scope);
    case "field":
    case "meta":
    case "group":
    case "aggregate":
    case "window":
      return scope.leaf(expr, want);
    case "not": {
      const operand = expressionCode(expr.operand, scope, "boolean");
      return { value: `!${operand.value}`, isNull: operand.isNull };
    }
    case "negate":
      return coerce(negateCode(expr, scope), expr, want, scope);
    case "binary":
      return coerce(binaryCode(expr, scope), expr, want, scope);
    case "in":
      return inCode(expr, scope);
    case "like": {
      const operand = expressionCode(expr.operand, scope, "string");
      const pattern = expressionCode(expr.pattern, scope, "string");
      return bind(
        scope,
        "boolean",
        eitherNull(operand, pattern),
        `h.like(${operand.value}, ${pattern.value}, ${literalCode(expr.escape)})`,
      );
    }
    case "is":
      return isCode(expr, scope);
    case "case":
      return caseCode(expr, scope, want);
    case "cast":
      return coerce(castCode(expr, scope), expr, want, scope);
    case "call":
      return callCode(expr, scope, want);
    default:
      return unreachable(expr);
  }
}

function eitherNull(a: Code, b: Code): string {
  if (a.isNull === "true" || b.isNull === "true") return "true";
  if (a.isNull === "false") return b.isNull;
  return b.isNull === "false" ? a.isNull : `(${a.isNull} || ${b.isNull})`;
}

/** Names a value, so that it is computed once; where it is null the computation is left out. */
function bind(scope: CodeScope, repr: Repr, isNull: string, value: string): Code {
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

/** From `any` or `exact` to what the operator above needs; a misfit is the row's error. */
function coerce(code: Code, expr: BoundExpr, want: Repr, scope: CodeScope): Code {
  const own = reprOf(expr.type);
  if (own === want || want === "any" || code.isNull === "true") return code;
  const { writer } = scope;
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
  const message = `h.misfitValue("value", ${literalCode(expectedOf(typeRead(want)))}, ${bound.value})`;
  writer.line(`if (!${isNull} && !(${isRepr(bound.value, want)})) ${scope.fail(message)}`);
  return { value: `(${isNull} ? ${dummyOf(want)} : ${bound.value})`, isNull };
}

/** Of an integer beyond 2^53 a literal holds the digits. */
function constantCode({ type, value }: BoundExpr & { kind: "literal" }, scope: CodeScope): string {
  if (typeof value !== "string") return literalCode(value);
  return isNumeric(type) ? `(${BigInt(value)}n)` : (scope.text?.(value) ?? literalCode(value));
}

function negateCode(expr: BoundExpr & { kind: "negate" }, scope: CodeScope): Code {
  if (reprOf(expr.type) === "exact") {
    const zero: BoundExpr = { kind: "literal", type: expr.type, value: 0 };
    return arithmeticCode({ kind: "binary", type: expr.type, op: "-", left: zero, right: expr.operand }, scope);
  }
  const operand = expressionCode(expr.operand, scope, "number");
  return { value: `(-${operand.value})`, isNull: operand.isNull };
}

type Binary = BoundExpr & { kind: "binary" };

function binaryCode(expr: Binary, scope: CodeScope): Code {
  switch (expr.op) {
    case "and":
    case "or":
      return logicCode(expr, scope);
    case "is distinct from":
    case "is not distinct from":
      return distinctCode(expr, scope);
    case "||": {
      const left = textCode(expr.left, scope);
      const right = textCode(expr.right, scope);
      return bind(scope, "string", eitherNull(left, right), `${left.value} + ${right.value}`);
    }
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmeticCode(expr, scope);
    default:
      return comparisonCode(expr, scope);
  }
}

/** An operand of `||`: any scalar as text. */
function textCode(expr: BoundExpr, scope: CodeScope): Code {
  const code = expressionCode(expr, scope);
  if (reprOf(expr.type) === "string") return code;
  const isNull = reprOf(expr.type) === "any" ? orNull(code) : code.isNull;
  return bind(scope, "string", isNull, `h.toText(${code.value}, ${literalCode(expr.type.kind)})`);
}

/** The flag of an `any` value: its JavaScript null counts as well. */
function orNull(code: Code): string {
  return code.isNull === "true"
    ? "true"
    : code.isNull === "false"
      ? `${code.value} === null`
      : `(${code.isNull} || ${code.value} === null)`;
}

function arithmeticCode(expr: Binary, scope: CodeScope): Code {
  return expr.type.kind === "int" || expr.type.kind === "bigint" ? integerCode(expr, scope) : doubleCode(expr, scope);
}

function doubleCode({ op, left: a, right: b }: Binary, scope: CodeScope): Code {
  const left = expressionCode(a, scope, "number");
  const right = expressionCode(b, scope, "number");
  const result = bind(scope, "number", eitherNull(left, right), `${left.value} ${op} ${right.value}`);
  // Fields of unknown type may hold integers, of which a result beyond 2^53 may be rounded.
  const mayBeIntegers = a.type.kind !== "double" && b.type.kind !== "double" && op !== "/" && op !== "%";
  if (mayBeIntegers) {
    const message = literalCode(`${op}: the result is beyond 2^53 and no double; CAST(… AS DOUBLE) takes the nearest one`);
    const rounded = `h.isRounded("${op}", ${left.value}, ${right.value}, ${result.value})`;
    scope.writer.line(`if (!(Math.abs(${result.value}) <= ${Number.MAX_SAFE_INTEGER}) && ${rounded}) ${scope.fail(message)}`);
  }
  return result;
}

/** Integers of 64 bits: as doubles where these are exact, else as BigInts. */
function integerCode({ op, left: a, right: b }: Binary, scope: CodeScope): Code {
  const left = expressionCode(a, scope, "exact");
  const right = expressionCode(b, scope, "exact");
  const { writer } = scope;
  let isNull = eitherNull(left, right);
  // `==`, as a zero may be a BigInt's as well as a number's.
  if (op === "%") isNull = isNull === "false" ? `${right.value} == 0` : `(${isNull} || ${right.value} == 0)`;
  const wide = [a, b].flatMap(({ type }, index) => (reprOf(type) === "exact" ? [index === 0 ? left.value : right.value] : []));
  const both = wide.map((value) => `typeof ${value} === "number"`).join(" && ");
  const [result, flag] = [writer.fresh("v"), writer.fresh("n")];
  writer.line(`const ${flag} = ${isNull};`);
  writer.line(`let ${result} = ${flag} ? 0 : ${both === "" ? "" : `!(${both}) ? NaN : `}${left.value} ${op} ${right.value};`);
  writer.block(`if (!Number.isSafeInteger(${result}))`, () => {
    writer.line(`${result} = h.integerResult("${op}", ${left.value}, ${right.value});`);
    writer.line(`if (${result} === undefined) ${scope.fail(literalCode(`${op}: the result is no integer of 64 bits`))}`);
  });
  return { value: result, isNull: isNull === "false" ? "false" : flag };
}

/** What the operands of a comparison are read as: the representation of those whose type is known. */
function commonRepr(types: readonly DataType[]): Repr {
  const known = types.filter((type) => reprOf(type) !== "any");
  const isTime = known.some(({ kind }) => kind === "timestamp" || kind === "date");
  const [first] = known;
  if (first === undefined) return "any";
  if (isTime || !isNumeric(first)) return reprOf(first);
  const areDoubles = known.length === types.length && known.every((type) => reprOf(type) === "number");
  return areDoubles ? "number" : "exact";
}

/** Numbers and BigInts are the same where their values are. */
function equalityCode(repr: Repr, left: string, right: string): string {
  if (repr === "any") return `h.equalAny(${left}, ${right})`;
  return `${left} ${repr === "exact" ? "==" : "==="} ${right}`;
}

/** A field of unknown type beside a timestamp is read as one, beside a date as a date. */
function readAs(expr: BoundExpr, other: DataType): BoundExpr {
  const time = other.kind === "timestamp" || other.kind === "date";
  return expr.type.kind === "any" && time ? { kind: "cast", type: other, operand: expr, safe: false } : expr;
}

function comparisonCode(expr: Binary, scope: CodeScope): Code {
  const repr = commonRepr([expr.left.type, expr.right.type]);
  const left = expressionCode(readAs(expr.left, expr.right.type), scope, repr);
  const right = expressionCode(readAs(expr.right, expr.left.type), scope, repr);
  if (repr === "any") return anyComparisonCode(expr.op, left, right, scope);
  const isNull = eitherNull(left, right);
  return bind(scope, "boolean", isNull, comparisonTest(expr.op, repr, left.value, right.value));
}

function comparisonTest(op: BoundOp, repr: Repr, left: string, right: string): string {
  if (op === "=") return equalityCode(repr, left, right);
  if (op === "<>") return `!(${equalityCode(repr, left, right)})`;
  return repr === "string" ? `h.compareText(${left}, ${right}) ${op} 0` : `${left} ${op} ${right}`;
}

function anyComparisonCode(op: BoundOp, left: Code, right: Code, scope: CodeScope): Code {
  const [a, b] = [orNull(left), orNull(right)];
  const isNull = a === "true" || b === "true" ? "true" : `(${a} || ${b})`;
  if (op === "=") return bind(scope, "boolean", isNull, `h.equalAny(${left.value}, ${right.value})`);
  if (op === "<>") return bind(scope, "boolean", isNull, `!h.equalAny(${left.value}, ${right.value})`);
  const order = bind(scope, "any", isNull, `h.compareAny(${left.value}, ${right.value})`);
  const message = `\`\${h.describe(${left.value})} and \${h.describe(${right.value})} cannot be compared\``;
  scope.writer.line(`if (${order.value} === undefined) ${scope.fail(message)}`);
  return { value: `(${order.value} ${op} 0)`, isNull: order.isNull };
}

function distinctCode(expr: Binary, scope: CodeScope): Code {
  const repr = commonRepr([expr.left.type, expr.right.type]);
  const left = expressionCode(readAs(expr.left, expr.right.type), scope, repr);
  const right = expressionCode(readAs(expr.right, expr.left.type), scope, repr);
  const [a, b] = repr === "any" ? [orNull(left), orNull(right)] : [left.isNull, right.isNull];
  const same = `(${a} || ${b} ? ${a} && ${b} : ${equalityCode(repr, left.value, right.value)})`;
  return bind(scope, "boolean", "false", expr.op === "is distinct from" ? `!${same}` : same);
}

/** Three-valued AND and OR; the right side is computed only where the left one does not decide. */
function logicCode(expr: Binary, scope: CodeScope): Code {
  const { writer } = scope;
  const decides = expr.op === "and" ? "!" : "";
  const left = expressionCode(expr.left, scope, "boolean");
  const value = writer.fresh("v");
  const isNull = writer.fresh("n");
  writer.line(`let ${value} = ${expr.op === "or"}, ${isNull} = false;`);
  writer.block(`if (${left.isNull} || ${decides === "!" ? "" : "!"}${left.value})`, () => {
    const right = expressionCode(expr.right, scope, "boolean");
    writer.block(`if (${right.isNull} || ${decides === "!" ? "" : "!"}${right.value})`, () => {
      writer.line(`${isNull} = ${left.isNull} || ${right.isNull};`);
      writer.line(`${value} = ${expr.op === "and"} && !${isNull};`);
    });
    writer.line(`else ${value} = ${expr.op === "or"};`);
  });
  writer.line(`else ${value} = ${expr.op === "or"};`);
  return { value, isNull };
}

function inCode(expr: BoundExpr & { kind: "in" }, scope: CodeScope): Code {
  const types = [expr.operand, ...expr.list].map(({ type }) => type);
  const known = types.find((type) => reprOf(type) !== "any");
  const repr = commonRepr(types);
  const operand = expressionCode(known === undefined ? expr.operand : readAs(expr.operand, known), scope, repr);
  const { writer } = scope;
  const operandNull = repr === "any" ? orNull(operand) : operand.isNull;
  const value = writer.fresh("v");
  const isNull = writer.fresh("n");
  writer.line(`let ${value} = false, ${isNull} = ${operandNull};`);
  writer.block(`if (!${isNull})`, () => {
    for (const item of expr.list) {
      const code = expressionCode(readAs(item, expr.operand.type), scope, repr);
      const equal = equalityCode(repr, operand.value, code.value);
      const itemNull = repr === "any" ? orNull(code) : code.isNull;
      if (itemNull === "true") writer.line(`${isNull} = true;`);
      else if (itemNull === "false") writer.line(`${value} = ${value} || ${equal};`);
      else writer.line(`if (${itemNull}) ${isNull} = true; else ${value} = ${value} || ${equal};`);
    }
    writer.line(`if (${value}) ${isNull} = false;`);
  });
  return { value, isNull };
}

function isCode(expr: BoundExpr & { kind: "is" }, scope: CodeScope): Code {
  if (expr.what === "null") {
    const code = expressionCode(expr.operand, scope);
    return bind(scope, "boolean", "false", reprOf(expr.operand.type) === "any" ? orNull(code) : code.isNull);
  }
  const code = expressionCode(expr.operand, scope, "boolean");
  return bind(scope, "boolean", "false", `!${code.isNull} && ${expr.what === "true" ? "" : "!"}${code.value}`);
}

function caseCode(expr: BoundExpr & { kind: "case" }, scope: CodeScope, want: Repr): Code {
  const { writer } = scope;
  const value = writer.fresh("v");
  const isNull = writer.fresh("n");
  writer.line(`let ${value} = ${dummyOf(want)}, ${isNull} = true;`);
  const settle = (result: BoundExpr): void => {
    const code = expressionCode(result, scope, want);
    writer.line(`${value} = ${code.value}; ${isNull} = ${code.isNull};`);
  };
  const arm = (index: number): void => {
    const branch = expr.branches[index];
    if (branch === undefined) {
      if (expr.otherwise !== null) settle(expr.otherwise);
      return;
    }
    const when = expressionCode(branch.when, scope, "boolean");
    writer.block(`if (!${when.isNull} && ${when.value})`, () => settle(branch.then));
    writer.block("else", () => arm(index + 1));
  };
  arm(0);
  return { value, isNull };
}

function castCode(expr: BoundExpr & { kind: "cast" }, scope: CodeScope): Code {
  const { writer } = scope;
  const from = expr.operand.type.kind;
  const operand = expressionCode(expr.operand, scope);
  const operandNull = reprOf(expr.operand.type) === "any" ? orNull(operand) : operand.isNull;
  const raw = bind(scope, "any", operandNull, `h.cast(${operand.value}, ${literalCode(from)}, ${literalCode(expr.type.kind)})`);
  if (!expr.safe) {
    const message = `h.misfitValue("CAST", ${literalCode(expectedOf(expr.type))}, ${operand.value})`;
    writer.line(`if (${raw.value} === undefined) ${scope.fail(message)}`);
  }
  const isNull = writer.fresh("n");
  writer.line(`const ${isNull} = ${raw.isNull} || ${raw.value} === undefined;`);
  return { value: `(${isNull} ? ${dummyOf(reprOf(expr.type))} : ${raw.value})`, isNull };
}

/** `coalesce` and `if` are CASE in another spelling: what is not needed is not computed. */
function lazyCode(expr: BoundExpr & { kind: "call" }, name: string, scope: CodeScope, want: Repr): Code {
  const { type, args } = expr;
  if (name === "if") {
    const [when, then, otherwise] = args as readonly [BoundExpr, BoundExpr, BoundExpr];
    return caseCode({ kind: "case", type, branches: [{ when, then }], otherwise }, scope, want);
  }
  const branches = args.slice(0, -1).map((then) => {
    const missing: BoundExpr = { kind: "is", type: BOOLEAN, operand: then, what: "null" };
    return { when: { kind: "not", type: BOOLEAN, operand: missing } as const, then };
  });
  return caseCode({ kind: "case", type, branches, otherwise: must(args.at(-1)) }, scope, want);
}

function callCode(expr: BoundExpr & { kind: "call" }, scope: CodeScope, want: Repr): Code {
  const spec = must(scalarFunction(expr.name), `function ${expr.name}`);
  if (spec.lazy === true) return lazyCode(expr, spec.name, scope, want);
  return coerce(strictCallCode(spec, expr, scope), expr, want, scope);
}

/** The last parameter stands for all further arguments. */
function parameterOf({ parameters }: ScalarFunction, index: number): ScalarFunction["parameters"][number] | undefined {
  return parameters[Math.min(index, parameters.length - 1)];
}

/** What a function needs of an argument of unknown type; a misfit is the row's error. */
function wantedRepr(spec: ScalarFunction, index: number): Repr {
  switch (parameterOf(spec, index)?.type) {
    case "number":
    case "integer":
      return "number";
    case "string":
      return "string";
    case "boolean":
      return "boolean";
    default:
      return "any";
  }
}

/** Not called for a null argument, unless the function says that it takes nulls. */
function strictCallCode(spec: ScalarFunction, expr: BoundExpr & { kind: "call" }, scope: CodeScope): Code {
  const { writer } = scope;
  const args = expr.args.map((given, index) => {
    const arg = parameterOf(spec, index)?.type === "timestamp" ? readAs(given, TIMESTAMP) : given;
    const want = reprOf(arg.type) === "any" ? wantedRepr(spec, index) : reprOf(arg.type);
    return { want, code: expressionCode(arg, scope, want) };
  });
  const nulls = args.map(({ want, code }) => (want === "any" ? orNull(code) : code.isNull));
  const values = args.map(({ code }, index) =>
    spec.nullable !== true || nulls[index] === "false" ? code.value : `(${nulls[index]} ? null : ${code.value})`,
  );
  const anyNull = nulls.includes("true") ? "true" : nulls.filter((flag) => flag !== "false").join(" || ");
  const guard = spec.nullable === true || anyNull === "" ? "" : `if (!(${anyNull})) `;
  const result = writer.fresh("v");
  writer.line(`let ${result} = null;`);
  writer.line(`try { ${guard}${result} = h.functions[${literalCode(spec.name)}](${values.join(", ")}); }`);
  const fail = scope.fail(`${literalCode(`${spec.name}: `)} + error.message`);
  writer.line(`catch (error) { if (!(error instanceof RangeError)) throw error; ${fail} }`);
  const isNull = writer.fresh("n");
  writer.line(`const ${isNull} = ${result} === null;`);
  return { value: `(${isNull} ? ${dummyOf(reprOf(expr.type))} : ${result})`, isNull };
}
