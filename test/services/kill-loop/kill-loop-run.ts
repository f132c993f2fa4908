import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { must } from "../../../src/assert.ts";
import type { Report, StatementReport } from "../../../src/cli/report.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import type { Source } from "../../../src/ports/source.ts";
import { Readings, STANDARD_READINGS } from "../../../src/project/readings.ts";
import { SeededRandom } from "../../property/random.ts";
import { SluiceProcess } from "../../support/sluice-process.ts";
import { until } from "../../support/until.ts";
import { DURABLE } from "../launcher/cassandra/cassandra.ts";
import { ensure, kill, type Running, wipe } from "../launcher/launcher.ts";
import type { ServiceName } from "../launcher/service.ts";
import { differences, HOT_COLUMNS, hotOf, TABLE_COLUMNS, WindowOracle, type WindowResult, windowKey } from "../main-job/window-oracle.ts";
import { openStore } from "../open-store.ts";
import { documentsOf, valuesOf } from "../read-back.ts";
import { ScratchProject } from "../scratch-project.ts";

export interface KillLoopOptions {
  readonly readings: number;
  /** How often each is killed; the readings come in as many parts as that makes together. */
  readonly kills: Kills;
  readonly devices: number;
  readonly seed: number;
  readonly localDataCenter: string;
  readonly tell: (text: string) => void;
}

export interface KillLoopReport {
  readonly seconds: number;
  readonly kills: Kills;
  /** Readings in the topic: those that a killed broker had taken without saying so are there twice. */
  readonly readings: number;
  readonly windows: number;
  /** Results that a crash made write again; readers drop them. */
  readonly repeatedResults: number;
  readonly aggregate: StatementReport;
  readonly persist: readonly StatementReport[];
  /** What is not as it would be without any kill; empty: nothing is. */
  readonly wrong: readonly string[];
}

const BATCH = 5_000;
const START_MS = Date.UTC(2026, 0, 31, 23, 58);
const PARTITIONS = 4;
const SERVICES = ["kafka", "elasticsearch", "cassandra"] as const;
const WORKERS = ["worker 1", "worker 2"] as const;
export const VICTIMS = [...WORKERS, ...SERVICES] as const;
type Victim = (typeof VICTIMS)[number];
export type Kills = Readonly<Record<Victim, number>>;

/** Longest wait before a kill. */
const CALM_MS_MAX = 2_500;

const instanceOf = (service: ServiceName): string => `${service}-kills`;

const started = (service: ServiceName): Promise<Running> =>
  ensure(service, { instance: instanceOf(service), ...(service === "cassandra" ? { settings: DURABLE } : {}) });

/**
 * The main job, in two processes that share its partitions: readings → windows → topic → two indexes and a table. While readings come,
 * one of the processes or of the stores is killed at a random moment, and started again. What there is at last must be what DuckDB makes
 * of the readings.
 */
export async function runKillLoop(options: KillLoopOptions): Promise<KillLoopReport> {
  const addresses = await Promise.all(SERVICES.map(async (service) => (await started(service)).address));
  const [broker, node, contactPoint] = addresses as [string, string, string];
  const { localDataCenter } = options;
  const project = new ScratchProject({
    kafka: { brokers: [broker] },
    elasticsearch: { node: `http://${node}` },
    cassandra: { contactPoints: [contactPoint], localDataCenter },
  });
  const config = join(project.directory, "sluice.yaml");
  const text = readFileSync(config, "utf8").replace(
    "kind: kafka\n",
    "kind: kafka\n    sessionTimeoutMs: 6000\n    requestTimeoutMs: 10000\n",
  );
  // Readings pause while the broker is dead: that is no silence of the devices.
  writeFileSync(config, `${text}\npipelines:\n  ${project.topic}.aggregate:\n    idle.timeout: 0\n`);
  const connections = {
    kafka: await openStore("kafka", { brokers: [broker], requestTimeoutMs: 5_000 }),
    elastic: await openStore("elasticsearch", { node: `http://${node}` }),
    cassandra: await openStore("cassandra", { contactPoints: [contactPoint], localDataCenter }),
  };
  const loop = new KillLoop(options, project, connections);
  try {
    return await loop.run();
  } finally {
    await loop.dispose();
    for (const connection of Object.values(connections)) await connection.close();
    project.dispose();
    for (const service of SERVICES) await wipe(service, instanceOf(service));
  }
}

