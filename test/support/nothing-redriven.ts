import type { Redriven } from "../../src/fleet/redrive.ts";

/** The answer of a redrive that has found nothing to do, and no more. */
export const NOTHING_REDRIVEN: Omit<Redriven, "next"> = {
  records: 0,
  results: 0,
  superseded: 0,
  refused: 0,
  letters: 0,
  gone: 0,
  unable: [],
};
