import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { randomCase } from "./case-generator.ts";
import { FEATURES, featuresOf } from "./features.ts";
import { sqlOf } from "./print-sql.ts";
import { recompute } from "./reference.ts";
import type { CaseSpec } from "./spec.ts";

const cases = Array.from({ length: 400 }, (_, seed) => randomCase(seed, { statements: 4 }));

describe("random cases", () => {
  it("are the same for the same seed", () => {
    expect(randomCase(7, { statements: 20 })).toEqual(randomCase(7, { statements: 20 }));
    expect(sqlOf(randomCase(7, { statements: 20 }))).not.toBe(sqlOf(randomCase(8, { statements: 20 })));
  });

  it("are plain data, which can be kept in a file", () => {
    for (const given of cases.slice(0, 40)) {
      const kept = JSON.parse(JSON.stringify(given)) as CaseSpec;
      expect(sqlOf(kept)).toBe(sqlOf(given));
      expect(recompute(kept)).toEqual(recompute(given));
    }
  });

  it("say something about every feature: most statements write rows, and where they can, leave out late records and take others", () => {
    const seen = new Map(Object.keys(FEATURES).map((feature) => [feature, { cases: 0, withRows: 0, late: 0, filtered: 0, dead: 0 }]));
    for (const given of cases) {
      const expected = recompute(given);
      for (const statement of given.statements) {
        const { rows, counters } = must(expected.get(statement.name));
        for (const feature of featuresOf(statement, given.sources)) {
          const counts = must(seen.get(feature));
          counts.cases++;
          if (rows.length > 0) counts.withRows++;
          if (counters.late > 0) counts.late++;
          if (counters.filtered > 0) counts.filtered++;
          if (counters.deadLettered > 0) counts.dead++;
        }
      }
    }
    for (const [feature, counts] of seen) {
      expect(counts.withRows, feature).toBeGreaterThan(0.5 * counts.cases);
      expect(counts.cases, feature).toBeGreaterThan(8);
    }
    for (const feature of ["tumbling", "hopping", "cumulating", "session", "LATE INTO", "stream-stream join"] as const) {
      expect(must(seen.get(feature)).late, `late records of ${feature}`).toBeGreaterThan(4);
    }
    for (const feature of ["tumbling", "hopping", "session", "count", "UNION ALL"] as const) {
      expect(must(seen.get(feature)).dead, `dead letters of ${feature}`).toBeGreaterThan(4);
      expect(must(seen.get(feature)).filtered, `filtered records of ${feature}`).toBeGreaterThan(4);
    }
  });
});
