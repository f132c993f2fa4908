import { allFindings, type Finding, type FindingsReport } from "./finding.ts";

const COMMANDS = { error: "error", warning: "warning", note: "notice" } as const;

/** Workflow commands of GitHub Actions: each finding becomes an annotation beside its line. */
export function githubCommands(report: FindingsReport): string {
  return allFindings(report)
    .map((finding) => `${commandOf(finding)}\n`)
    .join("");
}

/**
 * The end column is exclusive here and inclusive there; columns are for places within one line only, or the annotation
 * is refused.
 */
function commandOf({ file, line, column, endLine, endColumn, severity, code, message, hint }: Finding): string {
  const isOneLine = endLine === null || endLine === line;
  const properties: readonly (readonly [string, string | number | null])[] = [
    ["title", code],
    ["file", file],
    ["line", line],
    ["endLine", endLine],
    ["col", isOneLine ? column : null],
    ["endColumn", isOneLine && column !== null && endColumn !== null ? Math.max(column, endColumn - 1) : null],
  ];
  const written = properties.flatMap(([name, value]) => (value === null ? [] : [`${name}=${property(String(value))}`]));
  return `::${COMMANDS[severity]} ${written.join(",")}::${data(hint === null ? message : `${message}\nhint: ${hint}`)}`;
}

const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
