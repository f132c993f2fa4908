import { describe, expect, it } from "vitest";
import type { Sample } from "../../../bench/sustained/job/sampler.ts";
import { bottleneckOf, isKeptUpWith, summarizeLoad } from "../../../bench/sustained/job/summary.ts";

const RATE = 100_000;
const use = (cores: number, busiestThread = cores / 2) => ({ cores, busiestThread });

function sampleAt(seconds: number, changes: Partial<Sample> = {}): Sample {
  return {
    seconds,
    recordsPerSecond: RATE,
    generatorBehind: 0,
    lag: { readings: 50_000, windows: 0 },
    written: { topic: 0, elasticsearch: 0, cassandra: 0 },
    use: { engine: use(0.3), generator: use(0.1), kafka: use(0.4), elasticsearch: use(0), cassandra: null },
    otherCores: 0.05,
    engineRssMb: 200,
    ...changes,
  };
}

const samplesOf = (count: number, changes: (second: number) => Partial<Sample> = () => ({})): readonly Sample[] =>
  Array.from({ length: count }, (_, second) => sampleAt(second, changes(second)));

describe("what a steady rate showed", () => {
  it("is kept up with while the lag stays where it is, bursts or not", () => {
    const summary = summarizeLoad(
      RATE,
      samplesOf(300, (second) => (second % 60 < 2 ? { lag: { readings: 300_000, windows: 10_000 } } : {})),
    );
    expect(isKeptUpWith(summary)).toBe(true);
    expect(summary).toMatchObject({ seconds: 299, isMemoryFlat: true, busiestEngineThread: 0.15 });
    expect(summary.cores).toMatchObject({ engine: expect.closeTo(0.3), kafka: expect.closeTo(0.4), cassandra: null });
    expect(summary.engineCpuMicrosARecord).toBeCloseTo(3);
    expect(summary.windowsLag.max).toBe(10_000);
  });

  it("is not when the lag grows, or when less was sent than wanted", () => {
    const growing = samplesOf(60, (second) => ({ lag: { readings: second * 5_000, windows: 0 } }));
    expect(isKeptUpWith(summarizeLoad(RATE, growing))).toBe(false);
    expect(isKeptUpWith(summarizeLoad(RATE * 1.1, samplesOf(60)))).toBe(false);
  });

  it("judges memory by its later half: filling up is no leak", () => {
    const filling = samplesOf(600, (second) => ({ engineRssMb: Math.min(200 + second, 350) }));
    expect(summarizeLoad(RATE, filling).isMemoryFlat).toBe(true);
    const leaking = samplesOf(600, (second) => ({ engineRssMb: 200 + second }));
    expect(summarizeLoad(RATE, leaking)).toMatchObject({ isMemoryFlat: false, memoryMbAMinute: 60 });
  });
});

describe("what stood in the way", () => {
  const limited = (engine: ReturnType<typeof use>, kafka: number, recordsPerSecond = RATE) =>
    summarizeLoad(
      RATE,
      samplesOf(10, () => ({ recordsPerSecond, use: { ...sampleAt(0).use, engine, kafka: use(kafka) } })),
    );

  it("is a busy thread of the engine, the whole machine, or neither", () => {
    expect(bottleneckOf(limited(use(1.1, 0.97), 0.4), 4)).toMatch(/^one thread of the engine/);
    expect(bottleneckOf(limited(use(0.9, 0.8), 0.9), 2)).toMatch(/^all 2 cores are busy: .*others 0.05$/);
    expect(bottleneckOf(limited(use(0.3), 0.4), 8)).toMatch(/^no process is at its limit/);
    expect(bottleneckOf(limited(use(0.3), 0.4, RATE / 2), 8)).toMatch(/^generator and broker did not take/);
  });
});
