import type { Diagnostic } from "../../grammar/ast.ts";
import { printStatement } from "../../grammar/print.ts";
import type { ParseResult } from "../../grammar/statement-ast.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { BoundStatement } from "../model/statement.ts";
import { bindSelect } from "./bind-select.ts";
import { settleKeyFormats } from "./key-formats.ts";
import type { RunnableExplain, RunnableQuery } from "./not-yet.ts";
import { createReporter, finished, hasErrors } from "./reporter.ts";
import { type Names, resolveSource } from "./resolve-name.ts";
import { addStream, applySet, openSession, soundStatements, sourceOf, statementSettings } from "./session.ts";

export interface AnalyzedQuery {
  /** null: there is an error among the diagnostics. `source.topic` may be the name of an index or table. */
  readonly statement: BoundStatement | null;
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
  let found: RunnableQuery | RunnableExplain | null = null;
  for (const statement of soundStatements(parsed, report)) {
    if (statement.kind === "set") session = applySet(session, statement, catalog, report);
    else if (statement.kind === "create") addStream(streams, statement, session, catalog, report);
    else if (found !== null) report.error("STATEMENT_NOT_ALLOWED", statement.span, "one SELECT at a time");
    else if (statement.kind === "insert")
      report.error("STATEMENT_NOT_ALLOWED", statement.target.span, "INSERT belongs in a pipeline", "sluice run takes a file of them");
    else found = statement;
  }
  const query = found?.kind === "explain" ? found.statement : found;
  const explain = found?.kind === "explain";
  if (query?.kind === "insert")
    report.error("STATEMENT_NOT_ALLOWED", query.target.span, "INSERT belongs in a pipeline", "sluice explain takes a file of them");
  const source = query?.kind === "select" ? resolveSource(query.select.from.path, sourceOf(session, catalog), names) : null;
  if (query?.kind !== "select" || source === null) return { statement: null, explain, diagnostics: finished(report) };
  const bound = bindSelect(
    {
      name: "query",
      text: parsed.text,
      statementText: printStatement(query),
      mode: "insert",
      select: query.select,
      source,
      target: null,
      needsKey: false,
      settings: statementSettings(session, names),
      span: query.span,
    },
    report,
  );
  const [statement = null] = bound === null ? [] : settleKeyFormats([bound], report);
  const diagnostics = finished(report);
  return { statement: hasErrors(diagnostics) ? null : statement, explain, diagnostics };
}
