import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorCode, SluiceError } from "../errors.ts";
import type { RestClient } from "./rest-client.ts";
import type { ServerEvent } from "./server-events.ts";

/** As servers ask for by `retry`. */
const RETRY_MS = 2_000;

/** Gone, draining, or busy. */
const MAY_PASS: readonly ErrorCode[] = ["CONNECTION_FAILED", "STOPPED", "TOO_MANY_REQUESTS"];

/**
 * Server-sent events of a path for as long as the signal lets them come: after the server has gone they go on where they
 * were, once it is there again. Rejects where it was never there, or does not let us in.
 */
export async function* followEvents(
  client: RestClient,
  path: string,
  signal: AbortSignal,
  onLost: (error: SluiceError | null) => void,
): AsyncGenerator<ServerEvent, void> {
  let last: string | null = null;
  let hasBegun = false;
  while (!signal.aborted) {
    try {
      for await (const event of client.events(path, last, signal)) {
        hasBegun = true;
        last = event.id ?? last;
        yield event;
      }
      hasBegun = true;
      if (!signal.aborted) onLost(null);
    } catch (error) {
      if (!hasBegun || !(error instanceof SluiceError) || !MAY_PASS.includes(error.code)) throw error;
      onLost(error);
    }
    await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}
