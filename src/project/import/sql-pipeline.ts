import type { Diagnostic } from "../../../grammar/ast.ts";
import { errorAt, lineAndColumn } from "../../../grammar/diagnostics.ts";
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
  const misfits = broken.length > 0 ? [] : parsed.flatMap(misfit);
  const all = [...problems.map(foreignDiagnostic), ...broken, ...misfits].sort((a, b) => a.span.start - b.span.start);
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
      trees.map((tree, index) =>
        commentedStatement(index === 0 ? statement.comments : [], printStatement(withColumns(withTarget(tree), statement.columns))),
      ),
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

/** A list of columns that the SELECT does not have one by one. */
function misfit({ statement, statements }: { statement: ImportedStatement; statements: readonly Statement[] }): readonly Diagnostic[] {
  const [tree] = statements;
  const { columns, start, end } = statement;
  if (columns.length === 0 || tree?.kind !== "insert") return [];
  const { items } = tree.select;
  if (items.length === columns.length && items.every(({ kind }) => kind === "expr")) return [];
  const message = `${columns.length} columns are named, and the SELECT has other ones`;
  return [errorAt("FOREIGN_TEXT", message, { start, end }, "name the columns with AS in the SELECT")];
}

/** `INSERT INTO name (a, b) SELECT x, y`: our INSERT takes the names from the SELECT. */
function withColumns(statement: Statement, columns: readonly string[]): Statement {
  if (columns.length === 0 || statement.kind !== "insert") return statement;
  const items = statement.select.items.map((item, index) => {
    const name = columns[index];
    return item.kind !== "expr" || name === undefined ? item : { ...item, alias: { name, quoted: false, span: item.span } };
  });
  return { ...statement, select: { ...statement.select, items } };
}

/** What our grammar says of the text that the reader printed, said of the statement it came from. */
function atSource({ code, message, hint, span }: Diagnostic, { text, start, end }: ImportedStatement): Diagnostic {
  const around = text.slice(Math.max(0, span.start - 20), span.end + 20).replaceAll(/\s+/g, " ");
  return { severity: "error", code, message: `${message} (in: ${around})`, hint, span: { start, end } };
}
