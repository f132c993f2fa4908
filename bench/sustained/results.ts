import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commitOf, machine, versions } from "../machine.ts";
import { PATHS } from "../paths.ts";

/** Writes `bench/results/DATE-COMMIT-NAME.json`; gives the file. */
export async function writeResult(name: string, figures: object): Promise<string> {
  const at = new Date().toISOString();
  const { commit, isModified } = await commitOf();
  const file = join(PATHS.results, `${at.slice(0, 10)}-${commit.slice(0, 9)}-${name}.json`);
  mkdirSync(PATHS.results, { recursive: true });
  const content = { at, commit, isModified, machine: machine(), versions: await versions(), ...figures };
  writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`);
  return file;
}
