import { systemClock } from "../../adapters/system-clock.ts";
import type { Clock } from "../../ports/clock.ts";

/** How much faster than on the wall waiting is in a trial: nothing outside has to be waited for. */
const HASTE = 40;

/** The clock of a trial: now is the time of its newest record, whenever it runs. */
export class TrialClock implements Clock {
  private nowMs = 0;

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return systemClock.monotonic() * HASTE;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / HASTE, signal);
  }

  /** Time never goes back. */
  reach(timeMs: number): void {
    this.nowMs = Math.max(this.nowMs, timeMs);
  }
}