class KillLoop {
  private readonly options: KillLoopOptions;
  private readonly project: ScratchProject;
  private readonly connections: { readonly kafka: Connection; readonly elastic: Connection; readonly cassandra: Connection };
  private readonly source: Source;
  private readonly random: SeededRandom;
  private readonly workers = new Map<(typeof WORKERS)[number], SluiceProcess>();
  private readonly killed: Record<Victim, number> = { "worker 1": 0, "worker 2": 0, kafka: 0, elasticsearch: 0, cassandra: 0 };
  private readonly made: Readings;
  private readonly wrong: string[] = [];

  constructor(options: KillLoopOptions, project: ScratchProject, connections: KillLoop["connections"]) {
    this.options = options;
    this.project = project;
    this.connections = connections;
    this.source = must(connections.kafka.source) as Source;
    this.random = new SeededRandom(options.seed);
    this.made = new Readings({ ...STANDARD_READINGS, devices: options.devices, startMs: START_MS });
  }

  async run(): Promise<KillLoopReport> {
    const { readings, tell } = this.options;
    const { project, random } = this;
    await this.source.createTopic(project.topic, { partitions: PARTITIONS });
    const startMs = performance.now();
    const say = (text: string): void => tell(`${((performance.now() - startMs) / 1000).toFixed(1).padStart(7)} s  ${text}`);
    for (const name of WORKERS) this.startWorker(name);
    const victims = this.victims();
    for (const [n, victim] of victims.entries()) {
      const [from, to] = [n, n + 1].map((part) => Math.floor((readings * part) / victims.length)) as [number, number];
      const producing = this.produce(to - from);
      // Now and then while it starts.
      if (random.chance(0.8)) await this.running(victim);
      await sleep(random.below(CALM_MS_MAX));
      await this.kill(victim);
      await producing;
      say(`${n + 1}. of ${victims.length} kills: ${victim}, ${to} readings`);
    }
    for (const name of WORKERS) await this.drain(name);
    say("both processes drained");
    const [aggregate] = await this.finish("aggregate", "--until-end", "--close");
    const persist = await this.finish("persist", "--until-end");
    say("all windows closed, and in their targets");
    const found = await this.compare();
    say("compared");
    return {
      seconds: (performance.now() - startMs) / 1000,
      kills: this.killed,
      ...found,
      aggregate: must(aggregate),
      persist,
      wrong: [...this.wrong, ...this.countersOf(found.readings, must(aggregate), persist)],
    };
  }

  async dispose(): Promise<void> {
    for (const worker of this.workers.values()) worker.kill("SIGKILL");
    await Promise.all([...this.workers.values()].map(({ ended }) => ended));
  }

  /** All that are to be killed, in an order of chance. */
  private victims(): readonly Victim[] {
    return VICTIMS.flatMap((victim) => Array.from({ length: this.options.kills[victim] }, () => ({ victim, at: this.random.next() })))
      .sort((left, right) => left.at - right.at)
      .map(({ victim }) => victim);
  }

  private startWorker(name: (typeof WORKERS)[number]): void {
    const { project } = this;
    const files = [project.pipeline("aggregate"), project.pipeline("persist")];
    this.workers.set(name, new SluiceProcess(["run", ...files], { cwd: project.directory, env: project.env }));
  }

  private async running(victim: Victim): Promise<void> {
    const worker = victim === "worker 1" || victim === "worker 2" ? this.workers.get(victim) : undefined;
    if (worker === undefined) return;
    const isOn = (): boolean => worker.stderr.includes("running") || worker.hasEnded;
    await until(isOn, `${victim} to run`, 120_000, () => worker.stderr);
  }

