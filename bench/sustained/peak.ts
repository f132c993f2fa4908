import type { Job } from "./job/job.ts";
import { observe, printer } from "./job/observe.ts";
import type { Sampler } from "./job/sampler.ts";
import { isKeptUpWith, type LoadSummary, summarizeLoad } from "./job/summary.ts";

export interface PeakOptions {
  readonly job: Job;
  readonly sampler: Sampler;
  readonly signal: AbortSignal;
  readonly stepSeconds: number;
  /** A rate that is kept up with. */
  readonly from: number;
}

const FACTOR = 1.5;
/** After the first rate that was too much: so many more between it and the last one that was not. */
const REFINEMENTS = 2;
const SETTLE_SECONDS = 10;
const RECOVER_SECONDS_MAX = 120;
const LAG_SECONDS_MAX = 5;

/** Raises the rate until it is not kept up with, then narrows the limit down. All steps in the order in which they were made. */
export async function findPeak(options: PeakOptions): Promise<readonly LoadSummary[]> {
  const { signal } = options;
  const steps: LoadSummary[] = [];
  let good = options.from;
  let bad = Number.POSITIVE_INFINITY;
  for (let refinements = 0; refinements <= REFINEMENTS && !signal.aborted; ) {
    const wanted = Math.round(Number.isFinite(bad) ? Math.sqrt(good * bad) : good * FACTOR);
    const step = await tryRate(options, wanted);
    if (signal.aborted) break;
    steps.push(step);
    if (isKeptUpWith(step)) good = wanted;
    else {
      bad = wanted;
      await recover(options);
    }
    if (Number.isFinite(bad)) refinements++;
  }
  return steps;
}

async function tryRate({ job, sampler, signal, stepSeconds }: PeakOptions, wanted: number): Promise<LoadSummary> {
  console.log(`step: ${wanted.toLocaleString("en-US")} records/s`);
  job.generator.setRate(wanted);
  await observe(job, sampler, SETTLE_SECONDS, signal, () => undefined);
  // Ended before the broker throws away what was not read.
  const tooFar = new AbortController();
  const print = printer();
  const samples = await observe(job, sampler, stepSeconds, AbortSignal.any([signal, tooFar.signal]), (sample) => {
    print(sample);
    if (sample.lag.readings > wanted * LAG_SECONDS_MAX) tooFar.abort();
  });
  const summary = summarizeLoad(wanted, samples);
  console.log(`step: ${wanted.toLocaleString("en-US")} records/s ${isKeptUpWith(summary) ? "kept up with" : "too much"}`);
  return summary;
}

/** Nothing is sent until all is worked off. */
async function recover({ job, sampler, signal }: PeakOptions): Promise<void> {
  job.generator.setRate(0);
  for (let waited = 0; waited < RECOVER_SECONDS_MAX && !signal.aborted; waited++) {
    const [sample] = await observe(job, sampler, 1, signal, () => undefined);
    if (sample?.lag.readings === 0) return;
  }
}
