import type { Diagnostic } from "../../grammar/ast.ts";
import type { ParseResult } from "../../grammar/statement-ast.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { isAsSelect } from "./create-as-select.ts";
import { reportUnbuilt, unbuiltParts } from "./not-yet.ts";
import { createReporter, finished } from "./reporter.ts";
import { addStream, applySet, openSession, soundStatements } from "./session.ts";

/** The streams of `queries/catalog.sql`, added to those that the catalog has. */
export function analyzeCatalog(
  parsed: ParseResult,
  catalog: Catalog,
): { readonly streams: Catalog["streams"]; readonly diagnostics: readonly Diagnostic[] } {
  const report = createReporter(parsed.diagnostics);
  const streams = new Map(catalog.streams);
  let session = openSession({}, catalog, report);
  for (const statement of soundStatements(parsed)) {
    const unbuilt = unbuiltParts(statement);
    if (statement.kind === "set") session = applySet(session, statement, catalog, report);
    else if (unbuilt.length > 0) reportUnbuilt(unbuilt, report);
    else if (statement.kind === "create" && !isAsSelect(statement)) addStream(streams, statement, session, catalog, report);
    else
      report.error(
        "STATEMENT_NOT_ALLOWED",
        statement.span,
        "the catalog only declares streams and tables",
        "put this statement into a pipeline of its own",
      );
  }
  return { streams, diagnostics: finished(report) };
}
