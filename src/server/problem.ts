import { type Static, Type } from "typebox";
import { ERRORS, type ErrorCode, SluiceError } from "../errors.ts";
import type { PlacedDiagnostic } from "../project/diagnostics-json.ts";

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

export const ProblemItem = Type.Object(
  {
    code: Type.String({ description: "Stable, of docs/errors.md." }),
    message: Type.String(),
    hint: Nullable(Type.String()),
    line: Nullable(Type.Integer({ minimum: 1 })),
    column: Nullable(Type.Integer({ minimum: 1 })),
  },
  { $id: "ProblemItem" },
);

/** RFC 9457, with what the first error says at the top level and all of them in `errors`. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: "A URI reference that names the kind of problem: its entry in docs/errors.md." }),
    title: Type.String(),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String(),
    instance: Type.String({ description: "The id of the request, as in the log." }),
    code: Type.String(),
    line: Nullable(Type.Integer({ minimum: 1 })),
    column: Nullable(Type.Integer({ minimum: 1 })),
    hint: Nullable(Type.String()),
    errors: Type.Array(Type.Ref("ProblemItem")),
  },
  { $id: "Problem" },
);
export type ProblemItem = Static<typeof ProblemItem>;
export type Problem = Omit<Static<typeof Problem>, "errors"> & { errors: ProblemItem[] };

export const PROBLEM_TYPE = "application/problem+json";

/** Where neither "the statement or its data" (422) nor "later it may go better" (503) says it; what is left is 500. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  USAGE: 422,
  CONFIG_INVALID: 422,
  FUNCTION_INVALID: 422,
  CONNECTION_UNKNOWN: 404,
  TOPIC_MISSING: 404,
  TARGET_MISSING: 404,
  PIPELINE_UNKNOWN: 404,
  PIPELINE_EXISTS: 409,
  CATALOG_CHANGED: 409,
  CHANGE_REFUSED: 409,
  LIMIT_EXCEEDED: 413,
  STOPPED: 503,
  CONNECTION_REFUSED_RIGHTS: 502,
  LOG_CORRUPT: 500,
  STATE_CORRUPT: 500,
  INTERNAL: 500,
};

export function statusOf(code: ErrorCode): number {
  const { retryable, exitCode } = ERRORS[code];
  return STATUS[code] ?? (retryable ? 503 : exitCode === 1 ? 422 : 500);
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad request",
  401: "Not authenticated",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  406: "Not acceptable",
  408: "Too slow",
  409: "Conflict",
  412: "Precondition failed",
  413: "Too large",
  415: "Unsupported media type",
  422: "Cannot be done",
  429: "Too many requests",
  431: "Headers too large",
  500: "Internal error",
  502: "Refused by an outside system",
  503: "Unavailable",
};

/** An answer that is no success: thrown by routes, written by the error handler. */
export class HttpProblem extends Error {
  readonly status: number;
  readonly items: readonly ProblemItem[];
  /** Members beside those that all problems have. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(status: number, items: readonly [ProblemItem, ...ProblemItem[]], more: Readonly<Record<string, unknown>> = {}) {
    super(items[0].message);
    this.name = "HttpProblem";
    this.status = status;
    this.items = items;
    this.more = more;
  }
}

export function problem(status: number, code: ErrorCode, message: string, hint: string | null = null): HttpProblem {
  return new HttpProblem(status, [{ code, message, hint, line: null, column: null }]);
}

/** For a text with errors; warnings are not among them. */
export function statementProblem(diagnostics: readonly PlacedDiagnostic[], more: Readonly<Record<string, unknown>> = {}): HttpProblem {
  const items = diagnostics
    .filter(({ severity }) => severity === "error")
    .map(({ code, message, hint, line, column }) => ({ code, message, hint, line, column }));
  const [first, ...rest] = items;
  if (first === undefined) throw new Error("assertion failed: a statement's problem without an error");
  return new HttpProblem(422, [first, ...rest], more);
}

export function problemOf(error: unknown): HttpProblem | null {
  if (error instanceof HttpProblem) return error;
  return error instanceof SluiceError ? problem(statusOf(error.code), error.code, error.message, error.hint) : null;
}

export function problemBody({ status, items, more }: HttpProblem, instance: string): Problem {
  const [{ code, message, line, column, hint }] = items as [ProblemItem];
  const title = TITLES[status] ?? "Error";
  return {
    type: `errors#${code.toLowerCase()}`,
    title,
    status,
    detail: message,
    instance,
    code,
    line,
    column,
    hint,
    errors: [...items],
    ...more,
  };
}
