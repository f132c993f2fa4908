/**
 * Operating errors: everything that can go wrong outside the program, each with a stable code.
 * What is wrong with a statement's text is a diagnostic (`grammar/diagnostics.ts`), not an error of this table.
 * The table is the single source; `docs/errors.md` lists the same codes (a test compares them).
 */
export interface ErrorSpec {
  /** Whether trying again unchanged may succeed. */
  readonly retryable: boolean;
  /** Exit code of the command line: 1 statement or data, 2 usage, 3 connection. */
  readonly exitCode: 1 | 2 | 3;
  /** What the error means and what to do, one sentence; printed in docs/errors.md. */
  readonly about: string;
}

const spec = (exitCode: 1 | 2 | 3, retryable: boolean, about: string): ErrorSpec => ({ exitCode, retryable, about });

export const ERRORS = {
  // configuration and usage
  CONFIG_INVALID: spec(2, false, "sluice.yaml has an unknown name or an illegal value; the message names the key and the line."),
  CONNECTION_UNKNOWN: spec(2, false, "A connection is named that sluice.yaml does not define."),
  USAGE: spec(2, false, "The command line has an option or an argument that does not fit."),
  STATEMENT_INVALID: spec(1, false, "A statement has errors; each is printed with line, column and a hint."),
  FUNCTION_INVALID: spec(
    2,
    false,
    "A module of the project's functions cannot be loaded, or exports what is no function; the message names file and line.",
  ),
  FILE_UNREADABLE: spec(2, false, "A file named on the command line or in the configuration cannot be read."),
  ASSERTION_FAILED: spec(1, false, "What an ASSERT statement or a row test says is not so; the message shows the difference."),
  TEST_INVALID: spec(1, false, "A file of tests has another form than docs/operations/testing.md describes; the message has the place."),
  // outside systems
  CONNECTION_FAILED: spec(3, true, "An outside system cannot be reached or refuses the connection."),
  CONNECTION_REFUSED_RIGHTS: spec(3, false, "The outside system is reachable but does not allow the operation."),
  STORE_UNUSABLE: spec(
    3,
    false,
    "The file of embedded data cannot be made or read: no rights, not a database, damaged, or of another format.",
  ),
  STORE_BUSY: spec(3, true, "Another process has the catalog of pipelines; one server at a time holds a data directory."),
  PIPELINE_UNKNOWN: spec(1, false, "The server holds no pipeline of that name."),
  PIPELINE_EXISTS: spec(1, false, "A pipeline of that name is there already, with other statements."),
  CATALOG_CHANGED: spec(1, false, "What is to be changed has changed meanwhile: a plan or an If-Match of an older state is refused."),
  CHANGE_REFUSED: spec(
    1,
    false,
    "A plan cannot be applied: state that does not fit, a protected pipeline, one of another owner; the message names each.",
  ),
  TOPIC_MISSING: spec(1, false, "A source topic does not exist."),
  TARGET_MISSING: spec(1, false, "The target index, table or topic does not exist and may not be created."),
  TARGET_MISMATCH: spec(1, false, "The target exists but its key or columns do not fit the statement."),
  // a record or a change
  RECORD_MALFORMED: spec(1, false, "A record's value is not a whole JSON document in valid UTF-8."),
  RECORD_TYPE: spec(1, false, "A field of a record has a type or a value that the statement cannot use."),
  RECORD_LATE: spec(1, false, "A record came when the stream time of its partition had closed all windows that it belongs to."),
  RECORD_EVENT_TIME: spec(1, false, "A record's event time is missing, unreadable or too far ahead of the record's own timestamp."),
  RECORD_TARGET: spec(1, false, "A record names no target of the statement, or one that cannot be."),
  ERROR_BUDGET_SPENT: spec(
    1,
    false,
    "More records or changes could not be taken than `error.budget` lets a statement skip; what was skipped is among the dead letters.",
  ),
  RECORD_TOMBSTONE: spec(1, false, "A record without a value where no delete can be made of it."),
  CHANGE_REJECTED: spec(1, false, "The target refuses a change for good, for example by a mapping conflict."),
  CHANGE_UNAVAILABLE: spec(3, true, "The target could not take a change for the moment."),
  ID_TOO_LONG: spec(1, false, "A document id is longer than the target allows (512 bytes in Elasticsearch)."),
  // log and state
  OFFSET_OUT_OF_RANGE: spec(1, false, "The cursor is outside of the log: retention or truncation removed what comes next."),
  LOG_CHANGED: spec(1, false, "The log is not the one that was read before: topic created again or cut back."),
  LOG_CORRUPT: spec(1, false, "Fetched bytes are not a valid record batch."),
  STATE_FENCED: spec(1, false, "Another owner has claimed the partition; this one stops writing."),
  STATE_CORRUPT: spec(1, false, "A record of the state log fails its checksum or has an unknown format version."),
  STATE_MISMATCH: spec(1, false, "The kept state was made by a different statement of that name; give it a new @name to begin anew."),
  LIMIT_EXCEEDED: spec(1, false, "A limit of src/limits.ts was reached; the message names it."),
  STOPPED: spec(1, false, "The operation was given up because the pipeline or the program is stopping."),
  // a request to a server
  REQUEST_INVALID: spec(2, false, "A request to a server is not what its route takes; /openapi.json says what is."),
  NOT_FOUND: spec(2, false, "The server has no such method and path."),
  NOT_AUTHENTICATED: spec(3, false, "The server wants to know who asks, and was not told, or not so that it believes it."),
  NOT_ALLOWED: spec(3, false, "The server does not do that for who asks, for pages of other origins, or under other names than its own."),
  TOO_MANY_REQUESTS: spec(3, true, "So many requests or failed log-ins came from one place that it has to wait."),
  INTERNAL: spec(1, false, "A defect in Sluice itself; please report it with the stack trace."),
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERRORS;

/** Where in the outside world an error belongs to: printed with it, and kept in dead letters. */
export interface Coordinates {
  readonly statement?: string;
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: number;
}

export class SluiceError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | null;
  readonly coordinates: Coordinates;

  constructor(code: ErrorCode, message: string, options: { hint?: string; coordinates?: Coordinates; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = "SluiceError";
    this.code = code;
    this.hint = options.hint ?? null;
    this.coordinates = options.coordinates ?? {};
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }

  get exitCode(): number {
    return ERRORS[this.code].exitCode;
  }
}
