import type { Diagnostic, Span } from "../../../grammar/ast.ts";
import type { DiagnosticCode } from "../../../grammar/diagnostic-codes.ts";
import type { ErrorCode } from "../../errors.ts";

/** What is found in outside systems, at its place in the text. Codes of both tables occur. */
export class LiveReporter {
  readonly diagnostics: Diagnostic[] = [];

  add(severity: Diagnostic["severity"], code: DiagnosticCode | ErrorCode, span: Span, message: string, hint: string | null): void {
    const isSaid = this.diagnostics.some((said) => said.code === code && said.message === message && said.span.start === span.start);
    if (!isSaid) this.diagnostics.push({ severity, code, span, message, hint });
  }
}
