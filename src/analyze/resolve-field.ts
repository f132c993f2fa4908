import type { Ident, Path, Span } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import type { BoundExpr } from "../model/expression.ts";
import { ANY, BIGINT, BYTES, type DataType, INT, STRING, TIMESTAMP, typeName } from "../model/type.ts";
import { didYouMean } from "./reporter.ts";
import { type Column, columnsOf } from "./resolve-name.ts";
import { fieldLeaf, node, type Place, type Scope } from "./scope.ts";

/**
 * What a dotted name means, in this order: an alias of SELECT where those count, `window_start` and `window_end`,
 * `_key`, `_value`, `_header`, `_topic` …, a field behind the relation's alias, a field of the record's value.
 */
export function resolveField(path: Path, place: Place): BoundExpr | null {
  const { scope } = place;
  const [first, ...rest] = path.parts;
  if (first === undefined || path.parts.some((part) => part.name === "")) return null;
  if (rest.length === 0) {
    const aliased = place.inAggregate ? null : place.alias(first.name);
    if (aliased !== null) return aliased;
    const bound = windowBoundOf(first);
    if (bound !== null && scope.windowed) return windowBound(bound, path.span, place);
  }
  if (!first.quoted && first.name.startsWith("_")) {
    const special = resolveSpecial(first.name.toLowerCase(), rest, path, place);
    if (special !== undefined) return special;
  }
  const named = isQualifier(first.name, scope) && rest.length > 0 ? rest : path.parts;
  return resolveValue(named, path.span, place);
}

export function windowBoundOf({ name, quoted }: Ident): "start" | "end" | null {
  const lower = name.toLowerCase();
  if (quoted) return null;
  return lower === "window_start" ? "start" : lower === "window_end" ? "end" : null;
}

function windowBound(bound: "start" | "end", span: Span, place: Place): BoundExpr | null {
  const { scope, clause, inAggregate } = place;
  if (clause === "WHERE" || inAggregate) {
    const where = inAggregate ? "an aggregate" : clause;
    const hint = inAggregate ? `_value.window_${bound} is the record's field of that name` : "HAVING comes after the window";
    return scope.report.error("WINDOW_BOUND_NOT_ALLOWED", span, `window_${bound} is not known yet in ${where}`, hint);
  }
  return node(scope, span, { kind: "window", type: TIMESTAMP, bound });
}

const META: Readonly<Record<string, { readonly name: "offset" | "partition" | "timestamp" | "topic"; readonly type: DataType }>> = {
  _topic: { name: "topic", type: STRING },
  _partition: { name: "partition", type: INT },
  _offset: { name: "offset", type: BIGINT },
  _timestamp: { name: "timestamp", type: TIMESTAMP },
};

const SPECIALS = ["_key", "_value", "_header", ...Object.keys(META)];

/** undefined: no such name. `_.topic` is KCQL's other spelling of `_topic`. */
function resolveSpecial(name: string, rest: readonly Ident[], path: Path, place: Place): BoundExpr | null | undefined {
  const { scope } = place;
  const [second, ...further] = rest;
  if (name === "_" && second !== undefined) return resolveSpecial(`_${second.name.toLowerCase()}`, further, path, place);
  const names = rest.map((part) => part.name);
  const meta = META[name];
  if (meta !== undefined) {
    if (names.length === 0) return node(scope, path.span, { kind: "meta", type: meta.type, name: meta.name });
    return scope.report.error("UNKNOWN_FIELD", path.span, `${name} has no fields`, `write ${name}`);
  }
  switch (name) {
    case "_key":
      return resolveKey(names, path.span, scope);
    case "_header":
      if (names.length === 1) return fieldLeaf(scope, path.span, "header", names, STRING);
      return scope.report.error("UNKNOWN_FIELD", path.span, "_header is followed by the name of one header", "for example _header.origin");
    case "_value":
      return names.length === 0 ? fieldLeaf(scope, path.span, "value", [], ANY) : resolveValue(rest, path.span, place);
    default:
      return undefined;
  }
}

