import { LIMITS } from "../../src/limits.ts";

/** Smaller bounds for this test file, so that few records reach them. */
export function lowerLimits(limits: Partial<Record<keyof typeof LIMITS, number>>): void {
  Object.assign(LIMITS, limits);
}
