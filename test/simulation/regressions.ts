import { readFileSync } from "node:fs";

export interface Regression {
  readonly seed: number;
  /** What it found. */
  readonly why: string;
}

/** Seeds that found something once, in `regressions.json`. What a seed stands for changes with the generator; they are run all the same. */
export function regressions(): readonly Regression[] {
  return JSON.parse(readFileSync(new URL("./regressions.json", import.meta.url), "utf8")) as readonly Regression[];
}
