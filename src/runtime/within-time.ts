import type { Clock } from "../ports/clock.ts";

/** Does work that is asked to give up after so long, or after so long again as long as it comes closer: its signal is aborted then. */
export async function withinTime(
  clock: Clock,
  limitMs: number,
  work: (limit: AbortSignal) => Promise<void>,
  comesCloser: () => boolean = () => false,
): Promise<void> {
  const limit = new AbortController();
  const timer = new AbortController();
  const watch = async (): Promise<void> => {
    do await clock.sleep(limitMs, timer.signal);
    while (!timer.signal.aborted && comesCloser());
    limit.abort();
  };
  void watch();
  try {
    await work(limit.signal);
  } finally {
    timer.abort();
  }
}
