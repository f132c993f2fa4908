import { join } from "node:path";
import { withLock } from "../test/services/launcher/lock.ts";
import { PATHS } from "./paths.ts";

const NOTICE_MS = 1_000;

/** Two benches of a checkout would measure each other: the second waits. */
export function exclusively<T>(action: () => Promise<T>): Promise<T> {
  const notice = setTimeout(() => console.error("another bench of this checkout is at work; waiting for it"), NOTICE_MS);
  return withLock(join(PATHS.home, "bench.lock"), () => {
    clearTimeout(notice);
    return action();
  });
}
