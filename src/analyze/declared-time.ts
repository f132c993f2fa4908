import type { Span } from "../../grammar/ast.ts";
import { TIMESTAMP } from "../model/type.ts";
import { columnsOf } from "./resolve-name.ts";
import { fieldLeaf, recordsOf, type Scope, type ScopeRelation } from "./scope.ts";

/** The declared event time is read from every record, whether or not an expression names it. */
export function declaredTime(scope: Scope, relation: number, span: Span): number | null {
  const source = recordsOf(scope.relations[relation] as ScopeRelation);
  const field = source.stream?.timestampField ?? null;
  if (field === null) return null;
  const type = columnsOf(source)?.find(({ name }) => name === field)?.type ?? TIMESTAMP;
  const leaf = fieldLeaf(scope, span, "value", [field], type, relation);
  return leaf?.kind === "field" ? leaf.index : null;
}
