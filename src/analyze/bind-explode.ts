import type { Call, Span } from "../../grammar/ast.ts";
import type { BoundExpr } from "../model/expression.ts";
import { ANY, type DataType, typeName } from "../model/type.ts";
import type { Bind } from "./bind-arguments.ts";
import { someNode } from "./bound-tree.ts";
import { node, type Place, type Scope } from "./scope.ts";
import { mayBe } from "./type-rules.ts";

type Element = BoundExpr & { readonly kind: "element" };

/** By what makes rows the function of whose result it takes the elements; null: of its argument as it is. */
const ROW_MAKING: ReadonlyMap<string, string | null> = new Map([
  ["explode", null],
  ["unnest", null],
  ["cube_explode", "cube"],
]);

/** Whether a call in SELECT makes a row of each element. */
export function isRowMaking(name: string): boolean {
  return ROW_MAKING.has(name.toLowerCase());
}

/** `EXPLODE(items)`: an element. Those of one SELECT stand side by side. */
export function bindRowMaking(call: Call, place: Place, bind: Bind): BoundExpr | null {
  const { scope, clause } = place;
  const written = call.name.name.toUpperCase();
  const [argument, other] = call.args;
  if (argument === undefined || other !== undefined)
    return scope.report.error("WRONG_ARGUMENTS", call.span, `${written} takes one array`, `write ${written}(field)`);
  if (clause !== "SELECT" || place.inAggregate || place.parameters.length > 0)
    return scope.report.error(
      "CLAUSE_NOT_ALLOWED",
      call.span,
      `${written} makes rows, and stands in SELECT only`,
      "array_contains asks for an element",
    );
  const made = ROW_MAKING.get(call.name.name.toLowerCase()) ?? null;
  const array = bind(made === null ? argument : { ...call, name: { ...call.name, name: made } }, place);
  if (array === null) return null;
  if (someNode(array, (inner) => inner.kind === "element" && inner.unnest === scope.explodeStep))
    return scope.report.error(
      "CLAUSE_NOT_ALLOWED",
      call.span,
      `${written} does not nest`,
      "CROSS JOIN UNNEST(t) takes elements of elements",
    );
  const type = elementType(array, argument.span, written, scope);
  if (type === null) return null;
  return node(scope, call.span, explode(array, { type, text: `${written}(${textOf(array, scope)})` }, scope));
}

/** Those of one SELECT are one step: as many rows as the longest array has elements. */
function explode(array: BoundExpr, { type, text }: Pick<Element, "type" | "text">, scope: Scope): Element {
  const before = scope.explodeStep === null ? undefined : scope.unnests[scope.explodeStep];
  const arrays = [...(before?.arrays ?? []), array];
  scope.explodeStep ??= scope.unnests.length;
  scope.unnests[scope.explodeStep] = { arrays, outer: false };
  return { kind: "element", type, unnest: scope.explodeStep, array: arrays.length - 1, text };
}

function textOf(array: BoundExpr, scope: Scope): string {
  return array.kind === "field" ? (scope.fields[array.index]?.text ?? "") : "…";
}

/** null: it is no array, and that was reported. */
export function elementType({ type }: BoundExpr, span: Span, written: string, { report }: Scope): DataType | null {
  if (type.kind === "array") return type.element;
  if (mayBe(type, ({ kind }) => kind === "array")) return ANY;
  const hint = type.kind === "map" ? "map_values(…) and map_keys(…) are arrays" : "ARRAY[…] makes one";
  return report.error("TYPE_MISMATCH", span, `${written} needs an ARRAY, but this is ${typeName(type)}`, hint);
}
