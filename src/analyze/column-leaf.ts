import { isDeepStrictEqual } from "node:util";
import type { Span } from "../../grammar/ast.ts";
import type { BoundExpr } from "../model/expression.ts";
import { BYTES, type DataType, STRING } from "../model/type.ts";
import type { Column } from "./resolve-name.ts";
import { fieldLeaf, isValueField, node, recordsOf, type Scope } from "./scope.ts";

/**
 * A declared column, or a member of it: `names` begin with its own, `type` is that of the last. Where it lies in the record
 * key or a header, it is read as what that holds, and made one of its type.
 */
export function columnLeaf(
  scope: Scope,
  span: Span,
  { place }: Column,
  names: readonly string[],
  type: DataType,
  relation: number,
): BoundExpr | null {
  const leaf = (root: "key" | "header", path: readonly string[], holds: DataType): BoundExpr | null => {
    const found = fieldLeaf(scope, span, root, path, holds, relation);
    const isIt = found === null || isDeepStrictEqual(holds, type);
    return isIt ? found : node(scope, span, { kind: "cast", type, operand: found, safe: false });
  };
  switch (place?.of) {
    case undefined:
      return fieldLeaf(scope, span, "value", names, type, relation);
    case "header":
      return leaf("header", [place.name], STRING);
    case "key-field":
      return leaf("key", names, type);
    case "key": {
      const owner = scope.relations[relation];
      const format = owner === undefined ? "string" : (recordsOf(owner).stream?.keyFormat ?? "string");
      if (format === "string") return leaf("key", [], STRING);
      if (format === "bytes") return leaf("key", [], BYTES);
      return leaf("key", names.slice(1), type);
    }
  }
}

/** Whether it is the record key of a relation, as it stands or as the type that it is declared with, or the field that equals it. */
export function isRecordKey(expr: BoundExpr, scope: Scope, relation: number): boolean {
  const owner = scope.relations[relation];
  const stream = owner === undefined ? null : recordsOf(owner).stream;
  const declared = stream?.columns.find(({ place }) => place?.of === "key");
  const leaf = expr.kind === "cast" && declared !== undefined && isDeepStrictEqual(expr.type, declared.type) ? expr.operand : expr;
  const field = leaf.kind === "field" ? scope.fields[leaf.index] : undefined;
  if (field?.root === "key" && field.path.length === 0 && field.relation === relation) return true;
  const keyField = stream?.keyField ?? null;
  return keyField !== null && isValueField(scope, expr, keyField, relation);
}
