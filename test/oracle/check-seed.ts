import { randomCase } from "./case-generator.ts";
import { smallestDisagreement } from "./check-case.ts";
import { featuresOf, runs } from "./features.ts";
import type { SourceSpec, StatementSpec } from "./spec.ts";

/** Of a case. */
export const STATEMENTS = 4;

/**
 * The case of a seed, as small as it can be made, where runtime and reference disagree on it; null: they agree. `wanted`: of statements
 * with that feature alone.
 */
export function checkSeed(seed: number, wanted?: string): ReturnType<typeof smallestDisagreement> {
  const accepts = (statement: StatementSpec, sources: readonly SourceSpec[]): boolean => {
    const features = featuresOf(statement, sources);
    return features.every(runs) && (wanted === undefined || features.some((feature) => feature === wanted));
  };
  return smallestDisagreement(randomCase(seed, { statements: STATEMENTS, accepts }), seed);
}
