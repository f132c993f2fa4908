import type { Clock } from "../ports/clock.ts";

/**
 * The items of `source`, and null for each stretch of `intervalMs` without one, until the signal is aborted. However it
 * ends, the source is left by `return`.
 */
export async function* withHeartbeats<T>(
  source: AsyncIterable<T>,
  { clock, intervalMs, signal }: { readonly clock: Clock; readonly intervalMs: number; readonly signal: AbortSignal },
): AsyncGenerator<T | null, void> {
  const items = source[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<T>> | null = null;
  try {
    while (!signal.aborted) {
      next ??= items.next();
      const waiting = new AbortController();
      const quiet = clock.sleep(intervalMs, AbortSignal.any([signal, waiting.signal])).then(() => null);
      const item = await Promise.race([next, quiet]).finally(() => waiting.abort());
      if (item === null) {
        if (!signal.aborted) yield null;
        continue;
      }
      next = null;
      if (item.done === true) return;
      yield item.value;
    }
  } finally {
    // What was asked for and is not taken any more must not become an unhandled rejection.
    next?.catch(() => {});
    await items.return?.();
  }
}
