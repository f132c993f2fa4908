import { setTimeout as sleep } from "node:timers/promises";
import { must } from "../../../src/assert.ts";
import type { PipelineStatus } from "../../../src/fleet/pipeline-status.ts";
import type { RawRecord, Source } from "../../../src/ports/source.ts";
import { freshName } from "../../conformance/names.ts";
import { badFunctions } from "../../support/bad-functions.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { KafkaConnections } from "../kafka/connection.ts";
import { type LagSample, lagIn, type PhaseLag } from "./lag-samples.ts";

export interface IsolationOptions {
  readonly brokers: readonly string[];
  /** Messages a second of each pipeline. */
  readonly rate: number;
  readonly beforeMs: number;
  /** After the watchdog's limit and the five seconds that the others have to recover. */
  readonly afterMs: number;
  readonly silentMs: number;
  readonly heapMb: number;
  /** Of one record, by the pipeline that leaks. */
  readonly leakBytes: number;
  readonly tell: (text: string) => void;
}

export interface IsolationReport {
  readonly before: PhaseLag;
  readonly during: PhaseLag;
  readonly after: PhaseLag;
  readonly produced: number;
  /** Of healthy pipelines while others failed, and of all once they were mended: what is missing or too often, by pipeline. */
  readonly wrong: readonly string[];
  readonly bad: Readonly<Record<(typeof BAD)[number], PipelineStatus>>;
  /** Of those: what `sluice status` shows, and the offset of the record that does harm; null: all do. */
  readonly shown: Readonly<Record<(typeof BAD)[number], { readonly text: string; readonly harmful: number | null }>>;
  readonly healthy: readonly PipelineStatus[];
}

export const BAD = ["leak", "spin", "crash"] as const;
const HEALTHY = 7;
const TICK_MS = 20;
const SAMPLE_MS = 250;

/** How long the others may take after the watchdog's limit. */
export const RECOVERY_MS = 5_000;

/**
 * Ten pipelines of one server; one leaks memory from the beginning, and at one time one falls into an endless loop and one throws where
 * nothing catches it. Their records lie in topics of their own; how far the others are behind is the difference of the topics' ends.
 */
export async function runIsolation(options: IsolationOptions): Promise<IsolationReport> {
  const { brokers, silentMs, heapMb } = options;
  const connections = new KafkaConnections(brokers, "platformatic");
  const source = connections.source();
  const project = new ServedProject({
    "sluice.yaml": JSON.stringify({
      connections: { kafka: { kind: "kafka", brokers } },
      defaults: { source: "kafka", sink: "kafka" },
      server: { threads: { "heap.mb": heapMb, "silent.ms": silentMs } },
    }),
    "functions/bad.ts": badFunctions(options.leakBytes),
  });
  try {
    const names = [...BAD, ...Array.from({ length: HEALTHY }, (_, n) => `healthy${n + 1}`)];
    const jobs = names.map((name) => new Job(name, source));
    for (const job of jobs) await job.createTopics();
    await project.start();
    for (const job of jobs)
      await project.client.request("PUT", `/v1/pipelines/${job.pipeline}`, job.sql(isBad(job.name) ? job.name : null));
    for (const { pipeline } of jobs)
      await until(async () => (await project.pipeline(pipeline)).status.state === "running", `${pipeline} to run`, 60_000);
    return await measure(jobs, project, options);
  } finally {
    await project.close();
    await connections.close();
  }
}

const isBad = (name: string): boolean => (BAD as readonly string[]).includes(name);

async function measure(jobs: readonly Job[], project: ServedProject, options: IsolationOptions): Promise<IsolationReport> {
  const { rate, beforeMs, afterMs, silentMs, tell } = options;
  const healthy = jobs.filter(({ name }) => !isBad(name));
  const samples: LagSample[] = [];
  const stopping = new AbortController();
  const working = [produce(jobs, rate, stopping.signal), ...healthy.map((job) => sample(job, rate, samples, stopping.signal))];
  // Connections, code and caches are warm then.
  await sleep(Math.min(10_000, beforeMs));
  const startMs = performance.now();
  await sleep(beforeMs);
  const harmMs = performance.now();
  for (const job of jobs) job.triggers = job.name === "spin" || job.name === "crash";
  tell(`${Math.round((harmMs - startMs) / 1000)} s of ${jobs.length} × ${rate} messages a second; now one loops and one throws, one leaks`);
  const overMs = harmMs + silentMs + RECOVERY_MS;
  await sleep(silentMs + RECOVERY_MS + afterMs);
  const endMs = performance.now();
  stopping.abort();
  await Promise.all(working);
  const statusOf = async ({ pipeline }: Job): Promise<PipelineStatus> => (await project.pipeline(pipeline)).status;
  const found = await Promise.all(healthy.map(statusOf));
  const harmed = jobs.filter(({ name }) => isBad(name));
  const bad = Object.fromEntries(
    await Promise.all(harmed.map(async (job) => [job.name, await failed(job, project)] as const)),
  ) as IsolationReport["bad"];
  const shown = Object.fromEntries(
    await Promise.all(
      harmed.map(async ({ name, pipeline, harmful }) => [name, { text: (await project.run("status", pipeline)).stdout, harmful }] as const),
    ),
  ) as IsolationReport["shown"];
  tell("mended: all have to come to the end, with every record once");
  for (const job of jobs) if (isBad(job.name)) await project.client.request("PUT", `/v1/pipelines/${job.pipeline}`, job.sql(null));
  const wrong = (await Promise.all(jobs.map((job) => job.findings(() => project.log)))).flat();
  return {
    before: lagIn(samples, startMs, harmMs),
    during: lagIn(samples, harmMs, overMs),
    after: lagIn(samples, overMs, endMs),
    produced: jobs.reduce((sum, { produced }) => sum + produced, 0),
    wrong,
    bad,
    shown,
    healthy: found,
  };
}

