import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { readSourceText } from "../../project/source-text.ts";
import { say } from "../output.ts";
import type { CommandCall } from "./commands.ts";
import type { Shell } from "./shell.ts";

/** `\e`: the statement that is being typed, or the last one, or a file, is edited and executed. */
export async function editStatement(shell: Shell, { argument, unfinished, signal }: CommandCall): Promise<number> {
  if (argument !== "") {
    await edit(argument);
    return shell.run(await readSourceText(argument, LIMITS.statementBytesMax), signal);
  }
  const before = (unfinished ?? shell.lastStatement ?? "").trim();
  // In a folder of its own, which nobody else can read.
  const folder = await mkdtemp(join(tmpdir(), "sluice-"));
  try {
    const path = join(folder, "statement.sql");
    await writeFile(path, `${before}\n`);
    await edit(path);
    const text = (await readFile(path, "utf8")).trim();
    await say(text);
    return await shell.run({ file: null, text }, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function edit(path: string): Promise<void> {
  const editor = process.env["VISUAL"] || process.env["EDITOR"] || "vi";
  // The editor may come with options of its own, as the shell reads them; the path is no text for the shell.
  const child = spawn("/bin/sh", ["-c", `${editor} "$1"`, "sh", path], { stdio: "inherit" });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  if (code !== 0) throw new SluiceError("USAGE", `${editor} ended with ${code}`, { hint: "EDITOR names the editor" });
}
