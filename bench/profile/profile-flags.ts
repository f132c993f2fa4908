import { mkdirSync, rmSync } from "node:fs";
import { PATHS } from "../paths.ts";

/** Options of node: a process writes a profile of each of its threads when it ends. Profiles written before are deleted. */
export function profileFlags(): readonly string[] {
  rmSync(PATHS.profile, { recursive: true, force: true });
  mkdirSync(PATHS.profile, { recursive: true });
  return ["--cpu-prof", `--cpu-prof-dir=${PATHS.profile}`];
}
