import { comparatorOf } from "../../functions/comparator.ts";
import type { BoundExpr, BoundOp } from "../../model/expression.ts";
import { type DataType, isNumeric, typeName } from "../../model/type.ts";
import { type Binary, bind, type Code, type CodeScope, type Compile, eitherNull, orNull } from "./code.ts";
import { type Repr, reprOf } from "./repr.ts";

/**
 * What the operands of a comparison are read as: the representation of those whose type is known. Where it takes more than
 * that, the analyzer has cast them to one type.
 */
function commonRepr(types: readonly DataType[]): Repr {
  const known = types.filter((type) => reprOf(type) !== "any");
  const [first] = known;
  if (first === undefined) return "any";
  if (!isNumeric(first) || first.kind === "decimal") return reprOf(first);
  const areDoubles = known.length === types.length && known.every((type) => reprOf(type) === "number");
  return areDoubles ? "number" : "exact";
}

/** How values of the operands' types are compared where JavaScript's operators do not do it: a name, or null. */
function comparatorCode(repr: Repr, types: readonly DataType[], scope: CodeScope): string | null {
  const type = types.find(({ kind }) => kind !== "null");
  return repr === "object" && type !== undefined ? scope.static(comparatorOf(type), `compare ${typeName(type)}`) : null;
}

/** Numbers and BigInts are the same where their values are. */
function equalityCode(repr: Repr, comparator: string | null, left: string, right: string): string {
  if (comparator !== null) return `${comparator}(${left}, ${right}) === 0`;
  if (repr === "any") return `h.equalAny(${left}, ${right})`;
  return `${left} ${repr === "exact" ? "==" : "==="} ${right}`;
}

export function comparisonCode(expr: Binary, scope: CodeScope, compile: Compile): Code {
  const repr = commonRepr([expr.left.type, expr.right.type]);
  const left = compile(expr.left, scope, repr);
  const right = compile(expr.right, scope, repr);
  if (repr === "any") return anyComparisonCode(expr.op, left, right, scope);
  const isNull = eitherNull(left, right);
  const comparator = comparatorCode(repr, [expr.left.type, expr.right.type], scope);
  return bind(scope, "boolean", isNull, comparisonTest(expr.op, repr, comparator, left.value, right.value));
}

function comparisonTest(op: BoundOp, repr: Repr, comparator: string | null, left: string, right: string): string {
  if (op === "=") return equalityCode(repr, comparator, left, right);
  if (op === "<>") return `!(${equalityCode(repr, comparator, left, right)})`;
  if (comparator !== null) return `${comparator}(${left}, ${right}) ${op} 0`;
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
  const left = compile(expr.left, scope, repr);
  const right = compile(expr.right, scope, repr);
  const comparator = comparatorCode(repr, [expr.left.type, expr.right.type], scope);
  const [a, b] = repr === "any" ? [orNull(left), orNull(right)] : [left.isNull, right.isNull];
  const same = `(${a} || ${b} ? ${a} && ${b} : ${equalityCode(repr, comparator, left.value, right.value)})`;
  return bind(scope, "boolean", "false", expr.op === "is distinct from" ? `!${same}` : same);
}

export function inCode(expr: BoundExpr & { kind: "in" }, scope: CodeScope, compile: Compile): Code {
  const types = [expr.operand, ...expr.list].map(({ type }) => type);
  const repr = commonRepr(types);
  const comparator = comparatorCode(repr, types, scope);
  const operand = compile(expr.operand, scope, repr);
  const { writer } = scope;
  const operandNull = repr === "any" ? orNull(operand) : operand.isNull;
  const value = writer.fresh("v");
  const isNull = writer.fresh("n");
  writer.line(`let ${value} = false, ${isNull} = ${operandNull};`);
  writer.block(`if (!${isNull})`, () => {
    for (const item of expr.list) {
      const code = compile(item, scope, repr);
      const equal = equalityCode(repr, comparator, operand.value, code.value);
      const itemNull = repr === "any" ? orNull(code) : code.isNull;
      if (itemNull === "true") writer.line(`${isNull} = true;`);
      else if (itemNull === "false") writer.line(`${value} = ${value} || ${equal};`);
      else writer.line(`if (${itemNull}) ${isNull} = true; else ${value} = ${value} || ${equal};`);
    }
    writer.line(`if (${value}) ${isNull} = false;`);
  });
  return { value, isNull };
}
