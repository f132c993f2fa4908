import type { Expr, Span } from "../../grammar/ast.ts";
import { printExpr } from "../../grammar/print-expression.ts";
import type { BoundExpr } from "../model/expression.ts";
import { isNested, isNumeric, typeName } from "../model/type.ts";
import { bindExpression } from "./bind-expression.ts";
import { isSame, mapOperands, someNode } from "./bound-tree.ts";
import type { Output, OutputColumn } from "./output-columns.ts";
import { allColumns, isValueField, type Scope } from "./scope.ts";
import { isTime, mayBe } from "./type-rules.ts";

export interface Grouping {
  /** Row phase. */
  readonly exprs: readonly BoundExpr[];
  /** What they are called where SELECT does not name them. */
  readonly names: readonly string[];
}

/** GROUP BY: fields, expressions, aliases and numbers of columns of SELECT. null: something in it was reported. */
export function bindGrouping(groupBy: readonly Expr[], output: Output, scope: Scope): Grouping | null {
  const exprs: BoundExpr[] = [];
  const names: string[] = [];
  let sound = true;
  for (const written of groupBy) {
    const expr = bindGroupingExpression(written, output, scope);
    if (expr === null || !isGroupable(expr, written.span, scope)) {
      sound = false;
    } else if (expr.kind !== "window" && !exprs.some((given) => isSame(given, expr))) {
      exprs.push(expr);
      names.push(groupName(written, expr, scope));
    }
  }
  return sound ? { exprs, names } : null;
}

/** SELECT DISTINCT: a group for each row, without its window. null: a column cannot be told apart, and that was reported. */
export function distinctGrouping({ columns }: Output, scope: Scope): Grouping | null {
  const exprs: BoundExpr[] = [];
  const names: string[] = [];
  for (const { name, expr, span } of columns) {
    if (expr === null || !isGroupable(expr, span, scope)) return null;
    if (someNode(expr, ({ kind }) => kind === "window") || exprs.some((given) => isSame(given, expr))) continue;
    exprs.push(expr);
    names.push(name);
  }
  return { exprs, names };
}

function bindGroupingExpression(written: Expr, output: Output, scope: Scope): BoundExpr | null {
  if (written.kind === "number" && /^\d+$/.test(written.text)) {
    const column = output.columns[Number(written.text) - 1];
    if (column !== undefined && output.star === null) return column.expr;
    return scope.report.error("INVALID_VALUE", written.span, `SELECT has no column ${written.text} that could be grouped by`);
  }
  const alias = (name: string): BoundExpr | null => groupingAlias(name, output, scope);
  return bindExpression(written, { scope, clause: "GROUP BY", inAggregate: false, parameters: [], alias });
}

/**
 * A column of the stream comes before an alias of SELECT, as in other SQL. In a schemaless stream every name could be a
 * field: there an alias is meant, unless it is made of the field of that name itself.
 */
function groupingAlias(name: string, output: Output, scope: Scope): BoundExpr | null {
  const expr = aliasOf(name, output);
  if (expr === null || allColumns(scope)?.some((column) => column.name === name)) return null;
  return someNode(expr, (node) => isValueField(scope, node, name)) ? null : expr;
}

export function aliasOf(name: string, output: Output): BoundExpr | null {
  return output.columns.find((column) => column.aliased && column.name === name)?.expr ?? null;
}

function isGroupable(expr: BoundExpr, span: Span, scope: Scope): boolean {
  if (someNode(expr, (node) => node.kind === "aggregate")) {
    scope.report.error("AGGREGATE_NOT_ALLOWED", span, "an aggregate cannot stand in GROUP BY", "group by fields of the rows");
    return false;
  }
  if (!isNested(expr.type)) return true;
  scope.report.error("TYPE_MISMATCH", span, `groups cannot be made by ${typeName(expr.type)}`, "group by a field of it");
  return false;
}

function groupName(written: Expr, expr: BoundExpr, scope: Scope): string {
  const field = expr.kind === "field" ? scope.fields[expr.index] : undefined;
  return field?.path.at(-1) ?? printExpr(written);
}

/**
 * From the row phase to the group phase: what equals a grouping expression becomes a leaf, aggregates and window bounds
 * stay, and a field that is left over has no value for a group. null: such a field was reported.
 */
export function liftToGroups(expr: BoundExpr, grouping: Grouping, scope: Scope): BoundExpr | null {
  let sound = true;
  const lift = (node: BoundExpr): BoundExpr => {
    const index = node.kind === "literal" ? -1 : grouping.exprs.findIndex((group) => isSame(group, node));
    if (index >= 0) return { kind: "group", type: node.type, index };
    if (node.kind === "field" || node.kind === "meta" || node.kind === "element") {
      sound = false;
      reportUngrouped(node, scope);
    }
    return mapOperands(node, lift);
  };
  const lifted = lift(expr);
  return sound ? lifted : null;
}

function reportUngrouped(node: BoundExpr & { readonly kind: "field" | "meta" | "element" }, scope: Scope): void {
  const name = nameOf(node, scope);
  const example = mayBe(node.type, (type) => isNumeric(type) || isTime(type)) ? "MAX" : "COUNT";
  const hint = `add ${name} to GROUP BY, or aggregate it, for example ${example}(${name})`;
  scope.report.error("NOT_GROUPED", scope.spans.get(node) ?? { start: 0, end: 0 }, `'${name}' has many values in a group`, hint);
}

function nameOf(node: BoundExpr & { readonly kind: "field" | "meta" | "element" }, { fields }: Scope): string {
  switch (node.kind) {
    case "field":
      return fields[node.index]?.text ?? "";
    case "meta":
      return `_${node.name}`;
    case "element":
      return node.text;
  }
}

/** The columns in the group phase. Of `*`, which is an error by itself, nothing more is said. */
export function liftOutput(output: Output, grouping: Grouping, scope: Scope): Output {
  const lift = (column: OutputColumn): OutputColumn => ({
    ...column,
    expr: column.expr === null || column.fromStar ? null : liftToGroups(column.expr, grouping, scope),
  });
  return { ...output, columns: output.columns.map(lift) };
}
