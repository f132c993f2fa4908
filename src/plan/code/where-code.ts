import type { BoundStatement } from "../../model/statement.ts";
import { expressionCode } from "./expression-code.ts";
import type { RowScope } from "./row-scope.ts";

/** Leaves the row by `otherwise` where WHERE is not true. */
export function whereCode(statement: BoundStatement, scope: RowScope, otherwise: string): void {
  if (statement.where === null) return;
  scope.keepsPredicates = true;
  const where = expressionCode(statement.where, scope, "boolean");
  scope.keepsPredicates = false;
  const isFalse = where.isNull === "false" ? `!(${where.value})` : `${where.isNull} || !(${where.value})`;
  scope.writer.line(`if (${isFalse}) { ${otherwise} }`);
}
