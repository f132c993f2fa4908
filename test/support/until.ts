/**
 * Waits for a condition, with a deadline; `intervalMs` for conditions that are dear to check. `explain` adds to the
 * message what was there instead.
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  withinMs = 20_000,
  explain: () => string = () => "",
  intervalMs = 10,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain for ${what} ${explain()}`);
    await new Promise((resolve) => setTimeout(resolve, intervalMs));
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
