import { expect, it } from "vitest";
import { DIAGNOSTIC_CODES } from "../grammar/diagnostic-codes.ts";
import { ERRORS, type ErrorSpec } from "../src/errors.ts";

const INTRODUCTION = `# Errors

Generated from \`src/errors.ts\` and \`grammar/diagnostic-codes.ts\`; \`npm run docs\` writes it anew, and a test compares.

Codes are stable: scripts may rest on them. The command line exits with 0 when all is well, 1 for an error in a statement or in data,
2 for wrong usage or configuration, 3 when an outside system cannot be used, 130 when it was interrupted.
`;

const DIAGNOSTICS_INTRODUCTION = `## Diagnostics: what is wrong with a statement's text

Printed with file, line, column, the line itself, a mark below the words meant, and a hint where there is one.
`;

const ERRORS_INTRODUCTION = `## Operating errors: what goes wrong outside of the text

Printed with their coordinates (statement, topic, partition, offset) where they have any. *Retryable* says that the same thing may
succeed when it is tried again unchanged; with \`error.policy = 'retry'\` the engine does that by itself.
`;

const cell = (text: string): string => text.replaceAll("|", "\\|");

function diagnosticsTable(): string {
  const rows = Object.entries(DIAGNOSTIC_CODES).map(([code, { about }]) => `| \`${code}\` | ${cell(about)} |`);
  return ["| code | meaning |", "|---|---|", ...rows].join("\n");
}

function errorsTable(): string {
  const rows = Object.entries<ErrorSpec>(ERRORS).map(
    ([code, { exitCode, retryable, about }]) => `| \`${code}\` | ${exitCode} | ${retryable ? "yes" : "no"} | ${cell(about)} |`,
  );
  return ["| code | exit | retryable | meaning |", "|---|---|---|---|", ...rows].join("\n");
}

it("docs/errors.md lists the codes of both tables", async () => {
  const document = [INTRODUCTION, ERRORS_INTRODUCTION, `${errorsTable()}\n`, DIAGNOSTICS_INTRODUCTION, `${diagnosticsTable()}\n`].join(
    "\n",
  );
  await expect(document).toMatchFileSnapshot("../docs/errors.md");
});
