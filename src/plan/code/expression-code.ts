import { must, unreachable } from "../../assert.ts";
import { castOf } from "../../functions/cast.ts";
import { scalarFunction } from "../../functions/registry.ts";
import type { ScalarFunction } from "../../functions/spec.ts";
import { userScalar } from "../../functions/user-functions.ts";
import { textOf } from "../../functions/value-text.ts";
import { parseDecimal } from "../../model/decimal.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { intervalText } from "../../model/interval.ts";
import { BOOLEAN, isNumeric, typeName } from "../../model/type.ts";
import { arithmeticCode, negateCode, timeCode } from "./arithmetic-code.ts";
import { type Binary, bind, type Code, type CodeScope, coerce, eitherNull, NULL_CODE, orNull } from "./code.ts";
import { literalCode } from "./code-writer.ts";
import { comparisonCode, distinctCode, inCode } from "./comparison-code.ts";
import { arrayCode, indexCode, lambdaCode, mapCode, memberCode, projectCode, structCode } from "./nested-code.ts";
import { dummyOf, expectedOf, type Repr, reprOf } from "./repr.ts";

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
    case "over":
      return reprOf(expr.type) === "decimal" ? coerce(scope.leaf(expr, "decimal"), expr, want, scope) : scope.leaf(expr, want);
    case "element":
      return scope.leaf(expr, want);
    case "parameter":
      return coerce(must(scope.parameters[expr.index]), expr, want, scope);
    case "not": {
      const operand = expressionCode(expr.operand, scope, "boolean");
      return { value: `!${operand.value}`, isNull: operand.isNull };
    }
    case "negate":
      return coerce(negateCode(expr, scope, expressionCode), expr, want, scope);
    case "binary":
      return coerce(binaryCode(expr, scope), expr, want, scope);
    case "in":
      return inCode(expr, scope, expressionCode);
    case "like":
      return likeCode(expr, scope);
    case "is":
      return isCode(expr, scope);
    case "case":
      return caseCode(expr, scope, want);
    case "cast":
      return coerce(castCode(expr, scope), expr, want, scope);
    case "call":
      return callCode(expr, scope, want);
    case "index":
      return coerce(indexCode(expr, scope, expressionCode), expr, want, scope);
    case "member":
      return coerce(memberCode(expr, scope, expressionCode), expr, want, scope);
    case "project":
      return coerce(projectCode(expr, scope, expressionCode), expr, want, scope);
    case "array":
      return arrayCode(expr, scope, expressionCode);
    case "map":
      return mapCode(expr, scope, expressionCode);
    case "struct":
      return structCode(expr, scope, expressionCode);
    case "lambda":
      throw new Error("assertion failed: a lambda is an argument");
    default:
      return unreachable(expr);
  }
}

/** Of a DECIMAL, and of an integer beyond 2^53, a literal holds the digits. */
function constantCode({ type, value }: BoundExpr & { kind: "literal" }, scope: CodeScope): string {
  if (typeof value === "object" && value !== null) return scope.static(value, intervalText(value));
  if (type.kind === "decimal") return `(${must(parseDecimal(String(value), type))}n)`;
  if (typeof value !== "string") return literalCode(value);
  return isNumeric(type) ? `(${BigInt(value)}n)` : (scope.text?.(value) ?? literalCode(value));
}

function likeCode({ op, operand: source, pattern: written, escape: mark }: BoundExpr & { kind: "like" }, scope: CodeScope): Code {
  const operand = expressionCode(source, scope, "string");
  const pattern = expressionCode(written, scope, "string");
  const isNull = eitherNull(operand, pattern);
  if (op === "like") return bind(scope, "boolean", isNull, `h.like(${operand.value}, ${pattern.value}, ${literalCode(mark)})`);
  if (op === "ilike") return bind(scope, "boolean", isNull, `h.ilike(${operand.value}, ${pattern.value}, ${literalCode(mark)})`);
  const result = bind(scope, "boolean", isNull, `h.matches(${operand.value}, ${pattern.value})`);
  const message = `\`RLIKE: \${h.describe(${pattern.value})} is no regular expression\``;
  scope.writer.line(`if (${result.value} === undefined) ${scope.fail(message)}`);
  return result;
}

