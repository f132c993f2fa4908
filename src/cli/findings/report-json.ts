import { type FindingsReport, hasError } from "./finding.ts";

/** One object; people script against its names. */
export function reportJson({ command, subjects }: FindingsReport): string {
  const failed = subjects.filter(hasError).length;
  const listed = subjects.map((subject) => ({ ...subject, passed: !hasError(subject) }));
  return `${JSON.stringify({ command, passed: subjects.length - failed, failed, subjects: listed }, null, 2)}\n`;
}
