import { afterAll, beforeAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import type { Task } from "../../../src/server/routes/pipeline-insight.ts";
import { freshName } from "../../conformance/names.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { makeKeyspace, type TestKeyspace } from "../cassandra/keyspace.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { describeWithAll } from "../needs.ts";
import { openStore } from "../open-store.ts";

/** Of each partition. */
const RECORDS = 400;
const PARTITIONS = 2;
/** Only the first partition has one that is refused. */
const REFUSED_AT = 150;
/** Of one request to the index. Of these, and of those to the table, one is under way. */
const DOCUMENTS_MAX = 10;
/** Cassandra's own limit of a partition key; no client knows of it. */
const KEY_BYTES_MAX = 65_535;

interface Row {
  readonly part: number;
  readonly n: number;
}

/** What nobody but the server can refuse: a text where the index has a number, and a key that is too long for the table. */
function readingOf(part: number, n: number): object {
  const isRefused = part === 0 && n === REFUSED_AT;
  return { id: isRefused ? "x".repeat(KEY_BYTES_MAX + 1) : `${part}-${n}`, part, n, extra: isRefused ? "many" : n };
}

describeWithAll(["kafka", "elasticsearch", "cassandra"], "a change that the store refuses, under THROW", (services) => {
  const scratch = new Scratch(services.elasticsearch.node);
  const topic = freshName("refused");
  const name = scratch.prefix;
  let keyspace: TestKeyspace;
  let project: ServedProject;
  let reader: Connection;

  beforeAll(async () => {
    keyspace = await makeKeyspace(services.cassandra);
    const { kafka, elasticsearch, cassandra } = services;
    project = new ServedProject({
      "sluice.yaml": `connections:
  kafka: { kind: kafka, brokers: ${JSON.stringify(kafka.brokers)} }
  elastic: { kind: elasticsearch, node: ${JSON.stringify(elasticsearch.node)}, bulkDocuments: ${DOCUMENTS_MAX}, inFlight: 1 }
  cassandra: { kind: cassandra, contactPoints: ${JSON.stringify(cassandra.contactPoints)}, localDataCenter: ${cassandra.localDataCenter},
    concurrency: 1 }
defaults: { source: kafka, sink: elastic }
`,
    });
    reader = await openStore("kafka", { brokers: kafka.brokers });
    const source = must(reader.source);
    await source.createTopic(topic, { partitions: PARTITIONS });
    const numbers = Array.from({ length: RECORDS }, (_, n) => n);
    const records = Array.from({ length: PARTITIONS }, (_, part) =>
      numbers.map((n) => ({ key: null, value: Buffer.from(JSON.stringify(readingOf(part, n))), timestampMs: n, partition: part })),
    );
    await Promise.all([source.append(topic, records.flat()), project.start()]);
  });

  afterAll(async () => {
    const { items } = (await project.client.request<{ items: { name: string }[] }>("GET", "/v1/pipelines")).body;
    for (const pipeline of items) await project.client.request("DELETE", `/v1/pipelines/${pipeline.name}`);
    await project.end("SIGINT");
    await project.close();
    await must(reader.source).deleteTopic(topic);
    await Promise.all([reader.close(), keyspace.drop(), scratch.clean()]);
  });

  /** Runs until the first partition has stopped and the second is written; gives what is in the target of each. */
  async function run(pipeline: string, insert: string, rows: () => Promise<readonly Row[]>): Promise<readonly (readonly number[])[]> {
    const sql = `SET 'error.policy' = 'throw'; INSERT INTO ${insert};`;
    await project.client.request("PUT", `/v1/pipelines/${pipeline}`, { sql });
    let tasks: readonly Task[] = [];
    const isThrough = async (): Promise<boolean> => {
      tasks = (await project.client.request<{ items: readonly Task[] }>("GET", `/v1/pipelines/${pipeline}/tasks`)).body.items;
      const [first, second] = [0, 1].map((partition) => tasks.find((task) => task.partition === partition));
      return first?.state === "failed" && second?.durable === RECORDS;
    };
    await until(
      isThrough,
      "one partition to stop, the other to end",
      60_000,
      () => `${JSON.stringify(tasks)} ${project.log.slice(-2000)}`,
      100,
    );
    const failed = must(tasks.find(({ partition }) => partition === 0));
    expect(failed).toMatchObject({ state: "failed", lastError: { code: "CHANGE_REJECTED", topic, partition: 0, offset: REFUSED_AT } });
    expect(failed.durable ?? 0).toBeLessThanOrEqual(REFUSED_AT);
    const found = await rows();
    return Array.from({ length: PARTITIONS }, (_, part) =>
      found
        .filter((row) => row.part === part)
        .map(({ n }) => n)
        .sort((left, right) => left - right),
    );
  }

  async function intoIndex(end: string, batch: string): Promise<readonly (readonly number[])[]> {
    const index = scratch.name(end);
    await scratch.send("PUT", `/${index}`, { mappings: { properties: { extra: { type: "long" } } } });
    const rows = async () => [...(await scratch.documents(index)).values()].map(({ source }) => source as Row);
    return run(`${name}_index_${end}`, `elastic.\`${index}\` SELECT part, n, extra FROM \`${topic}\` PK part, n ${batch}`, rows);
  }

  async function intoTable(end: string, batch: string): Promise<readonly (readonly number[])[]> {
    const table = `${keyspace.name}.rows_${end}`;
    await keyspace.query(`CREATE TABLE ${table} (id text PRIMARY KEY, part int, n int)`);
    const rows = async () => (await keyspace.query(`SELECT part, n FROM ${table}`)).map(({ part, n }) => ({ part, n }) as Row);
    return run(`${name}_table_${end}`, `cassandra.${table} SELECT id, part, n FROM \`${topic}\` PK id ${batch}`, rows);
  }

  const ALL = Array.from({ length: RECORDS }, (_, n) => n);
  const BEFORE = ALL.slice(0, REFUSED_AT);

  it("has nothing behind it written to an index where one change is sent at a time", async () => {
    expect(await intoIndex("single", "BATCH = 1")).toEqual([BEFORE, ALL]);
  });

  it("has nothing behind it written to a table where one change is sent at a time", async () => {
    expect(await intoTable("single", "BATCH = 1")).toEqual([BEFORE, ALL]);
  });

  it("has all before it written to an index, and behind it no more than its request holds", async () => {
    const [stopped, neighbour] = await intoIndex("many", "");
    expect(neighbour).toEqual(ALL);
    expect(must(stopped).slice(0, REFUSED_AT)).toEqual(BEFORE);
    expect(must(stopped).length - REFUSED_AT).toBeLessThan(DOCUMENTS_MAX);
  });

  it("has nothing behind it written to a table where one request is under way, however many rows it holds", async () => {
    expect(await intoTable("many", "")).toEqual([BEFORE, ALL]);
  });
});
