import { Client } from "cassandra-driver";
import type { Connection } from "../../../src/ports/connection.ts";
import { rowDifferences } from "../../support/row-differences.ts";
import { openStore } from "../open-store.ts";
import { documentsOf } from "../read-back.ts";
import { DEVICES, deviceOf, type Reading, type Readings } from "./readings.ts";

export const STORES = ["elasticsearch", "cassandra"] as const;
export type StoreName = (typeof STORES)[number];

export interface ProbesOptions {
  /** URL. */
  readonly elasticsearch: string;
  /** `host:port` */
  readonly cassandra: string;
  readonly localDataCenter: string;
  /** What the indexes' and tables' names begin with. */
  readonly name: string;
}

export interface WindowRow {
  readonly device: string;
  readonly at: string;
  readonly readings: number;
  readonly total: number;
}

const WINDOW_MS = 10_000;

/** Looks at both stores beside the product: with a plain driver, and with plain requests. */
export class StoreProbes {
  readonly keyspace: string;
  private readonly options: ProbesOptions;
  private readonly client: Client;
  private readonly connections: Readonly<Record<StoreName, Connection>>;

  private constructor(options: ProbesOptions, connections: StoreProbes["connections"]) {
    this.options = options;
    this.keyspace = options.name;
    this.connections = connections;
    const { cassandra, localDataCenter } = options;
    this.client = new Client({ contactPoints: [cassandra], localDataCenter, socketOptions: { readTimeout: 5_000 } });
  }

  static async open(options: ProbesOptions): Promise<StoreProbes> {
    const { elasticsearch, cassandra, localDataCenter, name } = options;
    const probes = new StoreProbes(options, {
      elasticsearch: await openStore("elasticsearch", { node: elasticsearch }),
      cassandra: await openStore("cassandra", { contactPoints: [cassandra], localDataCenter }),
    });
    await probes.client.execute(`CREATE KEYSPACE ${name} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`);
    return probes;
  }

  /** As the statements would make them: several owners that begin at once would do it side by side. */
  async createTables(): Promise<void> {
    const table = `${this.keyspace}.${this.options.name}`;
    await this.client.execute(`CREATE TABLE ${table}_rows (n bigint PRIMARY KEY, device text, value bigint)`);
    await this.client.execute(`CREATE TABLE ${table}_latest (device text PRIMARY KEY, n bigint)`);
    const columns = "device text, at timestamp, readings bigint, total bigint, PRIMARY KEY (device, at)";
    await this.client.execute(`CREATE TABLE ${table}_windows (${columns})`);
  }

  sql(topic: string): string {
    const statements = STORES.map((store) => {
      const target = `${store}.${this.relation(store, topic)}`;
      return `
        INSERT INTO ${target}_rows SELECT n, device, value FROM readings PK n AUTOCREATE;
        INSERT INTO ${target}_latest SELECT device, n FROM readings PK device AUTOCREATE;
        INSERT INTO ${target}_windows SELECT device, window_start AS at, COUNT(*) AS readings, SUM(value) AS total FROM readings
          WINDOW TUMBLING (SIZE ${WINDOW_MS / 1000} SECONDS) GROUP BY device PK device, at AUTOCREATE;`;
    });
    return `CREATE STREAM readings (n BIGINT, device STRING, at TIMESTAMP, value BIGINT)
      WITH (connection = 'kafka', topic = '${topic}', key = 'device', timestamp = 'at');
      ${statements.join("")}`;
  }

  /** All readings below are in the store: of each device at least the one before its next. Rejects where the store is away. */
  async written(store: StoreName): Promise<number> {
    const rows = store === "cassandra" ? await this.latestOfTable() : await this.latestOfIndex();
    const latest = new Map(rows.map(({ device, n }) => [device, n]));
    let first = Number.POSITIVE_INFINITY;
    for (let n = 0; n < DEVICES; n++) first = Math.min(first, (latest.get(deviceOf(n)) ?? n - DEVICES) + DEVICES);
    return first;
  }

  /** What is not as a plain computation over all readings makes it. */
  async differences(readings: Readings): Promise<readonly string[]> {
    const all = readings.all;
    const wanted = windowsOf(all);
    const byNumber = new Map(all.map(({ n, device, value }) => [String(n), { n, device, value }]));
    const isSame = (row: unknown, other: unknown): boolean => JSON.stringify(row) === JSON.stringify(other);
    const found: string[] = [];
    await fetch(`${this.options.elasticsearch}/${this.options.name}_*/_refresh`, { method: "POST" });
    for (const store of STORES) {
      const rowsOf = <Row>(what: string): Promise<Row[]> =>
        documentsOf<Row>(this.connections[store], `${this.relation(store, this.options.name)}_${what}`);
      const rows = (await rowsOf<Pick<Reading, "n" | "device" | "value">>("rows")).map(({ n, device, value }) => ({ n, device, value }));
      const windows = (await rowsOf<WindowRow>("windows")).map(({ device, at, readings: count, total }) => ({
        device,
        at: new Date(at).toISOString(),
        readings: count,
        total,
      }));
      found.push(
        ...rowDifferences(rows, byNumber, ({ n }) => String(n), isSame).map((text) => `${store}, rows: ${text}`),
        ...rowDifferences(windows, wanted, windowKey, isSame).map((text) => `${store}, windows: ${text}`),
      );
      const written = await this.written(store);
      if (written < readings.count) found.push(`${store}: the last row of a device is that before ${written}`);
    }
    return found;
  }

  async close(): Promise<void> {
    await this.client.execute(`DROP KEYSPACE IF EXISTS ${this.keyspace}`).catch(() => {});
    await fetch(`${this.options.elasticsearch}/${this.options.name}_rows,${this.options.name}_latest,${this.options.name}_windows`, {
      method: "DELETE",
    }).catch(() => {});
    await this.client.shutdown();
    for (const connection of Object.values(this.connections)) await connection.close();
  }

  private relation(store: StoreName, name: string): string {
    return store === "cassandra" ? `${this.keyspace}.${name}` : name;
  }

  private async latestOfTable(): Promise<readonly Pick<Reading, "device" | "n">[]> {
    const { rows } = await this.client.execute(`SELECT device, n FROM ${this.keyspace}.${this.options.name}_latest`);
    return rows.map((row) => ({ device: String(row["device"]), n: Number(row["n"]) }));
  }

  /** By id, so that nothing has to be refreshed for it. */
  private async latestOfIndex(): Promise<readonly Pick<Reading, "device" | "n">[]> {
    const ids = Array.from({ length: DEVICES }, (_, n) => deviceOf(n));
    const response = await fetch(`${this.options.elasticsearch}/${this.options.name}_latest/_mget`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ids }),
      signal: AbortSignal.timeout(5_000),
    });
    const { docs = [] } = (await response.json()) as { docs?: { _source?: Pick<Reading, "device" | "n"> }[] };
    return docs.flatMap(({ _source }) => _source ?? []);
  }
}

export const windowKey = ({ device, at }: WindowRow): string => `${device} ${at}`;

export function windowsOf(readings: readonly Reading[]): ReadonlyMap<string, WindowRow> {
  const windows = new Map<string, { device: string; at: string; readings: number; total: number }>();
  for (const { device, at: atMs, value } of readings) {
    const at = new Date(Math.floor(atMs / WINDOW_MS) * WINDOW_MS).toISOString();
    const window = windows.get(`${device} ${at}`) ?? { device, at, readings: 0, total: 0 };
    windows.set(windowKey(window), window);
    window.readings++;
    window.total += value;
  }
  return windows;
}
