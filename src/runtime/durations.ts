import type { DurationCounts } from "./protocol.ts";

/** What lies between them is counted together; what takes longer than the last, in one more. */
export const DURATION_BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000] as const;

export const NO_DURATIONS: DurationCounts = { counts: [...DURATION_BOUNDS_MS, Number.POSITIVE_INFINITY].map(() => 0), totalMs: 0 };

/** How long something took, each time that it was done. */
export class Durations {
  private readonly counts = [...NO_DURATIONS.counts];
  private totalMs = 0;

  add(durationMs: number): void {
    let at = 0;
    while (durationMs > (DURATION_BOUNDS_MS[at] ?? Number.POSITIVE_INFINITY)) at++;
    this.counts[at] = (this.counts[at] as number) + 1;
    this.totalMs += durationMs;
  }

  get now(): DurationCounts {
    return { counts: [...this.counts], totalMs: this.totalMs };
  }
}

export function addDurations(a: DurationCounts, b: DurationCounts): DurationCounts {
  return { counts: a.counts.map((count, at) => count + (b.counts[at] as number)), totalMs: a.totalMs + b.totalMs };
}
