import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "../property/random.ts";
import { checkSeed, STATEMENTS } from "./check-seed.ts";

/**
 * Looks at random cases until somebody has had enough: `SEED` is where their seeds begin (by chance else), `CASES` how many statements,
 * `MINUTES` for how long (2 where neither is given), `FEATURE` what all of them have. A file holds the seed that is under way, for
 * processes that end in the middle. Prints what is found and keeps it as JSON for `regressions/`; exits with 1 then.
 */
async function soak(): Promise<number> {
  const { SEED, CASES, MINUTES, FEATURE } = process.env;
  const first = SEED === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(SEED);
  const most = CASES === undefined ? Number.POSITIVE_INFINITY : Math.ceil(Number(CASES) / STATEMENTS);
  const minutes = MINUTES === undefined ? (CASES === undefined ? 2 : Number.POSITIVE_INFINITY) : Number(MINUTES);
  const endMs = performance.now() + minutes * 60_000;
  const folder = mkdtempSync(join(tmpdir(), "oracle-"));
  const random = new SeededRandom(first);
  process.stdout.write(`pipelines from ${first} on; the seed under way is in ${join(folder, "seed")}\n`);
  const failed: number[] = [];
  let tried = 0;
  for (; tried < most && performance.now() < endMs; tried++) {
    // The seed that was given is one to look at by itself.
    const seed = tried === 0 && SEED !== undefined ? first : random.below(2 ** 31);
    writeFileSync(join(folder, "seed"), String(seed));
    const found = await checkSeed(seed, FEATURE);
    if (found === null) continue;
    failed.push(seed);
    writeFileSync(join(folder, `${seed}.json`), found.json);
    process.stdout.write(`SEED=${seed}, kept in ${join(folder, `${seed}.json`)}\n${found.text}\n\n`);
  }
  const count = `${tried} pipelines of ${STATEMENTS} statements from ${first} on`;
  process.stdout.write(`${count}, ${failed.length} failed${failed.length === 0 ? "" : `: ${failed.join(", ")}`}\n`);
  return failed.length === 0 ? 0 : 1;
}

process.exitCode = await soak();
