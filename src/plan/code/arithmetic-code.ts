import { timeOperator } from "../../functions/time-operators.ts";
import { powerOf10 } from "../../model/decimal.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { type DecimalType, isNumeric, typeName } from "../../model/type.ts";
import { type Binary, bind, type Code, type CodeScope, type Compile, eitherNull } from "./code.ts";
import { literalCode } from "./code-writer.ts";
import { reprOf } from "./repr.ts";

export function arithmeticCode(expr: Binary, scope: CodeScope, compile: Compile): Code {
  switch (expr.type.kind) {
    case "int":
    case "bigint":
      return isNumeric(expr.left.type) ? integerCode(expr, scope, compile) : timeCode(expr, scope, compile);
    case "decimal":
      return decimalCode(expr, expr.type, scope, compile);
    case "timestamp":
    case "date":
    case "time":
    case "interval":
      return timeCode(expr, scope, compile);
    default:
      return doubleCode(expr, scope, compile);
  }
}

export function negateCode(expr: BoundExpr & { kind: "negate" }, scope: CodeScope, compile: Compile): Code {
  const repr = reprOf(expr.type);
  if (repr === "exact") {
    const zero: BoundExpr = { kind: "literal", type: expr.type, value: 0 };
    return arithmeticCode({ kind: "binary", type: expr.type, op: "-", left: zero, right: expr.operand }, scope, compile);
  }
  const operand = compile(expr.operand, scope, repr);
  if (repr === "object") return bind(scope, repr, operand.isNull, `h.negateInterval(${operand.value})`);
  return { value: `(-${operand.value})`, isNull: operand.isNull };
}

function doubleCode({ op, left: a, right: b }: Binary, scope: CodeScope, compile: Compile): Code {
  const left = compile(a, scope, "number");
  const right = compile(b, scope, "number");
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
function integerCode({ op, left: a, right: b }: Binary, scope: CodeScope, compile: Compile): Code {
  const left = compile(a, scope, "exact");
  const right = compile(b, scope, "exact");
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

/** Exact: operands at the scale of the result, products with the scales of both. */
function decimalCode({ op, left: a, right: b }: Binary, type: DecimalType, scope: CodeScope, compile: Compile): Code {
  const { writer } = scope;
  const left = unscaledCode(a, op === "*" ? null : type.scale, scope, compile);
  const right = unscaledCode(b, op === "*" ? null : type.scale, scope, compile);
  let isNull = eitherNull(left, right);
  if (op === "%") isNull = isNull === "false" ? `${right.value} === 0n` : `(${isNull} || ${right.value} === 0n)`;
  const result = bind(scope, "decimal", isNull, `${left.value} ${op} ${right.value}`);
  const bound = powerOf10(type.precision);
  const message = literalCode(`${op}: the result does not fit ${typeName(type)}`);
  writer.line(`if (${result.value} >= ${bound}n || ${result.value} <= -${bound}n) ${scope.fail(message)}`);
  return result;
}

/** A number as a BigInt, at a scale that is not below its own; null: at its own. */
function unscaledCode(expr: BoundExpr, scale: number | null, scope: CodeScope, compile: Compile): Code {
  const { value, isNull } = compile(expr, scope, reprOf(expr.type));
  const own = expr.type.kind === "decimal" ? expr.type.scale : 0;
  const unscaled = expr.type.kind === "decimal" ? value : `BigInt(${value})`;
  return { value: scale === null || scale === own ? unscaled : `(${unscaled} * ${powerOf10(scale - own)}n)`, isNull };
}

/** Operators of `src/functions/time-operators.ts`. */
export function timeCode({ op, left: a, right: b, type }: Binary, scope: CodeScope, compile: Compile): Code {
  const operator = timeOperator(a.type, op, b.type);
  if (operator === null) throw new Error(`assertion failed: ${typeName(a.type)} ${op} ${typeName(b.type)}`);
  const [left, right] = [a, b].map((operand) =>
    compile(operand, scope, reprOf(operand.type) === "exact" ? "number" : reprOf(operand.type)),
  );
  const name = scope.static(operator.implement, `${typeName(a.type)} ${op} ${typeName(b.type)}`);
  const result = bind(scope, reprOf(type), eitherNull(left as Code, right as Code), `${name}(${left?.value}, ${right?.value})`);
  const message = literalCode(`${op}: there is no such ${op === "at time zone" ? "time zone" : typeName(type)}`);
  scope.writer.line(`if (${result.value} === undefined) ${scope.fail(message)}`);
  return result;
}
