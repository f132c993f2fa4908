import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { run } from "../test/services/launcher/process.ts";
import { PATHS, ROOT } from "./paths.ts";

/** Another commit of this repository, ready to run; gives its folder. It stays for the next time. */
export async function checkOut(
  base: string,
  progress: (line: string) => void,
): Promise<{ readonly root: string; readonly commit: string }> {
  const commit = (await run("git", ["-C", ROOT, "rev-parse", "--verify", `${base}^{commit}`])).stdout.trim();
  const root = join(PATHS.compare, commit.slice(0, 12));
  mkdirSync(PATHS.compare, { recursive: true });
  if (!existsSync(join(root, "package.json"))) {
    // One whose folder somebody has deleted would be in the way.
    await run("git", ["-C", ROOT, "worktree", "prune"]);
    await run("git", ["-C", ROOT, "worktree", "add", "--detach", root, commit]);
  }
  if (!existsSync(join(root, "node_modules"))) await install(root, progress);
  return { root, commit };
}

/** Where both have the same dependencies they share them. */
async function install(root: string, progress: (line: string) => void): Promise<void> {
  const lock = (folder: string): string => readFileSync(join(folder, "package-lock.json"), "utf8");
  if (lock(root) === lock(ROOT)) {
    symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
    return;
  }
  progress(`installing the dependencies of ${root}`);
  await run("npm", ["--prefix", root, "ci"]);
}
