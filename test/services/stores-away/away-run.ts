import { setTimeout as sleep } from "node:timers/promises";
import { type Trend, trendOf } from "../../../bench/sustained/measure/trend.ts";
import { usageOf } from "../../../bench/sustained/measure/usage.ts";
import { must } from "../../../src/assert.ts";
import type { PipelineStatus } from "../../../src/fleet/pipeline-status.ts";
import type { Task } from "../../../src/server/routes/pipeline-insight.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { type LagSample, lagIn, type PhaseLag } from "../isolation/lag-samples.ts";
import { ensure, stop } from "../launcher/launcher.ts";
import { Readings } from "./readings.ts";
import { STORES, type StoreName, StoreProbes } from "./store-probes.ts";

/** `stopped`: its process ends, and starts again. `hung`: it takes connections and answers nothing (SIGSTOP). */
export interface Outage {
  readonly store: StoreName;
  readonly how: "stopped" | "hung";
}

export interface AwayOptions {
  readonly brokers: readonly string[];
  /** Of stores: the address, and the launcher's instance where it may be stopped. */
  readonly stores: Readonly<Record<StoreName, { readonly address: string; readonly instance: string | null }>>;
  readonly localDataCenter: string;
  /** Readings a second. */
  readonly rate: number;
  readonly calmMs: number;
  readonly awayMs: number;
  readonly outages: readonly Outage[];
  readonly tell: (text: string) => void;
}

export interface OutageReport extends Outage {
  /** Of the store that is there: seconds, before, while the other was away, and while that caught up. */
  readonly lag: { readonly before: PhaseLag; readonly away: PhaseLag; readonly after: PhaseLag };
  /** From its return until it was less than two seconds behind. */
  readonly catchUpSeconds: number;
  /** Resident, of the server, MB by seconds while the store was away. */
  readonly memory: Trend;
}

export interface AwayReport {
  readonly outages: readonly OutageReport[];
  readonly readings: number;
  readonly status: PipelineStatus;
  /** What is not as it would be had nobody been away; empty: nothing is. */
  readonly wrong: readonly string[];
}

const CAUGHT_UP_SECONDS = 2;
const SAMPLE_MS = 250;
const WAIT_MS = 600_000;

/** Six statements on one poll: rows, the last row of each device and windows, each to an index and to a table. A store at a time is away. */
export async function runStoresAway(options: AwayOptions): Promise<AwayReport> {
  const readings = await Readings.create(options.brokers);
  const probes = await StoreProbes.open({
    elasticsearch: options.stores.elasticsearch.address,
    cassandra: options.stores.cassandra.address,
    localDataCenter: options.localDataCenter,
    name: readings.topic,
  });
  const project = new ServedProject({ "sluice.yaml": JSON.stringify(configOf(options)) });
  try {
    await project.start();
    await project.client.request("PUT", `/v1/pipelines/${readings.topic}`, probes.sql(readings.topic));
    return await new AwayRun(options, project, readings, probes).run();
  } finally {
    await project.close();
    await probes.close();
    await readings.close();
  }
}

function configOf({ brokers, stores, localDataCenter }: AwayOptions): unknown {
  return {
    connections: {
      kafka: { kind: "kafka", brokers },
      elasticsearch: { kind: "elasticsearch", node: stores.elasticsearch.address },
      cassandra: { kind: "cassandra", contactPoints: [stores.cassandra.address], localDataCenter },
    },
    defaults: { source: "kafka", sink: "elasticsearch" },
  };
}

class AwayRun {
  private readonly options: AwayOptions;
  private readonly project: ServedProject;
  private readonly readings: Readings;
  private readonly probes: StoreProbes;
  private readonly stopping = new AbortController();
  private readonly lags: Record<StoreName, LagSample[]> = { elasticsearch: [], cassandra: [] };
  private readonly memory: { readonly atMs: number; readonly megabytes: number }[] = [];

  constructor(options: AwayOptions, project: ServedProject, readings: Readings, probes: StoreProbes) {
    this.options = options;
    this.project = project;
    this.readings = readings;
    this.probes = probes;
  }

