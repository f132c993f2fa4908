import { runCrashPoints } from "./crash-points.ts";
import { CRASH_SCENARIOS } from "./crash-scenarios.ts";
import { reportOf, runSeed } from "./run-seed.ts";

/** What a process is to try, and what it answers when it has. */
export interface SeedRange {
  readonly first: number;
  readonly count: number;
}
export interface SeedsTried {
  readonly failed: readonly number[];
  /** Places at which a process has died. */
  readonly crashPoints: number;
}

/** Of each topic; more than where somebody waits for the tests. */
const CRASH_RECORDS = 12;

/** Tries the seeds that it is told of, then a process that dies at each place of one small scenario; prints what is found. */
process.once("message", async ({ first, count }: SeedRange) => {
  const failed: number[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const result = await runSeed(seed);
    if (result.found.length === 0) continue;
    failed.push(result.seed);
    process.stdout.write(`${reportOf(result)}\n\n`);
  }
  const crashes = CRASH_SCENARIOS[Math.floor(first / count) % CRASH_SCENARIOS.length] as (typeof CRASH_SCENARIOS)[number];
  const { points, found } = await runCrashPoints(crashes, first, CRASH_RECORDS);
  if (found.length > 0) failed.push(first);
  if (found.length > 0) process.stdout.write(`${found.join("\n")}\n\n`);
  process.send?.({ failed, crashPoints: points } satisfies SeedsTried, () => process.disconnect());
});
