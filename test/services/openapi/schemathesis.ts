import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SERVICES_DIRECTORY } from "../launcher/launcher.ts";
import { withLock } from "../launcher/lock.ts";
import { run } from "../launcher/process.ts";

const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));
const HOOKS = fileURLToPath(new URL("hooks.py", import.meta.url));
const HOME = join(SERVICES_DIRECTORY, "schemathesis");

/** Why it cannot be had here; null: it can. */
export function schemathesisMissing(): string | null {
  const { status } = spawnSync("python3", ["-c", "import ensurepip, venv"], { stdio: "ignore" });
  return status === 0 ? null : "python3 with venv is missing (apt-get install python3-venv)";
}

/** Installs the pinned version in an environment of its own, once. */
export async function installSchemathesis(): Promise<void> {
  mkdirSync(HOME, { recursive: true });
  const wanted = readFileSync(REQUIREMENTS, "utf8");
  const mark = join(HOME, "installed.txt");
  await withLock(join(HOME, "install.lock"), async () => {
    if (existsSync(mark) && readFileSync(mark, "utf8") === wanted) return;
    await run("python3", ["-m", "venv", "--clear", join(HOME, "venv")]);
    // Of all that is installed a part is run: that is compiled when it is first run.
    const options = ["--quiet", "--disable-pip-version-check", "--no-compile"];
    await run(join(HOME, "venv/bin/pip"), ["install", ...options, "--requirement", REQUIREMENTS]);
    writeFileSync(mark, wanted);
  });
}

/** Tries everything that the description allows, and what it does not, by a configuration beside this file; rejects with what it found. */
export async function schemathesis(config: string, url: string, args: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await run(
    join(HOME, "venv/bin/st"),
    ["--config-file", fileURLToPath(new URL(config, import.meta.url)), "--no-color", "run", url, ...args],
    {
      cwd,
      env: { ...process.env, SCHEMATHESIS_HOOKS: HOOKS },
    },
  );
  return stdout;
}
