import type { PipelineStatus } from "../../../src/fleet/pipeline-status.ts";
import type { Source } from "../../../src/ports/source.ts";
import type { Task } from "../../../src/server/routes/pipeline-insight.ts";
import { rowDifferences } from "../../support/row-differences.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { KafkaConnections } from "../kafka/connection.ts";
import { PARTITIONS, type Reading, Readings } from "../stores-away/readings.ts";
import { StoreProbes, type WindowRow, windowKey, windowsOf } from "../stores-away/store-probes.ts";
import { takenRows } from "./taken-rows.ts";

export interface PausedOptions {
  readonly brokers: readonly string[];
  /** URL. */
  readonly elasticsearch: string;
  /** `host:port` */
  readonly cassandra: string;
  readonly localDataCenter: string;
  readonly sessionTimeoutMs: number;
  /** Threads of each server. */
  readonly parallelism: number;
  /** Readings a second. */
  readonly rate: number;
}

export interface PausedReport {
  readonly readings: number;
  /** How long the server was stopped. */
  readonly pausedMs: number;
  /** Of the server that was stopped, and of the other one. */
  readonly statuses: readonly [PipelineStatus, PipelineStatus];
  /** What is not as a plain computation makes it, in the stores and on the topics. */
  readonly wrong: readonly string[];
}

type RowOfReading = Pick<Reading, "n" | "device" | "value">;

const WAIT_MS = 60_000;
const POLL_MS = 50;

/**
 * Two servers share a pipeline that writes to an index, a table and two topics, under load. The process of one is stopped until the other
 * has taken over all its partitions and written on; then it goes on where it was, in the middle of whatever it was doing.
 */
export async function runPaused(options: PausedOptions): Promise<PausedReport> {
  const { brokers, sessionTimeoutMs } = options;
  const readings = await Readings.create(brokers);
  const name = readings.topic;
  const probes = await StoreProbes.open({ ...options, name });
  const connections = new KafkaConnections(brokers, "platformatic");
  const files = {
    "sluice.yaml": JSON.stringify({
      connections: {
        kafka: { kind: "kafka", brokers, sessionTimeoutMs },
        elasticsearch: { kind: "elasticsearch", node: options.elasticsearch },
        cassandra: { kind: "cassandra", contactPoints: [options.cassandra], localDataCenter: options.localDataCenter },
      },
      defaults: { source: "kafka", sink: "elasticsearch" },
      server: { catalog: "kafka", "catalog.topic": `${name}.catalog` },
    }),
  };
  const servers = [new ServedProject(files), new ServedProject(files)] as const;
  const admin = new ClusterAdmin(brokers);
  try {
    return await new PausedRun(options, readings, probes, connections.source(), servers).run();
  } finally {
    for (const server of servers) {
      server.signal("SIGCONT");
      await server.close();
    }
    await connections.close();
    await probes.close();
    await readings.close();
    for (const topic of [name, `${name}.rows`, `${name}.windows`, `${name}.catalog`, `sluice.${name}.state`])
      await admin.deleteTopic(topic).catch(() => {});
    await admin.close();
  }
}

class PausedRun {
  private readonly options: PausedOptions;
  private readonly readings: Readings;
  private readonly probes: StoreProbes;
  private readonly source: Source;
  private readonly servers: readonly [ServedProject, ServedProject];

  constructor(
    options: PausedOptions,
    readings: Readings,
    probes: StoreProbes,
    source: Source,
    servers: readonly [ServedProject, ServedProject],
  ) {
    this.options = options;
    this.readings = readings;
    this.probes = probes;
    this.source = source;
    this.servers = servers;
  }

