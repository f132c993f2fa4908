import type { Diagnostic, Span } from "./ast.ts";
import type { DiagnosticCode } from "./diagnostic-codes.ts";

export const errorAt = (code: DiagnosticCode, message: string, span: Span, hint: string | null = null): Diagnostic => ({
  severity: "error",
  code,
  message,
  hint,
  span,
});

/** Both 1-based; columns count UTF-16 units, as editors do. */
export interface LineAndColumn {
  readonly line: number;
  readonly column: number;
}

export function lineAndColumn(text: string, offset: number): LineAndColumn {
  let line = 1;
  let lineStart = 0;
  for (let end = text.indexOf("\n"); end !== -1 && end < offset; end = text.indexOf("\n", lineStart)) {
    line++;
    lineStart = end + 1;
  }
  return { line, column: offset - lineStart + 1 };
}

/** The offset of a place, or of the end of its line or of the text where those end before it. */
export function offsetAt(text: string, line: number, column: number): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return Math.min(text.length, before + Math.min(column - 1, (lines[line - 1] ?? "").length));
}

export interface RenderOptions {
  /** Printed before line and column. */
  readonly file?: string;
  /** ANSI colours. */
  readonly color?: boolean;
}

/** Longer source lines are cut around the place. */
const LINE_LENGTH_MAX = 120;

const COLORS = { error: "31;1", warning: "33;1", dim: "2", place: "1" } as const;

/**
 * For people:
 *
 *     queries/a.sql:1:10 error SYNTAX: unexpected 'FORM'
 *       SELECT a FORM t
 *                ^^^^
 *       hint: did you mean FROM?
 */
export function renderDiagnostic(text: string, diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const paint = (color: keyof typeof COLORS, part: string): string =>
    options.color === true ? `\u001b[${COLORS[color]}m${part}\u001b[0m` : part;
  const { severity, code, message, hint, span } = diagnostic;
  const { line, column } = lineAndColumn(text, span.start);
  const place = `${options.file === undefined ? "" : `${options.file}:`}${line}:${column}`;
  const source = sourceLine(text, span.start, column);
  const length = Math.max(1, Math.min(span.end - span.start, source.text.length - source.caret));
  const indent = source.text.slice(0, source.caret).replace(/[^\t]/g, " ");
  const lines = [
    `${paint("place", place)} ${paint(severity, `${severity} ${code}`)}: ${message}`,
    `  ${source.text}`,
    `  ${indent}${paint(severity, "^".repeat(length))}`,
  ];
  if (hint !== null) lines.push(`  ${paint("dim", "hint:")} ${hint}`);
  return lines.join("\n");
}

/** What would move the caret, or do something to the terminal. */
const INVISIBLE = /(?!\t)[\p{Cc}\p{Cf}]/gu;

/** The line around an offset, cut if it is long, and where in it the offset lies. */
function sourceLine(text: string, offset: number, column: number): { text: string; caret: number } {
  const lineStart = offset - column + 1;
  const lineEnd = text.indexOf("\n", offset);
  const line = text
    .slice(lineStart, lineEnd === -1 ? text.length : lineEnd)
    .trimEnd()
    .replace(INVISIBLE, "\ufffd");
  if (line.length <= LINE_LENGTH_MAX) return { text: line, caret: column - 1 };
  const from = Math.max(0, Math.min(column - 1 - LINE_LENGTH_MAX / 2, line.length - LINE_LENGTH_MAX));
  const to = from + LINE_LENGTH_MAX;
  const before = from > 0 ? "… " : "";
  return { text: before + line.slice(from, to) + (to < line.length ? " …" : ""), caret: column - 1 - from + before.length };
}
