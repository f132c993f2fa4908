import { operandsOf } from "../../analyze/bound-tree.ts";
import { LIMITS } from "../../limits.ts";
import type { BoundExpr } from "../../model/expression.ts";
import type { BoundStatement, BoundUnnest } from "../../model/statement.ts";
import { valueOrNull } from "./code.ts";
import { literalCode } from "./code-writer.ts";
import { expressionCode } from "./expression-code.ts";
import type { RowScope } from "./row-scope.ts";
import { conjuncts, notTrueCode, whereCode } from "./where-code.ts";

/**
 * Leaves the record where the part of WHERE that looks at no element is not true, after `before`: then no array is
 * looked at. As `whereCode`; the rest is `elementConditionCode`.
 */
export function recordConditionCode(statement: BoundStatement, scope: RowScope, before: string, end: string): void {
  const { record } = conditionsOf(statement);
  whereCode({ ...statement, where: record }, scope, before, end);
}

/**
 * A loop for each array around what `inner` writes, which is given the name of the element's number. `continue` there is on to
 * the next element.
 */
export function elementsCode(statement: BoundStatement, scope: RowScope, inner: (ordinal: string) => void): void {
  const { writer } = scope;
  const [next, ordinal] = [writer.fresh("next"), writer.fresh("ordinal")];
  const loop = (index: number): void => {
    const unnest = statement.unnests[index];
    if (unnest !== undefined) loopCode(unnest, index, scope, () => loop(index + 1));
    else {
      const tooMany = literalCode(`more than ${LIMITS.elementRowsMax} rows of one record (elementRowsMax)`);
      writer.line(`if (${next} >= ${LIMITS.elementRowsMax}) ${scope.fail(tooMany)}`);
      writer.line(`const ${ordinal} = ${next}++;`);
      inner(ordinal);
    }
  };
  writer.line(`let ${next} = 0;`);
  loop(0);
}

/** On to the next element where the rest of WHERE is not true. */
export function elementConditionCode(statement: BoundStatement, scope: RowScope): void {
  const { elements } = conditionsOf(statement);
  if (elements === null) return;
  notTrueCode({ ...statement, where: elements }, scope, () => scope.writer.line("continue;"));
}

function loopCode({ arrays, outer }: BoundUnnest, index: number, scope: RowScope, inner: () => void): void {
  const { writer } = scope;
  const names = arrays.map((array) => arrayCode(array, scope));
  const [count, at] = [writer.fresh("count"), writer.fresh("at")];
  const lengths = names.map((name) => `${name} === null ? 0 : ${name}.length`);
  writer.line(`const ${count} = Math.max(${[outer ? "1" : "0", ...lengths].join(", ")});`);
  writer.block(`for (let ${at} = 0; ${at} < ${count}; ${at}++)`, () => {
    names.forEach((name, array) => {
      const element = writer.fresh("element");
      writer.line(`const ${element} = ${name} === null ? null : ${name}[${at}] ?? null;`);
      scope.elements.set(`${index} ${array}`, element);
    });
    inner();
  });
}

/** The name of an array, or null. */
function arrayCode(array: BoundExpr, scope: RowScope): string {
  const { writer } = scope;
  const name = writer.fresh("array");
  writer.line(`const ${name} = ${valueOrNull(expressionCode(array, scope))};`);
  if (array.type.kind !== "array") {
    const misfit = scope.fail(`h.misfitValue(${literalCode(subjectOf(array, scope))}, "an array", ${name})`);
    writer.line(`if (${name} !== null && !Array.isArray(${name})) ${misfit}`);
  }
  return name;
}

function subjectOf(array: BoundExpr, scope: RowScope): string {
  if (array.kind === "field") return scope.column(array.index).field.text;
  return array.kind === "element" ? array.text : "UNNEST";
}

/** The leading parts of WHERE that look at no element, and what follows them. */
function conditionsOf({ where }: BoundStatement): { readonly record: BoundExpr | null; readonly elements: BoundExpr | null } {
  const parts = where === null ? [] : conjuncts(where);
  const first = parts.findIndex(looksAtElements);
  const split = first < 0 ? parts.length : first;
  return { record: allOf(parts.slice(0, split)), elements: allOf(parts.slice(split)) };
}

function allOf(parts: readonly BoundExpr[]): BoundExpr | null {
  const [first, ...rest] = parts;
  if (first === undefined) return null;
  return rest.reduce((left, right) => ({ kind: "binary", type: { kind: "boolean" }, op: "and", left, right }), first);
}

function looksAtElements(expr: BoundExpr): boolean {
  return expr.kind === "element" || operandsOf(expr).some(looksAtElements);
}
