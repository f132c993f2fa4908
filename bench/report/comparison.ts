import { median } from "./statistics.ts";

export type Verdict = "slower" | "faster" | "no difference";

/** Of a figure of two commits, measured in pairs one after the other. */
export interface Comparison {
  /** Median of head ÷ base over the pairs. */
  readonly ratio: number;
  /** Between these the true median lies with at least 95 %. */
  readonly from: number;
  readonly to: number;
  readonly verdict: Verdict;
}

/** With fewer pairs no interval holds the median with 95 %. */
export const PAIRS_MIN = 6;

const TAIL = 0.025;

/**
 * Head differs from base when the 95 % interval of the median ratio leaves out 1. The interval is that of the sign test: it goes by the
 * order of the ratios alone, so that a disturbed run cannot tip it. `good` says which direction is faster.
 */
export function compare(pairs: readonly (readonly [base: number, head: number])[], good: "more" | "less"): Comparison {
  const ratios = pairs.map(([base, head]) => head / base).sort((left, right) => left - right);
  const cut = ranksCutOff(ratios.length);
  const from = cut === 0 ? 0 : (ratios[cut - 1] ?? 0);
  const to = cut === 0 ? Number.POSITIVE_INFINITY : (ratios.at(-cut) ?? Number.POSITIVE_INFINITY);
  const differs = from > 1 || to < 1;
  const verdict = !differs ? "no difference" : from > 1 === (good === "more") ? "faster" : "slower";
  return { ratio: median(ratios), from, to, verdict };
}

/** The highest rank k of n values for which fewer than k of them lie on one side of the median with at most 2.5 %; 0: there is none. */
function ranksCutOff(n: number): number {
  let probability = 0.5 ** n;
  let sum = 0;
  for (let k = 0; k < n; k++) {
    sum += probability;
    if (sum > TAIL) return k;
    probability *= (n - k) / (k + 1);
  }
  return 0;
}

/** Slower by more than the share that is put up with. */
export function isRegression({ ratio, verdict }: Comparison, threshold: number): boolean {
  return verdict === "slower" && Math.abs(Math.log(ratio)) > -Math.log(1 - threshold);
}

export function comparisonText({ ratio, from, to, verdict }: Comparison): string {
  const interval =
    to === Number.POSITIVE_INFINITY ? `too few pairs, ${PAIRS_MIN} are needed` : `95 %: ${from.toFixed(3)} to ${to.toFixed(3)}`;
  return `${ratio.toFixed(3)} × (${interval})  ${verdict}`;
}
