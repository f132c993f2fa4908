import type { Diagnostic, Path, Select, Span, Stage } from "../../grammar/ast.ts";
import type { CreateStatement, ParseResult, Statement } from "../../grammar/statement-ast.ts";
import type { DeclaredStream } from "../catalog/catalog.ts";
import { JSON_LAYOUT } from "../model/format.ts";
import { bindQuery, bindStages, type QueryEnvironment } from "./bind-query.ts";
import { checkValues } from "./bind-values.ts";
import { checkKcql } from "./check-kcql.ts";
import { refuseTimeless } from "./clauses.ts";
import { columnsRelation } from "./columns-relation.ts";
import { readColumns } from "./declare-stream.ts";
import { bindKey, requirePk } from "./identity.ts";
import { createReporter, finished, hasErrors, type Reporter } from "./reporter.ts";
import { dotted, findStream } from "./resolve-name.ts";

/**
 * All that can be said about a text without knowing a topic, a connection or a target: every relation that the text does
 * not declare may have any field, every target takes anything, and what cannot run yet is as good as anything else.
 * Nothing is said about the meaning of a text that does not fit the grammar.
 */
export function checkText(parsed: ParseResult): readonly Diagnostic[] {
  if (hasErrors(parsed.diagnostics)) return parsed.diagnostics;
  const said = [...parsed.diagnostics, ...checkKcql(parsed)];
  const report = createReporter(said);
  const declared = new Map<string, DeclaredStream>();
  const relations = openRelations(declared);
  let stages: QueryEnvironment["stages"] = new Map();
  for (const statement of parsed.statements) {
    const environment: QueryEnvironment = { relations, stages, report };
    if (statement.kind === "create") declare(statement, declared, report);
    if (statement.kind === "with") stages = bindFurtherStages(statement.stages, environment);
    else checkStatement(statement, environment);
  }
  return withoutEchoes(finished(report), said);
}

/** What was said about a place is not said again in other words. */
function withoutEchoes(found: readonly Diagnostic[], said: readonly Diagnostic[]): readonly Diagnostic[] {
  const places = new Set(said.map(({ span }) => span.start));
  return found.filter((diagnostic) => said.includes(diagnostic) || !places.has(diagnostic.span.start));
}

/** What the text itself declares is known, the kind of all others is not. */
function openRelations(declared: ReadonlyMap<string, DeclaredStream>): QueryEnvironment["relations"] {
  return {
    find(path: Path) {
      const stream = findStream(declared, dotted(path));
      if (stream === null) return { source: columnsRelation(dotted(path), null), kind: null };
      return { source: { ...columnsRelation(stream.name, null), stream }, kind: stream.kind };
    },
  };
}

/** The stages of one WITH and of those before it. */
function bindFurtherStages(stages: readonly Stage[], environment: QueryEnvironment): QueryEnvironment["stages"] {
  for (const { name } of stages) {
    if (!environment.stages.has(name.name)) continue;
    environment.report.error("DUPLICATE_NAME", name.span, `two stages are named '${name.name}'`, "give one of them another name");
  }
  return bindStages(stages, environment);
}

/** Columns as written; what the options say is a matter of topics. */
function declare(statement: CreateStatement, declared: Map<string, DeclaredStream>, report: Reporter): void {
  const name = dotted(statement.name);
  const columns = readColumns(statement, report);
  if (columns === null) return;
  const known = findStream(declared, name);
  if (known !== null && !statement.orReplace && !statement.ifNotExists) {
    report.error("DUPLICATE_NAME", statement.name.span, `'${name}' is declared already`, "CREATE OR REPLACE, or another name");
  }
  const topic: Omit<DeclaredStream, "name" | "columns"> = {
    kind: statement.relation === "TABLE" ? "table" : "stream",
    connection: "",
    topic: name,
    keyField: null,
    keyFormat: "json",
    layout: JSON_LAYOUT,
    timestampField: null,
    partitions: null,
  };
  declared.set(known?.name ?? name, { ...topic, name, columns });
}

function checkStatement(statement: Statement, environment: QueryEnvironment): void {
  switch (statement.kind) {
    case "insert":
      checkSelect(statement.select, environment, statement.mode === "INSERT" ? null : statement.target.span);
      break;
    case "select":
      checkSelect(statement.select, environment, null);
      break;
    case "explain":
      checkStatement(statement.statement, environment);
      break;
    case "create":
      if (statement.select !== null) checkSelect(statement.select, environment, null);
      break;
    case "insert-values":
      checkValues(statement, environment.report);
      break;
    case "assert-values":
      checkValues({ ...statement, rows: [statement.row] }, environment.report);
  }
}

/** `upsert`: where it says that rows are changed, which takes a key. */
function checkSelect(select: Select, environment: QueryEnvironment, upsert: Span | null): void {
  const { report } = environment;
  const parts = bindQuery(select, environment);
  const pk = select.clauses.find((clause) => clause.kind === "fields" && clause.name === "PK");
  const found = pk?.kind === "fields" ? pk : null;
  if (parts === null) return;
  const { scope, output, grouping, aggregated } = parts;
  const suffix = select.clauses.find(({ name }) => name === "WITHINDEXSUFFIX");
  if (suffix !== undefined) refuseTimeless(suffix, { aggregated, windowed: scope.windowed }, report);
  if (aggregated && grouping === null) return;
  bindKey({ scope, output, window: parts.query.window, grouping, pk: found, joined: null, appends: false });
  if (upsert !== null) requirePk({ pk: found, grouping }, upsert, report);
}
