import type { Diagnostic } from "../../../grammar/ast.ts";
import { lineAndColumn } from "../../../grammar/diagnostics.ts";
import { parse } from "../../../grammar/parse.ts";
import { printStatement } from "../../../grammar/print.ts";
import type { Statement } from "../../../grammar/statement-ast.ts";
import type { Dialect } from "../../adapters/import/dialects.ts";
import { type ImportedStatement, importSql } from "../../adapters/import/import-sql.ts";
import { foreignDiagnostic, type Imported, type ImportFindings } from "./imported.ts";
import { commentedStatement } from "./pipeline-text.ts";

/** Foreign SQL as a pipeline. A SELECT without a target gets `name` as its target. */
export async function sqlPipeline(text: string, dialect: Dialect, name: string): Promise<Imported | ImportFindings> {
  const { statements, problems, warnings } = await importSql(text, dialect);
  const parsed = statements.map((statement) => ({ statement, ...parse(statement.text) }));
  const broken = parsed.flatMap(({ statement, diagnostics }) =>
    diagnostics.filter(({ severity }) => severity === "error").map((diagnostic) => atSource(diagnostic, statement)),
  );
  const all = [...problems.map(foreignDiagnostic), ...broken].sort((a, b) => a.span.start - b.span.start);
  if (all.length > 0) return { problems: all };
  let selects = 0;
  const withTarget = (statement: Statement): Statement => {
    if (statement.kind !== "select") return statement;
    selects++;
    const target = {
      parts: [{ name: selects === 1 ? name : `${name}_${selects}`, quoted: false, span: statement.span }],
      span: statement.span,
    };
    return { ...statement, kind: "insert", name: null, mode: "INSERT", target, store: null };
  };
  return {
    name: null,
    statements: parsed.flatMap(({ statement, statements: trees }) =>
      trees.map((tree, index) => commentedStatement(index === 0 ? statement.comments : [], printStatement(withTarget(tree)))),
    ),
    connections: [],
    notes: statements.flatMap(({ start, text: own, notes }) =>
      notes.map((message) => ({
        outcome: "dropped" as const,
        subject: own.split(" (")[0] ?? null,
        line: lineAndColumn(text, start).line,
        message,
      })),
    ),
    secrets: [],
    warnings: warnings.map((warning) => ({ ...foreignDiagnostic(warning), severity: "warning" })),
  };
}

/** What our grammar says of the text that the reader printed, said of the statement it came from. */
function atSource({ code, message, hint, span }: Diagnostic, { text, start, end }: ImportedStatement): Diagnostic {
  const around = text.slice(Math.max(0, span.start - 20), span.end + 20).replaceAll(/\s+/g, " ");
  return { severity: "error", code, message: `${message} (in: ${around})`, hint, span: { start, end } };
}
