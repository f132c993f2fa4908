import { isDeepStrictEqual } from "node:util";
import type { Clause, Select } from "../../grammar/ast.ts";
import type { CreateStatement, InsertStatement } from "../../grammar/statement-ast.ts";
import type { Catalog, DeclaredColumn, DeclaredStream } from "../catalog/catalog.ts";
import type { BoundExpr } from "../model/expression.ts";
import type { BoundStatement } from "../model/statement.ts";
import { bindQuery, type QueryEnvironment } from "./bind-query.ts";
import { isSame } from "./bound-tree.ts";
import { declareStream } from "./declare-stream.ts";
import { createReporter, type Reporter } from "./reporter.ts";

/** `CREATE … AS SELECT`: what is declared is what is selected, and the statement writes it. */
export type CreateAsSelect = CreateStatement & { readonly select: Select };

export function isAsSelect(statement: CreateStatement): statement is CreateAsSelect {
  return statement.select !== null;
}

/**
 * The INSERT that fills it. Rows of a table replace each other, so each change of a group is one; the option `key` says
 * which key records get.
 */
export function insertOf({ name, select, relation, options, span }: CreateAsSelect): InsertStatement {
  const key = options.find((option) => option.name.name.toLowerCase() === "key");
  const path = { parts: [{ name: String(key?.value ?? ""), quoted: true, span: key?.span ?? span }], span: key?.span ?? span };
  const isNamed = select.clauses.some((clause) => clause.name === "PK") || select.partitionBy.length > 0;
  const pk: Clause[] = key === undefined || isNamed ? [] : [{ kind: "fields", name: "PK", fields: [path], span: path.span }];
  const emit = select.emit ?? (relation === "TABLE" ? ({ mode: "CHANGES", every: null, span } as const) : null);
  return {
    kind: "insert",
    name: null,
    mode: "INSERT",
    target: name,
    store: null,
    select: { ...select, emit, clauses: [...select.clauses, ...pk] },
    span,
  };
}

/** Before its columns are known: where it lies. null: reported. */
export function declarePlace(statement: CreateAsSelect, standard: string, catalog: Catalog, report: Reporter): DeclaredStream | null {
  const [column] = statement.columns;
  if (column !== undefined) {
    const message = "the columns of CREATE … AS SELECT are those of the SELECT";
    return report.error("STATEMENT_NOT_ALLOWED", column.span, message, "leave them out; CAST gives a column another type");
  }
  const place = statement.options.filter(({ name }) => PLACE.includes(name.name.toLowerCase()));
  return declareStream({ ...statement, options: place }, standard, catalog, report);
}

const PLACE = ["connection", "topic", "kafka_topic", "partitions"];

/** With the columns that are selected; null: reported. */
export function declareSelected(
  statement: CreateAsSelect,
  standard: string,
  environment: QueryEnvironment,
  catalog: Catalog,
  report: Reporter,
): DeclaredStream | null {
  // What is wrong with the SELECT is reported where its INSERT is bound.
  const parts = bindQuery(statement.select, { ...environment, report: createReporter() });
  const items = parts?.query.items ?? [];
  const isOpen = parts === null || parts.output.partialStars.length > 0 || items.some(({ kind }) => kind === "star");
  const columns = items.flatMap((item): DeclaredColumn[] => (item.kind === "column" ? [{ name: item.name, type: item.expr.type }] : []));
  return declareStream(statement, standard, catalog, report, isOpen ? [] : columns);
}

/** The column that the record key of what is written equals, as far as the statement and what it reads show it. */
export function keyColumnOf({ recordKey, items, source, fields, aggregated }: BoundStatement, read: DeclaredStream | null): string | null {
  const [only, another] = recordKey ?? [];
  const declared = read?.columns.find(({ place }) => place?.of === "key");
  const isKey = (expr: BoundExpr): boolean => {
    if (recordKey !== null) return only !== undefined && another === undefined && isSame(expr, only);
    // The key of the source stays.
    const isDeclared = expr.kind === "cast" && isDeepStrictEqual(expr.type, declared?.type);
    const leaf = isDeclared ? expr.operand : expr;
    const field = leaf.kind === "field" && !aggregated ? fields[leaf.index] : undefined;
    if (field?.root === "key") return field.path.length === 0;
    return field?.root === "value" && field.path.length === 1 && field.path[0] === source.keyField;
  };
  const named = items.find((item) => item.kind === "column" && isKey(item.expr));
  return named?.kind === "column" ? named.name : null;
}
