import { describe, expect, it } from "vitest";
import { JSON_LAYOUT } from "../../src/model/format.ts";
import { analyze, catalog, statement, statements } from "./catalog.ts";

function targets(text: string, options: Parameters<typeof statements>[1] = {}): readonly string[] {
  return statements(text, options).map(({ target }) => `${target?.connection} ${target?.kind} ${target?.name}`);
}

function source(text: string): string {
  const { connection, topic } = statement(text).source;
  return `${connection} ${topic}`;
}

describe("names after FROM and INTO", () => {
  it("begin with a connection, or lie in the default one as a whole", () => {
    expect(source("INSERT INTO x SELECT * FROM kafka.a.b")).toBe("kafka a.b");
    expect(source("INSERT INTO x SELECT * FROM site.a.b")).toBe("kafka site.a.b");
    expect(source("INSERT INTO x SELECT * FROM `embedded.a`")).toBe("kafka embedded.a");
    expect(source("SET 'source' = 'embedded'; INSERT INTO x SELECT * FROM site.a")).toBe("embedded site.a");
    expect(targets("INSERT INTO a.b-1 SELECT * FROM raw")).toEqual(["elastic index a.b-1"]);
    expect(targets("INSERT INTO x SELECT * FROM raw; SET 'sink' = 'kafka'; INSERT INTO x SELECT * FROM raw")).toEqual([
      "elastic index x",
      "kafka topic x",
    ]);
  });

  it("may be those of declared streams, in any case and in any order of the file", () => {
    const stream = "CREATE STREAM Readings (a INT) WITH (topic = 'sensor.readings', connection = 'embedded');";
    expect(source(`${stream} INSERT INTO x SELECT a FROM readings`)).toBe("embedded sensor.readings");
    expect(source(`INSERT INTO x SELECT a FROM readings; ${stream}`)).toBe("embedded sensor.readings");
    const declared = statement(`${stream} INSERT INTO x SELECT * FROM embedded.sensor.readings`);
    expect(declared.source.columns).toEqual([{ name: "a", type: { kind: "int" } }]);
  });

  it("take a stream's name for its topic only where targets belong to its connection", () => {
    const stream = "CREATE STREAM s (a INT) WITH (topic = 'deep.s'); ";
    expect(targets(`${stream} INSERT INTO s SELECT a FROM s`)).toEqual(["elastic index s"]);
    expect(targets(`${stream} SET 'sink' = 'kafka'; INSERT INTO s SELECT a FROM raw`)).toEqual(["kafka topic deep.s"]);
  });

  it("make topics of embedded names that the pipeline reads or declares, else tables", () => {
    const text = `INSERT INTO embedded.a SELECT * FROM raw; INSERT INTO embedded.b SELECT * FROM embedded.a;
      CREATE STREAM c WITH (connection = 'embedded'); INSERT INTO embedded.c SELECT * FROM raw`;
    expect(targets(text)).toEqual(["embedded topic a", "embedded table b", "embedded topic c"]);
    expect(targets("INSERT INTO cassandra.k.t SELECT a FROM raw PK a")).toEqual(["cassandra table k.t"]);
  });

  it("lie in the connection's keyspace where they have none", () => {
    const settings = { keyspace: "iot" };
    const connections = new Map([
      ...catalog.connections,
      ["cassandra", { name: "cassandra", kind: "cassandra", as: "cassandra", settings }],
    ] as const);
    expect(targets("INSERT INTO cassandra.t SELECT a FROM raw PK a", { connections })).toEqual(["cassandra table iot.t"]);
    expect(targets("INSERT INTO cassandra.k.t SELECT a FROM raw PK a", { connections })).toEqual(["cassandra table k.t"]);
    expect(targets("SET 'sink' = 'cassandra'; INSERT INTO t SELECT a FROM raw PK a", { connections })).toEqual(["cassandra table iot.t"]);
    const named = statement("INSERT INTO cassandra._value.site SELECT a FROM raw PK a", { connections }).targetName;
    expect(named).toMatchObject({ rule: "cassandra table", keyspace: "iot" });
    expect(statement("INSERT INTO cassandra._value.site SELECT a FROM raw PK a").targetName).not.toHaveProperty("keyspace");
  });

  it("use the catalog's streams", () => {
    const stream = {
      kind: "stream",
      connection: "kafka",
      columns: [],
      keyField: "id",
      keyFormat: "string",
      layout: JSON_LAYOUT,
      timestampField: null,
    } as const;
    const streams = new Map([["shared", { ...stream, name: "shared", topic: "shared.topic", partitions: 8 }]]);
    const { pipeline } = analyze("INSERT INTO x SELECT id FROM shared PK id", { streams });
    expect(pipeline?.statements[0]?.source).toMatchObject({ topic: "shared.topic", keyField: "id", columns: null, partitions: 8 });
    expect(pipeline?.declaredTopics).toEqual([{ connection: "kafka", topic: "shared.topic", partitions: 8 }]);
    expect(analyze("INSERT INTO x SELECT * FROM raw", { streams }).pipeline?.declaredTopics).toEqual([]);
  });

  it("report a default connection that does not exist", () => {
    const { diagnostics } = analyze("INSERT INTO x SELECT * FROM raw", { ...catalog, defaultSink: "gone" });
    expect(diagnostics.map(({ code }) => code)).toEqual(["UNKNOWN_CONNECTION"]);
  });
});

describe("names of statements", () => {
  it("are @name, else the target's and a number", () => {
    const text = `INSERT INTO a SELECT * FROM raw; INSERT INTO b SELECT * FROM raw; INSERT INTO a SELECT * FROM raw;
      -- @name hot
      INSERT INTO a SELECT * FROM raw; INSERT INTO a SELECT * FROM raw`;
    expect(statements(text).map(({ name }) => name)).toEqual(["a#1", "b#1", "a#2", "hot", "a#4"]);
  });

  it("carry the connection where two have a target of one name, the first one excepted", () => {
    const text = "INSERT INTO elastic.a SELECT * FROM raw; INSERT INTO kafka.a SELECT * FROM raw; INSERT INTO elastic.a SELECT * FROM raw";
    expect(statements(text).map(({ name }) => name)).toEqual(["a#1", "kafka.a#1", "a#2"]);
  });
});

describe("key formats", () => {
  it("of undeclared topics follow from the use of _key in the pipeline", () => {
    const formats = (text: string): readonly string[] => statements(text).map((bound) => bound.source.keyFormat);
    expect(formats("INSERT INTO x SELECT _key FROM raw")).toEqual(["string"]);
    expect(formats("INSERT INTO x SELECT a FROM raw; INSERT INTO y SELECT _key.id FROM raw; INSERT INTO z SELECT _key FROM other")).toEqual(
      ["json", "json", "string"],
    );
  });
});
