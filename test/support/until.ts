/**
 * Between two looks a tenth of what was waited for so far, and as long as the look took, but at most this: looking costs those who are
 * waited for.
 */
const PAUSE_MS_MAX = { waited: 100, looked: 500 };

/**
 * Waits for a condition, with a deadline. `intervalMs` is the least between two looks; `explain` adds to the message what was there
 * instead.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 20_000,
  explain: () => string = () => "",
  intervalMs = 10,
): Promise<void> {
  const beganMs = performance.now();
  for (let fromMs = beganMs; !(await condition()); fromMs = performance.now()) {
    const nowMs = performance.now();
    if (nowMs - beganMs > withinMs) throw new Error(`waited ${withinMs} ms in vain for ${what} ${explain()}`);
    const waited = Math.min((nowMs - beganMs) / 10, PAUSE_MS_MAX.waited);
    const looked = Math.min(nowMs - fromMs, PAUSE_MS_MAX.looked);
    await new Promise((resolve) => setTimeout(resolve, Math.max(intervalMs, waited, looked)));
  }
}

/** Waits until what `read` gives has been the same so many times in a row, and gives it; null: it does not count yet. */
export async function untilStill(
  read: () => Promise<string | null>,
  times: number,
  what: string,
  withinMs: number,
  intervalMs: number,
): Promise<string> {
  let last: string | null = null;
  let equalTimes = 0;
  const isStill = async (): Promise<boolean> => {
    const now = await read();
    equalTimes = now !== null && now === last ? equalTimes + 1 : 0;
    last = now;
    return equalTimes > times;
  };
  await until(isStill, what, withinMs, () => String(last), intervalMs);
  return String(last);
}
