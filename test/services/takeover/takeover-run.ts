import { must } from "../../../src/assert.ts";
import type { RawRecord, Source } from "../../../src/ports/source.ts";
import type { Task } from "../../../src/server/routes/pipeline-insight.ts";
import { freshName } from "../../conformance/names.ts";
import { rowDifferences } from "../../support/row-differences.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { KafkaConnections } from "../kafka/connection.ts";
import { slicesOf, valuesOf } from "../read-back.ts";
import { type RestoreRate, restoreRate } from "./restore-rate.ts";

export interface TakeoverOptions {
  readonly brokers: readonly string[];
  /** Devices, each with a window that is open when the server dies. */
  readonly groups: number;
  readonly sessionTimeoutMs: number;
  readonly tell: (text: string) => void;
}

export interface TakeoverReport {
  /** From the kill until the other server ran all four partitions with their state. */
  readonly takeoverSeconds: number;
  /** From the start of that server, which was stopped in good order, until it did so again. */
  readonly restartSeconds: number;
  /** From the start of the one that was killed until both have their share. */
  readonly joinSeconds: number;
  /** Partitions that the other one kept meanwhile, with their state. */
  readonly kept: number;
  readonly rate: RestoreRate;
  readonly results: number;
  readonly repeatedResults: number;
  /** What is not as a plain count makes it; empty: nothing is. */
  readonly wrong: readonly string[];
}

interface Result {
  readonly device: string;
  readonly readings: number;
  readonly total: number;
}

const PARTITIONS = 4;
const BATCH = 20_000;
const HOUR_MS = 3_600_000;
const WAIT_MS = 300_000;
const SHARE_MS = 60_000;
const POLL_MS = 100;

/**
 * Two servers with one catalog share a pipeline whose windows all stay open; one of them is killed, and joins again later. Readings from
 * before and after the kill count in the same windows, which are closed at last; those from after it come while the one joins.
 */
export async function runTakeover(options: TakeoverOptions): Promise<TakeoverReport> {
  const { brokers, sessionTimeoutMs } = options;
  const connections = new KafkaConnections(brokers, "platformatic");
  const admin = new ClusterAdmin(brokers);
  const name = freshName("takeover");
  const config = {
    connections: { kafka: { kind: "kafka", brokers, sessionTimeoutMs } },
    defaults: { source: "kafka", sink: "kafka" },
    server: { catalog: "kafka", "catalog.topic": `${name}.catalog` },
  };
  const files = { "sluice.yaml": JSON.stringify(config) };
  const servers = [new ServedProject(files), new ServedProject(files)] as const;
  const run = new Takeover(options, name, connections.source(), servers);
  try {
    const found = await run.run();
    await servers[1].end("SIGKILL");
    const rate = await restoreRate(must(connections.open()), name, run.sql, PARTITIONS);
    return { ...found, rate };
  } finally {
    for (const server of servers) await server.close();
    await connections.close();
    for (const topic of [name, `${name}.out`, `${name}.catalog`, `sluice.${name}.state`]) await admin.deleteTopic(topic).catch(() => {});
    await admin.close();
  }
}

class Takeover {
  readonly sql: string;
  private readonly options: TakeoverOptions;
  private readonly name: string;
  private readonly source: Source;
  private readonly servers: readonly [ServedProject, ServedProject];
  private readonly startMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 2 * HOUR_MS;

  constructor(options: TakeoverOptions, name: string, source: Source, servers: readonly [ServedProject, ServedProject]) {
    this.options = options;
    this.name = name;
    this.source = source;
    this.servers = servers;
    this.sql = `CREATE STREAM readings (device STRING, value BIGINT) WITH (connection = 'kafka', topic = '${name}', key = 'device');
      SET 'idle.timeout' = 0;
      INSERT INTO kafka.\`${name}.out\` SELECT device, COUNT(*) AS readings, SUM(value) AS total FROM readings
        WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY device EMIT FINAL;`;
  }

