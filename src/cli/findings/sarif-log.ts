import { packageVersion } from "../package-root.ts";
import { allFindings, type Finding, type FindingsReport } from "./finding.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** SARIF 2.1.0, as code scanning reads it. */
export function sarifLog(report: FindingsReport): string {
  const findings = allFindings(report);
  const rules = [...new Set(findings.map(({ code }) => code))];
  const driver = { name: "sluice", semanticVersion: packageVersion(), rules: rules.map((id) => ({ id })) };
  const run = {
    tool: { driver },
    automationDetails: { id: `sluice-${report.command}/` },
    columnKind: "utf16CodeUnits",
    results: findings.map((finding) => resultOf(finding, rules)),
  };
  return `${JSON.stringify({ $schema: SCHEMA, version: "2.1.0", runs: [run] }, null, 2)}\n`;
}

function resultOf(finding: Finding, rules: readonly string[]) {
  const { file, code, severity, message, hint } = finding;
  return {
    ruleId: code,
    ruleIndex: rules.indexOf(code),
    level: severity,
    message: { text: hint === null ? message : `${message}\nhint: ${hint}` },
    ...(file === null ? {} : { locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...regionOf(finding) } }] }),
  };
}

function regionOf({ line, column, endLine, endColumn }: Finding) {
  if (line === null) return {};
  const start = { startLine: line, ...(column === null ? {} : { startColumn: column }) };
  return { region: endLine === null || endColumn === null ? start : { ...start, endLine, endColumn } };
}

/** A path as a URI reference; one that is not below this folder is absolute. */
function uriOf(file: string): string {
  const path = file.replaceAll("\\", "/").split("/").map(encodeURIComponent).join("/");
  return path.startsWith("/") ? `file://${path}` : path;
}
