import { asSluiceError, reportOf } from "../runtime/as-error.ts";
import type { ErrorReport } from "../runtime/protocol.ts";
import { paint, say } from "./output.ts";

/**
 * An error for people: what happened, where, and what to do.
 *
 *     error RECORD_TYPE: stopped at sums#1, readings partition 2 offset 1234: n is no number
 *       hint: …
 *
 * A defect of Sluice itself comes with its stack.
 */
export function errorText(stream: NodeJS.WriteStream, report: ErrorReport, what = ""): string {
  const { code, message, hint, stack } = report;
  const place = placeOf(report);
  const subject = [what, place === "" ? "" : `at ${place}`].filter((part) => part !== "").join(" ");
  const lines = [`${paint(stream, "redBright", `error ${code}`)}: ${subject === "" ? "" : `${subject}: `}${message}`];
  if (hint !== null) lines.push(`  ${paint(stream, "dim", "hint:")} ${hint}`);
  if (code === "INTERNAL" && stack !== null) lines.push(paint(stream, "dim", stack));
  return lines.join("\n");
}

/** `sums#1, readings partition 2 offset 41`; empty where nothing is known. */
export function placeOf({ statement, topic, partition, offset }: ErrorReport): string {
  const record = [topic, partition === null ? null : `partition ${partition}`, offset === null ? null : `offset ${offset}`];
  return [statement, record.filter((part) => part !== null).join(" ")].filter((part) => part !== null && part !== "").join(", ");
}

export async function printError(error: unknown): Promise<void> {
  await say(errorText(process.stderr, reportOf(asSluiceError(error))));
}
