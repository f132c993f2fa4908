/** What is left of a period is not waited for by itself. */
const SHARE_LEAST = 0.05;

/**
 * How many ms it is until the next multiple of `periodMs`, a twentieth of it at least: what waits for multiples of one period, or of one
 * and its half, wakes its thread once for all.
 */
export function nextTickMs(nowMs: number, periodMs: number): number {
  const leftMs = periodMs - (nowMs % periodMs);
  return leftMs < periodMs * SHARE_LEAST ? leftMs + periodMs : leftMs;
}
