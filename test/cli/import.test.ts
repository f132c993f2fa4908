import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scratch } from "../support/scratch.ts";
import { sluice } from "../support/sluice-process.ts";
import { ROOT } from "../support/source-files.ts";

const fixture = (name: string): string => join(ROOT, "test/project/import/fixtures", name);

/** Connections under the names that importing gives, without the systems behind them. */
const EMBEDDED = `# ours
connections:
  kafka: { kind: embedded, as: kafka }
  elastic: { kind: embedded, as: elasticsearch }
  cassandra: { kind: embedded, as: cassandra }
`;

interface ImportJson {
  readonly name: string;
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly notes: readonly { readonly outcome: string; readonly subject: string | null; readonly line: number; readonly message: string }[];
  readonly secrets: readonly { readonly variable: string }[];
  readonly diagnostics: readonly { readonly code: string; readonly severity: string }[];
}

async function importJson(cwd: string, ...args: readonly string[]): Promise<ImportJson> {
  const { code, stdout, stderr } = await sluice(["import", ...args, "--json"], { cwd });
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as ImportJson;
}

async function produce(cwd: string, topic: string, key: string, rows: readonly object[]): Promise<void> {
  const input = rows.map((row) => JSON.stringify(row)).join("\n");
  const { code, stderr } = await sluice(["produce", topic, "--connection", "kafka", "--key", key, "--timestamp", "at"], { cwd, input });
  expect([code, stderr]).toEqual([0, expect.stringContaining(" record")]);
}

async function runAll(cwd: string, name: string): Promise<void> {
  const { code, stdout, stderr } = await sluice(["run", join("queries", `${name}.sql`), "--until-end", "--report", "json"], { cwd });
  expect([code, stdout], stderr).toEqual([0, expect.stringContaining(name)]);
}

async function rowsOf(cwd: string, from: string): Promise<readonly unknown[]> {
  const { code, stdout, stderr } = await sluice(["query", `SELECT * FROM ${from}`], { cwd });
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("error")]);
  const rows = stdout.trimEnd().split("\n");
  return rows.sort().map((row) => JSON.parse(row) as unknown);
}

describe("sluice import of connectors", { timeout: 60_000 }, () => {
  it("Elasticsearch with several routes and a suffix: imports and runs", async () => {
    const cwd = scratch({ "sluice.yaml": EMBEDDED });
    const { name, notes, secrets, diagnostics } = await importJson(cwd, fixture("elastic.properties"), "--output", ".");
    expect([name, secrets, diagnostics]).toEqual(["plant-elastic-sink", [expect.objectContaining({ variable: "ELASTIC_PASSWORD" })], []]);
    expect(readFileSync(join(cwd, "sluice.yaml"), "utf8")).toBe(EMBEDDED);
    expect(notes).toContainEqual({
      outcome: "dropped",
      subject: "connect.elastic.cluster.name",
      line: 17,
      message: "nothing asks for the name of the cluster, nor did the sink",
    });

    const at = "2026-12-30T10:00:00.000Z";
    await produce(cwd, "sensors", "device", [
      { device: "a", site: { name: "north" }, celsius: 20.5, at },
      { device: "a", site: { name: "north" }, celsius: 21.5, at: "2026-12-31T10:00:00.000Z" },
    ]);
    await produce(cwd, "alarms", "device", [{ device: "a", code: 7, message: "hot", at }]);
    await runAll(cwd, name);
    expect(await rowsOf(cwd, "elastic.`sensor_history_2026-12-30`")).toEqual([{ device: "a", site: { name: "north" }, celsius: 20.5, at }]);
    expect(await rowsOf(cwd, "elastic.`sensor_history_2026-12-31`")).toHaveLength(1);
    expect(await rowsOf(cwd, "elastic.sensor_state")).toEqual([{ device: "a", site: "north", celsius: 21.5 }]);
    expect(await rowsOf(cwd, "elastic.alarms")).toEqual([{ device: "a", code: 7, message: "hot" }]);
  });

  it("the Cassandra sink of releases before 10: imports and runs", async () => {
    const cwd = scratch({ "sluice.yaml": EMBEDDED });
    const keys = ["--key", "demo.orders=id,created", "--key", "orders_by_product=product,id"];
    const { name, diagnostics } = await importJson(cwd, fixture("cassandra.json"), "--output", ".", ...keys);
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    const order = { id: 1, created: "2026-11-01", product: "valve", qty: 2, price: 9.5 };
    await produce(cwd, "orders", "id", [{ ...order, at: 0 }]);
    await runAll(cwd, name);
    expect(await rowsOf(cwd, "cassandra.demo.orders")).toEqual([order]);
    expect(await rowsOf(cwd, "cassandra.demo.orders_by_product")).toEqual([{ product: "valve", id: 1, qty: 2 }]);
  });

  it("the Cassandra sink since release 10, with PROPERTIES: imports and runs", async () => {
    const cwd = scratch({ "sluice.yaml": EMBEDDED });
    const { name, files } = await importJson(cwd, fixture("cassandra-sink.properties"), "--output", ".", "--key", "iot.readings=device,at");
    expect(files[0]?.text).toContain("PK device, at\nBATCH = 32\nTTL = 86400;");
    const at = Date.UTC(2026, 0, 1);
    await produce(cwd, "readings", "device", [{ device: "a", at, celsius: 1 }]);
    await runAll(cwd, name);
    expect(await rowsOf(cwd, "cassandra.iot.readings")).toEqual([{ device: "a", at, celsius: 1, site: null }]);
    expect(await rowsOf(cwd, "cassandra.iot.last_seen")).toEqual([{ device: "a", seen: at }]);
  });

  it("passwords are written nowhere", async () => {
    const cwd = scratch();
    for (const name of ["elastic.properties", "cassandra.json", "cassandra-sink.properties"]) {
      const { stdout, stderr } = await sluice(["import", fixture(name)], { cwd });
      expect(stdout + stderr).toMatch(/_PASSWORD/);
      expect(stdout + stderr).not.toContain("s3cret");
    }
  });

  it("a new project gets its connections, one that is there keeps its own", async () => {
    const cwd = scratch();
    const args = ["import", fixture("cassandra-sink.properties"), "--output", "."];
    expect((await sluice(args, { cwd })).code).toBe(0);
    const config = readFileSync(join(cwd, "sluice.yaml"), "utf8");
    expect(config).toContain("      - 10.0.0.1:9042\n");
    expect(config).toContain("consistency: LOCAL_ONE\n");
    const again = await sluice(args, { cwd });
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("readings-cassandra.sql exists already; nothing was changed")]);
    const forced = await sluice([...args, "--name", "other", "--dry-run"], { cwd });
    expect([forced.code, forced.stdout]).toEqual([0, expect.stringContaining("-- queries/other.sql")]);
    expect(existsSync(join(cwd, "queries/other.sql"))).toBe(false);
    const taken = await sluice(["import", fixture("elastic.properties"), "--sink", "cassandra", "--output", "."], { cwd });
    expect([taken.code, taken.stderr]).toEqual([2, expect.stringContaining("is no connection of the kind elasticsearch")]);
  });

  it("a mistake in the routes is shown where it stands in the file", async () => {
    const cwd = scratch({
      "bad.properties": "connect.elastic.kcql=INSERT INTO a SELECT * FROM b \\\n  AUTOCREAT\n",
      "source.json": '{"connector.class": "io.lenses.streamreactor.connect.cassandra.source.CassandraSourceConnector"}',
    });
    const { code, stdout, stderr } = await sluice(["import", "bad.properties"], { cwd });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("bad.properties:2:3 error SYNTAX");
    expect(stderr).toContain("did you mean AUTOCREATE?");
    const source = await sluice(["import", "source.json"], { cwd });
    expect([source.code, source.stderr]).toEqual([1, expect.stringContaining("is none of the sinks that can be imported")]);
  });
});

