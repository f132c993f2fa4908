import type { Ident, Path, Span } from "../../grammar/ast.ts";
import { likeliest } from "../../grammar/nearest.ts";
import type { DeclaredStream } from "../catalog/catalog.ts";
import type { BoundExpr } from "../model/expression.ts";
import { ANY, BIGINT, BYTES, type DataType, INT, STRING, TIMESTAMP, typeName } from "../model/type.ts";
import type { WindowPart } from "../model/window.ts";
import { columnLeaf } from "./column-leaf.ts";
import { warnOfUnknownField } from "./known-fields.ts";
import { fieldType, resolveMade } from "./made-columns.ts";
import { didYouMean } from "./reporter.ts";
import { columnsOf, type ResolvedSource } from "./resolve-name.ts";
import { fieldLeaf, node, type Place, recordsOf, type Scope, type ScopeRelation } from "./scope.ts";

/**
 * What a dotted name means, in this order: an alias of SELECT where those count, `window_start` and `window_end`,
 * `_key`, `_value`, `_header`, `_topic` …, the same behind a relation's name, a field of a record's value.
 */
export function resolveField(path: Path, place: Place): BoundExpr | null {
  const { scope } = place;
  const [first, ...rest] = path.parts;
  if (first === undefined || path.parts.some((part) => part.name === "")) return null;
  if (rest.length === 0) {
    const aliased = place.inAggregate ? null : place.alias(first.name);
    if (aliased !== null) return aliased;
    const bound = windowBoundOf(first);
    if (bound !== null && (bound === "row" ? scope.counted : scope.windowed)) return windowBound(bound, path.span, place);
  }
  const plain = resolveSpecial(path.parts, 0, path.span, place);
  if (plain !== undefined) return plain;
  const qualified = rest.length === 0 ? -1 : scope.relations.findIndex((relation) => isQualifier(first.name, relation, scope));
  if (qualified < 0) return resolveUnqualified(path, place);
  const special = isOfElements(scope.relations[qualified]) ? undefined : resolveSpecial(rest, qualified, path.span, place);
  return special === undefined ? resolveValue(rest, qualified, path.span, place) : special;
}

/** The relation that a name without a qualifier belongs to: the one that has such a column, else the first that may have any. */
function resolveUnqualified({ parts, span }: Path, place: Place): BoundExpr | null {
  const { relations, report } = place.scope;
  const [first] = parts;
  const owners = relations.flatMap((relation, index) => (first !== undefined && hasColumn(relation, first.name) ? [index] : []));
  const [owner, other] = owners;
  if (owner !== undefined && other !== undefined && first !== undefined) {
    const names = owners.map((index) => qualifierOf(relations[index]));
    const hint = `write ${names.map((name) => `${name}.${first.name}`).join(" or ")}`;
    return report.error("AMBIGUOUS_NAME", first.span, `${names.join(" and ")} both have a column '${first.name}'`, hint);
  }
  const open = relations.findIndex(({ source }) => columnsOf(source) === null);
  return resolveValue(parts, owner ?? Math.max(open, 0), span, place);
}

function hasColumn({ source, made }: ScopeRelation, name: string): boolean {
  return made?.byName.has(name) ?? columnsOf(source)?.some((column) => column.name === name) ?? false;
}

/** Elements have no record of their own. */
function isOfElements(relation: ScopeRelation | undefined): boolean {
  return relation !== undefined && relation.made !== null && relation.made.scope === null;
}

/** ksqlDB writes WINDOWSTART and WINDOWEND. */
const WINDOW_BOUNDS: ReadonlyMap<string, WindowPart> = new Map([
  ["window_start", "start"],
  ["window_end", "end"],
  ["window_row", "row"],
  ["windowstart", "start"],
  ["windowend", "end"],
]);

export function windowBoundOf({ name, quoted }: Ident): WindowPart | null {
  return quoted ? null : (WINDOW_BOUNDS.get(name.toLowerCase()) ?? null);
}

function windowBound(bound: WindowPart, span: Span, place: Place): BoundExpr | null {
  const { scope, clause, inAggregate } = place;
  if (clause === "WHERE" || inAggregate) {
    const where = inAggregate ? "an aggregate" : clause;
    const hint = inAggregate ? `_value.window_${bound} is the record's field of that name` : "HAVING comes after the window";
    return scope.report.error("WINDOW_BOUND_NOT_ALLOWED", span, `window_${bound} is not known yet in ${where}`, hint);
  }
  return node(scope, span, { kind: "window", type: bound === "row" ? BIGINT : TIMESTAMP, bound });
}