  private async kill(victim: Victim): Promise<void> {
    this.killed[victim]++;
    if (victim === "worker 1" || victim === "worker 2") {
      const worker = must(this.workers.get(victim));
      if (worker.hasEnded) this.wrong.push(`${victim} had ended by itself: ${worker.stderr.slice(-2000)}`);
      worker.kill("SIGKILL");
      await worker.ended;
      this.startWorker(victim);
      return;
    }
    await kill(victim, instanceOf(victim));
    await started(victim);
  }

  /** As a producer does that gets no answer: it sends again, and what was taken all the same is there twice. */
  private async produce(count: number): Promise<void> {
    for (let left = count; left > 0; ) {
      const batch = this.made.batch(Math.min(BATCH, left));
      left -= batch.length;
      for (let isTaken = false; !isTaken; ) {
        isTaken = await this.source.append(this.project.topic, batch).then(
          () => true,
          () => sleep(200, false),
        );
      }
    }
  }

  private async drain(name: (typeof WORKERS)[number]): Promise<void> {
    await this.running(name);
    const worker = must(this.workers.get(name));
    worker.kill("SIGINT");
    const { code, stderr } = await worker.ended;
    if (code !== 130) this.wrong.push(`${name} ended with ${code}: ${stderr}`);
  }

  private async finish(pipeline: string, ...args: readonly string[]): Promise<readonly StatementReport[]> {
    const { project } = this;
    const command = ["run", project.pipeline(pipeline), "--report", "json", ...args];
    const { code, stdout, stderr } = await new SluiceProcess(command, { cwd: project.directory, env: project.env }).ended;
    if (code !== 0) throw new Error(`${pipeline} ended with ${code}: ${stderr}`);
    return must((JSON.parse(stdout) as Report).pipelines[0]).statements;
  }

  private async compare(): Promise<Pick<KillLoopReport, "readings" | "windows" | "repeatedResults">> {
    const { project, source, connections } = this;
    const oracle = new WindowOracle();
    let readings = 0;
    for await (const values of valuesOf(source, project.topic)) {
      readings += values.length;
      await oracle.add(values.map((value) => ({ key: null, value: Buffer.from(value), timestampMs: 0 })));
    }
    const expected = await oracle.windows();
    const results = new Map<string, WindowResult>();
    let written = 0;
    for await (const values of valuesOf(source, project.results)) {
      written += values.length;
      for (const value of values) {
        const row = JSON.parse(value) as WindowResult;
        const before = results.get(windowKey(row));
        if (before !== undefined && JSON.stringify(before) !== JSON.stringify(row))
          this.wrong.push(`two results: ${value} and ${JSON.stringify(before)}`);
        results.set(windowKey(row), row);
      }
    }
    const table = await documentsOf<WindowResult>(connections.cassandra, `iot_${project.id}.${project.topic}_1m`);
    const index = await documentsOf<WindowResult>(connections.elastic, `${project.topic}_1m`);
    const homes = await documentsOf<WindowResult>(connections.elastic, `hot_homes_${project.id}`);
    this.wrong.push(
      ...differences([...results.values()], expected).map((text) => `topic: ${text}`),
      ...differences(table, expected, TABLE_COLUMNS).map((text) => `table: ${text}`),
      ...differences(index, expected).map((text) => `index: ${text}`),
      ...differences(homes, hotOf(expected), HOT_COLUMNS).map((text) => `hot homes: ${text}`),
    );
    return { readings, windows: expected.size, repeatedResults: written - results.size };
  }

  /** The equations of `runtime.md` §11, across all kills. */
  private countersOf(readings: number, aggregate: StatementReport, persist: readonly StatementReport[]): readonly string[] {
    return [aggregate, ...persist].flatMap((statement, index) => {
      const { in: taken, applied, filtered, late, deadLettered, sent, written, superseded, rejected } = statement;
      const areTaken = applied + filtered + late + deadLettered === taken && deadLettered === 0 && late === 0;
      const areSettled = sent > 0 && written + superseded + rejected === sent && rejected === 0;
      return areTaken && areSettled && (index > 0 || taken === readings)
        ? []
        : [`counters do not add up to ${readings}: ${JSON.stringify(statement)}`];
    });
  }
}
