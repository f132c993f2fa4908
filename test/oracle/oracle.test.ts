import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SeededRandom, seeds } from "../property/random.ts";
import { randomCase } from "./case-generator.ts";
import { disagreement } from "./check-case.ts";
import { checkSeed, STATEMENTS } from "./check-seed.ts";
import { FEATURES, type Feature, featuresOf, runs } from "./features.ts";
import { refusalOf } from "./run-case.ts";
import type { CaseSpec } from "./spec.ts";

/** Statements, each with records, cuts and runs of its own; some share a pipeline. */
const CASES = Number(process.env["CASES"] ?? 2000);
const PIPELINES_PER_TEST = 25;
const only = process.env["SEED"];
const tests = only === undefined ? Math.ceil(CASES / STATEMENTS / PIPELINES_PER_TEST) : 1;
const REGRESSIONS = join(import.meta.dirname, "regressions");

async function check(seed: number): Promise<void> {
  // A process that ends in the middle leaves the seed that it was at.
  const under = join(tmpdir(), `oracle-under-way-${process.pid}`);
  writeFileSync(under, String(seed));
  const found = await checkSeed(seed, process.env["FEATURE"]);
  rmSync(under);
  if (found === null) return;
  const file = join(tmpdir(), `oracle-${seed}.json`);
  writeFileSync(file, found.json);
  expect.fail(`SEED=${seed}\n${found.text}\nThe case is kept in ${file}; it belongs into ${REGRESSIONS}.`);
}

describe("features", () => {
  it("run, or are refused as not built yet, as the table says", () => {
    const seen = new Set<Feature>();
    for (let seed = 0; seed < 250; seed++) {
      const given = randomCase(seed, { statements: 3 });
      for (const statement of given.statements) {
        const features = featuresOf(statement, given.sources);
        for (const feature of features) seen.add(feature);
        const unbuilt = features.filter((feature) => !runs(feature));
        const refusal = refusalOf(given, statement);
        if (refusal === null) expect(unbuilt, "these run now: say so in features.ts").toEqual([]);
        else if (unbuilt.length === 0 || !refusal.isUnbuilt) expect.fail(`${features.join(", ")} should run\n${refusal.text}`);
      }
    }
    expect([...seen].sort()).toEqual(Object.keys(FEATURES).sort());
  });
});

describe("random statements over random records", () => {
  it.each(seeds([], tests))("come to what the reference says: seed %i", { timeout: 300_000 }, async (seed) => {
    if (only !== undefined) return check(seed);
    const random = new SeededRandom(seed);
    for (let pipeline = 0; pipeline < PIPELINES_PER_TEST; pipeline++) await check(random.below(2 ** 31));
  });
});

describe("cases that once failed", () => {
  const files = readdirSync(REGRESSIONS).filter((file) => file.endsWith(".json"));

  it.each(files)("%s", async (file) => {
    const { cuts, given } = JSON.parse(readFileSync(join(REGRESSIONS, file), "utf8")) as { cuts: number; given: CaseSpec };
    expect(await disagreement(given, cuts)).toBe(null);
  });
});
