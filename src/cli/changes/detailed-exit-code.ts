import { printError } from "../print-error.ts";

/** Where 2 means that there are differences, every error is 1. */
export async function withDetailedExitCode(isDetailed: boolean, action: () => Promise<number>): Promise<number> {
  if (!isDetailed) return action();
  try {
    return await action();
  } catch (error) {
    await printError(error);
    return 1;
  }
}
