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
  readonly engineRssMb: number;
}

/** Looks at a running job; each look is about the time since the one before. */
export class Sampler {
  private readonly job: Job;
  private readonly pids: Readonly<Record<ProcessName, number | null>>;
  private readonly beganMs = performance.now();
  private before: Readonly<Record<ProcessName, Usage | null>>;

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
    return {
      seconds: (performance.now() - this.beganMs) / 1000,
      recordsPerSecond: report === null ? 0 : report.records / report.seconds,
      generatorBehind: report?.behind ?? 0,
      lag,
      written: this.job.written(),
      use: byProcess((name) => {
        const [from, to] = [before[name], after[name]];
        return from === null || to === null ? null : coresBetween(from, to);
      }),
      engineRssMb: (after.engine?.rssBytes ?? 0) / 2 ** 20,
    };
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
