import type { Join } from "../../grammar/ast.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundJoin, QueryField } from "../model/query.ts";
import type { BoundLookup, BoundStatement, FieldRef } from "../model/statement.ts";
import { BOOLEAN } from "../model/type.ts";
import { relationsIn } from "./bound-tree.ts";
import { equalities, inputRelations } from "./join-equalities.ts";
import { qualifierOf } from "./resolve-field.ts";
import type { Scope, ScopeRelation } from "./scope.ts";

/** A join with an index or table whose rows are looked up. null: it cannot run, and that was reported. */
export function bindLookup({ type, on }: BoundJoin, join: Join, relation: number, scope: Scope): BoundLookup | null {
  const { report, relations } = scope;
  const right = relations[relation] as ScopeRelation;
  const alias = qualifierOf(right);
  const { connection, name } = right.source;
  if (type !== "INNER" && type !== "LEFT") {
    const message = `rows of '${alias}' are looked up one by one: ${type} joins, which need all of them, have no meaning`;
    return report.error("INVALID_JOIN", join.span, message, "INNER and LEFT joins are");
  }
  const [from] = relations as [ScopeRelation];
  if (from.kind === "table" || from.stage !== undefined || from.made !== null) {
    const hint = "write what FROM reads to a topic, and read that as a stream";
    return report.error("NOT_SUPPORTED_YET", join.span, "look-ups for anything but the records of a stream are not supported yet", hint);
  }
  const { keys, rest } = on === null ? { keys: [], rest: null } : equalities(on, relation, scope);
  const found: { field: FieldRef; value: BoundExpr }[] = [];
  let residual = rest;
  for (const pair of keys) {
    const field = keyField(pair.right, relation, scope);
    const isNew = field !== null && found.every((other) => other.field.text !== field.text);
    if (isNew) found.push({ field, value: pair.left });
    else {
      const equal: BoundExpr = { kind: "binary", type: BOOLEAN, op: "=", left: pair.left, right: pair.right };
      residual = residual === null ? equal : { kind: "binary", type: BOOLEAN, op: "and", left: residual, right: equal };
    }
  }
  if (found.length === 0) {
    const message = `rows of '${alias}' are looked up by their key: ON compares no field of it for equality with one before it`;
    return report.error("INVALID_JOIN", join.span, message, `for example ON ${qualifierOf(from)}.id = ${alias}.id, or ${alias}._key`);
  }
  const known = new Set([0, ...relations.keys()].filter((index) => index === 0 || relations[index]?.lookup === true));
  const used = [...found.map(({ value }) => value), ...(residual === null ? [] : [residual])].flatMap((expr) => [
    ...relationsIn(expr, scope.fields),
  ]);
  const other = used.find((index) => index <= relation && !known.has(index));
  if (other !== undefined) {
    const hint = "write the joined rows to a topic, and look up behind that";
    const message = `look-ups by fields of what is joined ('${qualifierOf(relations[other])}') are not supported yet`;
    return report.error("NOT_SUPPORTED_YET", join.span, message, hint);
  }
  return {
    type: type === "INNER" ? "inner" : "left",
    connection: connection.name,
    name,
    alias,
    keys: found.map(({ field: { root, path }, value }) => ({ field: { root, path }, value })),
    residual,
  };
}

function keyField(expr: BoundExpr, relation: number, { fields, relations }: Scope): FieldRef | null {
  const field = expr.kind === "field" ? fields[expr.index] : undefined;
  if (field?.relation !== relation) return null;
  // The id of a document has that name in Elasticsearch itself.
  const isId = field.root === "value" && field.path.length === 1 && field.path[0] === "_id";
  if (isId && relations[relation]?.source.connection.as === "elasticsearch") return { ...field, root: "key", path: [] };
  const isPlain = field.root === "key" ? field.path.length === 0 : field.root === "value" && field.path.length > 0;
  return isPlain ? field : null;
}

/** The fields of a SELECT as a statement has them, and WHERE, which says of each row that has to be there that it is. */
export function withLookups(
  lookups: readonly BoundLookup[],
  where: BoundExpr | null,
  scope: Scope,
): Pick<BoundStatement, "fields" | "where"> {
  const { relations } = scope;
  const inputs = inputRelations(scope);
  const own = [...relations.keys()].filter((index) => relations[index]?.lookup === true);
  const fields = scope.fields.map((field) => fieldOf(field, inputs, own));
  let all: BoundExpr | null = null;
  const and = (right: BoundExpr): void => {
    all = all === null ? right : { kind: "binary", type: BOOLEAN, op: "and", left: all, right };
  };
  for (const [lookup, { type, alias }] of lookups.entries()) {
    if (type === "left") continue;
    const index = fields.push({ root: "value", path: [], type: BOOLEAN, text: `${alias} is there`, lookup, isPresence: true }) - 1;
    and({ kind: "field", type: BOOLEAN, index });
  }
  if (where !== null) and(where);
  return { fields, where: all };
}

function fieldOf({ root, path, type, text, relation }: QueryField, inputs: readonly number[], lookups: readonly number[]): FieldRef {
  const [input, lookup] = [inputs.indexOf(relation), lookups.indexOf(relation)];
  return { root, path, type, text, ...(input > 0 ? { input } : {}), ...(lookup >= 0 ? { lookup } : {}) };
}
