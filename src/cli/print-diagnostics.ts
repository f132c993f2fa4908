import { relative } from "node:path";
import { lineAndColumn, renderDiagnostic } from "../../grammar/diagnostics.ts";
import type { AnalyzedFile } from "../project/project.ts";
import { counted, isColored, say, write } from "./output.ts";

/** How a file is called in messages: from here, if it is below. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") || path === "" ? file : path;
}

/** All that was found, as people read it. */
export async function printDiagnostics(stream: NodeJS.WriteStream, { file, text, diagnostics }: AnalyzedFile): Promise<void> {
  const options = { file: shownPath(file), color: isColored(stream) };
  for (const diagnostic of diagnostics) await write(stream, `${renderDiagnostic(text, diagnostic, options)}\n`);
}

/** For editors and CI: positions as line and column, both from 1; the end is exclusive. */
export function diagnosticsJson({ text, diagnostics }: Pick<AnalyzedFile, "text" | "diagnostics">) {
  return diagnostics.map(({ severity, code, message, hint, span }) => {
    const { line, column } = lineAndColumn(text, span.start);
    const { line: endLine, column: endColumn } = lineAndColumn(text, span.end);
    return { severity, code, message, hint, line, column, endLine, endColumn };
  });
}

/** "2 errors, 1 warning in 3 files" */
export async function sayCounts(files: readonly AnalyzedFile[]): Promise<void> {
  const all = files.flatMap(({ diagnostics }) => diagnostics);
  const errors = all.filter(({ severity }) => severity === "error").length;
  await say(`${counted(errors, "error")}, ${counted(all.length - errors, "warning")} in ${counted(files.length, "file")}`);
}
