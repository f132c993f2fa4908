/** Seconds that one pipeline was behind at one time. */
export interface LagSample {
  readonly atMs: number;
  readonly seconds: number;
}

export interface PhaseLag {
  readonly samples: number;
  readonly median: number;
  readonly p95: number;
  readonly max: number;
}

/** Whether neither median nor 95th percentile are more than so many times what they were, where they are above a bound at all. */
export function isFlatAgain(before: PhaseLag, after: PhaseLag, times: number, boundSeconds: number): boolean {
  return (["median", "p95"] as const).every((name) => after[name] <= Math.max(boundSeconds, times * before[name]));
}

/** Of the samples in [fromMs, toMs). */
export function lagIn(samples: readonly LagSample[], fromMs: number, toMs: number): PhaseLag {
  const seconds = samples.flatMap((sample) => (sample.atMs >= fromMs && sample.atMs < toMs ? [sample.seconds] : [])).sort((a, b) => a - b);
  const at = (share: number): number => seconds[Math.min(seconds.length - 1, Math.floor(seconds.length * share))] ?? Number.NaN;
  return { samples: seconds.length, median: at(0.5), p95: at(0.95), max: at(1) };
}