/** As it is shown between two starts, once the record is known where one does harm. */
async function failed({ pipeline, harmful }: Job, project: ServedProject): Promise<PipelineStatus> {
  let status = (await project.pipeline(pipeline)).status;
  const isSeen = async (): Promise<boolean> => {
    ({ status } = await project.pipeline(pipeline));
    const last = status.failures.at(-1);
    return status.state === "failed" && last !== undefined && (harmful === null || last.offset !== null);
  };
  await until(isSeen, `${pipeline} to be seen as failed`, 120_000, () => JSON.stringify(status), 50);
  return status;
}

async function produce(jobs: readonly Job[], rate: number, signal: AbortSignal): Promise<void> {
  const startMs = performance.now();
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - startMs) / 1000) * rate);
    await Promise.all(jobs.map((job) => job.produceTo(due)));
    await sleep(TICK_MS);
  }
}

async function sample(job: Job, rate: number, samples: LagSample[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const written = await job.written();
    // As of the answer: what was on its way meanwhile counts as behind.
    samples.push({ atMs: performance.now(), seconds: Math.max(0, job.produced - written) / rate });
    await sleep(SAMPLE_MS);
  }
}

/** One pipeline with its topics, of one partition each. */
class Job {
  readonly name: string;
  readonly pipeline: string;
  produced = 0;
  /** The next record does harm. */
  triggers = false;
  /** The offset of the one that did; null: none. */
  harmful: number | null = null;
  private readonly source: Source;
  private readonly input: string;
  private readonly output: string;

  constructor(name: string, source: Source) {
    this.name = name;
    this.pipeline = freshName(name);
    this.source = source;
    this.input = `${this.pipeline}.in`;
    this.output = `${this.pipeline}.out`;
  }

  async createTopics(): Promise<void> {
    for (const topic of [this.input, this.output]) await this.source.createTopic(topic, { partitions: 1 });
  }

  sql(call: string | null): string {
    const trigger = call === null ? "trigger" : `${call}(trigger)`;
    return `INSERT INTO \`${this.output}\` SELECT id, id * 2 AS twice, ${trigger} AS trigger FROM \`${this.input}\`;`;
  }

  async produceTo(count: number): Promise<void> {
    const records: RawRecord[] = [];
    for (let id = this.produced; id < count; id++) {
      const trigger = this.triggers ? 1 : 0;
      if (this.triggers) this.harmful = id;
      this.triggers = false;
      records.push({ key: null, value: Buffer.from(`{"id":${id},"trigger":${trigger}}`), timestampMs: Date.now() });
    }
    if (records.length === 0) return;
    await this.source.append(this.input, records);
    this.produced = count;
  }

  /** Records of the output; more than there are of the input where some were written twice. */
  async written(): Promise<number> {
    return (await this.source.bounds(this.output, 0)).endOffset;
  }

  /** Each id once; what a crash made write again has the place of its record in its header, and readers of ours drop it. */
  async findings(log: () => string): Promise<readonly string[]> {
    const seen = new Uint8Array(this.produced);
    const { source, output, produced } = this;
    let [next, left, wrong] = [0, produced, 0];
    const reader = source.openPartition(output, 0);
    const deadlineMs = performance.now() + 120_000;
    while (left > 0 && performance.now() < deadlineMs) {
      const fetched = await reader.fetch({ offset: next, maxBytes: 1 << 20, waitMs: 500, signal: AbortSignal.timeout(30_000) });
      next = fetched.nextOffset;
      for (const { count, bytes, valueStarts, valueEnds } of fetched.batches) {
        for (let row = 0; row < count; row++) {
          const { id, twice } = JSON.parse(bytes.toString("utf8", valueStarts[row], valueEnds[row])) as { id: number; twice: number };
          if (twice !== id * 2 || id >= produced) wrong++;
          else if (must(seen[id]) === 0) left--;
          seen[id] = Math.min(255, must(seen[id]) + 1);
        }
      }
      fetched.release?.();
    }
    await reader.close();
    const repeated = seen.reduce((sum, times) => sum + (times > 1 ? 1 : 0), 0);
    const isHealthy = !isBad(this.name);
    return [
      ...(left === 0 ? [] : [`${this.name} lacks ${left} of ${produced} rows: ${log().slice(-1000)}`]),
      ...(wrong === 0 ? [] : [`${this.name} has ${wrong} wrong rows`]),
      ...(repeated > 0 && isHealthy ? [`${this.name} was never stopped, and has ${repeated} rows twice`] : []),
    ];
  }
}
