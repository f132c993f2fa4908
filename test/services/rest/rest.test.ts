import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../../conformance/eventually.ts";
import { ServedProject } from "../../support/served-project.ts";
import { until } from "../../support/until.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { ClusterAdmin } from "../kafka/cluster-admin.ts";
import { kafkaToElastic } from "../kafka-to-elastic.ts";
import { describeWithAll } from "../needs.ts";

const START = Date.UTC(2026, 2, 1);
const MINUTE_MS = 60_000;
const MINUTES = 5;
const DEVICES = 9;
const EACH = 4;

interface Reading {
  readonly device: string;
  readonly temperature: number | string;
  readonly timestampMs: number;
}

/** In the order of the log; of one device all on one partition. */
const READINGS: readonly Reading[] = Array.from({ length: MINUTES * EACH * DEVICES }, (_, n) => ({
  device: `d${n % DEVICES}`,
  temperature: n % 40,
  timestampMs: START + Math.floor((n / (EACH * DEVICES)) * MINUTE_MS),
}));

describeWithAll(["kafka", "elasticsearch"], "REST on Kafka and Elasticsearch", ({ kafka, elasticsearch }) => {
  const admin = new ClusterAdmin(kafka.brokers);
  const elastic = new Scratch(elasticsearch.node);
  const project = new ServedProject({ "sluice.yaml": kafkaToElastic(kafka, elasticsearch) });
  const [topics, index, rows] = [[] as string[], elastic.name("windows"), elastic.name("rows")];
  let [topic, letters] = ["", ""];

  const produce = (readings: readonly Reading[]) =>
    admin.producer().send({
      messages: readings.map(({ device, temperature, timestampMs }) => ({
        topic,
        key: device,
        value: JSON.stringify({ device, temperature }),
        timestamp: BigInt(timestampMs),
        headers: { trace: `t-${device}` },
        partition: Number(device.slice(1)) % 3,
      })),
    });
  const post = async <Body>(path: string, body: unknown = {}): Promise<Body> =>
    (await project.client.request<Body>("POST", path, body)).body;
  const get = async <Body>(path: string): Promise<Body> => (await project.client.request<Body>("GET", path)).body;

  beforeAll(async () => {
    topic = await admin.createTopic("rest", {}, 3);
    letters = await admin.createTopic("rest-letters");
    topics.push(topic, letters);
    await produce(READINGS);
    await project.start();
  });

  afterAll(async () => {
    const { items } = await get<{ items: { name: string }[] }>("/v1/pipelines");
    for (const { name } of items) await project.client.request("DELETE", `/v1/pipelines/${name}`);
    await project.end("SIGINT");
    await project.close();
    for (const one of topics) await admin.deleteTopic(one);
    await admin.close();
    await elastic.clean();
  });

  /** What a naive program makes of the readings: counts and sums by device and minute. */
  function windows(readings: readonly Reading[]): unknown[] {
    const minuteOf = ({ timestampMs }: Reading): number => timestampMs - (timestampMs % MINUTE_MS);
    return [...Map.groupBy(readings, (reading) => `${reading.device} ${minuteOf(reading)}`).values()]
      .map((own) => ({ device: own[0]?.device, n: own.length, total: own.reduce((sum, { temperature }) => sum + Number(temperature), 0) }))
      .sort(byText);
  }
  const byText = (left: object, right: object): number => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1);
  const documents = async () => [...(await elastic.documents(index)).values()];
  const contents = async () => (await documents()).map(({ source }) => source as { device: string; n: number; total: number }).sort(byText);

  it("a windowed INSERT becomes a pipeline, and its results arrive in the index", async () => {
    const sql = `CREATE STREAM readings (device STRING, temperature INT) WITH (topic = '${topic}', key = 'device');
      INSERT INTO \`${index}\` SELECT device, COUNT(*) AS n, SUM(temperature) AS total FROM readings
      WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY device;`;
    const { results } = await post<{ results: { kind: string; pipeline?: string }[] }>("/v1/statements", {
      sql,
      name: `${elastic.prefix}_windows`,
    });
    expect(results).toMatchObject([{ kind: "message" }, { kind: "pipeline", pipeline: `${elastic.prefix}_windows` }]);
    const expected = windows(READINGS);
    await until(
      async () => JSON.stringify(await contents()) === JSON.stringify(expected),
      "the windows",
      60_000,
      () => "",
      500,
    );
  });

  it("its tasks stand at the ends of the partitions, and the topic shows what is in it", async () => {
    const { bounds, columns } = await get<{ bounds: { partition: number; endOffset: number }[]; columns: object[] }>(`/v1/topics/${topic}`);
    expect(columns).toMatchObject([{ name: "device" }, { name: "temperature", type: "BIGINT" }]);
    const atTheEnd = bounds.map(({ partition, endOffset }) => ({ topic, partition, state: "running", position: endOffset, lag: 0 }));
    // Pipelines tell of their tasks once a second.
    await eventually(async () => {
      const { items } = await get<{ items: object[] }>(`/v1/pipelines/${elastic.prefix}_windows/tasks`);
      expect(items).toMatchObject(atTheEnd);
    });
    const { records } = await get<{ records: object[] }>(`/v1/topics/${topic}/sample?count=1`);
    const last = READINGS.at(-1) as Reading;
    expect(records).toMatchObject([
      {
        value: { device: expect.any(String) },
        timestamp: new Date(last.timestampMs).toISOString(),
        headers: { trace: expect.any(String) },
      },
    ]);
  });

  it("a replay from a time writes the same windows again, under higher versions, and no others", async () => {
    const before = new Map((await documents()).map(({ source, version }) => [JSON.stringify(source), version]));
    const from = START + 3 * MINUTE_MS;
    await post(`/v1/pipelines/${elastic.prefix}_windows/replay`, { from: new Date(from).toISOString() });
    const risen = async () => (await documents()).filter(({ source, version }) => version > (before.get(JSON.stringify(source)) ?? 0));
    await until(
      async () => (await risen()).length >= 2 * DEVICES,
      "the windows once more",
      60_000,
      () => "",
      500,
    );
    expect(await risen()).toHaveLength(2 * DEVICES);
    expect(await contents()).toEqual(windows(READINGS));
  });

  it("dead letters are put back once, and taken by the mended statement", async () => {
    const name = `${elastic.prefix}_rows`;
    const strict = `SET 'error.policy' = 'noop'; SET 'dead.letters' = 'kafka.${letters}';
      INSERT INTO \`${rows}\` SELECT device, temperature + 0 AS t FROM \`${topic}\` START AT '2026-03-01T00:05:00Z' PK device;`;
    await project.client.request("PUT", `/v1/pipelines/${name}`, { sql: strict });
    await until(async () => (await project.pipeline(name)).status.state === "running", "the pipeline", 60_000);
    await produce(["d1", "d2"].map((device) => ({ device, temperature: "warm", timestampMs: START + MINUTES * MINUTE_MS })));
    const path = `/v1/pipelines/${name}/deadletters`;
    const listed = async () => (await get<{ items: { value: string; code: string }[] }>(path)).items;
    await until(
      async () => (await listed()).length === 2,
      "the dead letters",
      60_000,
      () => "",
      500,
    );
    await project.client.request("PUT", `/v1/pipelines/${name}`, { sql: strict.replace("temperature + 0", "1") });
    const all = await Promise.all([post<{ records: number }>(`${path}/redrive`), post<{ records: number }>(`${path}/redrive`)]);
    expect(all.map(({ records }) => records).sort()).toEqual([0, 2]);
    const arrived = async () => [...(await elastic.documents(rows)).values()].map(({ source }) => source as object).sort(byText);
    await until(
      async () => (await arrived()).length === 2,
      "the documents",
      60_000,
      () => "",
      500,
    );
    expect(await arrived()).toEqual(["d1", "d2"].map((device) => ({ device, t: 1 })));
    const { records } = await get<{ records: object[] }>(`/v1/topics/${topic}/sample?count=4`);
    expect(records).toHaveLength(4);
    for (const record of records)
      expect(record).toMatchObject({ value: { temperature: "warm" }, headers: { trace: expect.stringMatching(/^t-d[12]$/) } });
    expect((await listed()).length).toBe(2);
    expect((await get<{ items: object[] }>(`${path}?redriven=false`)).items).toEqual([]);
  });
});