function binaryCode(expr: Binary, scope: CodeScope): Code {
  switch (expr.op) {
    case "and":
    case "or":
      return logicCode(expr, scope);
    case "is distinct from":
    case "is not distinct from":
      return distinctCode(expr, scope, expressionCode);
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
      return arithmeticCode(expr, scope, expressionCode);
    case "at time zone":
      return timeCode(expr, scope, expressionCode);
    default:
      return comparisonCode(expr, scope, expressionCode);
  }
}

/** An operand of `||`: any scalar as text. */
function textCode(expr: BoundExpr, scope: CodeScope): Code {
  const code = expressionCode(expr, scope);
  if (reprOf(expr.type) === "string") return code;
  const isNull = reprOf(expr.type) === "any" ? orNull(code) : code.isNull;
  return bind(scope, "string", isNull, `${scope.static(textOf(expr.type), `text of ${typeName(expr.type)}`)}(${code.value})`);
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
  const from = expr.operand.type;
  const operand = expressionCode(expr.operand, scope);
  const operandNull = reprOf(from) === "any" ? orNull(operand) : operand.isNull;
  const cast = must(castOf(from, expr.type), `CAST from ${typeName(from)} to ${typeName(expr.type)}`);
  const name = scope.static(cast, `CAST from ${typeName(from)} to ${typeName(expr.type)}`);
  const raw = bind(scope, "any", operandNull, `${name}(${operand.value})`);
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
    case "numeric":
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

/** What an argument is given as: what computes with doubles and whole numbers alone is not given BigInts. */
function argumentRepr(spec: ScalarFunction, index: number, own: Repr): Repr {
  if (own === "any") return wantedRepr(spec, index);
  const type = parameterOf(spec, index)?.type;
  return own === "exact" && (type === "number" || type === "integer") ? "number" : own;
}

/** Not called for a null argument, unless the function says that it takes nulls. */
function strictCallCode(spec: ScalarFunction, expr: BoundExpr & { kind: "call" }, scope: CodeScope): Code {
  const { writer } = scope;
  const args = expr.args.map((arg, index) => {
    const want = argumentRepr(spec, index, reprOf(arg.type));
    if (arg.kind === "lambda") return { want, code: { value: lambdaCode(arg, scope, expressionCode), isNull: "false" } };
    return { want, code: expressionCode(arg, scope, want) };
  });
  const nulls = args.map(({ want, code }, index) => (want === "any" && expr.args[index]?.kind !== "lambda" ? orNull(code) : code.isNull));
  const values = args.map(({ code }, index) =>
    spec.nullable !== true || nulls[index] === "false" ? code.value : `(${nulls[index]} ? null : ${code.value})`,
  );
  const anyNull = nulls.includes("true") ? "true" : nulls.filter((flag) => flag !== "false").join(" || ");
  const guard = spec.nullable === true || anyNull === "" ? "" : `if (!(${anyNull})) `;
  const result = writer.fresh("v");
  writer.line(`let ${result} = null;`);
  const types = expr.args.map(({ type }) => type);
  const called =
    spec.specialize === undefined ? `h.functions[${literalCode(spec.name)}]` : scope.static(spec.specialize(types, expr.type), spec.name);
  if (userScalar(spec.name) !== undefined) writer.line(scope.tellRecord?.() ?? "");
  writer.line(`try { ${guard}${result} = ${called}(${values.join(", ")}); }`);
  const fail = scope.fail(`${literalCode(`${spec.name}: `)} + error.message`);
  writer.line(`catch (error) { if (!(error instanceof RangeError)) throw error; ${fail} }`);
  const isNull = writer.fresh("n");
  writer.line(`const ${isNull} = ${result} === null;`);
  return { value: `(${isNull} ? ${dummyOf(reprOf(expr.type))} : ${result})`, isNull };
}
