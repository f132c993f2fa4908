import { setTimeout as sleep } from "node:timers/promises";
import type { Job } from "./job.ts";
import { PROCESSES, type Sample, type Sampler } from "./sampler.ts";

const SAMPLE_MS = 1_000;
const LINE_EVERY = 5;

/** Takes a sample a second for so long; rejects when the job fails, and comes back early when the signal is aborted. */
export async function observe(
  job: Job,
  sampler: Sampler,
  seconds: number,
  signal: AbortSignal,
  onSample: (sample: Sample) => void,
): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const began = performance.now();
  const elapsedMs = (): number => performance.now() - began;
  while (elapsedMs() < seconds * 1000 && !signal.aborted) {
    const waitMs = SAMPLE_MS - (elapsedMs() % SAMPLE_MS);
    await Promise.race([sleep(waitMs, undefined, { signal }).catch(() => undefined), job.failed]);
    const sample = await Promise.race([sampler.take(), job.failed]);
    samples.push(sample);
    onSample(sample);
  }
  return samples;
}

/** Prints every fifth sample. */
export function printer(): (sample: Sample) => void {
  let count = 0;
  return (sample) => {
    if (++count % LINE_EVERY === 0) console.log(sampleLine(sample));
  };
}

export const SAMPLE_HEADER = [
  "     s   records/s    behind",
  "     lag  windows",
  " topic elastic  cassandra",
  "cores: engine (thread)  gen  kafka    es   cass others",
  "RSS MB",
].join(" │ ");

function sampleLine({ seconds, recordsPerSecond, generatorBehind, lag, written, use, otherCores, engineRssMb }: Sample): string {
  const number = (value: number, width: number): string => Math.round(value).toLocaleString("en-US").padStart(width);
  const cores = PROCESSES.map((name) => (use[name] === null ? "    -" : use[name].cores.toFixed(2).padStart(5)));
  const [engine, ...others] = cores;
  const thread = `(${(use.engine?.busiestThread ?? 0).toFixed(2)})`;
  return [
    `${seconds.toFixed(0).padStart(6)}${number(recordsPerSecond, 12)}${number(generatorBehind, 10)}`,
    `${number(lag.readings, 8)}${number(lag.windows, 9)}`,
    `${number(written.topic, 7)}${number(written.elasticsearch, 8)}${number(written.cassandra, 10)} `,
    `       ${engine} ${thread.padStart(8)} ${others.join(" ")}${(otherCores?.toFixed(2) ?? "-").padStart(7)}`,
    number(engineRssMb, 6),
  ].join(" │");
}
