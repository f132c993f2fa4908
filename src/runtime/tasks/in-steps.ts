import { unlessAborted } from "../unless-aborted.ts";
import type { StatementTask } from "./statement-task.ts";

/**
 * Work that may make more than a task's routes take for the moment: a step gives false where it has filled them, and comes again when
 * there is room. What is left when the signal is aborted is not done.
 */
export async function inSteps(task: StatementTask, signal: AbortSignal, step: () => boolean): Promise<void> {
  while (!signal.aborted && !step()) {
    const { promise, resolve } = Promise.withResolvers<void>();
    task.onChange(resolve);
    await unlessAborted(promise, signal);
  }
}