const META: Readonly<Record<string, { readonly name: "offset" | "partition" | "timestamp" | "topic"; readonly type: DataType }>> = {
  _topic: { name: "topic", type: STRING },
  _partition: { name: "partition", type: INT },
  _offset: { name: "offset", type: BIGINT },
  _timestamp: { name: "timestamp", type: TIMESTAMP },
  _ts: { name: "timestamp", type: TIMESTAMP },
};

const SPECIALS = ["_key", "_value", "_header", ...Object.keys(META)];

/** undefined: no such name. `_.topic` is KCQL's other spelling of `_topic`, `_meta.topic` that of Lenses. */
function resolveSpecial(parts: readonly Ident[], relation: number, span: Span, place: Place): BoundExpr | null | undefined {
  const [first, second, ...further] = parts;
  if (first === undefined || first.quoted || !first.name.startsWith("_")) return undefined;
  const word = first.name.toLowerCase();
  if ((word === "_" || word === "_meta") && second !== undefined) {
    return resolveSpecial([{ ...second, name: `_${second.name.toLowerCase()}`, quoted: false }, ...further], relation, span, place);
  }
  return bindSpecial(word, parts.slice(1), relation, span, place);
}

function bindSpecial(name: string, rest: readonly Ident[], relation: number, span: Span, place: Place): BoundExpr | null | undefined {
  const { scope } = place;
  const names = rest.map((part) => part.name);
  const meta = META[name];
  if (scope.relations[relation]?.lookup === true && (meta !== undefined || name === "_header" || (name === "_key" && names.length > 0))) {
    const message = `rows that are looked up are no records, and have no ${[name, ...names].join(".")}`;
    return scope.report.error("UNKNOWN_FIELD", span, message, "select fields of the row, or _key, which is its id");
  }
  if (meta !== undefined) {
    if (names.length === 0) return node(scope, span, { kind: "meta", type: meta.type, name: meta.name });
    return scope.report.error("UNKNOWN_FIELD", span, `${name} has no fields`, `write ${name}`);
  }
  switch (name) {
    case "_key":
      return resolveKey(names, relation, span, scope);
    case "_header":
      if (names.length === 1) return fieldLeaf(scope, span, "header", names, STRING, relation);
      return scope.report.error("UNKNOWN_FIELD", span, "_header is followed by the name of one header", "for example _header.origin");
    case "_value":
      return names.length === 0 ? resolveWhole(relation, span, place) : resolveValue(rest, relation, span, place);
    default:
      return undefined;
  }
}

/** `_value`: of a merged query its columns together. */
function resolveWhole(relation: number, span: Span, place: Place): BoundExpr | null {
  const { scope } = place;
  const made = scope.relations[relation]?.made ?? null;
  if (made === null || (made.isOpen && made.byName.size === 0)) return fieldLeaf(scope, span, "value", [], ANY, relation);
  if (made.isOpen) {
    const message = "rows made of * and further columns have no _value as a whole";
    return scope.report.error("UNKNOWN_FIELD", span, message, "write its columns");
  }
  const names = [...made.byName.keys()];
  const values = names.map((name) => resolveMade(made, [{ name, quoted: true, span }], span, place) ?? null);
  const known = values.filter((value) => value !== null);
  if (known.length < values.length) return null;
  const fields = known.map(({ type }, index) => ({ name: names[index] as string, type }));
  return node(scope, span, { kind: "struct", type: { kind: "struct", fields }, values: known });
}

/** The format of an undeclared topic's keys follows from how they are used: text as a whole, JSON by field. */
function resolveKey(names: readonly string[], relation: number, span: Span, scope: Scope): BoundExpr | null {
  const owner = scope.relations[relation];
  const stream = owner === undefined ? null : recordsOf(owner).stream;
  const declared = stream?.keyFormat ?? null;
  if (declared === "none") {
    return scope.report.error("UNKNOWN_FIELD", span, `the stream '${stream?.name}' is declared without keys`, "see its option key_format");
  }
  if (owner?.lookup === true) return fieldLeaf(scope, span, "key", names, ANY, relation);
  if (names.length === 0) {
    scope.keyUse.whole ??= span;
    return fieldLeaf(scope, span, "key", [], stream === null ? STRING : keyType(stream), relation);
  }
  if (stream !== null && declared !== "json" && !hasKeyFields(stream)) {
    const message = `the key of '${stream.name}' has the format ${declared} and no fields`;
    return scope.report.error("UNKNOWN_FIELD", span, message, "a key that is a JSON object is declared WITH (key_format = 'json')");
  }
  scope.keyUse.fields ??= span;
  const column = stream?.layout.key.columns.find(({ name }) => name === names[0]);
  return fieldLeaf(scope, span, "key", names, column !== undefined && names.length === 1 ? column.type : ANY, relation);
}