  async run(): Promise<AwayReport> {
    const { options, readings, probes, stopping } = this;
    const { signal } = stopping;
    const working = [
      readings.produce(options.rate, signal),
      this.sampleMemory(signal),
      ...STORES.map((store) => this.sample(store, signal)),
    ];
    const outages: OutageReport[] = [];
    try {
      for (const store of STORES) await this.untilClose(store);
      for (const outage of options.outages) outages.push(await this.outage(outage));
      await sleep(options.calmMs);
    } finally {
      stopping.abort();
      await Promise.all(working);
    }
    options.tell(`${readings.count} readings; comparing`);
    await this.untilDurable();
    const status = await this.status();
    return { outages, readings: readings.count, status, wrong: await probes.differences(readings) };
  }

  private async outage({ store, how }: Outage): Promise<OutageReport> {
    const { awayMs, calmMs, tell } = this.options;
    const { instance } = this.options.stores[store];
    const other = must(STORES.find((one) => one !== store));
    const startMs = performance.now();
    await sleep(calmMs);
    const harmMs = performance.now();
    const back = how === "stopped" ? await stopped(store, must(instance)) : await hung(store, must(instance));
    tell(`${store} is ${how}`);
    await sleep(awayMs - (performance.now() - harmMs));
    const awayUntilMs = performance.now();
    await back();
    const backMs = performance.now();
    tell(`${store} is back after ${((backMs - harmMs) / 1000).toFixed(1)} s`);
    await this.untilClose(store);
    const closeMs = performance.now();
    const points = this.memory.filter(({ atMs }) => atMs >= harmMs && atMs < awayUntilMs);
    const samples = this.lags[other];
    return {
      store,
      how,
      lag: {
        before: lagIn(samples, startMs, harmMs),
        away: lagIn(samples, harmMs, backMs),
        after: lagIn(samples, backMs, closeMs + calmMs),
      },
      catchUpSeconds: (closeMs - backMs) / 1000,
      memory: trendOf(points.map(({ atMs, megabytes }) => ({ x: atMs / 1000, y: megabytes }))),
    };
  }

  private async sample(store: StoreName, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const written = await this.probes.written(store).catch(() => null);
      // As of the answer: what was on its way meanwhile counts as behind.
      if (written !== null) this.lags[store].push({ atMs: performance.now(), seconds: this.readings.ageOf(written) });
      await sleep(SAMPLE_MS);
    }
  }

  private async sampleMemory(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const usage = must(usageOf(this.project.pid));
      this.memory.push({ atMs: usage.atMs, megabytes: usage.rssBytes / 2 ** 20 });
      await sleep(SAMPLE_MS);
    }
  }

  /** A sample of now, not of before. */
  private async untilClose(store: StoreName): Promise<void> {
    const fromMs = performance.now();
    const isClose = (): boolean => {
      const last = this.lags[store].at(-1);
      return last !== undefined && last.atMs > fromMs && last.seconds < CAUGHT_UP_SECONDS;
    };
    await until(isClose, `${store} to have nearly everything`, WAIT_MS, () => this.project.log.slice(-3000), 50);
  }

  private async untilDurable(): Promise<void> {
    let found: unknown;
    const isDurable = async (): Promise<boolean> => {
      const { statements } = await this.status();
      const path = `/v1/pipelines/${this.readings.topic}/tasks`;
      const { items } = (await this.project.client.request<{ readonly items: readonly Task[] }>("GET", path)).body;
      found = items;
      const isWhole = statements.every(({ counters, lag }) => counters.in === this.readings.count && lag === 0);
      return isWhole && items.every(({ position, durable }) => position === durable);
    };
    await until(isDurable, "everything to be durable", WAIT_MS, () => JSON.stringify(found), 200);
  }

  private async status(): Promise<PipelineStatus> {
    return (await this.project.pipeline(this.readings.topic)).status;
  }
}

/** Gives what brings it back. */
async function stopped(store: StoreName, instance: string): Promise<() => Promise<unknown>> {
  await stop(store, instance);
  return () => ensure(store, { instance });
}

async function hung(store: StoreName, instance: string): Promise<() => Promise<unknown>> {
  const { pid } = await ensure(store, { instance });
  process.kill(-pid, "SIGSTOP");
  return async () => process.kill(-pid, "SIGCONT");
}
