import type { Diagnostic } from "../../../grammar/ast.ts";
import { diagnosticsJson } from "../../project/diagnostics-json.ts";
import { shownPath } from "../print-diagnostics.ts";

/** Something that a command found in a file, or in the project as a whole. */
export interface Finding {
  /** As messages call it: from here, if it is below; null: it is about no file. */
  readonly file: string | null;
  /** From 1, as are the other three; null: the file as a whole. */
  readonly line: number | null;
  readonly column: number | null;
  /** Exclusive. */
  readonly endLine: number | null;
  readonly endColumn: number | null;
  readonly severity: "error" | "warning" | "note";
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

/** What was looked at, with what is wrong with it: a file, a test, a pipeline. Without an error it has passed. */
export interface Subject {
  /** What it is part of: of a test its file. The same as `name` where it stands for itself. */
  readonly suite: string;
  readonly name: string;
  /** How long it took; null: nobody asks. */
  readonly seconds: number | null;
  readonly findings: readonly Finding[];
}

/** All that a command has to say to a program. */
export interface FindingsReport {
  /** The command: `check` */
  readonly command: string;
  readonly subjects: readonly Subject[];
}

export function hasError({ findings }: Subject): boolean {
  return findings.some(({ severity }) => severity === "error");
}

export function allFindings({ subjects }: FindingsReport): readonly Finding[] {
  return subjects.flatMap(({ findings }) => findings);
}

/** `queries/a.sql:2:11`; as far as it is known. */
export function placeText({ file, line, column }: Finding): string {
  return [file, line, column].filter((part) => part !== null).join(":");
}

/** A text with its diagnostics as a subject. */
export function fileSubject(source: {
  readonly file: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}): Subject {
  const file = shownPath(source.file);
  return { suite: file, name: file, seconds: null, findings: diagnosticsJson(source).map((diagnostic) => ({ file, ...diagnostic })) };
}

/** A finding about a file as a whole, or about none. */
export function wholeFinding(file: string | null, finding: Pick<Finding, "severity" | "code" | "message" | "hint">): Finding {
  return { file, line: null, column: null, endLine: null, endColumn: null, ...finding };
}
