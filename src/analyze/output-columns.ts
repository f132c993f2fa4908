import type { Expr, ExprItem, Path, SelectItem, Span, StarItem } from "../../grammar/ast.ts";
import { aggregateFunction, scalarFunction } from "../functions/registry.ts";
import type { BoundExpr } from "../model/expression.ts";
import { typeName } from "../model/type.ts";
import { bindExpression } from "./bind-expression.ts";
import { resolveMade } from "./made-columns.ts";
import { isQualifier, resolveField } from "./resolve-field.ts";
import { columnsOf, dotted } from "./resolve-name.ts";
import { allColumns, fieldLeaf, type MadeColumns, type Place, type Scope, type ScopeRelation } from "./scope.ts";

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
}

/** `room.*` of which nothing tells the fields before there is a record. */
export interface PartialStar {
  readonly text: string;
  readonly span: Span;
}

export interface Output {
  /** `*` of a schemaless stream; the columns then come on top of the whole document. */
  readonly star: StarItem | null;
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
  for (const [index, item] of items.entries()) {
    if (item.kind === "expr") {
      columns.push(bindColumn(item, index, place, options.structured));
      continue;
    }
    if (item.prefix === null) {
      if (star !== null) scope.report.error("DUPLICATE_NAME", item.span, "* stands twice in SELECT", "keep one of them");
      star = item;
    }
    const expanded = expandStar(item, place);
    if (expanded !== null) columns.push(...expanded);
    else if (item.prefix !== null && !isOfRecords(item.prefix, scope))
      partialStars.push({ text: `${dotted(item.prefix)}.*`, span: item.span });
    else {
      star ??= item;
      columns.push(...madeColumns(item, place));
    }
  }
  const kept = withoutIgnored(columns, options.ignored);
  return { star: allColumns(scope) === null ? star : null, columns: distinctColumns(kept, scope), partialStars };
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
  const owner = first === undefined ? -1 : scope.relations.findIndex((relation) => isQualifier(first.name, relation, scope));
  if (prefix === null || (owner >= 0 && second === undefined)) {
    const indexes = prefix === null ? [...scope.relations.keys()] : [owner];
    const columns = indexes.map((index) => columnsOf((scope.relations[index] as ScopeRelation).source));
    if (columns.some((own) => own === null)) return null;
    return indexes.flatMap((index, at) =>
      (columns[at] ?? []).map(({ name, type }) => {
        const made = scope.relations[index]?.made ?? null;
        const leaf = made === null ? fieldLeaf(scope, item.span, "value", [name], type, index) : madeColumn(made, name, item.span, place);
        return fromStar(name, leaf, item.span);
      }),
    );
  }
  if (isHeaders(prefix)) return null;
  if (second === undefined && first?.quoted === false && first.name.toLowerCase() === "_header") return null;
  const whole = resolveField(prefix, place);
  if (whole === null) return [];
  const { type } = whole;
  if (type.kind === "struct") {
    return type.fields.map(({ name }) =>
      fromStar(name, resolveField({ ...prefix, parts: [...prefix.parts, { name, quoted: true, span: item.span }] }, place), item.span),
    );
  }
  if (type.kind === "any" || type.kind === "map" || (whole.kind === "field" && scope.fields[whole.index]?.root === "key")) return null;
  scope.report.error("TYPE_MISMATCH", item.span, `'${dotted(prefix)}' is ${typeName(type)} and has no fields`, `write ${dotted(prefix)}`);
  return [];
}

function fromStar(name: string, expr: BoundExpr | null, span: Span): OutputColumn {
  return { name, expr, span, aliased: false, fromStar: true };
}

function bindColumn(item: ExprItem, index: number, place: Place, structured: boolean): OutputColumn {
  const expr = bindExpression(item.expr, place);
  const nested = structured && item.alias === null && item.expr.kind === "ref";
  const name = nested ? dotted(item.expr.path) : (item.alias?.name ?? defaultName(item.expr, index + 1));
  return { name, expr, span: (item.alias ?? item).span, aliased: item.alias !== null, fromStar: false };
}

/** IGNORE: names of columns. */
function withoutIgnored(columns: readonly OutputColumn[], ignored: readonly Path[]): readonly OutputColumn[] {
  const names = new Set(ignored.filter(({ parts }) => parts.length === 1).map(dotted));
  return columns.filter(({ name, fromStar }) => !fromStar || !names.has(name));
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
 * stars bring under one name gets `_1`, `_2` behind it.
 */
function distinctColumns(columns: readonly OutputColumn[], scope: Scope): readonly OutputColumn[] {
  const byName = new Map<string, OutputColumn>();
  for (const column of columns) {
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

function freeName(name: string, taken: ReadonlyMap<string, unknown>): string {
  let number = 1;
  while (taken.has(`${name}_${number}`)) number++;
  return `${name}_${number}`;
}
