import { setTimeout } from "node:timers/promises";

/** Calls `check` until it no longer throws, or throws its last error when the deadline is over. */
export async function eventually<T>(check: () => T | Promise<T>, deadlineMs = 15_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
    await setTimeout(20);
  }
}
