import type { ChildProcess } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { identityOf, isAlive, type ProcessIdentity } from "../test/services/launcher/process.ts";
import { PATHS } from "./paths.ts";

/** Lets no process of a run outlive the bench, however that ends: with us it is killed at once, after a SIGKILL by the next bench. */
export async function guarded<T>(child: ChildProcess, action: () => Promise<T>): Promise<T> {
  if (child.pid !== undefined) writeFileSync(PATHS.child, JSON.stringify(identityOf(child.pid)));
  const onExit = (): boolean => child.kill("SIGKILL");
  process.once("exit", onExit);
  try {
    return await action();
  } finally {
    process.off("exit", onExit);
    rmSync(PATHS.child, { force: true });
  }
}

/** Ends the process of a run that was cut short with SIGKILL. */
export function endLeftover(): void {
  if (!existsSync(PATHS.child)) return;
  const identity = JSON.parse(readFileSync(PATHS.child, "utf8")) as ProcessIdentity;
  if (isAlive(identity)) process.kill(identity.pid, "SIGKILL");
  rmSync(PATHS.child);
}
