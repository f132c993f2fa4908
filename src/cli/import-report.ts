import { lineAndColumn } from "../../grammar/diagnostics.ts";
import type { ImportOutcome } from "../adapters/import/connector-draft.ts";
import type { ImportResult } from "../project/import/import-file.ts";
import type { ReportNote } from "../project/import/imported.ts";
import type { MergedConfig } from "../project/import/merge-connections.ts";
import { paint } from "./output.ts";

const HEADINGS: readonly (readonly [ImportOutcome, string])[] = [
  ["carried", "carried over"],
  ["differs", "differs"],
  ["dropped", "has no counterpart"],
];

/** What became of the imported file, for people: one line for each property, under three headings, and what is left to do. */
export function importReport({ name, notes, secrets, pipeline, diagnostics }: ImportResult, merged: MergedConfig | null): string {
  const heading = (text: string): string => paint(process.stderr, "bold", text);
  const parts = HEADINGS.flatMap(([outcome, title]) => {
    const lines = notes.filter((note) => note.outcome === outcome).map(noteLine);
    return lines.length === 0 ? [] : [[heading(title), ...lines].join("\n")];
  });
  const kept = (merged?.kept ?? []).map((connection) => `  connections.${connection} of sluice.yaml stays as it is`);
  const variables = secrets.map(({ variable, property }) => `  ${variable}  the value of ${property}`);
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const wrong = errors.map(({ code, message, span }) => {
    const { line, column } = lineAndColumn(pipeline, span.start);
    return `  queries/${name}.sql:${line}:${column} ${code}: ${message}`;
  });
  if (kept.length > 0) parts.push([heading("was there"), ...kept].join("\n"));
  if (variables.length > 0) parts.push([heading("to be set in the environment"), ...variables].join("\n"));
  if (wrong.length > 0) parts.push([heading("cannot run yet"), ...wrong].join("\n"));
  return parts.join("\n\n");
}

function noteLine({ subject, line, message }: ReportNote): string {
  const place = line === null ? "" : `line ${line}`;
  return `  ${place.padEnd(9)}${subject === null ? "" : `${subject}: `}${message}`;
}
