import type { Access, ArrayLiteral, Expr, Index, Lambda, MapLiteral, Ref, StructLiteral } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import type { BoundExpr } from "../model/expression.ts";
import { ANY, type DataType, NULL, STRING, type StructField, typeName } from "../model/type.ts";
import { conform, expectKind, type Operand } from "./operators.ts";
import { didYouMean } from "./reporter.ts";
import { node, type Place } from "./scope.ts";
import { commonType, isInteger, mayBe } from "./type-rules.ts";

type Bind = (expr: Expr, place: Place) => BoundExpr | null;

/** `a[1]` of an array or text, `m['key']` of a map, `s['field']` of a struct. */
export function bindIndex({ operand, index, span }: Index, place: Place, bind: Bind): BoundExpr | null {
  const { scope } = place;
  const value = bind(operand, place);
  const at = bind(index, place);
  if (value === null || at === null) return null;
  switch (value.type.kind) {
    case "array":
    case "string": {
      const type = value.type.kind === "array" ? value.type.element : STRING;
      if (!expectKind(scope, at, index.span, "integer", "[…] of an ARRAY or STRING")) return null;
      return node(scope, span, { kind: "index", type, operand: value, index: at });
    }
    case "map":
      if (!expectKind(scope, at, index.span, "string", "[…] of a MAP")) return null;
      return node(scope, span, { kind: "index", type: value.type.value, operand: value, index: at });
    case "struct":
      if (at.kind === "literal" && typeof at.value === "string")
        return bindMember(value, at.value, { expr: at, span: index.span }, span, place);
      return scope.report.error(
        "TYPE_MISMATCH",
        index.span,
        "[…] of a STRUCT takes the name of a field, written out",
        "for example s['a'], or s.a",
      );
    case "any":
      if (mayBe(at.type, (type) => isInteger(type) || type.kind === "string")) {
        return node(scope, span, { kind: "index", type: ANY, operand: value, index: at });
      }
      return scope.report.error("TYPE_MISMATCH", index.span, `[…] takes a whole number or a text, but this is ${typeName(at.type)}`);
    case "null":
      return value;
    default:
      return scope.report.error("TYPE_MISMATCH", operand.span, `${typeName(value.type)} has no elements`, "arrays, maps and texts have");
  }
}

/** `f(x).name` */
export function bindAccess({ operand, name, span }: Access, place: Place, bind: Bind): BoundExpr | null {
  const value = bind(operand, place);
  return value === null ? null : bindMember(value, name.name, { expr: value, span: name.span }, span, place);
}

/** A field of a value by its name. */
export function bindMember(value: BoundExpr, name: string, at: Operand, span: Expr["span"], { scope }: Place): BoundExpr | null {
  const { type } = value;
  switch (type.kind) {
    case "any":
      return node(scope, span, { kind: "member", type: ANY, operand: value, name });
    case "null":
      return value;
    case "map":
      return node(scope, span, { kind: "member", type: type.value, operand: value, name });
    case "struct": {
      const field = type.fields.find((one) => one.name === name);
      if (field !== undefined) return node(scope, span, { kind: "member", type: field.type, operand: value, name });
      const names = type.fields.map((one) => one.name);
      const hint = didYouMean(nearest(name, names)) ?? `its fields are ${names.join(", ")}`;
      return scope.report.error("UNKNOWN_FIELD", at.span, `the STRUCT has no field '${name}'`, hint);
    }
    default:
      return scope.report.error("UNKNOWN_FIELD", at.span, `this is ${typeName(type)} and has no fields`, `leave .${name} out`);
  }
}

/** A name that begins with a parameter of a lambda around it; undefined: it does not. */
export function bindParameter({ path, span }: Ref, place: Place): BoundExpr | null | undefined {
  const [first, ...rest] = path.parts;
  const parameter = place.parameters.findLast(({ name }) => name === first?.name);
  if (parameter === undefined) return undefined;
  // A node of its own: nodes know where they are written.
  let value: BoundExpr | null = node(place.scope, span, { ...parameter });
  for (const part of rest) value = value === null ? null : bindMember(value, part.name, { expr: value, span: part.span }, span, place);
  return value;
}