/** Of the key as a whole. */
function keyType({ layout: { key } }: DeclaredStream): DataType {
  const [only, another] = key.columns;
  switch (key.format) {
    case "json":
      return ANY;
    case "bytes":
      return BYTES;
    case "delimited":
    case "kafka":
      return only === undefined || another !== undefined ? ANY : only.type;
    default:
      return STRING;
  }
}

const hasKeyFields = ({ layout: { key } }: DeclaredStream): boolean => key.format === "delimited" && key.columns.length > 1;

/**
 * A relation without an alias is called by its own name, where no column has that name: that of a declared stream always,
 * that of others in joins.
 */
export function isQualifier(name: string, { alias, source }: ScopeRelation, { joined }: Scope): boolean {
  if (alias !== null) return name === alias;
  const columns = columnsOf(source);
  if (joined && name === source.name) return true;
  return columns !== null && name === source.stream?.name && !columns.some((column) => column.name === name);
}

export function qualifierOf(relation: ScopeRelation | undefined): string {
  return relation?.alias ?? relation?.source.stream?.name ?? relation?.source.name ?? "";
}

function resolveValue(parts: readonly Ident[], relation: number, span: Span, place: Place): BoundExpr | null {
  const { scope } = place;
  const { source, made } = scope.relations[relation] ?? { source: scope.source, made: null };
  const found = made === null ? undefined : resolveMade(made, parts, span, place);
  if (found !== undefined) return found;
  const columns = columnsOf(source);
  const names = parts.map((part) => part.name);
  const [first] = parts;
  if (columns === null) warnOfUnknownField(parts, source, scope);
  if (columns === null || first === undefined) return fieldLeaf(scope, span, "value", names, ANY, relation);
  const column = columns.find(({ name }) => name === first.name);
  if (column === undefined) return unknownColumn(first, relation, place);
  let type = column.type;
  for (const [index, part] of parts.slice(1).entries()) {
    const inner = fieldType(type, part.name);
    if (inner === null) return noSuchField(names.slice(0, index + 1).join("."), type, part, scope);
    type = inner;
  }
  return columnLeaf(scope, span, column, names, type, relation);
}

function noSuchField(owner: string, type: DataType, part: Ident, scope: Scope): null {
  const fields = type.kind === "struct" ? type.fields.map(({ name }) => name) : [];
  if (fields.length === 0) return scope.report.error("UNKNOWN_FIELD", part.span, `'${owner}' is ${typeName(type)} and has no fields`);
  const hint = didYouMean(likeliest(part.name, fields)) ?? `its fields are ${fields.join(", ")}`;
  return scope.report.error("UNKNOWN_FIELD", part.span, `'${owner}' has no field '${part.name}'`, hint);
}

const NAMES_SHOWN_MAX = 12;

function unknownColumn(part: Ident, relation: number, { scope, clause }: Place): null {
  const { source } = scope.relations[relation] as ScopeRelation;
  const names = (columnsOf(source) ?? []).map(({ name }) => name);
  const others = scope.relations.flatMap((other) => (columnsOf(other.source) ?? []).map(({ name }) => name));
  const candidates = [
    ...names,
    ...others,
    ...(part.name.startsWith("_") ? SPECIALS : []),
    ...(scope.windowed ? ["window_start", "window_end"] : []),
    ...(scope.counted ? ["window_row"] : []),
  ];
  const meant = likeliest(part.name, candidates);
  const few = names.length <= NAMES_SHOWN_MAX ? `its columns are ${names.join(", ")}` : null;
  const bound = windowBoundOf(part);
  const windowHint =
    bound === null ? null : bound === "row" ? "only windows of rows have it: WINDOW COUNT (SIZE 100)" : "the statement has no WINDOW";
  const hint = windowHint ?? didYouMean(meant) ?? (clause === "PK" ? "PK names columns of SELECT, then fields of the source" : few);
  return scope.report.error("UNKNOWN_FIELD", part.span, `${describe(source)} has no column '${part.name}'`, hint);
}

/** Stages and sub-queries belong to no connection. */
function describe({ connection, stream }: ResolvedSource): string {
  return connection.name === "" ? `'${stream?.name}'` : `the stream '${stream?.name}'`;
}