describe("sluice import of SQL", { timeout: 60_000 }, () => {
  it("views become statements that run", async () => {
    const where = "celsius > 20 OR device = 'it''s' AND celsius > 5";
    const sql = `-- What is hot\nCREATE VIEW "Hot" AS\n  SELECT device, celsius * 1.80 + 32 AS f FROM sensors WHERE ${where};`;
    const cwd = scratch({ "views.sql": sql });
    const { code, stdout } = await sluice(["import", "views.sql", "--dialect", "postgres", "--output", "."], { cwd });
    expect([code, stdout]).toEqual([0, "wrote queries/views.sql\n"]);
    expect(readFileSync(join(cwd, "queries/views.sql"), "utf8")).toBe(
      `-- What is hot\nINSERT INTO Hot\nSELECT device, celsius * 1.80 + 32 AS f\nFROM sensors\nWHERE ${where};\n`,
    );
    await sluice(["produce", "sensors"], {
      cwd,
      input: '{"device":"a","celsius":25}\n{"device":"it\'s","celsius":6}\n{"device":"b","celsius":6}',
    });
    await runAll(cwd, "views");
    expect(await rowsOf(cwd, "Hot")).toHaveLength(2);
  });

  it("columns named before the SELECT become its aliases", async () => {
    const cwd = scratch({ "v.sql": "INSERT INTO v (a, b) SELECT x, y + 1 FROM t;", "w.sql": "INSERT INTO v (a, b) SELECT * FROM t;" });
    const { code, stdout } = await sluice(["import", "v.sql", "--dialect", "mysql"], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining("INSERT INTO v\nSELECT x AS a, y + 1 AS b\nFROM t;")]);
    const star = await sluice(["import", "w.sql", "--dialect", "mysql"], { cwd });
    expect([star.code, star.stderr]).toEqual([1, expect.stringContaining("2 columns are named, and the SELECT has other ones")]);
  });

  it("tables become streams; what cannot be read is shown with its place", async () => {
    const cwd = scratch({
      "tables.sql": "CREATE TABLE t (id BIGINT PRIMARY KEY, `a b` VARCHAR(10), d DECIMAL(10,2));",
      "bad.sql": "SELECT a FROM t;\nALTER TABLE t ADD b INT;\nSELECT a || b FROM t WHERE;",
    });
    const tables = await sluice(["import", "tables.sql", "--dialect", "mysql"], { cwd });
    expect(tables.stdout).toContain(
      "CREATE STREAM t (id BIGINT, `a b` VARCHAR, d DECIMAL(10, 2))\nWITH (key = 'id');".replace("VARCHAR", "STRING"),
    );
    const bad = await sluice(["import", "bad.sql", "--dialect", "mysql"], { cwd });
    expect(bad.code).toBe(1);
    expect(bad.stderr).toContain("bad.sql:2:1 error FOREIGN_TEXT: ALTER statements are not imported");
    expect(bad.stderr).toContain("bad.sql:3:10 error FOREIGN_TEXT: || is OR in mysql");
    const missing = await sluice(["import", "bad.sql"], { cwd });
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining("--dialect postgresql")]);
  });
});
