import { cpus } from "node:os";
import { knownMedian, median } from "../../report/statistics.ts";
import { isLagFlat, isMemoryFlat, type Trend, trendOf } from "../measure/trend.ts";
import { PROCESSES, type ProcessName, type Sample } from "./sampler.ts";
import { MINUTE_MS } from "./windows.ts";

export interface LoadSummary {
  readonly wantedPerSecond: number;
  readonly seconds: number;
  readonly recordsPerSecond: number;
  /** The generator wrote what it was asked to. */
  readonly isHeld: boolean;
  readonly lag: Trend;
  readonly isLagFlat: boolean;
  /** Of the topic between the two pipelines. */
  readonly windowsLag: Trend;
  readonly cores: Readonly<Record<ProcessName, number | null>>;
  /** Of everything else on the machine; null where the system does not tell. */
  readonly otherCores: number | null;
  readonly busiestEngineThread: number;
  readonly engineCpuMicrosARecord: number;
  readonly memoryMb: Trend;
  readonly memoryMbAMinute: number;
  /** null: not measured for long enough. */
  readonly isMemoryFlat: boolean | null;
}

/** A fiftieth less than wanted is not held. */
const HELD_SHARE = 0.98;

/** What a steady rate showed; `samples` without the time of warming up. */
export function summarizeLoad(wantedPerSecond: number, samples: readonly Sample[]): LoadSummary {
  const points = (of: (sample: Sample) => number) => samples.map((sample) => ({ x: sample.seconds, y: of(sample) }));
  const lag = trendOf(points((sample) => sample.lag.readings));
  // Of the second half: before, windows, queues and young generations reach their size.
  const later = points((sample) => sample.engineRssMb).slice(samples.length >> 1);
  const memoryMb = trendOf(later);
  const rate = mean(samples.map((sample) => sample.recordsPerSecond));
  const cores = Object.fromEntries(
    PROCESSES.map((name) => {
      const known = samples.map((sample) => sample.use[name]).filter((use) => use !== null);
      return [name, known.length === 0 ? null : mean(known.map((use) => use.cores))];
    }),
  ) as Record<ProcessName, number | null>;
  return {
    wantedPerSecond,
    seconds: (samples.at(-1)?.seconds ?? 0) - (samples[0]?.seconds ?? 0),
    recordsPerSecond: rate,
    isHeld: rate >= wantedPerSecond * HELD_SHARE,
    lag,
    isLagFlat: isLagFlat(lag, wantedPerSecond),
    windowsLag: trendOf(points((sample) => sample.lag.windows)),
    cores,
    otherCores: knownMedian(samples.map(({ otherCores }) => otherCores)),
    busiestEngineThread: median(samples.map(({ use }) => use.engine?.busiestThread ?? 0)),
    engineCpuMicrosARecord: ((cores.engine ?? 0) / rate) * 1e6,
    memoryMb,
    memoryMbAMinute: memoryMb.slope * (MINUTE_MS / 1000),
    isMemoryFlat: isMemoryFlat(memoryMb, (later.at(-1)?.x ?? 0) - (later[0]?.x ?? 0)),
  };
}

export function isKeptUpWith({ isHeld, isLagFlat: isFlat }: LoadSummary): boolean {
  return isHeld && isFlat;
}

const SATURATED = 0.9;

/** What stood in the way of more, in words. */
export function bottleneckOf(load: LoadSummary, machineCores: number = cpus().length): string {
  const { cores, otherCores, busiestEngineThread, isHeld } = load;
  const known = PROCESSES.flatMap((name) => (cores[name] === null ? [] : [{ name, cores: cores[name] }]));
  const others = otherCores === null ? [] : [{ name: "others", cores: otherCores }];
  const all = [...known.toSorted((a, b) => b.cores - a.cores), ...others];
  const shares = all.map((each) => `${each.name} ${each.cores.toFixed(2)}`).join(", ");
  const sum = all.reduce((total, each) => total + each.cores, 0);
  if (busiestEngineThread >= SATURATED) return `one thread of the engine is busy (${busiestEngineThread.toFixed(2)} of a core; ${shares})`;
  if (sum >= machineCores * SATURATED) return `all ${machineCores} cores are busy: ${shares}`;
  const subject = isHeld ? "no process is at its limit by CPU" : "generator and broker did not take the rate";
  return `${subject}: ${shares} of ${machineCores} cores`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
