import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { SluiceError } from "../../../src/errors.ts";
import { updatedText } from "../../../src/project/row-tests/update-row-tests.ts";
import { ROOT } from "../../support/source-files.ts";
import { ksqlTested, tested } from "./tested.ts";

const SQL = "INSERT INTO elastic.copies SELECT id, n FROM orders AUTOCREATE PK id;\nINSERT INTO copied SELECT id, n FROM orders;\n";
const YAML = `fixtures: { two: [{ key: a, value: &a { id: a, n: 1 } }, { value: { <<: *a, id: b } }] }
tests:
  - name: one # of two
    steps:
      - given: { orders: [fixture: two, { text: '{"id"' }], kafka.orders: [{ value: *a, timestamp: 2026-01-31T12:00:00Z }] }
        expect:
          elastic.copies:
            - { id: a, n: 1 }
          copied: { contains: [{ key: a }], order: any }
      - advance: 5m
        errors: [{ code: RECORD_MALFORMED }]
  - { name: two, variables: { limit: 3 }, counts: { copied#1: { in: 1 } }, expect: { copied: } }
`;
const KSQL = /```sql\n(--@test.*?)```/s.exec(readFileSync(join(ROOT, "docs/operations/testing.md"), "utf8"))?.[1] ?? "";

const pieces = [
  "- ",
  ": ",
  "{",
  "}",
  "[",
  "]",
  "*a",
  "&a ",
  "\n",
  "  ",
  "null",
  "'",
  '"',
  "<<: ",
  "1e999",
  "? ",
  "|\n",
  "steps:",
  "\t",
  "é",
  "# ",
];
const sqlPieces = [";", "--@test: x\n", "RUN SCRIPT 'x';", "OR REPLACE ", "VALUES (", "NULL"];
const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  removed: fc.nat(20),
  put: fc.constantFrom(...pieces, ...sqlPieces, "9".repeat(40), ""),
});

function mutated(text: string, changes: readonly { readonly at: number; readonly removed: number; readonly put: string }[]): string {
  return changes.reduce((before, { at, removed, put }) => {
    const start = Math.floor(at * before.length);
    return before.slice(0, start) + put + before.slice(start + removed);
  }, text);
}

const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });

/** Whatever stands in a test file, what is wrong is told, with a place. */
it("no file of tests is a defect of ours", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(mutations, fc.boolean(), async (changes, isSql) => {
      try {
        const { tests, results, outcomes } = isSql ? await ksqlTested(mutated(KSQL, changes)) : await tested(SQL, mutated(YAML, changes));
        for (const { problems } of outcomes)
          for (const { place } of problems) expect([place.line > 0, place.column > 0]).toEqual([true, true]);
        if (tests !== null)
          updatedText(
            tests.source,
            results.flatMap(({ goldens }) => goldens),
          );
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
      }
    }),
    { numRuns: 150 },
  );
});
