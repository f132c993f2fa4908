import { describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { seeds } from "../property/random.ts";
import { randomCase } from "./case-generator.ts";
import { featuresOf, runs } from "./features.ts";
import { sqlOf } from "./print-sql.ts";
import { type Found, type Ran, runCase } from "./run-case.ts";
import type { SourceSpec, StatementSpec } from "./spec.ts";

const accepts = (statement: StatementSpec, sources: readonly SourceSpec[]): boolean => featuresOf(statement, sources).every(runs);

/** Byte for byte, in an order of their own; how many changes were sent depends on barriers. */
function outcomeOf({ rows, late, counters: { in: taken, applied, filtered, late: lateRecords, deadLettered } }: Found): unknown {
  const texts = (documents: readonly object[]): readonly string[] => documents.map((document) => JSON.stringify(document)).sort();
  return { rows: texts(rows), late: texts(late), counters: { taken, applied, filtered, lateRecords, deadLettered } };
}

describe("the same records", () => {
  it.each(seeds([], 8))(
    "give the same whatever the cuts, the interleaving, the commit interval and the kills: seed %i",
    { timeout: 300_000 },
    async (seed) => {
      const given = randomCase(seed, { statements: 6, accepts });
      const first = await runCase(given, seed);
      const others: Ran[] = [];
      for (const cuts of [seed + 1, seed + 2, seed + 3]) others.push(await runCase(given, cuts));
      for (const statement of given.statements) {
        const expected = outcomeOf(must(first.statements.get(statement.name)));
        for (const { statements, errors } of others) {
          expect(errors).toEqual([]);
          expect(outcomeOf(must(statements.get(statement.name))), sqlOf(given, [statement])).toEqual(expected);
        }
      }
    },
  );

  it.each(seeds([], 2))("give each of fifty statements on one poll what it gets alone: seed %i", { timeout: 300_000 }, async (seed) => {
    const given = randomCase(seed, { statements: 50, accepts });
    const together = await runCase(given, seed);
    expect(together.errors).toEqual([]);
    for (const statement of given.statements) {
      // What another one writes can be read only in its company.
      if (!given.sources.some(({ name }) => name === statement.select.from) && statement.stages.length === 0) continue;
      const alone = await runCase({ ...given, statements: [statement] }, seed);
      const found = must(alone.statements.get(statement.name));
      const own = must(together.statements.get(statement.name));
      expect(outcomeOf(own), sqlOf(given, [statement])).toEqual(outcomeOf(found));
      const { counters } = own;
      expect(counters.in).toBe(counters.applied + counters.filtered + counters.late + counters.deadLettered);
      expect(counters.sent).toBe(counters.written + counters.superseded + counters.rejected);
    }
  });
});
