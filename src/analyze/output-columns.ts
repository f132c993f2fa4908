import type { Expr, ExprItem, SelectItem, Span, StarItem } from "../../grammar/ast.ts";
import { aggregateFunction, scalarFunction } from "../functions/registry.ts";
import type { BoundExpr } from "../model/expression.ts";
import { bindExpression } from "./bind-expression.ts";
import { columnsOf, dotted } from "./resolve-name.ts";
import { fieldLeaf, type Place, type Scope } from "./scope.ts";

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

export interface Output {
  /** `*` of a schemaless stream; the columns then come on top of the whole document. */
  readonly star: StarItem | null;
  readonly columns: readonly OutputColumn[];
}

/** The select list: `*` of a declared stream becomes its columns, of a schemaless one stays. */
export function bindOutput(items: readonly SelectItem[], place: Place): Output {
  const { scope } = place;
  let star: StarItem | null = null;
  const columns: OutputColumn[] = [];
  for (const [index, item] of items.entries()) {
    if (item.kind === "star") {
      if (!isWholeRow(item, scope)) continue;
      if (star !== null) scope.report.error("DUPLICATE_NAME", item.span, "* stands twice in SELECT");
      star = item;
      columns.push(...expandStar(item, scope));
    } else {
      columns.push(bindColumn(item, index, place));
    }
  }
  return { star: columnsOf(scope.source) === null ? star : null, columns: overridden(columns, scope) };
}

/** `t.*` is `*` where t is the relation. */
function isWholeRow({ prefix, span }: StarItem, { alias, source, report }: Scope): boolean {
  if (prefix === null || (prefix.parts.length === 1 && dotted(prefix) === (alias ?? source.stream?.name))) return true;
  report.error(
    "NOT_SUPPORTED_YET",
    span,
    `${dotted(prefix)}.* is not supported yet`,
    `select ${dotted(prefix)} as a whole, or its fields by name`,
  );
  return false;
}

function expandStar(item: StarItem, scope: Scope): OutputColumn[] {
  return (columnsOf(scope.source) ?? []).map(({ name, type }) => ({
    name,
    expr: fieldLeaf(scope, item.span, "value", [name], type),
    span: item.span,
    aliased: false,
    fromStar: true,
  }));
}

function bindColumn(item: ExprItem, index: number, place: Place): OutputColumn {
  const expr = bindExpression(item.expr, place);
  const name = item.alias?.name ?? defaultName(item.expr, index + 1);
  return { name, expr, span: (item.alias ?? item).span, aliased: item.alias !== null, fromStar: false };
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

/** Every name once: written columns take the place of those of `*`, among themselves equal names are errors. */
function overridden(columns: readonly OutputColumn[], scope: Scope): readonly OutputColumn[] {
  const byName = new Map<string, OutputColumn>();
  for (const column of columns) {
    const given = byName.get(column.name);
    if (given === undefined || given.fromStar) {
      byName.set(column.name, column);
    } else if (!column.fromStar && column.name !== "") {
      const hint = column.aliased ? "give it another name" : "AS gives it another name";
      scope.report.error("DUPLICATE_NAME", column.span, `two columns are named '${column.name}'`, hint);
    }
  }
  return [...byName.values()];
}
