import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";

/** Where Linux has a file system in memory; with its options among what is mounted. */
const MEMORY = "/dev/shm";
const MOUNTED = /^\S+ \/dev\/shm tmpfs (\S+)/gm;
const NAME = /^sluice-tests-(\d+)$/;
const OWN = join(MEMORY, `sluice-tests-${process.pid}`);
/** Ten times what all tests together have there at once. */
const FREE_BYTES_MIN = 2 ** 30;

/**
 * A folder in memory for what a run of the tests writes and deletes again: some thousand databases and logs, that are synced to no disk.
 * null: there is no such file system, too little room in it, or no program of a test may be run from it. What runs that were killed have
 * left is deleted.
 */
export function makeMemoryFolder(): string | null {
  if (process.platform !== "linux") return null;
  // What was mounted last lies over what was there.
  const options = [...readFileSync("/proc/mounts", "utf8").matchAll(MOUNTED)].at(-1)?.[1]?.split(",");
  if (options === undefined || options.includes("noexec") || options.includes("ro")) return null;
  for (const name of readdirSync(MEMORY)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(MEMORY, name), { recursive: true, force: true });
  }
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize < FREE_BYTES_MIN) return null;
  mkdirSync(OWN, { recursive: true, mode: 0o700 });
  return OWN;
}

/** Of a global set-up: at the end of the run. */
export function teardown(): void {
  rmSync(OWN, { recursive: true, force: true });
}
