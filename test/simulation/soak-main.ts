import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import type { SeedRange, SeedsTried } from "./seeds-main.ts";

const ENTRY = new URL("./seeds-main.ts", import.meta.url);
/** What crashed in a simulation waits for ever, and is gone with its process alone. */
const PROCESS_SEEDS = 50;

/**
 * Tries seeds of the simulation until somebody has had enough: `SEED` is the first one (by chance else), `SEEDS` how many, `MINUTES`
 * for how long (2 where neither is given), `PROCESSES` how many at a time (one for each core). After so many seeds a process is killed at
 * each place of one small scenario. Prints what is found and how to see it
 * again; exits with 1 then. What is worth keeping goes into `regressions.json`.
 */
async function soak(): Promise<number> {
  const { SEED, SEEDS, MINUTES, PROCESSES } = process.env;
  const first = SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(SEED);
  const most = SEEDS === undefined ? Number.POSITIVE_INFINITY : Number(SEEDS);
  const minutes = MINUTES === undefined ? (SEEDS === undefined ? 2 : Number.POSITIVE_INFINITY) : Number(MINUTES);
  const endMs = performance.now() + minutes * 60_000;
  const failed: number[] = [];
  let [begun, tried, crashPoints] = [0, 0, 0];
  const work = async (): Promise<void> => {
    while (begun < most && performance.now() < endMs) {
      const range = { first: first + begun, count: Math.min(PROCESS_SEEDS, most - begun) };
      begun += range.count;
      const done = await inProcess(range);
      failed.push(...done.failed);
      crashPoints += done.crashPoints;
      tried += range.count;
      process.stderr.write(`${tried} seeds, ${failed.length} failed\n`);
    }
  };
  await Promise.all(Array.from({ length: PROCESSES === undefined ? availableParallelism() : Number(PROCESSES) }, work));
  const all = `${tried} seeds from ${first} on and ${crashPoints} crash points`;
  process.stdout.write(`${all}, ${failed.length} failed${failed.length === 0 ? "" : `: ${failed.join(", ")}`}\n`);
  return failed.length === 0 ? 0 : 1;
}

/** What came of them: all have failed, where the process did not get to its end. */
function inProcess(range: SeedRange): Promise<SeedsTried> {
  const child = fork(ENTRY);
  return new Promise((resolve) => {
    let answer: SeedsTried | null = null;
    child.once("message", (message) => {
      answer = message as SeedsTried;
    });
    child.once("exit", (code, signal) => {
      if (answer !== null) return resolve(answer);
      process.stdout.write(`seeds ${range.first} to ${range.first + range.count - 1} ended with ${signal ?? code}\n`);
      resolve({ failed: Array.from({ length: range.count }, (_, index) => range.first + index), crashPoints: 0 });
    });
    child.send(range);
  });
}

process.exitCode = await soak();
