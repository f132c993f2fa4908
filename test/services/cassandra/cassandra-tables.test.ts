import { afterAll, beforeAll, expect, it } from "vitest";
import { openCassandra } from "../../../src/adapters/cassandra/open-cassandra.ts";
import { ANY, BIGINT, type DataType, DOUBLE, INT, STRING, TIMESTAMP } from "../../../src/model/type.ts";
import type { RouteTarget, Sink } from "../../../src/ports/sink.ts";
import { batchOf, clock, config, ORIGIN, type TestChange, target } from "../../adapters/cassandra/routes.ts";
import { describeWith } from "../needs.ts";
import { makeKeyspace, read, type TestKeyspace } from "./keyspace.ts";

const NEVER = new AbortController().signal;

async function written(sink: Sink, changes: readonly TestChange[]): Promise<void> {
  const result = await sink.write(batchOf(changes), ORIGIN, NEVER);
  expect([...result.errors.values()]).toEqual([]);
}

describeWith("cassandra", "Cassandra tables", (address) => {
  let keyspace: TestKeyspace;
  beforeAll(async () => {
    keyspace = await makeKeyspace(address);
  });
  afterAll(() => keyspace.drop());

  const open = (route: RouteTarget): Promise<Sink> => keyspace.connection.openSink(route);
  const columnsOf = async (table: string, where = keyspace.name): Promise<Record<string, string>> => {
    const rows = await keyspace.query(
      `SELECT column_name, kind, type FROM system_schema.columns WHERE keyspace_name = '${where}' AND table_name = '${table}'`,
    );
    return Object.fromEntries(rows.map((row) => [row.get("column_name"), `${row.get("kind")} ${row.get("type")}`]));
  };

  it("AUTOCREATE makes the keyspace and the table, with names in their case and every type", async () => {
    const columns: Record<string, DataType> = {
      deviceId: STRING,
      window_start: TIMESTAMP,
      i: INT,
      b: BIGINT,
      d: DOUBLE,
      o: { kind: "boolean" },
      day: { kind: "date" },
      m: { kind: "decimal", precision: 20, scale: 2 },
      list: { kind: "array", element: INT },
      map: { kind: "map", value: STRING },
    };
    const other = `${keyspace.name}_other`;
    const route = target(`${other}.Readings`, columns, ["deviceId", "window_start"], { autocreate: true });
    try {
      const sinks = await Promise.all([open(route), open(route), open({ ...route, name: `${other}.second` })]);
      expect(await columnsOf("Readings", other)).toEqual({
        deviceId: "partition_key text",
        window_start: "clustering timestamp",
        i: "regular int",
        b: "regular bigint",
        d: "regular double",
        o: "regular boolean",
        day: "regular date",
        m: "regular decimal",
        list: "regular frozen<list<int>>",
        map: "regular frozen<map<text, text>>",
      });
      const [replication] = await keyspace.query(`SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = '${other}'`);
      expect(Object.fromEntries(replication?.get("replication"))).toEqual({
        class: "org.apache.cassandra.locator.NetworkTopologyStrategy",
        [address.localDataCenter]: "1",
      });
      const document =
        '{"deviceId":"d","window_start":"2024-02-29T12:00:00.000Z","i":-1,"b":9007199254740993,"d":0.1,"o":true,' +
        '"day":"2024-02-29","m":123456789012345678.90,"list":[],"map":{"k\\n":"v"}}';
      await written(sinks[0] as Sink, [{ version: 1, document }]);
      const [record, ...others] = await read(keyspace.connection, `${other}.Readings`);
      expect(others).toEqual([]);
      expect(record?.key).toBe('["d","2024-02-29T12:00:00.000Z"]');
      // Columns come in the cluster's order: the key, then the others by name.
      expect(record?.value).toBe(
        '{"deviceId":"d","window_start":"2024-02-29T12:00:00.000Z","b":9007199254740993,"d":0.1,"day":"2024-02-29",' +
          '"i":-1,"list":[],"m":123456789012345678.90,"map":{"k\\n":"v"},"o":true}',
      );
    } finally {
      await keyspace.query(`DROP KEYSPACE IF EXISTS ${other}`);
    }
  });

  it("writes tables whose names CQL folded, and quotes those it did not", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.Folded (deviceId text PRIMARY KEY, "avgTemp" double)`);
    await written(await open(target("Folded", { deviceId: STRING, avgTemp: DOUBLE }, ["deviceId"])), [
      { version: 1, document: { deviceId: "d", avgTemp: 1.5 } },
    ]);
    expect(await read(keyspace.connection, "FOLDED")).toEqual([{ key: "d", value: '{"deviceid":"d","avgTemp":1.5}' }]);
  });

  it("says what is missing, with the CREATE TABLE that would do", async () => {
    await expect(open(target("nowhere", { id: STRING, n: BIGINT }, ["id"]))).rejects.toMatchObject({
      code: "TARGET_MISSING",
      message: `table ${keyspace.name}.nowhere does not exist`,
      hint: expect.stringContaining(`CREATE TABLE IF NOT EXISTS "${keyspace.name}"."nowhere" (\n  "id" text,\n  "n" bigint,`),
    });
    await expect(open(target("nowhere", { id: STRING, x: ANY }, ["id"]))).rejects.toMatchObject({
      code: "TARGET_MISSING",
      hint: expect.stringContaining('column "x" of type ANY has no CQL type'),
    });
    await expect(open(target("nowhere", { id: STRING, x: ANY }, ["id"], { autocreate: true }))).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
      hint: expect.stringContaining("CAST"),
    });
    await expect(open(target("a.b.c", { id: STRING }, ["id"], { autocreate: true }))).rejects.toMatchObject({ code: "TARGET_MISSING" });
  });

  it("says what Cassandra has against a table, with its definition", async () => {
    const route = target("x".repeat(300), { id: STRING }, ["id"], { autocreate: true });
    await expect(open(route)).rejects.toMatchObject({ code: "TARGET_MISMATCH", message: expect.stringMatching(/xxx.*CREATE TABLE/s) });
  });

  it("compares an existing table with the statement", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.given (id text, at timestamp, n int, PRIMARY KEY (id, at))`);
    const columns = { id: STRING, at: TIMESTAMP, n: STRING };
    await expect(open(target("given", columns, ["id", "at"]))).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
      message: expect.stringContaining('column "n" is int and cannot take STRING'),
    });
    await expect(open(target("given", columns, ["id"]))).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
      message: expect.stringContaining('primary key column "at" is not in the statement\'s key'),
    });
    await expect(open(target("given", { id: STRING, at: TIMESTAMP }, ["id", "at"], { suffix: "_{yyyy}" }))).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
      message: expect.stringContaining("dated suffix"),
    });
    await expect(open(target("given", { id: STRING, at: TIMESTAMP }, ["id", "at"], { ttlSeconds: 0 }))).rejects.toMatchObject({
      message: expect.stringContaining("a TTL must be from 1 to 630720000 seconds"),
    });
  });

  it("refuses counter tables", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.counted (id text PRIMARY KEY, n counter)`);
    await expect(open(target("counted", { id: STRING, n: BIGINT }, ["id"]))).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
      message: expect.stringContaining('"n" is a counter'),
    });
  });

  it("keys rows without a key by their id", async () => {
    const sink = await open(target("unkeyed", { n: INT }, [], { autocreate: true }));
    await written(sink, [
      { id: "t-0-1", version: 1, document: { n: 1 } },
      { id: "t-0-2", version: 2, document: { n: 2 } },
      { id: "t-0-1", version: 3, document: "", delete: true },
    ]);
    expect(await read(keyspace.connection, "unkeyed")).toEqual([{ key: "t-0-2", value: '{"_id":"t-0-2","n":2}' }]);
  });

  it("reads a table of many pages, once each row", async () => {
    const sink = await open(target("many", { id: STRING, n: INT }, ["id", "n"], { autocreate: true }));
    await written(
      sink,
      Array.from({ length: 12_000 }, (_, n) => ({ version: 1, document: { id: `d${n % 50}`, n } })),
    );
    const records = await read(keyspace.connection, "many");
    expect(records).toHaveLength(12_000);
    expect(new Set(records.map((record) => record.key)).size).toBe(12_000);
    const stopped = new AbortController();
    stopped.abort();
    await expect(read(keyspace.connection, "many", stopped.signal)).rejects.toMatchObject({ code: "STOPPED" });
  });

  it("reads and writes columns of any name", async () => {
    const columns = { "a.b": STRING, get: INT, keys: INT, 'say "x"': INT };
    const sink = await open(target("names", columns, ["a.b"], { autocreate: true }));
    await written(sink, [{ version: 1, document: { "a.b": "k", get: 1, keys: 2, 'say "x"': 3 } }]);
    expect(await read(keyspace.connection, "names")).toEqual([{ key: "k", value: '{"a.b":"k","get":1,"keys":2,"say \\"x\\"":3}' }]);
  });

  it("rejects reading what is not there", async () => {
    await expect(read(keyspace.connection, "nowhere")).rejects.toMatchObject({ code: "TARGET_MISSING" });
    expect(keyspace.connection.readTable("a.b.c", NEVER)).toBeNull();
  });

  it("lists tables, without the cluster's own", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.listed (id text PRIMARY KEY)`);
    const relations = await keyspace.connection.listRelations();
    expect(relations).toContainEqual({ name: `${keyspace.name}.listed`, kind: "table" });
    expect(relations.filter((relation) => relation.name.startsWith("system"))).toEqual([]);
  });

  it("finds everything in order", async () => {
    const findings = await keyspace.connection.diagnose();
    expect(findings.map((finding) => [finding.check, finding.ok])).toEqual([
      ["server", true],
      ["keyspace", true],
      ["rights", true],
      ["durability", true],
    ]);
    expect(findings.at(-1)?.detail).toMatch(/^commitlog_sync is periodic: a node that is killed loses /);
    expect(findings[0]?.detail).toMatch(/version \d+\.\d+.*1 nodes in /);
  });

  it("names the data centres that there are where the one of the settings is not among them", async () => {
    const connection = openCassandra(config({ ...address, localDataCenter: "elsewhere", keyspace: keyspace.name }), {
      clock,
      random: { next: Math.random },
      onTrouble: () => undefined,
    });
    const expected = {
      code: "CONFIG_INVALID",
      message: `connections.cass.localDataCenter is "elsewhere", but the nodes are in: ${address.localDataCenter}`,
    };
    await expect(connection.listRelations()).rejects.toMatchObject(expected);
    const [finding] = await connection.diagnose();
    expect(finding).toMatchObject({
      ok: false,
      detail: expected.message,
      advice: `set localDataCenter to one of: ${address.localDataCenter}`,
    });
    await connection.close();
  });

  it("a keyspace that is missing is a finding", async () => {
    const connection = openCassandra(config({ ...address, keyspace: "not_yet" }), {
      clock,
      random: { next: Math.random },
      onTrouble: () => undefined,
    });
    const findings = await connection.diagnose();
    expect(findings.find((finding) => finding.check === "keyspace")).toMatchObject({
      ok: false,
      advice: expect.stringContaining("AUTOCREATE"),
    });
    await connection.close();
  });
});
