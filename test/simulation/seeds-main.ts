import { reportOf, runSeed } from "./run-seed.ts";

/** What a process is to try, and what it answers when it has. */
export interface SeedRange {
  readonly first: number;
  readonly count: number;
}
export interface SeedsTried {
  readonly failed: readonly number[];
}

/** Tries the seeds that it is told of, and prints what is found. */
process.once("message", async ({ first, count }: SeedRange) => {
  const failed: number[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const result = await runSeed(seed);
    if (result.found.length === 0) continue;
    failed.push(result.seed);
    process.stdout.write(`${reportOf(result)}\n\n`);
  }
  process.send?.({ failed } satisfies SeedsTried, () => process.disconnect());
});
