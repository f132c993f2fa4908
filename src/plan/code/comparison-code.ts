import type { BoundExpr, BoundOp } from "../../model/expression.ts";
import { type DataType, isNumeric } from "../../model/type.ts";
import { type Binary, bind, type Code, type CodeScope, type Compile, eitherNull, orNull } from "./code.ts";
import { type Repr, reprOf } from "./repr.ts";

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
export function readAs(expr: BoundExpr, other: DataType): BoundExpr {
  const time = other.kind === "timestamp" || other.kind === "date";
  return expr.type.kind === "any" && time ? { kind: "cast", type: other, operand: expr, safe: false } : expr;
}

export function comparisonCode(expr: Binary, scope: CodeScope, compile: Compile): Code {
  const repr = commonRepr([expr.left.type, expr.right.type]);
  const left = compile(readAs(expr.left, expr.right.type), scope, repr);
  const right = compile(readAs(expr.right, expr.left.type), scope, repr);
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

export function distinctCode(expr: Binary, scope: CodeScope, compile: Compile): Code {
  const repr = commonRepr([expr.left.type, expr.right.type]);
  const left = compile(readAs(expr.left, expr.right.type), scope, repr);
  const right = compile(readAs(expr.right, expr.left.type), scope, repr);
  const [a, b] = repr === "any" ? [orNull(left), orNull(right)] : [left.isNull, right.isNull];
  const same = `(${a} || ${b} ? ${a} && ${b} : ${equalityCode(repr, left.value, right.value)})`;
  return bind(scope, "boolean", "false", expr.op === "is distinct from" ? `!${same}` : same);
}

export function inCode(expr: BoundExpr & { kind: "in" }, scope: CodeScope, compile: Compile): Code {
  const types = [expr.operand, ...expr.list].map(({ type }) => type);
  const known = types.find((type) => reprOf(type) !== "any");
  const repr = commonRepr(types);
  const operand = compile(known === undefined ? expr.operand : readAs(expr.operand, known), scope, repr);
  const { writer } = scope;
  const operandNull = repr === "any" ? orNull(operand) : operand.isNull;
  const value = writer.fresh("v");
  const isNull = writer.fresh("n");
  writer.line(`let ${value} = false, ${isNull} = ${operandNull};`);
  writer.block(`if (!${isNull})`, () => {
    for (const item of expr.list) {
      const code = compile(readAs(item, expr.operand.type), scope, repr);
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
