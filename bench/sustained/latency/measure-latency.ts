import { setTimeout as sleep } from "node:timers/promises";
import { must } from "../../../src/assert.ts";
import { EngineProcess } from "../engine/engine-process.ts";
import type { KafkaControl } from "../kafka.ts";
import { GeneratorProcess } from "../load/generator-process.ts";
import type { GeneratorReport } from "../load/protocol.ts";
import { Distribution, type Summary } from "../measure/distribution.ts";
import { coresBetween, usageOf } from "../measure/usage.ts";
import { Workspace } from "../workspace.ts";
import type { LatencyCase } from "./cases.ts";

export interface LatencyRun {
  readonly brokers: string;
  readonly control: KafkaControl;
  readonly which: LatencyCase;
  readonly recordsPerSecond: number;
  readonly devices: number;
  /** Not measured: compilation and caches. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Aborted: measures no longer, and gives what there is. */
  readonly signal: AbortSignal;
  /** Options of node. */
  readonly engineFlags: readonly string[];
}

export interface LatencyResult {
  readonly name: string;
  readonly wantedPerSecond: number;
  readonly recordsPerSecond: number;
  readonly results: number;
  /** From the cause to the append of the result to the log of its topic. */
  readonly latencyMs: Summary;
  /** The part of it that the generator's own writing took, worst of the seconds measured. */
  readonly producedMs: Worst;
  /** How much later than due records were made; not in the latency, which counts from when they were made. */
  readonly latenessMs: Worst;
  readonly engineCores: number;
  readonly generatorCores: number;
}

interface Worst {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const PARTITIONS = 4;
const DRAIN_MS = 10_000;

/**
 * Records with the wall clock as timestamp go in; of each result the broker itself says when it was appended
 * (`message.timestamp.type=LogAppendTime`). Both clocks are this machine's. The results are read when all is over, so that
 * nothing but generator, broker and engine is at work.
 */
export async function measureLatency(run: LatencyRun): Promise<LatencyResult> {
  const { control, which, brokers, devices } = run;
  const workspace = new Workspace({ kafka: brokers });
  const input = `latency_${workspace.id}_in`;
  const output = `latency_${workspace.id}_out`;
  await control.createTopic(input, PARTITIONS, { "retention.bytes": String(1 << 29), "segment.bytes": String(1 << 27) });
  await control.createTopic(output, PARTITIONS, { "message.timestamp.type": "LogAppendTime" });
  const name = `latency_${which.name}_${workspace.id}`;
  const engine = new EngineProcess(workspace.config, [workspace.pipeline(name, which.sql(input, output, PARTITIONS))], run.engineFlags);
  const generator = await GeneratorProcess.start({ brokers, topic: input, partitions: PARTITIONS, devices });
  try {
    await engine.whenRunning(1);
    const measured = await Promise.race([drive(run, engine, generator), engine.failed, generator.child.failed]);
    await untilQuiet(control, output);
    await engine.stop();
    const latency = await latencies(control, output, which, measured);
    const { fromMs: _, toMs: __, ...figures } = measured;
    return { name: which.name, wantedPerSecond: run.recordsPerSecond, results: latency.count, latencyMs: latency.summary(), ...figures };
  } finally {
    await Promise.all([engine.child.kill(), generator.child.kill()]);
    await control.deleteTopics([input, output, `sluice.${name}.state`]);
    workspace.dispose();
  }
}

async function drive({ recordsPerSecond, warmUpSeconds, seconds, signal }: LatencyRun, engine: EngineProcess, generator: GeneratorProcess) {
  generator.setRate(recordsPerSecond);
  const wait = (forSeconds: number): Promise<void> => sleep(forSeconds * 1000, undefined, { signal }).catch(() => undefined);
  await wait(warmUpSeconds);
  const reports: GeneratorReport[] = [];
  generator.onReports((report) => reports.push(report));
  const usage = () => ({ engine: must(usageOf(engine.child.pid)), generator: must(usageOf(generator.child.pid)) });
  const before = usage();
  const fromMs = Date.now();
  await wait(seconds);
  const toMs = Date.now();
  const after = usage();
  const counted = [...reports];
  await generator.stop();
  const total = (of: (report: GeneratorReport) => number): number => counted.reduce((sum, report) => sum + of(report), 0);
  return {
    fromMs,
    toMs,
    recordsPerSecond: Math.round(total((report) => report.records) / total((report) => report.seconds)),
    producedMs: worst(counted.map((report) => report.acknowledgedMs)),
    latenessMs: worst(counted.map((report) => report.latenessMs)),
    engineCores: coresBetween(before.engine, after.engine).cores,
    generatorCores: coresBetween(before.generator, after.generator).cores,
  };
}

function worst(summaries: readonly Summary[]): Worst {
  const most = (of: (summary: Summary) => number): number => Math.max(...summaries.map(of));
  return { p50: most(({ p50 }) => p50), p99: most(({ p99 }) => p99), max: most(({ max }) => max) };
}

/** Until nothing has come for a second. */
async function untilQuiet(control: KafkaControl, topic: string): Promise<void> {
  const deadline = performance.now() + DRAIN_MS;
  for (let last = -1; performance.now() < deadline; await sleep(1_000)) {
    const end = await control.logEnd(topic, PARTITIONS);
    if (end === last) return;
    last = end;
  }
}

/** Of the results whose cause lies within the time that is measured. */
async function latencies(
  control: KafkaControl,
  topic: string,
  { causeMs }: LatencyCase,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Promise<Distribution> {
  const distribution = new Distribution();
  await control.readTopic(topic, PARTITIONS, (value, appendedMs) => {
    const cause = causeMs(JSON.parse(value) as Readonly<Record<string, unknown>>);
    if (cause >= fromMs && cause < toMs) distribution.add(appendedMs - cause);
  });
  return distribution;
}
