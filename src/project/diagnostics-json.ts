import type { Diagnostic } from "../../grammar/ast.ts";
import { lineAndColumn } from "../../grammar/diagnostics.ts";

/** A diagnostic for editors, CI and REST: line and column from 1, the end exclusive. */
export interface PlacedDiagnostic extends Omit<Diagnostic, "span"> {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export function diagnosticsJson({
  text,
  diagnostics,
}: {
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}): PlacedDiagnostic[] {
  return diagnostics.map(({ severity, code, message, hint, span }) => {
    const { line, column } = lineAndColumn(text, span.start);
    const { line: endLine, column: endColumn } = lineAndColumn(text, span.end);
    return { severity, code, message, hint, line, column, endLine, endColumn };
  });
}
