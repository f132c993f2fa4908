import type { BoundExpr } from "../../model/expression.ts";
import type { BoundStatement } from "../../model/statement.ts";
import { expressionCode } from "./expression-code.ts";
import type { RowScope } from "./row-scope.ts";

/**
 * Leaves the row where WHERE is not true, after `before`. Rows up to `end` that follow it and of which the first conjunct is
 * known to be false are passed over with it.
 */
export function whereCode(statement: BoundStatement, scope: RowScope, before: string, end: string): void {
  if (statement.where === null) return;
  scope.keepsPredicates = true;
  const where = expressionCode(statement.where, scope, "boolean");
  scope.keepsPredicates = false;
  const isFalse = where.isNull === "false" ? `!(${where.value})` : `${where.isNull} || !(${where.value})`;
  const first = scope.predicates.find(({ expr }) => isFirstConjunct(expr, statement.where));
  scope.writer.block(`if (${isFalse})`, () => {
    if (before !== "") scope.writer.line(before);
    if (first === undefined) {
      scope.writer.line("filtered++; continue;");
      return;
    }
    scope.writer.line(`if (!sound || ${first.ids} === null) { filtered++; continue; }`);
    scope.writer.line(`const next = h.rowNotFalse(${first.ids}, ${first.table}, row + 1, ${end});`);
    scope.writer.line("filtered += next - row; row = next - 1; continue;");
  });
}

/** What is done where WHERE is not true; it leaves the row. */
export function notTrueCode(statement: BoundStatement, scope: RowScope, leave: () => void): void {
  if (statement.where === null) return;
  const where = expressionCode(statement.where, scope, "boolean");
  scope.writer.block(where.isNull === "false" ? `if (!(${where.value}))` : `if (${where.isNull} || !(${where.value}))`, leave);
}

/** Where it is false nothing else of the condition is computed. */
function isFirstConjunct(expr: BoundExpr, condition: BoundExpr | null): boolean {
  if (condition === expr) return true;
  return condition?.kind === "binary" && condition.op === "and" && isFirstConjunct(expr, condition.left);
}
