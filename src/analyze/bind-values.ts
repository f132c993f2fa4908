import type { Expr, Ident, Span } from "../../grammar/ast.ts";
import { nearest } from "../../grammar/nearest.ts";
import { walk } from "../../grammar/walk.ts";
import type { DeclaredColumn } from "../catalog/catalog.ts";
import type { BoundExpr } from "../model/expression.ts";
import { BIGINT, type DataType, isNumeric, typeName } from "../model/type.ts";
import { bindExpression } from "./bind-expression.ts";
import { placeOf } from "./bind-query.ts";
import { columnsRelation } from "./columns-relation.ts";
import { conform, readLiteral } from "./operators.ts";
import { didYouMean, type Reporter } from "./reporter.ts";
import { dotted } from "./resolve-name.ts";
import { createScope, type Scope } from "./scope.ts";
import { isAssignable, isInteger } from "./type-rules.ts";

/** A column that values are for. */
export type ValuesColumn = DeclaredColumn;

/** What VALUES may give, by name. `open`: any other column may be given too, as what its value is. */
export interface ValuesColumns {
  /** Those that are meant where none are named. */
  readonly usual: readonly ValuesColumn[];
  /** Further ones that can be named. */
  readonly others: readonly ValuesColumn[];
  readonly open: boolean;
}

/** One row: a column beside each value. */
export type BoundRow = readonly { readonly column: ValuesColumn; readonly expr: BoundExpr }[];

export interface Values {
  readonly columns: readonly Ident[];
  readonly rows: readonly (readonly Expr[])[];
  readonly span: Span;
}

/** Rows of VALUES as values of the columns' types; null: reported. */
export function bindValues({ columns, rows, span }: Values, known: ValuesColumns, report: Reporter): readonly BoundRow[] | null {
  const before = report.diagnostics.length;
  checkNames(columns, report);
  const wanted = columns.length === 0 ? known.usual : columns.map((column) => findColumn(column, known, report));
  if (columns.length === 0 && known.open && known.usual.length === 0) {
    return report.error(
      "COLUMNS_DIFFER",
      span,
      "nothing says which columns the values are for",
      "name them: INSERT INTO t (a, b) VALUES (1, 2)",
    );
  }
  const bound = rows.map((row) => bindRow(row, wanted, report));
  return report.diagnostics.slice(before).some(({ severity }) => severity === "error") ? null : bound.filter((row) => row !== null);
}

/** The same where nothing is known of the columns: names and numbers of values. */
export function checkValues(values: Values, report: Reporter): void {
  const { columns, rows } = values;
  checkNames(columns, report);
  const [first] = rows;
  for (const row of rows) {
    const count = columns.length === 0 ? (first?.length ?? 0) : columns.length;
    bindRow(row, columns.length === 0 ? row.map(() => null) : columns.map(() => null), report);
    if (columns.length > 0 || row.length === count) continue;
    const message = `this row has ${row.length} values, the first one has ${count}`;
    report.error("COLUMNS_DIFFER", rowSpan(row), message, "all rows of VALUES have the same columns");
  }
}

function checkNames(columns: readonly Ident[], report: Reporter): void {
  for (const [index, { name, span }] of columns.entries()) {
    if (columns.findIndex((column) => column.name === name) < index)
      report.error("DUPLICATE_NAME", span, `two columns are named '${name}'`, "keep one of them");
  }
}

/** What other systems call columns that every record has. */
const FOREIGN_NAMES: Readonly<Record<string, string>> = { ROWTIME: "_timestamp" };

function findColumn({ name, span }: Ident, { usual, others, open }: ValuesColumns, report: Reporter): ValuesColumn | null {
  const all = [...usual, ...others];
  const found = all.find((column) => column.name === name) ?? all.find((column) => column.name === FOREIGN_NAMES[name.toUpperCase()]);
  if (found !== undefined) return found;
  if (open) return { name, type: { kind: "any" } };
  const names = all.map((column) => column.name);
  const hint = didYouMean(nearest(name, names)) ?? `columns are ${names.join(", ")}`;
  return report.error("UNKNOWN_FIELD", span, `there is no column '${name}'`, hint);
}

const rowSpan = (row: readonly Expr[]): Span => ({ start: row[0]?.span.start ?? 0, end: row.at(-1)?.span.end ?? 0 });

/** A column of null takes anything. */
function bindRow(row: readonly Expr[], columns: readonly (ValuesColumn | null)[], report: Reporter): BoundRow | null {
  if (row.length !== columns.length) {
    const message = `${row.length} values for ${columns.length} columns`;
    return report.error("COLUMNS_DIFFER", rowSpan(row), message, "each column has one value; NULL is one too");
  }
  const relation = { source: columnsRelation("VALUES", null), alias: null, kind: null, made: null };
  const scope = createScope(relation, { joined: false, windowed: false, counted: false }, report);
  return row.flatMap((value, index) => {
    const column = columns[index] ?? null;
    const given = bindExpression(value, placeOf(scope, "VALUES"));
    const isConstant = refuseFields(value, report);
    if (given === null || !isConstant || column === null) return [];
    const expr = assigned(given, value.span, column, scope);
    return expr === null ? [] : [{ column, expr }];
  });
}

function refuseFields(value: Expr, report: Reporter): boolean {
  let isConstant = true;
  walk(value, (expr) => {
    if (expr.kind !== "ref") return;
    const name = dotted(expr.path);
    isConstant = false;
    report.error("UNKNOWN_FIELD", expr.span, `VALUES has no field '${name}': nothing is read`, `a text stands in single quotes: '${name}'`);
  });
  return isConstant;
}

/** A number becomes any number, a text that is written out a time; anything else must be what the column is. */
function assigned(given: BoundExpr, span: Span, { name, type }: ValuesColumn, scope: Scope): BoundExpr | null {
  if (type.kind === "any") return given;
  const read = readLiteral(scope, { expr: given, span }, type);
  if (read === null) return null;
  const from = read.type;
  if (type.kind === "timestamp" && isInteger(from)) {
    const epoch: BoundExpr = { kind: "cast", type: BIGINT, operand: read, safe: false };
    return { kind: "cast", type, operand: from.kind === "bigint" ? read : epoch, safe: false };
  }
  if (isNumeric(from) && isNumeric(type))
    return from.kind === type.kind && type.kind !== "decimal" ? read : castTo(read, span, type, scope);
  if (isAssignable(from, type)) return conform(scope, { expr: read, span }, type);
  const hint = `CAST(… AS ${typeName(type)}) makes it one, as far as it can be`;
  return scope.report.error("TYPE_MISMATCH", span, `the column '${name}' is ${typeName(type)}, the value ${typeName(from)}`, hint);
}

function castTo(expr: BoundExpr, span: Span, type: DataType, scope: Scope): BoundExpr | null {
  const conformed = conform(scope, { expr, span }, type);
  return conformed === expr ? { kind: "cast", type, operand: expr, safe: false } : conformed;
}
