import { systemClock } from "../../adapters/system-clock.ts";
import type { Clock } from "../../ports/clock.ts";

/** Looks at how it goes come so much sooner than on the wall, as nothing outside has to be waited for. */
const HASTE = 40;
/** What is longer is no look but patience, and stays as it is: the machine may be slow. */
const LOOK_MS_MAX = 1_000;

/** The clock of a trial: now is the time of its newest record, whenever it runs, unless it is told another one. */
export class TrialClock implements Clock {
  private nowMs = 0;
  private stands = false;

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms <= LOOK_MS_MAX ? ms / HASTE : ms, signal);
  }

  /** Time never goes back. */
  reach(timeMs: number): void {
    if (!this.stands) this.nowMs = Math.max(this.nowMs, timeMs);
  }

  /** What is written later leaves it at that time; null: does no longer. */
  stand(timeMs: number | null): void {
    this.stands = false;
    if (timeMs === null) return;
    this.reach(timeMs);
    this.stands = true;
  }
}
