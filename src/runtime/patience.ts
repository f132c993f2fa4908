import { SluiceError } from "../errors.ts";
import { asSluiceError } from "./as-error.ts";
import { backOff } from "./backoff.ts";
import type { Environment } from "./environment.ts";

/** For how long somebody waits for a connection that does not answer. */
export interface Patience {
  readonly env: Environment;
  readonly stopping: AbortSignal;
  /** A bounded run waits no longer than clients do by themselves. Asked after each try. */
  readonly isBounded: () => boolean;
  readonly onTrouble: (connection: string, message: string) => void;
}

const PAUSE_MS = 500;

/**
 * Asks again where brokers are away, or move a partition: nothing fails for good of that. Rejects as `ask` does where another try would not
 * go better or the run is bounded, and with STOPPED.
 */
export async function patiently<T>(connection: string, ask: () => Promise<T>, patience: Patience): Promise<T> {
  const { env, stopping, isBounded, onTrouble } = patience;
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      const known = asSluiceError(error);
      if (!known.retryable || isBounded()) throw known;
      onTrouble(connection, known.message);
    }
    await backOff(attempt, PAUSE_MS, null, env, stopping);
    if (stopping.aborted) throw new SluiceError("STOPPED", `nobody waits for an answer of ${connection} any more`);
  }
}
