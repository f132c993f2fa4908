import type { Expr, ExprItem, Path, SelectItem, Span, StarItem } from "../../grammar/ast.ts";
import { aggregateFunction, scalarFunction } from "../functions/registry.ts";
import type { BoundExpr } from "../model/expression.ts";
import { projectedType } from "../model/projection.ts";
import { ANY, typeName } from "../model/type.ts";
import { bindExpression } from "./bind-expression.ts";
import { columnLeaf } from "./column-leaf.ts";
import { resolveMade } from "./made-columns.ts";
import { isQualifier, qualifierOf, resolveField } from "./resolve-field.ts";
import { columnsOf, dotted } from "./resolve-name.ts";
import { allColumns, fieldLeaf, type MadeColumns, node, type Place, type Scope, type ScopeRelation } from "./scope.ts";
import { nestedField, structuredColumn, withoutFields, writtenPath } from "./structured-columns.ts";

/** A column of SELECT before grouping is looked at. */
export interface OutputColumn {
  readonly name: string;
  /** null: what is wrong with it was reported. */
  readonly expr: BoundExpr | null;
  readonly span: Span;
  /** Named by AS; other names do not stand for the expression elsewhere in the statement. */
  readonly aliased: boolean;
  /** Made of `*`: a column written out takes its place. */
  readonly fromStar: boolean;
  /** Of one that a star has brought: where it lies in the value. */
  readonly path: readonly string[];
}

/** `room.*` of which nothing tells the fields before there is a record. */
export interface PartialStar {
  readonly text: string;
  readonly span: Span;
  /** null: it has no value of its own as a whole. */
  readonly expr: BoundExpr | null;
  /** Members that it does not bring. */
  readonly without: readonly string[];
}

export interface Output {
  /** `*` of a schemaless stream; the columns then come on top of the whole document. */
  readonly star: StarItem | null;
  /** Members that it does not bring. */
  readonly without: readonly string[];
  readonly columns: readonly OutputColumn[];
  readonly partialStars: readonly PartialStar[];
}

export interface OutputOptions {
  /** Selected fields keep their nesting: `a.x` and `b.x` are two. */
  readonly structured: boolean;
  /** Left out of what stars bring. */
  readonly ignored: readonly Path[];
}

/** The select list: stars of declared streams and of structs become columns, that of a schemaless stream stays. */
export function bindOutput(items: readonly SelectItem[], place: Place, options: OutputOptions): Output {
  const { scope } = place;
  let star: StarItem | null = null;
  const columns: OutputColumn[] = [];
  const partialStars: PartialStar[] = [];
  const nested = options.structured ? items.map((item) => nestedField(item, scope)) : [];
  const ignored = options.ignored.map((path) => writtenPath(path, scope));
  const named = items.flatMap((item) => (item.kind === "expr" && item.expr.kind === "ref" ? [writtenPath(item.expr.path, scope)] : []));
  for (const [index, item] of items.entries()) {
    const inside = nested[index] ?? null;
    if (inside !== null) {
      const together = nested.filter((other) => other?.column.name === inside.column.name).filter((other) => other !== null);
      if (together[0] === inside) columns.push(structuredColumn(inside.column, together, place));
      continue;
    }
    if (item.kind === "expr") {
      columns.push(bindColumn(item, index, place));
      continue;
    }
    if (item.prefix === null) {
      if (star !== null) scope.report.error("DUPLICATE_NAME", item.span, "* stands twice in SELECT", "keep one of them");
      star = item;
    }
    const owner = item.prefix === null ? [] : writtenPath(item.prefix, scope);
    const elsewhere = membersOf(owner, named);
    const joined = joinedStar(item, items, ignored, place);
    if (joined !== null) {
      columns.push(...joined.columns);
      partialStars.push(...joined.partialStars);
      continue;
    }
    const key = keyStar(item, scope);
    if (key !== null) {
      partialStars.push({ text: "_key.*", span: item.span, expr: key, without: [] });
      continue;
    }
    const expanded = expandStar(item, place);
    if (expanded !== null) columns.push(...expanded.filter(({ path }) => path.length < 2 || !elsewhere.includes(path.at(-1) ?? "")));
    else if (item.prefix !== null && !isOfRecords(item.prefix, scope)) {
      const expr = isHeaders(item.prefix) ? null : resolveField(item.prefix, place);
      const without = [...elsewhere, ...membersOf(owner, ignored)];
      partialStars.push({ text: `${dotted(item.prefix)}.*`, span: item.span, expr, without });
    } else {
      star ??= item;
      columns.push(...madeColumns(item, place));
    }
  }
  const isOpen = allColumns(scope) === null && star !== null && partialStars.every(({ span }) => span !== star?.span);
  if (isOpen) columns.push(...thinnedColumns(ignored, star?.span ?? NOWHERE, place));
  const kept = withoutIgnored(columns, ignored, scope);
  const without = isOpen ? membersOf([], ignored) : [];
  return { star: isOpen ? star : null, without, columns: distinctColumns(kept, scope), partialStars };
}

