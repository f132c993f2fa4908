import { INTERRUPTED, onInterruption } from "../interruption.ts";
import type { Script, Shell } from "./shell.ts";

/** Executes texts one after the other, up to the first error; Ctrl-C ends what runs. Resolves with the exit code. */
export async function runScripts(shell: Shell, scripts: readonly Script[]): Promise<number> {
  const stopping = new AbortController();
  const interruption = onInterruption(
    () => stopping.abort(),
    () => undefined,
  );
  try {
    for (const script of scripts) {
      const code = await shell.run(script, stopping.signal);
      if (code !== 0 || shell.isLeft) return code;
    }
    return interruption.happened() ? INTERRUPTED : 0;
  } finally {
    interruption.dispose();
    await shell.close();
  }
}
