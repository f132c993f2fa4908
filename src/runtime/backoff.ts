import { LIMITS } from "../limits.ts";
import type { Clock } from "../ports/clock.ts";
import type { Random } from "../ports/random.ts";

/** Growing pauses with jitter; `attempt` counts from 1. Resolves early when aborted. */
export function backOff(
  attempt: number,
  intervalMs: number,
  atLeastMs: number | null,
  env: { readonly clock: Clock; readonly random: Random },
  signal: AbortSignal,
): Promise<void> {
  const grown = Math.min(intervalMs * 2 ** Math.min(attempt - 1, 16), LIMITS.backoffMsMax);
  const jittered = grown * (0.5 + env.random.next() / 2);
  return env.clock.sleep(Math.max(jittered, atLeastMs ?? 0), signal);
}
