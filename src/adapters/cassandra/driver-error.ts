import { errors, types } from "cassandra-driver";
import { SluiceError } from "../../errors.ts";

/** What a failed request says about the changes in it. */
export type Failure =
  /** Nothing for good: send them again. */
  | { readonly kind: "retry"; readonly error: SluiceError }
  /** A node does not know the statement, its table or a column: it is about to learn of them, or they are gone or changed. */
  | { readonly kind: "unknown"; readonly error: SluiceError }
  /** One of them is refused for good. */
  | { readonly kind: "refused"; readonly error: SluiceError }
  /** All that this sink could send would fail the same way. */
  | { readonly kind: "fatal"; readonly error: SluiceError };

const codes = types.responseErrorCodes;

/** The cluster's state, not the statement, is why it failed. */
const PASSING: ReadonlySet<number> = new Set([
  codes.serverError,
  codes.unavailableException,
  codes.overloaded,
  codes.isBootstrapping,
  codes.truncateError,
  codes.writeTimeout,
  codes.readTimeout,
  codes.readFailure,
  codes.writeFailure,
]);

/** What nodes of version 3 to 5, and those that speak as they do, say of a table or column that they have not, or not yet. */
const UNKNOWN = /^(?:unconfigured table|(?:keyspace|table) .* does not exist|undefined column name|unknown identifier)/i;

export function failureOf(error: unknown): Failure {
  if (error instanceof errors.ResponseError) return responseFailure(error);
  if (error instanceof errors.AuthenticationError) return { kind: "fatal", error: refusedRights(error.message, error) };
  if (error instanceof errors.NoHostAvailableError) return unreachable(error);
  // The driver could not encode a value.
  if (error instanceof TypeError || error instanceof RangeError) return { kind: "refused", error: rejected(error.message, error) };
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "retry", error: new SluiceError("CHANGE_UNAVAILABLE", message, { cause: error }) };
}

/** For requests that are not about changes: connecting, reading, describing. What the server refuses there, it refuses for good. */
export function sluiceError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const failure = failureOf(error);
  if (failure.kind === "fatal") return failure.error;
  const { message } = failure.error;
  const isRefused = failure.kind === "refused" || (failure.kind === "unknown" && error instanceof errors.ResponseError);
  if (!isRefused) return new SluiceError("CONNECTION_FAILED", message, { cause: error });
  return new SluiceError(error instanceof errors.ResponseError ? "TARGET_MISMATCH" : "INTERNAL", message, { cause: error });
}

function responseFailure(error: errors.ResponseError): Failure {
  if (PASSING.has(error.code)) {
    return { kind: "retry", error: new SluiceError("CHANGE_UNAVAILABLE", error.message, { cause: error }) };
  }
  if (error.code === codes.unauthorized || error.code === codes.badCredentials) {
    return { kind: "fatal", error: refusedRights(error.message, error) };
  }
  if (error.code === codes.invalid && UNKNOWN.test(error.message)) {
    return { kind: "unknown", error: new SluiceError("CHANGE_UNAVAILABLE", error.message, { cause: error }) };
  }
  return { kind: "refused", error: rejected(error.message, error) };
}

/** No node answered; the first node's reason stands for all. */
function unreachable(error: errors.NoHostAvailableError): Failure {
  const tried = Object.entries((error.innerErrors ?? {}) as Record<string, Error>);
  const refused = tried.find(([, inner]) => inner instanceof errors.AuthenticationError);
  if (refused !== undefined) return { kind: "fatal", error: refusedRights(refused[1].message, error) };
  const reasons = tried.map(([host, inner]) => `${host}: ${inner.message}`);
  const message = reasons.length === 0 ? "no node is up" : reasons.join("; ");
  const unprepared = tried.some(([, inner]) => inner instanceof errors.ResponseError && inner.code === codes.unprepared);
  return { kind: unprepared ? "unknown" : "retry", error: new SluiceError("CONNECTION_FAILED", message, { cause: error }) };
}

function refusedRights(message: string, cause: unknown): SluiceError {
  const hint = "check username and password of the connection, and that the role may use the keyspace (GRANT … TO role)";
  return new SluiceError("CONNECTION_REFUSED_RIGHTS", message, { hint, cause });
}

function rejected(message: string, cause: unknown): SluiceError {
  return new SluiceError("CHANGE_REJECTED", message, { cause });
}
