import type { Diagnostic } from "../../grammar/ast.ts";
import type { ParseResult } from "../../grammar/statement-ast.ts";
import { checkKcql } from "./check-kcql.ts";

/**
 * All that can be said about a text without knowing a topic, a connection or a target. Nothing is said about the
 * meaning of a text that does not fit the grammar.
 */
export function checkText(parsed: ParseResult): readonly Diagnostic[] {
  if (hasErrors(parsed.diagnostics)) return parsed.diagnostics;
  const found = [...parsed.diagnostics, ...checkKcql(parsed)];
  return found.sort((a, b) => a.span.start - b.span.start);
}

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean => diagnostics.some(({ severity }) => severity === "error");
