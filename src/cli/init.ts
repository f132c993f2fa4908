import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { SluiceError } from "../errors.ts";
import { FIRST_STEPS, skeleton } from "../project/skeleton.ts";
import { reasonOf } from "../project/source-text.ts";
import { defineCommand, examples, type SetExitCode } from "./command.ts";
import { print } from "./output.ts";

export function initCommand(setExitCode: SetExitCode): Command {
  const command = new Command("init")
    .description("makes a project: configuration, a pipeline, and sample data to run it on")
    .argument("[dir]", "where (default: here)", ".")
    .addHelpText("after", examples("sluice init thermometers"));
  return defineCommand<[string], object>(command, setExitCode, async (_options, folder) => {
    const files = [...skeleton()].map(([path, text]) => ({ path: join(folder, path), text }));
    const taken = files.find(({ path }) => existsSync(path));
    if (taken !== undefined)
      throw new SluiceError("USAGE", `${taken.path} exists already; nothing was changed`, { hint: "name another folder" });
    for (const { path, text } of files) await writeNew(path, text);
    const typed = FIRST_STEPS.map((step) => (isByNpx() ? `npx ${step}` : step));
    const steps = folder === "." ? typed : [`cd ${folder}`, ...typed];
    await print([...files.map(({ path }) => `made ${path}`), "", "Next:", ...steps.map((step) => `  ${step}`)].join("\n"));
    return 0;
  });
}

/** Who came by npx has no `sluice` on the path. */
function isByNpx(): boolean {
  return process.env["npm_lifecycle_event"] === "npx";
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { flag: "wx" });
  } catch (error) {
    throw new SluiceError("FILE_UNREADABLE", `cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
