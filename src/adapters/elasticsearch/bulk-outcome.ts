import { Operation } from "../../model/change.ts";
import { type ChangeError, Outcome } from "../../ports/sink.ts";
import { errorTypeOf, isRecord, reasonOf } from "./server-error.ts";

export interface ItemOutcome {
  readonly outcome: number;
  /** Why it is `retry` or `rejected`; else null. */
  readonly error: ChangeError | null;
}

/** What the server calls it. */
export const CLOSED = "index_closed_exception";

const WRITTEN: ItemOutcome = { outcome: Outcome.written, error: null };
const SUPERSEDED: ItemOutcome = { outcome: Outcome.superseded, error: null };

/**
 * What one item of a bulk answer, such as `{"index":{"status":201}}`, says of the change to `index`. `mayOpen`: where that is closed it is
 * opened, and the change sent again.
 */
export function itemOutcome(operation: number, item: unknown, index: string, mayOpen = false): ItemOutcome {
  const result = resultOf(item);
  const status = statusOf(result);
  if (status >= 200 && status < 300) return WRITTEN;
  if (status === 409) return SUPERSEDED;
  // What is to be deleted is not there.
  if (status === 404 && operation === Operation.delete) return WRITTEN;
  if (mayPass(status) || (mayOpen && errorTypeOf(result) === CLOSED)) {
    return { outcome: Outcome.retry, error: { code: "CHANGE_UNAVAILABLE", message: `index "${index}": ${status}, ${reasonOf(result)}` } };
  }
  return { outcome: Outcome.rejected, error: refusal(result, index) };
}

/** Whether one item was turned away since the server's queues are full. */
export function isBusy(item: unknown): boolean {
  return statusOf(resultOf(item)) === 429;
}

function resultOf(item: unknown): unknown {
  return isRecord(item) ? Object.values(item)[0] : undefined;
}

function statusOf(result: unknown): number {
  return isRecord(result) && typeof result.status === "number" ? result.status : 0;
}

/** Whether a status tells of a trouble that passes: time-out, too many requests, anything wrong with the server; 0: no status at all. */
export function mayPass(status: number): boolean {
  return status === 408 || status === 429 || status >= 500 || status === 0;
}

function refusal(result: unknown, index: string): ChangeError {
  const reason = reasonOf(result);
  switch (errorTypeOf(result)) {
    case "index_not_found_exception":
      return { code: "TARGET_MISSING", message: `index "${index}" does not exist and may not be created: ${reason}` };
    case CLOSED:
      return { code: "CHANGE_REJECTED", message: `index "${index}" is closed` };
    case "cluster_block_exception":
      return { code: "CHANGE_REJECTED", message: `index "${index}" is read-only: ${reason}` };
    default:
      return { code: "CHANGE_REJECTED", message: `index "${index}": ${reason}` };
  }
}