  async run(): Promise<PausedReport> {
    const { readings, source, servers, name } = this;
    const [paused, other] = servers;
    await this.probes.createTables();
    await source.createTopic(`${name}.rows`, { partitions: PARTITIONS });
    await source.createTopic(`${name}.windows`, { partitions: PARTITIONS, compacted: true });
    for (const server of servers) await server.start();
    await paused.client.request("PUT", `/v1/pipelines/${name}`, this.sql);
    const stopping = new AbortController();
    const producing = readings.produce(this.options.rate, stopping.signal);
    let pausedMs = 0;
    try {
      await this.untilShared();
      const startMs = performance.now();
      paused.signal("SIGSTOP");
      await this.untilBeyond(other, PARTITIONS, "the other server to take over, and to write on");
      paused.signal("SIGCONT");
      pausedMs = performance.now() - startMs;
      await this.untilShared();
    } finally {
      stopping.abort();
      await producing;
    }
    await this.untilDurable();
    const statuses = (await Promise.all(servers.map(async (server) => (await server.pipeline(name)).status))) as [
      PipelineStatus,
      PipelineStatus,
    ];
    return {
      readings: readings.count,
      pausedMs,
      statuses,
      wrong: [...(await this.probes.differences(readings)), ...(await this.topicDifferences())],
    };
  }

  /** Each row once, and of each window what was written last. */
  private async topicDifferences(): Promise<readonly string[]> {
    const { name, source, readings } = this;
    const isSame = (row: unknown, other: unknown): boolean => JSON.stringify(row) === JSON.stringify(other);
    const rows = await takenRows<RowOfReading>(source, `${name}.rows`);
    const byNumber = new Map(readings.all.map(({ n, device, value }) => [String(n), { n, device, value }]));
    const windows = await takenRows<WindowRow>(source, `${name}.windows`);
    const latest = new Map(windows.map((row) => [windowKey(row), row]));
    return [
      ...rowDifferences(rows, byNumber, ({ n }) => String(n), isSame).map((text) => `topic, rows: ${text}`),
      ...rowDifferences([...latest.values()], windowsOf(readings.all), windowKey, isSame).map((text) => `topic, windows: ${text}`),
    ];
  }

  private get name(): string {
    return this.readings.topic;
  }

  /** Windows that grow and rows, to both stores and to topics. */
  private get sql(): string {
    const { name } = this;
    return `SET 'parallelism' = ${this.options.parallelism}; SET 'commit.interval' = '100 ms';
      ${this.probes.sql(name)}
      INSERT INTO kafka.\`${name}.rows\` SELECT n, device, value FROM readings;
      INSERT INTO kafka.\`${name}.windows\` SELECT device, window_start AS at, COUNT(*) AS readings, SUM(value) AS total FROM readings
        WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY device PK device, at EMIT CHANGES;`;
  }

  /** What the servers have logged but for the requests that look at them. */
  private readonly told = (): string => {
    const logs = this.servers.map(({ log }) => log.split("\n").filter((line) => !line.includes('"answered"')));
    return logs.map((lines) => lines.join("\n").slice(-8000)).join("\n\n");
  };

  private async tasksOf(server: ServedProject): Promise<readonly Task[]> {
    return server.ownTasks(this.name).catch(() => []);
  }

  /** Each has its half of the partitions, and has written what came after that. */
  private async untilShared(): Promise<void> {
    await Promise.all(this.servers.map((server) => this.untilBeyond(server, PARTITIONS / 2, "each server to write its share")));
  }

  /** The server has so many partitions, and more of each is durable in every statement than was there when this was called. */
  private async untilBeyond(server: ServedProject, partitions: number, what: string): Promise<void> {
    const ends = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => this.source.bounds(this.name, partition)));
    let tasks: readonly Task[] = [];
    const isBeyond = async (): Promise<boolean> => {
      tasks = await this.tasksOf(server);
      const own = new Set(tasks.map(({ partition }) => partition));
      return own.size === partitions && tasks.every(({ partition, durable }) => (durable ?? 0) > (ends[partition]?.endOffset ?? 0));
    };
    await until(isBeyond, what, WAIT_MS, () => `${JSON.stringify(tasks)}\n${this.told()}`, POLL_MS);
  }

  private async untilDurable(): Promise<void> {
    const ends = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => this.source.bounds(this.name, partition)));
    let tasks: readonly Task[] = [];
    const isDurable = async (): Promise<boolean> => {
      tasks = (await Promise.all(this.servers.map((server) => this.tasksOf(server)))).flat();
      const own = new Set(tasks.map(({ partition }) => partition));
      return own.size === PARTITIONS && tasks.every(({ partition, durable }) => durable === ends[partition]?.endOffset);
    };
    await until(isDurable, "everything to be durable", WAIT_MS, () => `${JSON.stringify(tasks)}\n${this.told()}`, POLL_MS);
  }
}
