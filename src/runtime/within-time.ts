import type { Clock } from "../ports/clock.ts";

/** Does work that is asked to give up after so long: its signal is aborted then. */
export async function withinTime(clock: Clock, limitMs: number, work: (limit: AbortSignal) => Promise<void>): Promise<void> {
  const limit = new AbortController();
  const timer = new AbortController();
  void clock.sleep(limitMs, timer.signal).then(() => limit.abort());
  try {
    await work(limit.signal);
  } finally {
    timer.abort();
  }
}
