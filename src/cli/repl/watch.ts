import { setTimeout as wait } from "node:timers/promises";
import { SluiceError } from "../../errors.ts";
import { say } from "../output.ts";
import type { Shell } from "./shell.ts";

/** Longer waits than this are no watching, and more than a timer can do. */
const SECONDS_MAX = 86_400;

/** `\watch`: the last statement every so many seconds, until the signal or an error. */
export async function watchStatement(shell: Shell, argument: string, signal: AbortSignal): Promise<number> {
  const text = shell.lastStatement;
  const seconds = argument === "" ? 2 : Number(argument);
  if (text === null) throw new SluiceError("USAGE", "there is no statement to watch", { hint: "execute one, then \\watch" });
  if (!(seconds > 0 && seconds <= SECONDS_MAX)) throw new SluiceError("USAGE", `'${argument}' is no number of seconds`);
  while (!signal.aborted) {
    await say(`${new Date().toISOString()} (every ${seconds} s)`);
    const code = await shell.run({ file: null, text }, signal);
    if (code !== 0) return code;
    await wait(seconds * 1_000, undefined, { signal }).catch(() => undefined);
  }
  return 0;
}
