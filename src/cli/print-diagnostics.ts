import { relative } from "node:path";
import type { Diagnostic } from "../../grammar/ast.ts";
import { renderDiagnostic } from "../../grammar/diagnostics.ts";
import type { AnalyzedFile } from "../project/project.ts";
import { counted, isColored, say, write } from "./output.ts";

/** How a file is called in messages: from here, if it is below. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") || path === "" ? file : path;
}

export interface FoundIn {
  /** null: a text that was typed. */
  readonly file: string | null;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** All that was found, as people read it. */
export async function printDiagnostics(stream: NodeJS.WriteStream, { file, text, diagnostics }: FoundIn): Promise<void> {
  const options = { ...(file === null ? {} : { file: shownPath(file) }), color: isColored(stream) };
  for (const diagnostic of diagnostics) await write(stream, `${renderDiagnostic(text, diagnostic, options)}\n`);
}

/** "2 errors, 1 warning in 3 files" */
export async function sayCounts(files: readonly AnalyzedFile[]): Promise<void> {
  const all = files.flatMap(({ diagnostics }) => diagnostics);
  const errors = all.filter(({ severity }) => severity === "error").length;
  await say(`${counted(errors, "error")}, ${counted(all.length - errors, "warning")} in ${counted(files.length, "file")}`);
}
