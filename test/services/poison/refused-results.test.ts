import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import type { DeadLetter } from "../../../src/server/routes/dead-letters.ts";
import { freshName } from "../../conformance/names.ts";
import { NOTHING_REDRIVEN } from "../../support/nothing-redriven.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { makeKeyspace, type TestKeyspace } from "../cassandra/keyspace.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { describeWithAll } from "../needs.ts";
import { openStore } from "../open-store.ts";
import { documentsOf } from "../read-back.ts";

const START_MS = Date.UTC(2026, 2, 1);
const MINUTE_MS = 60_000;
const [DEVICES, MINUTES, EACH, PARTITIONS] = [60, 10, 5, 2];
/** Of a byte in the index, of an int in the table, and of a record in the topic. */
const BYTE_MAX = 127;
const INT_MAX = 2 ** 31 - 1;
const RECORD_BYTES_MAX = 2_000;

interface Result {
  readonly device: string;
  readonly at: string;
  readonly n: number;
  readonly level: number;
  readonly big: number;
  readonly text: string;
}

/** Of more bytes than a record may have, also when they are compressed. */
function longText(seed: string): string {
  return Array.from({ length: 100 }, (_, part) => createHash("sha256").update(`${seed} ${part}`).digest("base64")).join("");
}

/** The readings of a device and minute: of every third device and minute they are more than the targets take. */
function readingsOf(device: number, minute: number) {
  const isLarge = (device + minute) % 3 === 0;
  return Array.from({ length: EACH }, (_, n) => ({
    device: `d${device}`,
    level: n + (isLarge ? BYTE_MAX : 0),
    big: n + device + (isLarge ? INT_MAX : 0),
    text: `${n} ${isLarge ? longText(`${device} ${minute} ${n}`) : ""}`,
    timestampMs: START_MS + minute * MINUTE_MS + n * 1000,
  }));
}

const PLACES = Array.from({ length: MINUTES }, (_, minute) =>
  Array.from({ length: DEVICES }, (_, device) => [device, minute] as const),
).flat();

/** What a plain computation makes of all readings. */
const EXPECTED: readonly Result[] = PLACES.map(([device, minute]) => {
  const readings = readingsOf(device, minute);
  return {
    device: `d${device}`,
    at: new Date(START_MS + minute * MINUTE_MS).toISOString(),
    n: readings.length,
    level: Math.max(...readings.map(({ level }) => level)),
    big: Math.max(...readings.map(({ big }) => big)),
    text: must(
      readings
        .map(({ text }) => text)
        .sort()
        .at(-1),
    ),
  };
});

const REFUSED = EXPECTED.filter(({ level }) => level > BYTE_MAX).length;

