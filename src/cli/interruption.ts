/** How long an orderly stop may take before what is under way is given up. */
const DRAIN_MS = 30_000;

export const INTERRUPTED = 130;

/**
 * First Ctrl-C (or SIGTERM): drain, keep the cursors, end. Second: end at once; the cursors stay where they were durable.
 * Gives a function that says whether that happened, and takes the handlers away.
 */
export function onInterruption(
  stop: (withinMs: number) => void,
  tell: (text: string) => void,
): { readonly happened: () => boolean; readonly dispose: () => void } {
  let happened = false;
  const handler = (): void => {
    if (happened) process.exit(INTERRUPTED);
    happened = true;
    tell("stopping: what was read is being written; press Ctrl-C again to end at once");
    stop(DRAIN_MS);
  };
  process.on("SIGINT", handler);
  process.on("SIGTERM", handler);
  return {
    happened: () => happened,
    dispose: () => {
      process.off("SIGINT", handler);
      process.off("SIGTERM", handler);
    },
  };
}
