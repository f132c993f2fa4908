import { machineCpuSeconds } from "../../proc.ts";
import type { Usage } from "../measure/usage.ts";
import { coresBetween, usageOf } from "../measure/usage.ts";
import type { Job } from "./job.ts";
import type { Services } from "./services.ts";

export const PROCESSES = ["engine", "generator", "kafka", "elasticsearch", "cassandra"] as const;
export type ProcessName = (typeof PROCESSES)[number];

export interface Cores {
  readonly cores: number;
  /** Of its threads the one that did most. */
  readonly busiestThread: number;
}

export interface Sample {
  /** Since the beginning. */
  readonly seconds: number;
  /** Records a second that the generator had acknowledged. */
  readonly recordsPerSecond: number;
  /** Records that are due and not written. */
  readonly generatorBehind: number;
  readonly lag: { readonly readings: number; readonly windows: number };
  readonly written: ReturnType<Job["written"]>;
  /** null: its process is not known. */
  readonly use: Readonly<Record<ProcessName, Cores | null>>;
  /** Of everything else on the machine; null where the system does not tell. */
  readonly otherCores: number | null;
  readonly engineRssMb: number;
}

/** Looks at a running job; each look is about the time since the one before. */
export class Sampler {
  private readonly job: Job;
  private readonly pids: Readonly<Record<ProcessName, number | null>>;
  private readonly beganMs = performance.now();
  private before: Readonly<Record<ProcessName, Usage | null>>;
  private machineBefore = { atMs: performance.now(), cpuSeconds: machineCpuSeconds() };

  constructor(job: Job, { broker, elasticsearch, cassandra }: Services) {
    this.job = job;
    this.pids = {
      engine: job.engine.child.pid,
      generator: job.generator.child.pid,
      kafka: broker.pid,
      elasticsearch: elasticsearch.pid,
      cassandra: cassandra.pid,
    };
    this.before = this.usages();
  }

  async take(): Promise<Sample> {
    const lag = await this.job.lag();
    const after = this.usages();
    const { before } = this;
    this.before = after;
    const report = this.job.generator.latest;
    const use = byProcess((name) => {
      const [from, to] = [before[name], after[name]];
      return from === null || to === null ? null : coresBetween(from, to);
    });
    return {
      seconds: (performance.now() - this.beganMs) / 1000,
      recordsPerSecond: report === null ? 0 : report.records / report.seconds,
      generatorBehind: report?.behind ?? 0,
      lag,
      written: this.job.written(),
      use,
      otherCores: this.otherCores(use),
      engineRssMb: (after.engine?.rssBytes ?? 0) / 2 ** 20,
    };
  }

  private otherCores(use: Sample["use"]): number | null {
    const { machineBefore } = this;
    const after = { atMs: performance.now(), cpuSeconds: machineCpuSeconds() };
    this.machineBefore = after;
    if (machineBefore.cpuSeconds === null || after.cpuSeconds === null) return null;
    const all = (after.cpuSeconds - machineBefore.cpuSeconds) / ((after.atMs - machineBefore.atMs) / 1000);
    return Math.max(all - Object.values(use).reduce((sum, each) => sum + (each?.cores ?? 0), 0), 0);
  }

  private usages(): Readonly<Record<ProcessName, Usage | null>> {
    return byProcess((name) => {
      const pid = this.pids[name];
      return pid === null ? null : usageOf(pid);
    });
  }
}

function byProcess<T>(of: (name: ProcessName) => T): Readonly<Record<ProcessName, T>> {
  return Object.fromEntries(PROCESSES.map((name) => [name, of(name)])) as Record<ProcessName, T>;
}
