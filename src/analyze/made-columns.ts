import type { Ident, Span } from "../../grammar/ast.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { QueryField } from "../model/query.ts";
import type { DataType } from "../model/type.ts";
import { bindMember } from "./bind-nested.ts";
import { mapOperands } from "./bound-tree.ts";
import { fieldLeaf, type MadeColumns, node, type Place, type Scope } from "./scope.ts";

/** A column of a merged query, or of elements, by its name and from there down. undefined: there is none of that name. */
export function resolveMade(made: MadeColumns, parts: readonly Ident[], span: Span, place: Place): BoundExpr | null | undefined {
  const [first, ...rest] = parts;
  const column = first === undefined ? undefined : made.byName.get(first.name);
  if (column === undefined || column === null) return column;
  const { scope } = place;
  const field = column.kind === "field" ? (made.scope ?? scope).fields[column.index] : undefined;
  if (field !== undefined) return fieldWithin(field, rest, span, place);
  const value = made.scope === null ? node(scope, span, { ...column }) : importExpr(column, made.scope, place, span);
  return membersOf(value, rest, span, place);
}

/** The field of a field is a field: no more of the record is read than that. */
function fieldWithin({ root, path, type, relation }: QueryField, parts: readonly Ident[], span: Span, place: Place): BoundExpr | null {
  const [part, ...rest] = parts;
  const inner = part === undefined || root === "header" ? null : fieldType(type, part.name);
  if (part === undefined || inner === null) return membersOf(fieldLeaf(place.scope, span, root, path, type), parts, span, place);
  return fieldWithin({ root, path: [...path, part.name], type: inner, relation, text: "" }, rest, span, place);
}

function membersOf(owner: BoundExpr | null, parts: readonly Ident[], span: Span, place: Place): BoundExpr | null {
  let value = owner;
  for (const part of parts) {
    value = value === null ? null : bindMember(value, part.name, { expr: value, span: part.span }, span, place);
  }
  return value;
}

/** null: there is no such field. */
export function fieldType(type: DataType, name: string): DataType | null {
  if (type.kind === "struct") return type.fields.find((field) => field.name === name)?.type ?? null;
  if (type.kind === "map") return type.value;
  return type.kind === "any" ? type : null;
}

/** An expression of a merged query as one of the query that it is merged into. null: it has grown beyond all bounds. */
export function importExpr(expr: BoundExpr, from: Scope, place: Place, span: Span): BoundExpr | null {
  const { scope } = place;
  if (expr.kind === "field") {
    const field = from.fields[expr.index];
    return field === undefined ? null : fieldLeaf(scope, span, field.root, field.path, field.type);
  }
  let isWhole = true;
  const imported = mapOperands(expr, (operand) => {
    const inner = importExpr(operand, from, place, span);
    isWhole &&= inner !== null;
    return inner ?? operand;
  });
  const digits = from.numberTexts.get(expr);
  const own = shifted(imported, place.parameters.length);
  if (digits !== undefined) scope.numberTexts.set(own, digits);
  return isWhole ? node(scope, span, own) : null;
}

/** Parameters are counted from the outermost lambda. */
function shifted(expr: BoundExpr, by: number): BoundExpr {
  if (expr.kind === "parameter") return { ...expr, index: expr.index + by };
  if (expr.kind !== "lambda") return { ...expr };
  return { ...expr, parameters: expr.parameters.map((parameter) => ({ ...parameter, index: parameter.index + by })) };
}
