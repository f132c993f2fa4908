import { inspect } from "node:util";
import { ERRORS, type ErrorCode } from "../errors.ts";
import { asSluiceError, reportOf } from "../runtime/as-error.ts";
import type { ErrorReport } from "../runtime/protocol.ts";
import { paint, say } from "./output.ts";

/** Diagnostics or findings were printed already; what is left is the exit code. */
export class Findings extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("findings were printed");
    this.exitCode = exitCode;
  }
}

/**
 * Prints an error for people, on standard error:
 *
 *     error RECORD_TYPE: temperature is no number
 *       at statement averages, temperatures/2 offset 1234
 *       hint: …
 *
 * A defect of Sluice itself comes with its stack.
 */
export async function printReport(report: ErrorReport): Promise<void> {
  const lines = [`${paint(process.stderr, "redBright", `error ${report.code}`)}: ${report.message}`];
  const place = placeOf(report);
  if (place !== "") lines.push(`  at ${place}`);
  if (report.hint !== null) lines.push(`  ${paint(process.stderr, "dim", "hint:")} ${report.hint}`);
  if (report.code === "INTERNAL" && report.stack !== null) lines.push(paint(process.stderr, "dim", indented(report.stack)));
  await say(lines.join("\n"));
}

export async function printError(error: unknown): Promise<void> {
  if (process.env["SLUICE_DEBUG"] === "1") await say(inspect(error));
  await printReport(reportOf(asSluiceError(error)));
}

export function exitCodeOf(code: ErrorCode): number {
  return ERRORS[code].exitCode;
}

function placeOf({ statement, topic, partition, offset }: ErrorReport): string {
  const parts: string[] = [];
  if (statement !== null) parts.push(`statement ${statement}`);
  if (topic !== null) parts.push(`${topic}${partition === null ? "" : `/${partition}`}${offset === null ? "" : ` offset ${offset}`}`);
  return parts.join(", ");
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `  ${line.trim()}`)
    .join("\n");
}
