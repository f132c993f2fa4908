import { reportOf, runSeed } from "./run-seed.ts";

/**
 * Tries seeds of the simulation until somebody has had enough: `SEED` is the first one (by chance else), `SEEDS` how many, `MINUTES`
 * for how long (2 where neither is given). Prints what is found and how to see it again; exits with 1 then. What is worth keeping goes
 * into `regressions.json`.
 */
async function soak(): Promise<number> {
  const { SEED, SEEDS, MINUTES } = process.env;
  const first = SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(SEED);
  const most = SEEDS === undefined ? Number.POSITIVE_INFINITY : Number(SEEDS);
  const minutes = MINUTES === undefined ? (SEEDS === undefined ? 2 : Number.POSITIVE_INFINITY) : Number(MINUTES);
  const endMs = performance.now() + minutes * 60_000;
  const failed: number[] = [];
  let tried = 0;
  for (; tried < most && performance.now() < endMs; tried++) {
    const result = await runSeed(first + tried);
    if (result.found.length === 0) continue;
    failed.push(result.seed);
    process.stdout.write(`${reportOf(result)}\n\n`);
  }
  process.stdout.write(`${tried} seeds from ${first} on, ${failed.length} failed${failed.length === 0 ? "" : `: ${failed.join(", ")}`}\n`);
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await soak();
