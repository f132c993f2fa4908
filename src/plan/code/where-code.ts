import type { BoundExpr } from "../../model/expression.ts";
import type { BoundStatement } from "../../model/statement.ts";
import { expressionCode } from "./expression-code.ts";
import { predicateField } from "./predicate-code.ts";
import type { RowScope } from "./row-scope.ts";

/**
 * Leaves the row where WHERE is not true, after `before`. Rows up to `end` that follow it and of which the first conjunct is
 * known to be false are passed over with it.
 */
export function whereCode(statement: BoundStatement, scope: RowScope, before: string, end: string): void {
  if (statement.where === null) return;
  scope.keepsPredicates = true;
  conditionCode(statement, scope, () => {
    const first = scope.predicates.find(({ expr }) => isFirstConjunct(expr, statement.where));
    if (before !== "") scope.writer.line(before);
    if (first === undefined) {
      scope.writer.line("filtered++; continue;");
      return;
    }
    scope.writer.line(`if (!sound || ${first.ids} === null) { filtered++; continue; }`);
    scope.writer.line(`const next = h.rowNotFalse(${first.ids}, ${first.table}, row + 1, ${end});`);
    scope.writer.line("filtered += next - row; row = next - 1; continue;");
  });
  scope.keepsPredicates = false;
}

/** What is done where WHERE is not true; it leaves the row. */
export function notTrueCode(statement: BoundStatement, scope: RowScope, leave: () => void): void {
  if (statement.where !== null) conditionCode(statement, scope, leave);
}

/**
 * Conjunct by conjunct: behind one that is not true, be it NULL, nothing is computed and so nothing fails. What a stage leaves out is no
 * row of the SELECT around it. Conjuncts that are a function of one text stay together, as their answer is kept.
 */
function conditionCode({ where, fields }: BoundStatement, scope: RowScope, leave: () => void): void {
  for (const conjunct of where === null ? [] : conjuncts(where, (expr) => predicateField(expr, fields) !== null)) {
    const { value, isNull } = expressionCode(conjunct, scope, "boolean");
    scope.writer.block(isNull === "false" ? `if (!(${value}))` : `if (${isNull} || !(${value}))`, leave);
  }
}

/** The parts that all have to be true, in their order; what `isWhole` stays in one piece. */
export function conjuncts(expr: BoundExpr, isWhole: (expr: BoundExpr) => boolean = () => false): readonly BoundExpr[] {
  if (expr.kind !== "binary" || expr.op !== "and" || isWhole(expr)) return [expr];
  return [...conjuncts(expr.left, isWhole), ...conjuncts(expr.right, isWhole)];
}

/** Where it is false nothing else of the condition is computed. */
function isFirstConjunct(expr: BoundExpr, condition: BoundExpr | null): boolean {
  if (condition === expr) return true;
  return condition?.kind === "binary" && condition.op === "and" && isFirstConjunct(expr, condition.left);
}
