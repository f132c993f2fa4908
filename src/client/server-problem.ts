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
    super(errorCodeOf(code, status), message, hint === null ? {} : { hint });
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

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: "CONNECTION_REFUSED_RIGHTS",
  403: "CONNECTION_REFUSED_RIGHTS",
  409: "CATALOG_CHANGED",
  412: "CATALOG_CHANGED",
  413: "LIMIT_EXCEEDED",
  422: "STATEMENT_INVALID",
  429: "CONNECTION_FAILED",
  503: "CONNECTION_FAILED",
};

function errorCodeOf(code: string, status: number): ErrorCode {
  if (Object.hasOwn(ERRORS, code)) return code as ErrorCode;
  return BY_STATUS[status] ?? (status >= 500 ? "INTERNAL" : "USAGE");
}
