import { must } from "../../src/assert.ts";
import { differenceOf } from "./compare.ts";
import { sqlOf } from "./print-sql.ts";
import { recompute } from "./reference.ts";
import { refusalOf, runCase } from "./run-case.ts";
import { shrink } from "./shrink.ts";
import type { CaseSpec } from "./spec.ts";

/** What the runtime makes of a case and the reference does not; null: they agree. */
export async function disagreement(given: CaseSpec, cuts: number): Promise<string | null> {
  const expected = recompute(given);
  const ran = await runCase(given, cuts).catch((error: unknown) => String(error));
  if (typeof ran === "string") return ran;
  const { statements, errors } = ran;
  if (errors.length > 0) return errors.join("\n");
  for (const statement of given.statements) {
    const { name } = statement;
    const difference = differenceOf(statement, given, must(expected.get(name)), must(statements.get(name)));
    if (difference !== null) return `${name}: ${difference}`;
  }
  return null;
}

/** A case as small as it can be made with which they disagree too, in words and as JSON; null: they agree. */
export async function smallestDisagreement(
  given: CaseSpec,
  cuts: number,
): Promise<{ readonly text: string; readonly json: string } | null> {
  const first = given.statements.length === 0 ? null : await disagreement(given, cuts);
  if (first === null) return null;
  const fails = async (smaller: CaseSpec): Promise<boolean> => {
    try {
      const isWhole = smaller.statements.length > 0 && smaller.statements.every((statement) => refusalOf(smaller, statement) === null);
      return isWhole && (await disagreement(smaller, cuts)) !== null;
    } catch {
      return false;
    }
  };
  const smallest = await shrink(given, fails);
  const read = smallest.sources.filter(({ records }) => records.length > 0);
  const records = read.map((source) => `${source.name}:\n${source.records.map((record) => `  ${JSON.stringify(record)}`).join("\n")}`);
  const difference = (await disagreement(smallest, cuts)) ?? first;
  const json = `{"cuts": ${cuts}, "given": ${JSON.stringify(smallest)}}\n`;
  return { text: [difference, sqlOf(smallest), ...records, `runs: ${JSON.stringify(smallest.runs)}`].join("\n"), json };
}
