import { ERRORS, type ErrorCode, SluiceError } from "../errors.ts";
import type { Problem, ProblemItem } from "../server/problem.ts";

/** An answer of a server that is no success, with all that it said. */
export class ServerProblem extends SluiceError {
  readonly status: number;
  /** As the server named it: a diagnostic's code too, which is none of the errors' own. */
  readonly serverCode: string;
  /** Of the text that was sent, counted from 1. */
  readonly line: number | null;
  readonly column: number | null;
  readonly items: readonly ProblemItem[];

  constructor({ status, detail, hint, code, line, column, errors }: Problem) {
    const message = errors.length > 1 ? errors.map(itemText).join("\n") : itemText({ code, message: detail, hint, line, column });
    super(errorCodeOf(code), message, hint === null ? {} : { hint });
    this.name = "ServerProblem";
    this.status = status;
    this.serverCode = code;
    this.line = line;
    this.column = column;
    this.items = errors;
  }
}

function itemText({ message, line, column }: ProblemItem): string {
  return line === null ? message : `line ${line}, column ${column}: ${message}`;
}

/** What is none of the table is a diagnostic's. */
function errorCodeOf(code: string): ErrorCode {
  return Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : "STATEMENT_INVALID";
}
