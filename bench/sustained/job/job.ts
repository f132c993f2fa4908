import { setTimeout as sleep } from "node:timers/promises";
import { EngineProcess } from "../engine/engine-process.ts";
import { KafkaControl } from "../kafka.ts";
import { GeneratorProcess } from "../load/generator-process.ts";
import { Pools } from "../load/pools.ts";
import type { GeneratorTotals } from "../load/protocol.ts";
import { Workspace } from "../workspace.ts";
import { aggregateSql, GRACE_MS, type JobNames, jobNames, PARTITIONS, persistSql } from "./pipelines.ts";
import type { Services } from "./services.ts";
import { readStore } from "./stores.ts";
import { differences, expectedWindows, MINUTE_MS, type WindowRow } from "./windows.ts";

export interface JobOptions {
  readonly services: Services;
  readonly devices: number;
  /** What the broker keeps of the readings. */
  readonly retentionBytes: number;
  /** Options of node. */
  readonly engineFlags: readonly string[];
}

export interface Verification {
  readonly sent: number;
  /** Windows that have closed. */
  readonly windows: number;
  /** What differs from what was sent, by place; all empty: exact. */
  readonly differences: Readonly<Record<"topic" | "elasticsearch" | "cassandra", readonly string[]>>;
}

const NO_DIFFERENCES: Verification["differences"] = { topic: [], elasticsearch: [], cassandra: [] };
const SETTLE_MS_MAX = 180_000;
const POLL_MS = 250;

/** Generator and engine at work on the services. */
export class Job {
  readonly names: JobNames;
  readonly engine: EngineProcess;
  readonly generator: GeneratorProcess;
  private readonly options: JobOptions;
  private readonly workspace: Workspace;
  private readonly control: KafkaControl;

  private constructor(options: JobOptions, workspace: Workspace, control: KafkaControl, generator: GeneratorProcess) {
    this.options = options;
    this.workspace = workspace;
    this.control = control;
    this.generator = generator;
    this.names = jobNames(workspace.id);
    const { names } = this;
    const files = [workspace.pipeline(names.aggregate, aggregateSql(names)), workspace.pipeline(names.persist, persistSql(names))];
    this.engine = new EngineProcess(workspace.config, files, options.engineFlags);
  }

  static async start(options: JobOptions): Promise<Job> {
    const { broker, elasticsearch, cassandra } = options.services;
    const workspace = new Workspace({ kafka: broker.address, elasticsearch: elasticsearch.address, cassandra: cassandra.address });
    const control = new KafkaControl(broker.address);
    const { input, windows } = jobNames(workspace.id);
    const ofPartition = Math.floor(options.retentionBytes / PARTITIONS);
    await control.createTopic(input, PARTITIONS, {
      "retention.bytes": String(ofPartition),
      "segment.bytes": String(Math.floor(ofPartition / 8)),
    });
    await control.createTopic(windows, PARTITIONS, {});
    const load = { brokers: broker.address, topic: input, partitions: PARTITIONS, devices: options.devices };
    const job = new Job(options, workspace, control, await GeneratorProcess.start(load));
    try {
      await job.engine.whenRunning(2);
    } catch (error) {
      await job.dispose();
      throw error;
    }
    return job;
  }

  /** Rejects when a process ends or a statement fails. */
  get failed(): Promise<never> {
    return Promise.race([this.engine.failed, this.generator.child.failed]);
  }

  /** Records in the logs that are not durably worked off, as any lag tool sees it: the group commits once a second. */
  async lag(): Promise<{ readonly readings: number; readonly windows: number }> {
    const { input, windows, aggregate, persist } = this.names;
    const [ofInput, ofWindows] = await Promise.all([this.lagOf(aggregate, input), this.lagOf(persist, windows)]);
    return { readings: ofInput, windows: ofWindows };
  }

  /** Changes that the targets have acknowledged. */
  written(): Readonly<Record<"topic" | "elasticsearch" | "cassandra", number>> {
    const of = (pipeline: string, target: string): number => {
      const statements = this.engine.progress.get(pipeline)?.statements ?? [];
      return statements.find((statement) => statement.target.startsWith(`${target}.`))?.counters.written ?? 0;
    };
    const { aggregate, persist } = this.names;
    return { topic: of(aggregate, "kafka"), elasticsearch: of(persist, "elastic"), cassandra: of(persist, "cassandra") };
  }

  /** Stops the generator, waits until everything is worked off, and compares all three places with what was sent. */
  async finish(): Promise<Verification & { readonly totals: GeneratorTotals }> {
    const totals = await this.generator.stop();
    const closedMs = Math.floor((totals.lastTimestampMs - GRACE_MS) / MINUTE_MS) * MINUTE_MS;
    const expected = expectedWindows(new Pools(this.options.devices, PARTITIONS), totals.uses, closedMs);
    await Promise.race([this.settle(expected.size), this.failed]);
    await this.engine.stop();
    const topic: WindowRow[] = [];
    await this.control.readTopic(this.names.windows, PARTITIONS, (value) => topic.push(JSON.parse(value) as WindowRow));
    if (expected.size === 0) return { sent: totals.records, windows: 0, differences: NO_DIFFERENCES, totals };
    const { elasticsearch, cassandra } = this.options.services;
    const [inElastic, inCassandra] = await Promise.all([
      readStore("elasticsearch", elasticsearch.address, this.names.windows, expected.size),
      readStore("cassandra", cassandra.address, `${this.names.keyspace}.windows`, expected.size),
    ]);
    const compared = [topic, inElastic, inCassandra].map((rows) => differences(rows, expected));
    const [ofTopic = [], ofElastic = [], ofCassandra = []] = compared;
    const found = { topic: ofTopic, elasticsearch: ofElastic, cassandra: ofCassandra };
    return { sent: totals.records, windows: expected.size, differences: found, totals };
  }

  async dispose(): Promise<void> {
    await Promise.all([this.engine.child.kill(), this.generator.child.kill()]);
    const { input, windows, aggregate, persist } = this.names;
    await this.control.deleteTopics([input, windows, `sluice.${aggregate}.state`, `sluice.${persist}.state`]);
    await this.control.close();
    this.workspace.dispose();
  }

  private async lagOf(pipeline: string, topic: string): Promise<number> {
    const end = await this.control.logEnd(topic, PARTITIONS);
    return Math.max(end - (await this.control.committed(`sluice.${pipeline}`, topic, PARTITIONS)), 0);
  }

  private async settle(windows: number): Promise<void> {
    const deadline = performance.now() + SETTLE_MS_MAX;
    const isDone = async (): Promise<boolean> => {
      const lag = await this.lag();
      return lag.readings === 0 && lag.windows === 0 && Object.values(this.written()).every((written) => written >= windows);
    };
    while (!(await isDone()) && performance.now() < deadline) await sleep(POLL_MS);
  }
}
