import type { BoundExpr } from "../../model/expression.ts";
import { type Binary, bind, type Code, type CodeScope, type Compile, eitherNull } from "./code.ts";
import { literalCode } from "./code-writer.ts";
import { reprOf } from "./repr.ts";

export function arithmeticCode(expr: Binary, scope: CodeScope, compile: Compile): Code {
  return expr.type.kind === "int" || expr.type.kind === "bigint" ? integerCode(expr, scope, compile) : doubleCode(expr, scope, compile);
}

export function negateCode(expr: BoundExpr & { kind: "negate" }, scope: CodeScope, compile: Compile): Code {
  if (reprOf(expr.type) === "exact") {
    const zero: BoundExpr = { kind: "literal", type: expr.type, value: 0 };
    return arithmeticCode({ kind: "binary", type: expr.type, op: "-", left: zero, right: expr.operand }, scope, compile);
  }
  const operand = compile(expr.operand, scope, "number");
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
