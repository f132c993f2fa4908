import type { Diagnostic, Stage } from "../../grammar/ast.ts";
import { printStatement } from "../../grammar/print.ts";
import type { ExplainStatement, ParseResult, SelectStatement } from "../../grammar/statement-ast.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { BoundQuery } from "../model/query.ts";
import { type BoundStatement, readsTable } from "../model/statement.ts";
import { bindStages, type QueryEnvironment } from "./bind-query.ts";
import { bindSelect } from "./bind-select.ts";
import { settleKeyFormats } from "./key-formats.ts";
import { reportUnbuilt, unbuiltParts } from "./not-yet.ts";
import { createReporter, finished, hasErrors } from "./reporter.ts";
import { isLookedUp, type Names, resolveSource } from "./resolve-name.ts";
import { addStream, applySet, applyUnset, openSession, soundStatements, sourceOf, statementSettings } from "./session.ts";

export interface AnalyzedQuery {
  /** null: there is an error among the diagnostics. `source.topic` may be the name of an index or table. */
  readonly statement: BoundStatement | null;
  /** What it means, also where some of it cannot run yet; null: there is another error. */
  readonly query: BoundQuery | null;
  /** Written behind EXPLAIN. */
  readonly explain: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** One ad hoc SELECT, after any number of SET and CREATE STREAM. */
export function analyzeQuery(
  parsed: ParseResult,
  options: { readonly catalog: Catalog; readonly settings?: Readonly<Record<string, unknown>> },
): AnalyzedQuery {
  const { catalog } = options;
  const report = createReporter(parsed.diagnostics);
  const streams = new Map(catalog.streams);
  const names: Names = { catalog, streams, topics: new Set(), report };
  // A SELECT is for now: it shows what comes, unless START or a setting says otherwise.
  let session = openSession({ start: "latest", ...options.settings }, catalog, report);
  let isStarted = options.settings?.["start"] !== undefined;
  const stages: Stage[] = [];
  let found: SelectStatement | ExplainStatement | null = null;
  for (const statement of soundStatements(parsed)) {
    if (statement.kind === "set") {
      session = applySet(session, statement, catalog, report);
      isStarted ||= statement.name === "start";
    } else if (statement.kind === "unset") session = applyUnset(session, statement, report);
    else if (statement.kind === "insert")
      report.error("STATEMENT_NOT_ALLOWED", statement.target.span, "INSERT belongs in a pipeline", "sluice run takes a file of them");
    else if (statement.kind === "select" || statement.kind === "explain") {
      if (found !== null) report.error("STATEMENT_NOT_ALLOWED", statement.span, "one SELECT at a time");
      found ??= statement;
    } else if (statement.kind === "with") stages.push(...statement.stages);
    else if (statement.kind === "create") {
      const unbuilt = unbuiltParts(statement);
      reportUnbuilt(unbuilt, report);
      if (unbuilt.length === 0) addStream(streams, statement, session, catalog, report);
    } else
      report.error("STATEMENT_NOT_ALLOWED", statement.span, "only a SELECT can be explained", "sluice query executes other statements");
  }
  const query = found?.kind === "explain" ? found.statement : found;
  const explain = found?.kind === "explain";
  if (query?.kind === "insert")
    report.error("STATEMENT_NOT_ALLOWED", query.target.span, "INSERT belongs in a pipeline", "sluice explain takes a file of them");
  if (query?.kind !== "select" || found === null) return { statement: null, query: null, explain, diagnostics: finished(report) };
  const find: QueryEnvironment["relations"]["find"] = (path, join) => {
    const source = resolveSource(path, sourceOf(session, catalog), names);
    if (source !== null && join !== null && isLookedUp(source, join, names.topics)) return { source, kind: "table", lookup: true };
    return source === null ? null : { source, kind: source.stream?.kind ?? "stream" };
  };
  const environment: QueryEnvironment = { relations: { find }, stages: new Map(), report };
  const bound = bindSelect(
    {
      name: "query",
      reportedAs: "query",
      columns: null,
      text: parsed.text,
      statementText: printStatement(query),
      mode: "insert",
      select: query.select,
      environment: { ...environment, stages: bindStages(stages, environment) },
      target: null,
      targetStream: null,
      naming: null,
      isEmbedded: false,
      system: "embedded",
      keyspace: null,
      settings: statementSettings(session, names),
      late: null,
      span: query.span,
      unbuilt: unbuiltParts(found),
    },
    report,
  );
  isStarted ||= query.select.startAt !== null;
  const [settled = null] = bound === null ? [] : settleKeyFormats([bound], report);
  // A table is what all its records together say.
  const isWhole = settled === null || !readsTable(settled) || isStarted;
  const statement = isWhole ? settled : { ...settled, settings: { ...settled.settings, start: "earliest" as const } };
  const diagnostics = finished(report);
  const isKnown = diagnostics.every(({ severity, code }) => severity === "warning" || code === "NOT_SUPPORTED_YET");
  return { statement: hasErrors(diagnostics) ? null : statement, query: isKnown ? (bound?.query ?? null) : null, explain, diagnostics };
}
