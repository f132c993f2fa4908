import { SluiceError } from "../errors.ts";
import type { LogBounds } from "../ports/source.ts";
import { asSluiceError } from "./as-error.ts";
import { backOff } from "./backoff.ts";
import type { Environment } from "./environment.ts";
import type { OwnedSource } from "./pipeline-sources.ts";

/** For how long somebody waits for a source that does not answer. */
export interface Patience {
  readonly env: Environment;
  readonly stopping: AbortSignal;
  /** A bounded run waits no longer than the clients of sources do by themselves. */
  readonly isBounded: () => boolean;
  readonly onTrouble: (connection: string, message: string) => void;
}

const PAUSE_MS = 500;

/** Of the source's partition. Brokers that are away, or move a partition, are asked again: a statement does not fail for good of that. */
export async function logBounds(
  { plan, source, description: { name } }: OwnedSource,
  partition: number,
  patience: Patience,
): Promise<LogBounds> {
  const { env, stopping, isBounded, onTrouble } = patience;
  for (let attempt = 1; ; attempt++) {
    try {
      return await source.bounds(name, partition);
    } catch (error) {
      const known = asSluiceError(error);
      if (!known.retryable || isBounded()) throw known;
      onTrouble(plan.connection, known.message);
    }
    await backOff(attempt, PAUSE_MS, null, env, stopping);
    if (stopping.aborted) throw new SluiceError("STOPPED", `nobody waits for the bounds of ${name}-${partition} any more`);
  }
}