/** Results of windows that three targets refuse until they are mended, each for a reason of its own. */
describeWithAll(["kafka", "elasticsearch", "cassandra"], "refused results", ({ kafka, elasticsearch, cassandra }) => {
  const scratch = new Scratch(elasticsearch.node);
  const name = scratch.prefix;
  const [index, copies] = [scratch.name("levels"), scratch.name("copies")];
  const topic = freshName("readings");
  let admin: ClusterAdmin;
  let keyspace: TestKeyspace;
  let project: ServedProject;
  let reader: Connection;
  let elastic: Connection;
  let finals = "";

  const put = (pipeline: string, sql: string) => project.client.request("PUT", `/v1/pipelines/${pipeline}`, { sql });
  const statusOf = async (pipeline: string) => (await project.pipeline(pipeline)).status;
  const letters = async (query: string) =>
    (await project.client.request<{ items: DeadLetter[] }>("GET", `/v1/pipelines/${name}/deadletters?limit=1000&${query}`)).body.items;
  const redrive = async () =>
    (await project.client.request<typeof NOTHING_REDRIVEN>("POST", `/v1/pipelines/${name}/deadletters/redrive`, {})).body;
  const table = (type: string) =>
    keyspace.query(`CREATE TABLE ${keyspace.name}.bigs (device text, at timestamp, n bigint, big ${type}, PRIMARY KEY (device, at))`);
  const createIndex = (name: string, type: string) =>
    scratch.send("PUT", `/${name}`, {
      mappings: { properties: { device: { type: "keyword" }, at: { type: "date" }, n: { type: "long" }, level: { type } } },
    });

  beforeAll(async () => {
    keyspace = await makeKeyspace(cassandra);
    const { contactPoints, localDataCenter } = cassandra;
    project = new ServedProject({
      "sluice.yaml": `connections:
  kafka: { kind: kafka, brokers: ${JSON.stringify(kafka.brokers)} }
  elastic: { kind: elasticsearch, node: ${JSON.stringify(elasticsearch.node)} }
  cassandra: { kind: cassandra, contactPoints: ${JSON.stringify(contactPoints)}, localDataCenter: ${localDataCenter} }
defaults: { source: kafka, sink: elastic }
`,
    });
    reader = await openStore("kafka", { brokers: kafka.brokers });
    elastic = await openStore("elasticsearch", { node: elasticsearch.node });
    admin = new ClusterAdmin(kafka.brokers);
    finals = await admin.createTopic("texts", { "max.message.bytes": String(RECORD_BYTES_MAX) });
    await must(reader.source).createTopic(topic, { partitions: PARTITIONS });
    await Promise.all([project.start(), createIndex(index, "byte"), table("int")]);
  });

  afterAll(async () => {
    await Promise.allSettled([name, `${name}_reader`].map((one) => project.client.request("DELETE", `/v1/pipelines/${one}`)));
    await project.end("SIGINT");
    await project.close();
    for (const one of [topic, finals]) await must(reader.source).deleteTopic(one);
    await Promise.all([admin.close(), reader.close(), elastic.close(), keyspace.drop(), scratch.clean()]);
  });

  const append = (readings: readonly (ReturnType<typeof readingsOf>[number] & { readonly partition?: number })[]) =>
    must(reader.source).append(
      topic,
      readings.map(({ timestampMs, partition = null, ...value }) => {
        return { key: Buffer.from(value.device), value: Buffer.from(JSON.stringify(value)), timestampMs, partition };
      }),
    );

  it("become letters that say what a redrive sends", async () => {
    const windows = `FROM readings WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device EMIT FINAL`;
    const place = (to: string) => `SET 'dead.letters' = '${to}';`;
    await put(
      name,
      `CREATE STREAM readings (device STRING, level BIGINT, big BIGINT, text STRING) WITH (topic = '${topic}', key = 'device');
      SET 'error.policy' = 'noop'; SET 'idle.timeout' = 0;
      ${place(`elastic.${name}_letters`)} INSERT INTO elastic.\`${index}\` SELECT device, window_start AS at, COUNT(*) AS n, MAX(level) AS level ${windows};
      ${place(`cassandra.${keyspace.name}.letters`)}
      INSERT INTO cassandra.${keyspace.name}.bigs SELECT device, window_start AS at, COUNT(*) AS n, MAX(big) AS big ${windows};
      ${place(`kafka.${name}_letters`)} INSERT INTO kafka.\`${finals}\` SELECT device, window_start AS at, COUNT(*) AS n, MAX(text) AS text ${windows};`,
    );
    await append(PLACES.flatMap(([device, minute]) => readingsOf(device, minute)));
    const last = must(readingsOf(DEVICES, 2 * MINUTES)[0]);
    await append(Array.from({ length: PARTITIONS }, (_, partition) => ({ ...last, level: 0, big: 0, text: "", partition })));
    let seen = "";
    await until(
      async () => {
        const { statements, failures } = await statusOf(name);
        seen = JSON.stringify([failures, statements.map(({ counters }) => counters)]);
        return (
          statements.length === 3 && statements.every(({ counters }) => counters.rejected === REFUSED && counters.sent === EXPECTED.length)
        );
      },
      "all results",
      120_000,
      () => seen,
      250,
    );
    const found = await letters("redriven=false");
    expect(found.length).toBe(3 * REFUSED);
    expect(new Set(found.map(({ redrive: { sends } }) => sends))).toEqual(new Set(["result"]));
    expect(new Set(found.map(({ attempts }) => attempts))).toEqual(new Set([1]));
  });

  it("are refused again as long as nothing is mended, and stay", async () => {
    expect(await redrive()).toEqual({ ...NOTHING_REDRIVEN, refused: 3 * REFUSED });
    expect((await letters("redriven=false")).map(({ attempts }) => attempts)).toEqual(Array.from({ length: 3 * REFUSED }, () => 2));
  });

  it("are completed once the targets are mended, also by a server that is killed meanwhile", async () => {
    await put(
      `${name}_reader`,
      `CREATE STREAM texts (device STRING, at STRING, n BIGINT, text STRING) WITH (topic = '${finals}');
      INSERT INTO elastic.\`${copies}\` SELECT device, at, n, text FROM texts AUTOCREATE;`,
    );
    await mendIndex();
    await mendTable();
    await admin.setOfTopic(finals, "max.message.bytes", "1000000");
    const before = await scratch.count(index);
    const first = redrive().catch(() => null);
    await until(async () => (await scratch.count(index)) > before, "the first results", 30_000);
    await project.end("SIGKILL");
    await first;
    await project.start();
    await until(async () => (await statusOf(name)).state === "running", "the pipeline", 60_000);
    const second = await redrive();
    expect(second).toMatchObject({ records: 0, refused: 0, gone: 0, unable: [] });
    expect(second.results + second.superseded).toBe(second.letters);
    expect(await redrive()).toMatchObject({ results: 0, superseded: 0, letters: 0 });
    expect((await letters("redriven=true")).length).toBe(3 * REFUSED);
    await until(async () => (await scratch.count(copies)) === EXPECTED.length, "what a reader of the topic takes", 60_000);
    const inOrder = <Row extends Partial<Result>>(rows: readonly Row[]) =>
      rows.toSorted((left, right) => (`${left.device} ${left.at}` < `${right.device} ${right.at}` ? -1 : 1));
    const only = (...members: readonly (keyof Result)[]) =>
      inOrder(EXPECTED.map((row) => Object.fromEntries(members.map((member) => [member, row[member]])) as Partial<Result>));
    expect(inOrder(await documentsOf<Result>(elastic, index))).toEqual(only("device", "at", "n", "level"));
    expect(inOrder(await documentsOf<Result>(keyspace.connection, `${keyspace.name}.bigs`))).toEqual(only("device", "at", "n", "big"));
    expect(inOrder(await documentsOf<Result>(elastic, copies))).toEqual(only("device", "at", "n", "text"));
    for (const { counters } of (await statusOf(name)).statements) {
      const { in: taken, applied, filtered, late, deadLettered, sent, written, superseded, rejected } = counters;
      expect([taken, sent]).toEqual([applied + filtered + late + deadLettered, written + superseded + rejected]);
    }
  });

  /** Into an index with another mapping, versions as they are. */
  async function mendIndex(): Promise<void> {
    const there = await scratch.documents(index);
    await scratch.send("DELETE", `/${index}`);
    await createIndex(index, "long");
    for (const [id, { version, source }] of there) {
      await scratch.send("PUT", `/${index}/_doc/${encodeURIComponent(id)}?version=${version}&version_type=external`, source);
    }
    expect([there.size, await scratch.count(index)]).toEqual([EXPECTED.length - REFUSED, EXPECTED.length - REFUSED]);
  }

  async function mendTable(): Promise<void> {
    const rows = `${keyspace.name}.bigs`;
    const there = await keyspace.query(`SELECT device, at, n, big, writetime(big) AS version FROM ${rows}`);
    await keyspace.query(`DROP TABLE ${rows}`);
    await table("bigint");
    for (const row of there) {
      const values = [`'${row["device"]}'`, `'${(row["at"] as Date).toISOString()}'`, row["n"], row["big"]].join(", ");
      await keyspace.query(`INSERT INTO ${rows} (device, at, n, big) VALUES (${values}) USING TIMESTAMP ${row["version"]}`);
    }
    expect(there.length).toBe(EXPECTED.length - REFUSED);
  }
});
