import { createWriteStream } from "node:fs";
import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { readSourceText, reasonOf } from "../../project/source-text.ts";
import type { Shell } from "./shell.ts";

/** `\i FILE`. Rejects with FILE_UNREADABLE. */
export async function includeFile(shell: Shell, path: string, signal: AbortSignal): Promise<number> {
  if (path === "") throw new SluiceError("USAGE", "\\i takes the name of a file");
  return shell.run(await readSourceText(path, LIMITS.statementBytesMax), signal);
}

/** `\o FILE`: results go there, until `\o`. Says where they go. Rejects with FILE_UNREADABLE. */
export async function writeTo({ display }: Shell, path: string): Promise<string> {
  const { file } = display;
  display.file = null;
  if (file !== null) await new Promise<void>((resolve) => file.end(resolve));
  if (path === "") return "Results come here.";
  const opened = createWriteStream(path, { flags: "w" });
  await new Promise<void>((resolve, reject) => {
    opened.once("open", () => resolve());
    opened.once("error", (error) => reject(new SluiceError("FILE_UNREADABLE", `cannot write ${path}: ${reasonOf(error)}`)));
  });
  display.file = opened;
  return `Results go to ${path}.`;
}
