import { operandsOf } from "../../analyze/bound-tree.ts";
import { Tag } from "../../model/column-batch.ts";
import type { BoundExpr } from "../../model/expression.ts";
import type { FieldRef } from "../../model/statement.ts";
import type { Code } from "./code.ts";
import { literalCode } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import { Truth } from "./predicate-tables.ts";
import { reprOf } from "./repr.ts";
import type { RowScope } from "./row-scope.ts";

/**
 * The field that a predicate is a function of, if that is one field that may hold strings, and nothing else of the row:
 * then what it says of a plain string can be kept by the string's id.
 */
export function predicateField(expr: BoundExpr, fields: readonly FieldRef[]): number | null {
  if (expr.kind === "field" || expr.kind === "literal" || reprOf(expr.type) !== "boolean") return null;
  const leaves = leavesOf(expr);
  const [first] = leaves.filter((leaf) => leaf.kind !== "literal");
  if (first?.kind !== "field") return null;
  const { index } = first;
  if (leaves.some((leaf) => leaf.kind !== "literal" && !(leaf.kind === "field" && leaf.index === index))) return null;
  const kind = fields[index]?.type.kind;
  // Of a field of unknown type, what it is compared with says what it may hold.
  const isAskedAsText = leaves.some((leaf) => leaf.kind === "literal" && leaf.type.kind === "string");
  return kind === "string" || (kind === "any" && isAskedAsText) ? index : null;
}

/** The fields of the largest such predicates within an expression. */
export function keptPredicates(expr: BoundExpr, fields: readonly FieldRef[]): readonly number[] {
  const field = predicateField(expr, fields);
  return field === null ? operandsOf(expr).flatMap((operand) => keptPredicates(operand, fields)) : [field];
}

/** What an expression is made of in the end; every function is a function of its arguments alone. */
function leavesOf(expr: BoundExpr): readonly BoundExpr[] {
  const operands = operandsOf(expr);
  return operands.length === 0 && expr.kind !== "call" ? [expr] : operands.flatMap(leavesOf);
}

/**
 * A predicate over one string field, looked up by dictionary id where the column is interned and computed where its
 * answer is not known. An error leaves the row before its answer is kept.
 */
export function predicateCode(expr: BoundExpr, field: number, scope: RowScope): Code {
  const { writer } = scope;
  const { t, b, s, e, i, d } = scope.column(field);
  const table = scope.constant(`task.predicates.tableOf(${scope.predicates.length}, ${d})`);
  const [truth, id] = [writer.fresh("truth"), writer.fresh("id")];
  scope.predicates.push({ expr, ids: i, table });
  writer.line(`const ${id} = ${i} === null ? -1 : ${i}[row];`);
  writer.line(`let ${truth} = ${id} >= 0 ? ${table}[${id}] : ${Truth.unknown};`);
  writer.block(`if (${truth} === ${Truth.unknown})`, () => {
    const test = byteTest(expr, `${b}, ${s}[row], ${e}[row]`, scope);
    const general = (): void => {
      const code = expressionCode(expr, scope, "boolean");
      const known = `${code.value} ? ${Truth.true} : ${Truth.false}`;
      writer.line(`${truth} = ${code.isNull === "false" ? known : `${code.isNull} ? ${Truth.null} : ${known}`};`);
    };
    if (test === null) general();
    else {
      writer.line(`if (${t}[row] === ${Tag.string}) ${truth} = ${test} ? ${Truth.true} : ${Truth.false};`);
      writer.block("else", general);
    }
    writer.line(`if (${id} >= 0) ${table}[${id}] = ${truth};`);
  });
  return { value: `(${truth} === ${Truth.true})`, isNull: `(${truth} === ${Truth.null})` };
}

const ORDERS = new Map([
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
]);

/** The predicate over the bytes of a plain string, without making a JavaScript string of it; null: it takes more than that. */
function byteTest(expr: BoundExpr, cell: string, scope: RowScope): string | null {
  switch (expr.kind) {
    case "not": {
      const operand = byteTest(expr.operand, cell, scope);
      return operand === null ? null : `!${operand}`;
    }
    case "binary": {
      if (expr.op === "and" || expr.op === "or") {
        const [left, right] = [byteTest(expr.left, cell, scope), byteTest(expr.right, cell, scope)];
        return left === null || right === null ? null : `(${left} ${expr.op === "and" ? "&&" : "||"} ${right})`;
      }
      const constant = expr.left.kind === "field" ? textOf(expr.right, scope) : null;
      if (constant === null) return null;
      if (expr.op === "=") return `h.equalsText(${cell}, ${constant})`;
      if (expr.op === "<>") return `!h.equalsText(${cell}, ${constant})`;
      const order = ORDERS.get(expr.op);
      return order === undefined ? null : `(h.orderOfText(${cell}, ${constant}) ${order} 0)`;
    }
    case "in": {
      if (expr.operand.kind !== "field") return null;
      const constants = expr.list.map((item) => textOf(item, scope));
      return constants.includes(null) ? null : `(${constants.map((constant) => `h.equalsText(${cell}, ${constant})`).join(" || ")})`;
    }
    case "like":
      return expr.operand.kind === "field" ? prefixTest(expr, cell, scope) : null;
    default:
      return null;
  }
}

/** `'dev-0001%'`: nothing but a beginning. */
function prefixTest({ pattern, escape: escapeCharacter }: BoundExpr & { kind: "like" }, cell: string, scope: RowScope): string | null {
  if (pattern.kind !== "literal" || typeof pattern.value !== "string" || escapeCharacter !== null) return null;
  const prefix = /^([^%_]*)%+$/.exec(pattern.value)?.[1];
  if (prefix === undefined) return null;
  const constant = textOf({ ...pattern, value: prefix }, scope);
  return constant === null ? null : `h.startsWithText(${cell}, ${constant})`;
}

/** A text literal as a constant of UTF-8 bytes; null: it is none, or no bytes can be it. */
function textOf(expr: BoundExpr, scope: RowScope): string | null {
  if (expr.kind !== "literal" || expr.type.kind !== "string") return null;
  if (typeof expr.value !== "string" || !expr.value.isWellFormed()) return null;
  return scope.static(Buffer.from(expr.value, "utf8"), literalCode(expr.value));
}
