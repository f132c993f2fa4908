import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";

/** Where Linux has a file system in memory. */
const MEMORY = "/dev/shm";
const NAME = /^sluice-tests-(\d+)$/;
/** Several times what all tests together leave there until they end. */
const FREE_BYTES_MIN = 4 * 2 ** 30;

/**
 * A folder in memory for what a run of the tests writes and deletes again: some thousand databases and logs, that are synced to no disk.
 * null: there is no such file system, or too little room in it. What runs that were killed have left is deleted.
 */
export function makeMemoryFolder(): string | null {
  if (!existsSync(MEMORY)) return null;
  for (const name of readdirSync(MEMORY)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(MEMORY, name), { recursive: true, force: true });
  }
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize < FREE_BYTES_MIN) return null;
  const folder = join(MEMORY, `sluice-tests-${process.pid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Of a global set-up: at the end of the run. */
export function teardown(): void {
  rmSync(join(MEMORY, `sluice-tests-${process.pid}`), { recursive: true, force: true });
}