  async run(): Promise<Omit<TakeoverReport, "rate">> {
    const { name, servers, source } = this;
    const { groups, tell } = this.options;
    const [left, right] = servers;
    for (const topic of [name, `${name}.out`]) await source.createTopic(topic, { partitions: PARTITIONS });
    for (const server of servers) await server.start();
    await left.client.request("PUT", `/v1/pipelines/${name}`, this.sql);
    await this.untilShared();
    await this.produce((n) => this.reading(n, 1, 0));
    tell(`${groups} groups are written`);
    await until(
      async () => (await this.durable(servers)) === groups,
      "all groups to be durable",
      WAIT_MS,
      () => this.told,
      POLL_MS,
    );
    const killMs = performance.now();
    await left.end("SIGKILL");
    const isTaken = async (): Promise<boolean> => (await this.durable([right])) === groups;
    await until(isTaken, "the other server to have all partitions", WAIT_MS, () => this.told, POLL_MS);
    const takeoverSeconds = (performance.now() - killMs) / 1000;
    tell(`the other server has all four partitions after ${takeoverSeconds.toFixed(1)} s`);
    await right.end("SIGINT");
    const startMs = performance.now();
    await right.start();
    await until(isTaken, "it to have all partitions again", WAIT_MS, () => this.told, POLL_MS);
    const restartSeconds = (performance.now() - startMs) / 1000;
    tell(`started again, it has them after ${restartSeconds.toFixed(1)} s`);
    const claims = await this.claims();
    const joinMs = performance.now();
    await Promise.all([this.produce((n) => this.reading(n, 2, 1)), left.start().then(() => this.untilShared())]);
    const joinSeconds = (performance.now() - joinMs) / 1000;
    const kept = (await this.claims()).filter((count, partition) => count === claims[partition]).length;
    tell(`the first one is back after ${joinSeconds.toFixed(1)} s; the other kept the state of ${kept} partitions`);
    await this.closeWindows();
    const { results, repeated } = await this.results();
    const expected = new Map(
      Array.from({ length: groups }, (_, n) => [deviceOf(n), { device: deviceOf(n), readings: 2, total: 3 * n }] as const),
    );
    const isSame = (row: Result, wanted: Result): boolean => row.readings === wanted.readings && row.total === wanted.total;
    return {
      takeoverSeconds,
      restartSeconds,
      joinSeconds,
      kept,
      results: results.length,
      repeatedResults: repeated,
      wrong: rowDifferences(results, expected, ({ device }) => device, isSame),
    };
  }

  private async untilShared(): Promise<void> {
    let shares = "";
    const areShared = async (): Promise<boolean> => {
      shares = (await Promise.all(this.servers.map((server) => this.partitionsOf(server)))).map(({ length }) => length).join();
      return shares === "2,2";
    };
    await until(areShared, "both to have their share", SHARE_MS, () => `${shares} ${this.told}`, POLL_MS);
  }

  /** How often each partition's state was claimed: as often it was restored. */
  private claims(): Promise<readonly number[]> {
    const topic = `sluice.${this.name}.state`;
    const claimed = async (partition: number): Promise<number> => {
      let count = 0;
      for await (const { bytes, keyStarts, keyEnds, count: rows } of slicesOf(this.source, topic, partition))
        for (let row = 0; row < rows; row++) if (bytes.toString("utf8", keyStarts[row], keyEnds[row]).startsWith("claim|")) count++;
      return count;
    };
    return Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => claimed(partition)));
  }

  /** What the servers have logged but for the requests that look at them. */
  private get told(): string {
    const logs = this.servers.flatMap(({ log }) => log.split("\n").filter((line) => !line.includes('"answered"')));
    return logs.join("\n").slice(-5000);
  }

  private async partitionsOf(server: ServedProject): Promise<readonly Task[]> {
    return server.ownTasks(this.name).catch(() => []);
  }

  /** Groups that are durable at those servers, where each partition has one of them: each group has had one record. */
  private async durable(servers: readonly ServedProject[]): Promise<number> {
    const partitions = (await Promise.all(servers.map((server) => this.partitionsOf(server)))).flat();
    if (new Set(partitions.map(({ partition }) => partition)).size !== PARTITIONS || partitions.length !== PARTITIONS) return 0;
    return partitions.reduce((sum, { durable }) => sum + (durable ?? 0), 0);
  }

  private reading(n: number, factor: number, seconds: number): RawRecord {
    const device = deviceOf(n);
    const value = Buffer.from(JSON.stringify({ device, value: n * factor }));
    return { key: Buffer.from(device), value, timestampMs: this.startMs + seconds * 1000 };
  }

  private async produce(recordOf: (n: number) => RawRecord): Promise<void> {
    const { groups } = this.options;
    for (let from = 0; from < groups; from += BATCH) {
      const records = Array.from({ length: Math.min(BATCH, groups - from) }, (_, index) => recordOf(from + index));
      await this.source.append(this.name, records);
    }
  }

  /** By a record of the next hour in each partition. */
  private async closeWindows(): Promise<void> {
    const value = Buffer.from(JSON.stringify({ device: "last", value: 0 }));
    const records = Array.from({ length: PARTITIONS }, (_, partition): RawRecord => {
      return { key: Buffer.from("last"), value, timestampMs: this.startMs + HOUR_MS, partition };
    });
    await this.source.append(this.name, records);
  }

  /** Each result once, as readers that know of places take them. */
  private async results(): Promise<{ readonly results: readonly Result[]; readonly repeated: number }> {
    const { groups } = this.options;
    const topic = `${this.name}.out`;
    const written = async (): Promise<number> => {
      const ends = await Promise.all(Array.from({ length: PARTITIONS }, (_, partition) => this.source.bounds(topic, partition)));
      return ends.reduce((sum, { endOffset }) => sum + endOffset, 0);
    };
    await until(
      async () => (await written()) >= groups,
      "the results",
      WAIT_MS,
      () => this.told,
      POLL_MS,
    );
    const texts = new Set<string>();
    let count = 0;
    for await (const values of valuesOf(this.source, topic)) {
      count += values.length;
      for (const value of values) texts.add(value);
    }
    return { results: [...texts].map((text) => JSON.parse(text) as Result), repeated: count - texts.size };
  }
}

const deviceOf = (n: number): string => `device-${n}`;
