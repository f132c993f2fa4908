import type { Diagnostic, Span } from "../../grammar/ast.ts";
import type { DiagnosticCode } from "../../grammar/diagnostic-codes.ts";

/** Collects what is wrong, so that one run reports as much as possible. `error` gives null: "no result". */
export interface Reporter {
  readonly diagnostics: readonly Diagnostic[];
  error(code: DiagnosticCode, span: Span, message: string, hint?: string | null): null;
  warning(code: DiagnosticCode, span: Span, message: string, hint?: string | null): void;
  /** What was found elsewhere. */
  pass(diagnostic: Diagnostic): void;
}

export function createReporter(given: readonly Diagnostic[] = []): Reporter {
  const diagnostics = [...given];
  const add = (severity: Diagnostic["severity"], code: DiagnosticCode, span: Span, message: string, hint: string | null): void => {
    diagnostics.push({ severity, code, message, hint, span });
  };
  return {
    diagnostics,
    error(code, span, message, hint = null) {
      add("error", code, span, message, hint);
      return null;
    },
    warning(code, span, message, hint = null) {
      add("warning", code, span, message, hint);
    },
    pass: (diagnostic) => void diagnostics.push(diagnostic),
  };
}

/** Nobody reads more. */
const DIAGNOSTICS_MAX = 100;

/**
 * In the order of the text; where there are too many, errors before warnings. What is found twice, such as a fault in an
 * expression that is used by its alias too, is said once.
 */
export function finished({ diagnostics }: Reporter): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics
    .filter(({ code, message, span }) => {
      const key = `${span.start} ${code} ${message}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort((left, right) => left.severity.localeCompare(right.severity))
    .slice(0, DIAGNOSTICS_MAX)
    .sort((left, right) => left.span.start - right.span.start);
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

/** "did you mean deviceId?", or null. */
export function didYouMean(name: string | null): string | null {
  return name === null ? null : `did you mean ${name}?`;
}
