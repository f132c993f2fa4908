import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { must } from "../../../src/assert.ts";
import { environment } from "../../../src/project/environment.ts";
import { checkLive } from "../../../src/project/live/check-live.ts";
import { analyzeFile, openProject } from "../../../src/project/project.ts";
import { makeKeyspace, type TestKeyspace } from "../cassandra/keyspace.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { KafkaConnections } from "../kafka/connection.ts";
import { missingForRegistry, type Registry, startRegistry } from "../registry/start-registry.ts";

const kafka = inject("kafka");
const elasticsearch = inject("elasticsearch");
const cassandra = inject("cassandra");
const isMissing = kafka === null || elasticsearch === null || cassandra === null || (await missingForRegistry()) !== null;

describe("check --live, beside Kafka, Elasticsearch, Cassandra and a schema registry", { skip: isMissing }, () => {
  const topic = `live_${randomBytes(5).toString("hex")}`;
  const folder = mkdtempSync(join(tmpdir(), "sluice-live-"));
  let registry: Registry;
  let keyspace: TestKeyspace;
  let scratch: Scratch;

  beforeAll(async () => {
    scratch = new Scratch(must(elasticsearch).node);
    [registry, keyspace] = await Promise.all([startRegistry(), makeKeyspace(must(cassandra))]);
    mkdirSync(join(folder, "queries"));
    writeFileSync(join(folder, "sluice.yaml"), config(registry.url));
    const connections = new KafkaConnections(must(kafka).brokers, "platformatic");
    const source = connections.source();
    try {
      await source.createTopic(topic, { partitions: 3 });
      const documents = [
        { deviceId: "d1", homeId: "h", temperature: 21.5, ts: "2026-01-31T00:00:00.000Z", room: { floor: 1 } },
        { deviceId: "d2", homeId: "h", temperature: 22, ts: "2026-01-31T00:00:00.000Z", room: { floor: 2 } },
      ];
      const records = documents.map((document) => ({
        key: Buffer.from(document.deviceId),
        value: Buffer.from(JSON.stringify(document)),
        timestampMs: 1_700_000_000_000,
      }));
      await source.append(topic, records);
    } finally {
      await connections.close();
    }
  }, 240_000);

  afterAll(async () => {
    await Promise.all([registry.stop(), keyspace.drop(), scratch.clean()]);
    const connections = new KafkaConnections(must(kafka).brokers, "platformatic");
    await connections.source().deleteTopic(topic);
    await connections.close();
    rmSync(folder, { recursive: true });
  });

  const config = (registryUrl: string): string => `
connections:
  kafka: {kind: kafka, brokers: ${JSON.stringify(must(kafka).brokers)}, schema.registry: "${registryUrl}"}
  elastic: {kind: elasticsearch, node: "${must(elasticsearch).node}"}
  cassandra:
    kind: cassandra
    contactPoints: ${JSON.stringify(must(cassandra).contactPoints)}
    localDataCenter: ${must(cassandra).localDataCenter}
  nowhere: {kind: elasticsearch, node: "http://127.0.0.1:1"}
defaults: {source: kafka, sink: elastic}
`;

  /** `severity CODE message | hint` of each finding; names of this run are left out. */
  async function found(sql: string, strict = false): Promise<readonly string[]> {
    const file = join(folder, "queries", "p.sql");
    writeFileSync(file, sql);
    const project = await openProject({ config: join(folder, "sluice.yaml"), data: join(folder, "data") });
    const [checked] = await checkLive(project, [await analyzeFile(project, file)], environment, strict);
    return must(checked).diagnostics.map(({ severity, code, message, hint }) =>
      `${severity} ${code} ${message}${hint === null ? "" : ` | ${hint}`}`
        .replaceAll(topic, "TOPIC")
        .replaceAll(keyspace.name, "KEYSPACE")
        .replaceAll(scratch.prefix, "X"),
    );
  }

  it("checks fields against the schema of the registry first, else against records", async () => {
    const sql = `INSERT INTO ${scratch.name("a")} SELECT deviceId, temprature, humidity FROM ${topic};`;
    expect(await found(sql)).toEqual([
      "warning UNKNOWN_FIELD there is no field 'temprature' in any of 2 sampled records of TOPIC | did you mean temperature?",
      "warning UNKNOWN_FIELD there is no field 'humidity' in any of 2 sampled records of TOPIC | there are deviceId, homeId, temperature, ts, room",
    ]);
    const properties = { deviceId: { type: "string" }, humidity: { type: "number" } };
    await registry.register(`${topic}-value`, "JSON", { type: "object", properties });
    expect(await found(sql)).toEqual([
      "warning UNKNOWN_FIELD there is no field 'temprature' in version 1 of the schema TOPIC-value | there are deviceId, humidity",
    ]);
    await fetch(`${registry.url}/subjects/${topic}-value`, { method: "DELETE" });
  });

  it("names missing topics, and asks for keys where groups lie in several partitions", async () => {
    const sql = `INSERT INTO ${scratch.name("b")} SELECT x FROM ${topic}x;
      INSERT INTO ${scratch.name("b")} SELECT homeId, COUNT(*) AS n FROM ${topic} WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY homeId;
      INSERT INTO ${scratch.name("b")} SELECT homeId, MAX(_offset) AS n FROM ${topic} WINDOW SESSION (GAP 1 MINUTE) GROUP BY homeId;`;
    const findings = await found(sql, true);
    expect(findings).toEqual([
      "error TOPIC_MISSING there is no topic TOPICx on kafka: the pipeline would be WAITING for it | did you mean TOPIC?",
      expect.stringMatching(/^error GROUPING_NEEDS_KEY GROUP BY is not covered .* TOPIC has 3 partitions.* equals deviceId in all sampled/),
    ]);
  });

  it("holds the whole primary key and every column of a table against the statement", async () => {
    await keyspace.query(
      `CREATE TABLE ${keyspace.name}.readings (home text, at timestamp, n int, "deviceId" text, PRIMARY KEY ((home, "deviceId"), at))`,
    );
    const select = `CAST(temperature AS DOUBLE) AS n, ts AS att, room FROM ${topic}`;
    expect(await found(`INSERT INTO cassandra.${keyspace.name}.readings SELECT deviceId, ${select} PK deviceId;`)).toEqual([
      expect.stringMatching(
        /^error TARGET_MISMATCH table KEYSPACE.readings: primary key column "home" .* it is part of the partition key \| use PK home, deviceId, at/,
      ),
      expect.stringMatching(/^error TARGET_MISMATCH table KEYSPACE.readings: primary key column "at" .* it is a clustering column/),
      expect.stringMatching(/column "n" is int and cannot take DOUBLE \| CAST/),
      expect.stringMatching(/it has no column "att" \| did you mean at\? Else: its columns are/),
      expect.stringMatching(/it has no column "room"/),
    ]);
    expect(await found(`INSERT INTO cassandra.${keyspace.name}.reading SELECT deviceId FROM ${topic} PK deviceId;`)).toEqual([
      expect.stringMatching(/^error TARGET_MISSING table KEYSPACE.reading does not exist \| did you mean KEYSPACE.readings\? Else: /),
    ]);
    const evolving = `UPSERT INTO cassandra.${keyspace.name}.readings SELECT homeId AS home, deviceId, ts AS at, temperature AS n FROM ${topic} PK home, deviceId, at;`;
    expect(await found(evolving)).toEqual([
      expect.stringMatching(/^warning TARGET_MISMATCH .*"at" is timestamp and cannot take STRING \(types of 2 sampled records of TOPIC\)/),
      expect.stringMatching(/^warning TARGET_MISMATCH .*"n" is int and cannot take DOUBLE \(types of 2 sampled records of TOPIC\)/),
    ]);
  });

  it("holds the mapping of an index, its dynamic templates, and the index templates of names to come against the statement", async () => {
    const properties = { deviceId: { type: "long" }, at: { type: "date", format: "epoch_second" }, room: { type: "keyword" } };
    const dynamic_templates = [{ counts: { match: "*_count", mapping: { type: "boolean" } } }];
    await scratch.send("PUT", `/${scratch.name("given")}`, { mappings: { properties, dynamic_templates } });
    const select = `SELECT deviceId, CAST(ts AS TIMESTAMP) AS at, room, CAST(1 AS BIGINT) AS d_count FROM ${topic};`;
    const mapped = (of: string): readonly string[] => [
      `error TARGET_MISMATCH ${of}: column at is TIMESTAMP, but the field is a date of the format epoch_second`,
      `error TARGET_MISMATCH ${of}: column d_count is BIGINT, but the field is mapped as boolean by the dynamic template "counts"`,
      `warning TARGET_MISMATCH ${of}: column deviceId is STRING, but the field is mapped as long (types of 2 sampled records of TOPIC)`,
      `warning TARGET_MISMATCH ${of}: column room is STRUCT<floor BIGINT>, but the field is mapped as keyword (types of 2 sampled records of TOPIC)`,
    ];
    const plain = async (sql: string) => (await found(sql)).map((text) => text.replace(/ \| .*/, "")).sort();
    expect(await plain(`INSERT INTO ${scratch.name("given")} ${select}`)).toEqual(mapped('index "X-given"'));
    const template = { mappings: { properties, dynamic_templates } };
    await scratch.send("PUT", `/_index_template/${scratch.name("foreign")}`, {
      index_patterns: [scratch.name("dated_*")],
      priority: 900,
      template,
    });
    const dated = `INSERT INTO ${scratch.name("dated")} ${select.replace(";", " WITHINDEXSUFFIX=_{yyyy-MM-dd};")}`;
    expect(await plain(dated)).toEqual(mapped('the index template of "X-dated_1111-11-11"'));
  });

  it("warns of an index whose name is nearly another's, and makes nothing", async () => {
    await scratch.send("PUT", `/${scratch.name("temperatures_1m")}`, {});
    expect(await found(`INSERT INTO ${scratch.name("temperatures_1n")} SELECT deviceId FROM ${topic};`)).toEqual([
      'warning TARGET_MISSING index "X-temperatures_1n" does not exist yet and will be made | did you mean X-temperatures_1m?',
    ]);
    expect(await scratch.index(scratch.name("temperatures_1n"))).toBeNull();
  });

  it("tells once, at the name, of a system that does not answer, and goes on with the others", async () => {
    const sql = `INSERT INTO nowhere.a SELECT deviceld FROM ${topic}; INSERT INTO nowhere.b SELECT deviceId FROM ${topic};`;
    const findings = await found(sql);
    expect(findings.map((text) => text.split(" ")[1])).toEqual(["CONNECTION_FAILED", "UNKNOWN_FIELD", "CONNECTION_FAILED"]);
  });

  it("checks against records where the registry does not answer, and says so", async () => {
    writeFileSync(join(folder, "sluice.yaml"), config("http://127.0.0.1:1"));
    const findings = await found(`INSERT INTO ${scratch.name("a")} SELECT deviceld FROM ${topic};`);
    expect(findings).toEqual([
      expect.stringMatching(/^warning UNKNOWN_FIELD .*did you mean deviceId\?$/),
      expect.stringMatching(
        /^warning CONNECTION_FAILED the schema registry http:\/\/127.0.0.1:1 cannot be reached: .*\| fields are checked/,
      ),
    ]);
    writeFileSync(join(folder, "sluice.yaml"), config(registry.url));
  });
});
