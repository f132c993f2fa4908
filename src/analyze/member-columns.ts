import { isDeepStrictEqual } from "node:util";
import type { Span } from "../../grammar/ast.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { QueryColumns } from "../model/query.ts";
import type { BoundItem } from "../model/statement.ts";
import type { DataType } from "../model/type.ts";
import type { QueryParts } from "./bind-query.ts";
import { conform } from "./operators.ts";
import type { OutputColumn } from "./output-columns.ts";
import { node, type Scope } from "./scope.ts";

/** The columns in the order of SELECT, under these names and as these types. */
export function withColumns(parts: QueryParts, wanted: NonNullable<QueryColumns>): QueryParts {
  const { output, scope, query } = parts;
  const columns = output.columns.map((column, index): OutputColumn => {
    const { name, type } = wanted[index] ?? { name: column.name, type: column.expr?.type };
    if (column.expr === null || type === undefined) return { ...column, name };
    return { ...column, name, expr: asColumn(column.expr, type, column.span, scope) };
  });
  const items = columns.flatMap(({ name, expr }): BoundItem[] => (expr === null ? [] : [{ kind: "column", name, expr }]));
  return { ...parts, output: { ...output, columns }, query: { ...query, items } };
}

/** As a value of the type, also where it could be left as it is: targets are made by the types of columns. */
function asColumn(expr: BoundExpr, type: DataType, span: Span, scope: Scope): BoundExpr | null {
  if (isDeepStrictEqual(expr.type, type)) return expr;
  if (expr.kind === "literal" && expr.value === null) return { ...expr, type };
  const isKnown = expr.type.kind !== "any" && type.kind !== "any";
  return isKnown ? node(scope, span, { kind: "cast", type, operand: expr, safe: false }) : conform(scope, { expr, span }, type);
}
