import { type Finding, type FindingsReport, hasError, placeText, type Subject } from "./finding.ts";
import { markdownCell } from "./markdown-cell.ts";

/** For a comment on a pull request, or the summary of a job. */
export function markdownTable({ command, subjects }: FindingsReport): string {
  const failed = subjects.filter(hasError).length;
  const head = `### sluice ${command}: ${subjects.length - failed} passed, ${failed} failed\n`;
  const rows = subjects.flatMap((subject) => subject.findings.map((finding) => row(subject, finding)));
  if (rows.length === 0) return head;
  return `${head}\n| place | | what |\n|---|---|---|\n${rows.join("\n")}\n`;
}

function row({ suite, name }: Subject, finding: Finding): string {
  const { severity, code, message, hint } = finding;
  const place = placeText(finding) || suite;
  const [first, ...more] = message.split("\n") as [string, ...string[]];
  const what = [
    name === suite ? first : `${name}: ${first}`,
    ...(more.length === 0 ? [] : [`<pre>${more.map(markdownCell).join("<br>")}</pre>`]),
    ...(hint === null ? [] : [`*hint:* ${markdownCell(hint)}`]),
  ];
  const told = [markdownCell(what[0] as string), ...what.slice(1)].join("<br>");
  return `| \`${place.replaceAll("|", "\\|")}\` | ${severity} \`${code}\` | ${told} |`;
}