// --- constructors ------------------------------------------------------------------------------

export function bindArray({ items, span }: ArrayLiteral, place: Place, bind: Bind): BoundExpr | null {
  const bound = bindAll(items, "elements of the ARRAY", place, bind);
  if (bound === null) return null;
  return node(place.scope, span, { kind: "array", type: { kind: "array", element: bound.type }, items: bound.exprs });
}

export function bindMap({ entries, span }: MapLiteral, place: Place, bind: Bind): BoundExpr | null {
  const { scope } = place;
  const keys = entries.map(({ key }) => {
    const bound = bind(key, place);
    return bound !== null && expectKind(scope, bound, key.span, "string", "a key of a MAP") ? bound : null;
  });
  const values = bindAll(
    entries.map(({ value }) => value),
    "values of the MAP",
    place,
    bind,
  );
  const sound = keys.filter((key) => key !== null);
  if (values === null || sound.length < keys.length) return null;
  return node(scope, span, { kind: "map", type: { kind: "map", value: values.type }, keys: sound, values: values.exprs });
}

export function bindStruct({ fields, span }: StructLiteral, place: Place, bind: Bind): BoundExpr | null {
  const { scope } = place;
  const types: StructField[] = [];
  const values: BoundExpr[] = [];
  for (const { name, value } of fields) {
    const bound = bind(value, place);
    if (types.some((field) => field.name === name.name)) {
      scope.report.error("DUPLICATE_NAME", name.span, `STRUCT has two fields '${name.name}'`, "give one of them another name");
    }
    if (bound === null) continue;
    types.push({ name: name.name, type: bound.type });
    values.push(bound);
  }
  if (values.length < fields.length) return null;
  return node(scope, span, { kind: "struct", type: { kind: "struct", fields: types }, values });
}

/** Expressions as values of the one type that they have in common. */
function bindAll(items: readonly Expr[], what: string, place: Place, bind: Bind): { type: DataType; exprs: BoundExpr[] } | null {
  const { scope } = place;
  let type: DataType | null = NULL;
  const bound: Operand[] = [];
  for (const item of items) {
    const expr = bind(item, place);
    if (expr === null) continue;
    bound.push({ expr, span: item.span });
    const common: DataType | null = type === null ? null : commonType(type, expr.type);
    if (common === null && type !== null) {
      const message = `one of the ${what} is ${typeName(expr.type)}, those before it are ${typeName(type)}`;
      scope.report.error("TYPE_MISMATCH", item.span, message, "CAST makes them one type");
    }
    type = common;
  }
  if (type === null || bound.length < items.length) return null;
  const exprs: BoundExpr[] = [];
  for (const operand of bound) {
    const expr = conform(scope, operand, type);
    if (expr !== null) exprs.push(expr);
  }
  return exprs.length < items.length ? null : { type, exprs };
}

// --- lambdas -----------------------------------------------------------------------------------

/** A lambda whose parameters have these types; null: it takes another number of them, or its body is wrong. */
export function bindLambda({ parameters, body, span }: Lambda, types: readonly DataType[], place: Place, bind: Bind): BoundExpr | null {
  const { scope } = place;
  if (parameters.length !== types.length) {
    const count = types.length === 1 ? "1 parameter" : `${types.length} parameters`;
    const example = types.length === 1 ? "x => …" : `(${["x", "y", "z"].slice(0, types.length).join(", ")}) => …`;
    return scope.report.error(
      "WRONG_ARGUMENTS",
      span,
      `the lambda takes ${count} here, not ${parameters.length}`,
      `for example ${example}`,
    );
  }
  const own = parameters.map(({ name }, index) => ({
    kind: "parameter" as const,
    type: types[index] as DataType,
    index: place.parameters.length + index,
    name,
  }));
  const bound = bind(body, { ...place, parameters: [...place.parameters, ...own] });
  return bound === null ? null : node(scope, span, { kind: "lambda", type: bound.type, parameters: own, body: bound });
}
