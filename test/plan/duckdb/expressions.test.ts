import { describe, expect, it } from "vitest";
import { SCALAR_FUNCTIONS } from "../../../src/functions/registry.ts";
import { isSame, type Outcome, randomExpression, Sides, shown } from "./compare.ts";
import { Chance } from "./dialects.ts";
import { OURS_ALONE, SHARED } from "./functions.ts";
import { type Kind, OPERATORS } from "./operators.ts";

/** SEED and CASES repeat a run, or make it longer. */
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const CASES = Number(process.env.CASES ?? 400);
const ROWS = 12;

/** Integers that no double holds are computed with by `+ - * %` and what rounds; all else refuses them rather than rounding in silence. */
const isWide = (outcome: Outcome): boolean => "refused" in outcome && outcome.refused.includes("beyond 2^53");

/** The remainder of the smallest integer by -1 is 0; the processor overflows on it, and so does DuckDB. */
const isQuirk = (outcome: Outcome): boolean =>
  "refused" in outcome && outcome.refused.includes("Overflow in division of -9223372036854775808 / -1");

const text = (outcome: Outcome): string => ("refused" in outcome ? `refused: ${outcome.refused}` : JSON.stringify(outcome.value));

async function compareRandomly(depth: number, cases: number, refusals: boolean): Promise<number> {
  const chance = new Chance(SEED + depth);
  const sides = await Sides.open(ROWS, chance);
  let compared = 0;
  for (let n = 0; n < cases; n++) {
    const kind = chance.pick(Object.keys(OPERATORS) as Kind[]);
    const expression = shown(kind, randomExpression(kind, depth, chance));
    const [ours, duck] = [sides.ours(expression.ours), await sides.duck(expression.duck)];
    for (const [row, there] of duck.entries()) {
      const here = ours[row] as Outcome;
      const message = `SEED=${SEED}: ${expression.ours}\nDuckDB: ${expression.duck}\nof ${sides.rows[row]?.json}`;
      if ("value" in here && "value" in there) {
        compared++;
        if (!isSame(here.value, there.value)) expect(text(here), message).toBe(text(there));
      } else if (refusals && "value" in here !== "value" in there && !isWide(here) && !isQuirk(there)) {
        expect(text(here), message).toBe(text(there));
      }
    }
  }
  return compared;
}

describe(`random expressions over random rows (SEED=${SEED})`, () => {
  it(`give the same values, and refuse the same rows, as in DuckDB: ${CASES * 2} of one operator or function`, async () => {
    expect(await compareRandomly(1, CASES * 2, true)).toBeGreaterThan(CASES * ROWS);
  });

  // What is refused within an expression depends there on the order in which the optimizer puts its parts.
  it(`give the same values as in DuckDB: ${CASES} nested ones`, async () => {
    expect(await compareRandomly(3, CASES, false)).toBeGreaterThan((CASES * ROWS) / 2);
  });

  it("are made of every scalar function that DuckDB has too", () => {
    const names = SCALAR_FUNCTIONS.map(({ name }) => name);
    expect([...Object.keys(SHARED), ...OURS_ALONE].sort()).toEqual([...names].sort());
    expect(Object.keys(SHARED).length).toBeGreaterThan(155);
  });
});
