import { createInterface } from "node:readline/promises";
import { SluiceError } from "../errors.ts";
import { say } from "./output.ts";

/** Whether somebody at the terminal types yes. Rejects with USAGE where nobody could answer. */
export async function isAgreed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new SluiceError("USAGE", "nobody can be asked here", { hint: "--yes agrees" });
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(`${question} (yes) `);
  prompt.close();
  if (answer.trim().toLowerCase() === "yes") return true;
  await say("nothing was changed");
  return false;
}