/** The format of an undeclared topic's keys follows from how they are used: text as a whole, JSON by field. */
function resolveKey(names: readonly string[], span: Span, scope: Scope): BoundExpr | null {
  const declared = scope.source.stream?.keyFormat ?? null;
  if (declared === "none") {
    return scope.report.error(
      "UNKNOWN_FIELD",
      span,
      `the stream '${scope.source.stream?.name}' is declared without keys`,
      "see its option key_format",
    );
  }
  if (names.length === 0) {
    scope.keyUse.whole ??= span;
    return fieldLeaf(scope, span, "key", [], declared === "json" ? ANY : declared === "bytes" ? BYTES : STRING);
  }
  if (declared !== null && declared !== "json") {
    const message = `the key of '${scope.source.stream?.name}' has the format ${declared} and no fields`;
    return scope.report.error("UNKNOWN_FIELD", span, message, "a key that is a JSON object is declared WITH (key_format = 'json')");
  }
  scope.keyUse.fields ??= span;
  return fieldLeaf(scope, span, "key", names, ANY);
}

/** A declared stream's own name qualifies its columns too, where no column has that name. */
function isQualifier(name: string, { alias, source }: Scope): boolean {
  if (alias !== null) return name === alias;
  const columns = columnsOf(source);
  return columns !== null && name === source.stream?.name && !columns.some((column) => column.name === name);
}

function resolveValue(parts: readonly Ident[], span: Span, place: Place): BoundExpr | null {
  const { scope } = place;
  const columns = columnsOf(scope.source);
  const names = parts.map((part) => part.name);
  const [first] = parts;
  if (columns === null || first === undefined) return fieldLeaf(scope, span, "value", names, ANY);
  const column = columns.find(({ name }) => name === first.name);
  if (column === undefined) return unknownColumn(first, columns, place);
  let type = column.type;
  for (const [index, part] of parts.slice(1).entries()) {
    const inner = fieldOf(type, part.name);
    if (inner === null) return noSuchField(names.slice(0, index + 1).join("."), type, part, scope);
    type = inner;
  }
  return fieldLeaf(scope, span, "value", names, type);
}

function fieldOf(type: DataType, name: string): DataType | null {
  if (type.kind === "struct") return type.fields.find((field) => field.name === name)?.type ?? null;
  if (type.kind === "map") return type.value;
  return type.kind === "any" ? ANY : null;
}

function noSuchField(owner: string, type: DataType, part: Ident, scope: Scope): null {
  const fields = type.kind === "struct" ? type.fields.map(({ name }) => name) : [];
  if (fields.length === 0) return scope.report.error("UNKNOWN_FIELD", part.span, `'${owner}' is ${typeName(type)} and has no fields`);
  const hint = didYouMean(nearest(part.name, fields)) ?? `its fields are ${fields.join(", ")}`;
  return scope.report.error("UNKNOWN_FIELD", part.span, `'${owner}' has no field '${part.name}'`, hint);
}

const NAMES_SHOWN_MAX = 12;

function unknownColumn(part: Ident, columns: readonly Column[], { scope, clause }: Place): null {
  const names = columns.map(({ name }) => name);
  const candidates = [...names, ...(part.name.startsWith("_") ? SPECIALS : []), ...(scope.windowed ? ["window_start", "window_end"] : [])];
  const meant = nearest(part.name, candidates);
  const few = names.length <= NAMES_SHOWN_MAX ? `its columns are ${names.join(", ")}` : null;
  const windowHint = windowBoundOf(part) === null ? null : "the statement has no WINDOW";
  const hint = windowHint ?? didYouMean(meant) ?? (clause === "PK" ? "PK names columns of SELECT, then fields of the source" : few);
  return scope.report.error("UNKNOWN_FIELD", part.span, `the stream '${scope.source.stream?.name}' has no column '${part.name}'`, hint);
}