/**
 * `*` and `t.*` of relations that are joined, where not all of them have columns that are known: the members of each record follow the
 * columns, but for those that a written column takes the place of. null: it is another star.
 */
function joinedStar(
  { prefix, span }: StarItem,
  items: readonly SelectItem[],
  ignored: readonly (readonly string[])[],
  place: Place,
): Pick<Output, "columns" | "partialStars"> | null {
  const { scope } = place;
  if (scope.relations.filter(({ made }) => made === null || made.scope !== null).length < 2) return null;
  const indexes = starRelations(prefix, scope);
  const openOnes = indexes.filter((index) => columnsOf((scope.relations[index] as ScopeRelation).source) === null);
  if (openOnes.length === 0) return null;
  const written = items.flatMap((item, at) => (item.kind === "expr" ? [item.alias?.name ?? defaultName(item.expr, at + 1)] : []));
  const partialStars = openOnes.map((index): PartialStar => {
    const text = `${qualifierOf(scope.relations[index])}.*`;
    const expr = fieldLeaf(scope, span, "value", [], ANY, index);
    return { text, span, expr, without: [...written, ...membersOf([], ignored)] };
  });
  const known = indexes.filter((index) => !openOnes.includes(index));
  return { columns: known.flatMap((index) => columnsOfRelation(index, span, place)), partialStars };
}

/** The relations whose columns a star brings; none: it is that of a field. */
function starRelations(prefix: Path | null, scope: Scope): readonly number[] {
  if (prefix === null) return [...scope.relations.keys()];
  const [first, second] = prefix.parts;
  if (first === undefined || second !== undefined) return [];
  return [...scope.relations.keys()].filter((index) => isQualifier(first.name, scope.relations[index] as ScopeRelation, scope));
}

function columnsOfRelation(index: number, span: Span, place: Place): OutputColumn[] {
  const { source, made } = place.scope.relations[index] as ScopeRelation;
  return (columnsOf(source) ?? []).map((column) => {
    const { name, type } = column;
    const leaf = made === null ? columnLeaf(place.scope, span, column, [name], type, index) : madeColumn(made, name, span, place);
    return fromStar(name, leaf, span);
  });
}

/** `_key.*` of a topic that nothing declares: then its keys are JSON. */
function keyStar({ prefix, span }: StarItem, scope: Scope): BoundExpr | null {
  const [first, ...rest] = prefix?.parts ?? [];
  if (first === undefined || rest.length > 0 || first.quoted || first.name.toLowerCase() !== "_key" || scope.source.stream !== null)
    return null;
  scope.keyUse.fields ??= span;
  return fieldLeaf(scope, span, "key", [], ANY);
}

const NOWHERE: Span = { start: 0, end: 0 };

/** The names of those paths that lie directly in `owner`. */
function membersOf(owner: readonly string[], paths: readonly (readonly string[])[]): string[] {
  const direct = paths.filter((path) => path.length === owner.length + 1 && owner.every((name, at) => path[at] === name));
  return direct.map((path) => path.at(-1) as string);
}

/** `* IGNORE a.b` of a schemaless stream: `a` is there without its `b`. */
function thinnedColumns(ignored: readonly (readonly string[])[], span: Span, place: Place): OutputColumn[] {
  const names = new Set(ignored.flatMap((path) => (path.length > 1 ? path.slice(0, 1) : [])));
  return [...names].map((name) => fromStar(name, resolveField({ parts: [{ name, quoted: true, span }], span }, place), span));
}

/** `t.*` is `*` where all else are elements. */
function isOfRecords({ parts }: Path, scope: Scope): boolean {
  const [first, second] = parts;
  const [relation, ...others] = scope.relations;
  if (first === undefined || second !== undefined || relation === undefined || others.some(({ made }) => made === null)) return false;
  return isQualifier(first.name, relation, scope);
}

/** What a star brings beside the fields of a schemaless record. */
function madeColumns({ prefix, span }: StarItem, place: Place): OutputColumn[] {
  const relations = prefix === null ? place.scope.relations : place.scope.relations.slice(0, 1);
  return relations.flatMap(({ made }) =>
    made === null ? [] : [...made.byName.keys()].map((name) => fromStar(name, madeColumn(made, name, span, place), span)),
  );
}

function madeColumn(made: MadeColumns, name: string, span: Span, place: Place): BoundExpr | null {
  return resolveMade(made, [{ name, quoted: true, span }], span, place) ?? null;
}

/** `_header.*`: headers have no value of their own as a whole. */
const isHeaders = ({ parts: [first, second] }: Path): boolean =>
  second === undefined && first?.quoted === false && first.name.toLowerCase() === "_header";

