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
