import type { Join, Span, Unnest } from "../../grammar/ast.ts";
import type { BoundExpr } from "../model/expression.ts";
import { ANY, type DataType, typeName } from "../model/type.ts";
import { elementType } from "./bind-explode.ts";
import { bindCondition, bindExpression } from "./bind-expression.ts";
import { columnsRelation } from "./columns-relation.ts";
import { node, type Place, type Scope, type ScopeRelation } from "./scope.ts";

type Element = BoundExpr & { readonly kind: "element" };

/** `UNNEST(items) AS t(item)`: `t.item`, `item`; without columns `t` is the element itself. Its rows stand within those before it. */
export function bindUnnest({ operand, alias, columns, span }: Unnest, outer: boolean, place: Place): ScopeRelation | null {
  const { scope } = place;
  const array = bindExpression(operand, place);
  if (array === null) return null;
  const type = elementType(array, operand.span, "UNNEST", scope);
  if (type === null) return null;
  const name = alias?.name ?? "element";
  const unnest = scope.unnests.push({ arrays: [array], outer }) - 1;
  const element: Element = { kind: "element", type, unnest, array: 0, text: name };
  const names = columns.length === 0 ? [name] : columns.map((column) => column.name);
  if (names.length > 1) checkColumns(type, names.length, span, scope);
  const values = names.map((_, index) => (names.length === 1 ? element : fieldOf(element, index)));
  const byName = new Map(names.map((column, index) => [column, node(scope, span, values[index] as BoundExpr)]));
  const typed = names.map((column, index) => ({ name: column, type: values[index]?.type ?? ANY }));
  // Without names for columns the relation has no name of its own: `t.sku` is a field of the element `t`.
  const relation = columnsRelation(columns.length === 0 ? "" : name, typed);
  return { source: relation, alias: null, kind: null, made: { byName, isOpen: false, scope: null } };
}

function checkColumns(type: DataType, count: number, span: Span, { report }: Scope): void {
  if (type.kind !== "struct") {
    const message = `several names for the fields of an element, which is ${typeName(type)}`;
    report.error("COLUMNS_DIFFER", span, message, "AS t names the element, and t.name a field of it");
  } else if (count > type.fields.length) {
    const message = `an element has ${type.fields.length} fields, but here are ${count} names`;
    report.error("COLUMNS_DIFFER", span, message, `its fields are ${type.fields.map((field) => field.name).join(", ")}`);
  }
}

function fieldOf(element: Element, index: number): BoundExpr {
  const field = element.type.kind === "struct" ? element.type.fields[index] : undefined;
  return { kind: "member", type: field?.type ?? ANY, operand: element, name: field?.name ?? "" };
}

/** What ON says of elements; null: nothing. */
export function bindUnnestCondition({ on, within, using, type, span }: Join, place: Place): BoundExpr | null {
  const { report } = place.scope;
  if (within !== null)
    report.error("INVALID_JOIN", within.span, "UNNEST takes the elements of one row: WITHIN has no meaning", "leave WITHIN out");
  if (using.length > 0) report.error("INVALID_JOIN", span, "UNNEST takes the elements of one row: USING has no meaning", "leave USING out");
  if (type === "RIGHT" || type === "FULL")
    report.error("INVALID_JOIN", span, `there are no elements without their row: ${type} has no meaning`, "CROSS JOIN or LEFT JOIN");
  if (on === null) return null;
  const bound = bindCondition(on, place, "ON");
  if (type !== "LEFT" || bound === null) return bound;
  if (bound.kind !== "literal" || bound.value !== true)
    report.error("INVALID_JOIN", on.span, "LEFT JOIN UNNEST takes all elements", "ON TRUE, and WHERE for a condition");
  return null;
}