/** The columns of `*`, of `t.*` and of `room.*` where `room` is a STRUCT; null: nobody knows them. */
function expandStar(item: StarItem, place: Place): OutputColumn[] | null {
  const { scope } = place;
  const { prefix } = item;
  const [first, second] = prefix?.parts ?? [];
  const indexes = starRelations(prefix, scope);
  if (prefix === null || indexes.length > 0) {
    const isKnown = indexes.every((index) => columnsOf((scope.relations[index] as ScopeRelation).source) !== null);
    return isKnown ? indexes.flatMap((index) => columnsOfRelation(index, item.span, place)) : null;
  }
  if (isHeaders(prefix)) return null;
  if (second === undefined && first?.quoted === false && first.name.toLowerCase() === "_header") return null;
  const whole = resolveField(prefix, place);
  if (whole === null) return [];
  const { type } = whole;
  if (type.kind === "struct") {
    return type.fields.map(({ name }) =>
      fromStar(name, resolveField({ ...prefix, parts: [...prefix.parts, { name, quoted: true, span: item.span }] }, place), item.span, [
        ...writtenPath(prefix, scope),
        name,
      ]),
    );
  }
  if (type.kind === "any" || type.kind === "map" || (whole.kind === "field" && scope.fields[whole.index]?.root === "key")) return null;
  scope.report.error("TYPE_MISMATCH", item.span, `'${dotted(prefix)}' is ${typeName(type)} and has no fields`, `write ${dotted(prefix)}`);
  return [];
}

function fromStar(name: string, expr: BoundExpr | null, span: Span, path: readonly string[] = [name]): OutputColumn {
  return { name, expr, span, aliased: false, fromStar: true, path };
}

function bindColumn(item: ExprItem, index: number, place: Place): OutputColumn {
  const expr = bindExpression(item.expr, place);
  const name = item.alias?.name ?? defaultName(item.expr, index + 1);
  return { name, expr, span: (item.alias ?? item).span, aliased: item.alias !== null, fromStar: false, path: [] };
}

/** IGNORE: columns that stars bring, and fields within them. */
function withoutIgnored(columns: readonly OutputColumn[], ignored: readonly (readonly string[])[], scope: Scope): readonly OutputColumn[] {
  return columns.flatMap((column) => {
    const { path, expr, span, fromStar } = column;
    const inner = fromStar ? ignored.filter((one) => path.every((name, at) => one[at] === name)).map((one) => one.slice(path.length)) : [];
    if (inner.some((below) => below.length === 0)) return [];
    if (inner.length === 0 || expr === null) return [column];
    const projection = withoutFields(inner);
    const type = projectedType(expr.type, projection) ?? expr.type;
    return [{ ...column, expr: node(scope, span, { kind: "project", type, operand: expr, projection }) }];
  });
}

/**
 * The name of a column without AS: of a field its last part; of a call the function and the last part of a field in
 * it (`avg_temperature`); CAST keeps the name of what it casts; anything else is `column_n`, counted from 1.
 */
export function defaultName(expr: Expr, position: number): string {
  switch (expr.kind) {
    case "ref":
      return expr.path.parts.at(-1)?.name ?? "";
    case "cast":
      return defaultName(expr.operand, position);
    case "call": {
      const written = expr.name.name.toLowerCase();
      const name = (aggregateFunction(written) ?? scalarFunction(written))?.name ?? written;
      const field = expr.args.find((argument) => argument.kind === "ref");
      return field === undefined ? name : `${name}_${defaultName(field, position)}`;
    }
    default:
      return `column_${position}`;
  }
}

/**
 * Every name once: written columns take the place of those of stars, among themselves equal names are errors; what two
 * stars bring under one name gets `_1`, `_2` behind it, and so does what `room.*` brings under the name of another column.
 */
function distinctColumns(columns: readonly OutputColumn[], scope: Scope): readonly OutputColumn[] {
  const byName = new Map<string, OutputColumn>();
  const fixed = new Set(columns.flatMap(({ name, path }) => (path.length > 1 ? [] : [name])));
  for (const column of columns) {
    if (column.path.length > 1) {
      const name = freeName(column.name, { has: (wanted) => fixed.has(wanted) || byName.has(wanted) });
      byName.set(name, { ...column, name });
      continue;
    }
    const given = byName.get(column.name);
    if (given === undefined || (given.fromStar && !column.fromStar)) {
      byName.set(column.name, column);
    } else if (!column.fromStar && column.name !== "") {
      const hint = column.aliased ? "give it another name" : "AS gives it another name";
      scope.report.error("DUPLICATE_NAME", column.span, `two columns are named '${column.name}'`, hint);
    } else if (column.fromStar && given.fromStar) {
      const name = freeName(column.name, byName);
      byName.set(name, { ...column, name });
    }
  }
  return [...byName.values()];
}

function freeName(name: string, taken: { readonly has: (name: string) => boolean }): string {
  if (!taken.has(name)) return name;
  let number = 1;
  while (taken.has(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}
