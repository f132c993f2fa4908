import type { Diagnostic } from "../../../grammar/ast.ts";
import { errorAt } from "../../../grammar/diagnostics.ts";
import type { ImportedConnection, ImportOutcome } from "../../adapters/import/connector-draft.ts";
import type { ForeignProblem } from "../../adapters/import/connector-file.ts";
import type { Keys } from "./adapt-route.ts";

export interface ImportOptions {
  /** Of a connector: the connections' names; null: after what they connect to. */
  readonly source: string | null;
  readonly sink: string | null;
  readonly keys: Keys;
}

/** What became of one part of the file, for the report. */
export interface ReportNote {
  readonly outcome: ImportOutcome;
  /** A property's name, or what a statement begins with; null: the file as a whole. */
  readonly subject: string | null;
  readonly line: number | null;
  readonly message: string;
}

export interface Imported {
  /** null: the file does not say. */
  readonly name: string | null;
  /** Canonical texts without their `;`, comments above them. */
  readonly statements: readonly string[];
  readonly connections: readonly ImportedConnection[];
  readonly notes: readonly ReportNote[];
  /** Environment variables that have to be set. */
  readonly secrets: readonly { readonly variable: string; readonly property: string; readonly line: number }[];
  /** Of the imported file. */
  readonly warnings: readonly Diagnostic[];
}

/** Why nothing was imported; positions are those of the file. */
export interface ImportFindings {
  readonly problems: readonly Diagnostic[];
}

export const foreignDiagnostic = ({ message, hint, start, end }: ForeignProblem): Diagnostic =>
  errorAt("FOREIGN_TEXT", message, { start, end }, hint);
