import { Option } from "commander";
import type { FindingsReport } from "./finding.ts";
import { githubCommands } from "./github-commands.ts";
import { junitXml } from "./junit-xml.ts";
import { markdownTable } from "./markdown-table.ts";
import { reportJson } from "./report-json.ts";
import { sarifLog } from "./sarif-log.ts";

/** `text` is for people and each command's own; the others are the same for all commands. */
export const FINDINGS_OUTPUTS = ["text", "json", "github", "junit", "sarif", "markdown"] as const;
export type FindingsOutput = (typeof FINDINGS_OUTPUTS)[number];

const WRITERS: Readonly<Record<Exclude<FindingsOutput, "text">, (report: FindingsReport) => string>> = {
  json: reportJson,
  github: githubCommands,
  junit: junitXml,
  sarif: sarifLog,
  markdown: markdownTable,
};

/** A report for programs, with a line feed at its end unless it is empty. */
export function findingsText(output: Exclude<FindingsOutput, "text">, report: FindingsReport): string {
  return WRITERS[output](report);
}

/** `-o, --output` of a command that reports findings. */
export function findingsOutputOption(): Option {
  return new Option("-o, --output <format>", "text for people; json, github, junit, sarif and markdown for CI and editors")
    .choices([...FINDINGS_OUTPUTS])
    .default("text");
}
