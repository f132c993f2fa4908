import { operandsOf } from "../../analyze/bound-tree.ts";
import { must } from "../../assert.ts";
import type { BoundExpr } from "../../model/expression.ts";
import { type BoundStatement, sidesOf } from "../../model/statement.ts";
import { conjuncts } from "./where-code.ts";

/**
 * What WHERE asks of the rows of one side of a join alone: a row of which it is not true can be left out before it is joined. Only of
 * streams, and of sides whose rows nothing that comes out stands without: the others come out with nulls where a row is left out.
 */
export function earlyConditions(statement: BoundStatement, step: number, side: "left" | "right"): readonly BoundExpr[] {
  const { where, joins, fields } = statement;
  // The left side of a later step are rows that were joined.
  if (where === null || (side === "left" && step > 0)) return [];
  const input = side === "left" ? 0 : step + 1;
  if (must(sidesOf(statement)[input]).source.reads === "table") return [];
  // Beside a table it is not the join that says what is late: a window does, or a join behind.
  const isLateLater = statement.window !== null || joins.some(({ within }) => within !== null);
  if (must(joins[step]).right.reads === "table" && isLateLater) return [];
  const keeps = (type: string): boolean => type === "inner" || type === side;
  const isPreserved = joins.slice(step).every(({ type }, later) => (later === 0 ? keeps(type) : type === "inner" || type === "left"));
  return isPreserved ? conjuncts(where).filter((conjunct) => inputsOf(conjunct, fields).every((read) => read === input)) : [];
}

/** Numbers of the inputs that an expression reads; -1: of what no record alone has. */
function inputsOf(expr: BoundExpr, fields: BoundStatement["fields"]): readonly number[] {
  const ofExpr = (each: BoundExpr): readonly number[] => {
    if (each.kind === "literal" || each.kind === "parameter") return [];
    if (each.kind === "field") {
      const { input = 0, lookup } = must(fields[each.index]);
      return [lookup === undefined ? input : -1];
    }
    const operands = operandsOf(each);
    return operands.length === 0 && each.kind !== "call" ? [-1] : operands.flatMap(ofExpr);
  };
  const read = ofExpr(expr);
  return read.length === 0 ? [-1] : read;
}
