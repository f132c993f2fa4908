import { describe, expect, it } from "vitest";
import { scratch } from "../support/scratch.ts";
import { runningServer } from "./running-server.ts";

const UNREACHABLE = `connections:
  elastic: { kind: embedded, as: elasticsearch }
  far: { kind: kafka, brokers: "127.0.0.1:1", sasl: { mechanism: plain, username: ada, password: sesame } }
  later: { kind: elasticsearch, node: "http://ada:sesame@127.0.0.1:1" }
`;
const DECLARED = "CREATE STREAM readings (id INT, temperature DOUBLE) WITH (topic = 'readings.v1');";

describe("what there is, by REST", () => {
  it("connections, whether they can be used, and nothing that is secret", async () => {
    const { request } = await runningServer({}, null, scratch({ "sluice.yaml": UNREACHABLE }));
    const { status, body } = await request("GET", "/v1/connections");
    expect(status).toBe(200);
    expect(body.items).toMatchObject([
      { name: "embedded", kind: "embedded", defaultFor: ["source", "sink"], ok: true, error: null },
      { name: "elastic", kind: "embedded", as: "elasticsearch", ok: true },
      { name: "far", kind: "kafka", ok: false, error: expect.stringContaining("127.0.0.1:1") },
      { name: "later", kind: "elasticsearch", ok: false, error: expect.stringContaining("127.0.0.1:1") },
    ]);
    expect(JSON.stringify(body)).not.toMatch(/sesame|ada/);
  });

  it("topics of the connections that answer, and why the others do not", async () => {
    const { request, produce } = await runningServer({}, null, scratch({ "sluice.yaml": UNREACHABLE, "queries/catalog.sql": DECLARED }));
    await produce("readings.v1", [{ id: 1, temperature: 20.5 }]);
    const { body } = await request("GET", "/v1/topics");
    expect(body.items).toContainEqual({
      name: "readings.v1",
      connection: "embedded",
      partitions: 1,
      compacted: false,
      declaredAs: ["readings"],
    });
    expect(body.unreachable).toMatchObject([{ connection: "far", error: expect.stringContaining("far") }]);
    expect(await request("GET", "/v1/topics/readings")).toMatchObject({
      status: 200,
      body: { name: "readings.v1", bounds: [{ partition: 0, startOffset: 0, endOffset: 1 }], columns: [{ name: "id", type: "INT" }, {}] },
    });
    expect(await request("GET", "/v1/topics/far.readings")).toMatchObject({ status: 503, body: { code: "CONNECTION_FAILED" } });
  });

  it("functions with their examples, and settings", async () => {
    const { request } = await runningServer();
    const functions = (await request("GET", "/v1/functions")).body.items as { name: string }[];
    expect(functions.length).toBeGreaterThan(100);
    expect(functions.find(({ name }) => name === "upper")).toMatchObject({
      kind: "scalar",
      signature: expect.stringContaining("upper("),
      examples: [{ sql: expect.stringContaining("upper"), result: expect.stringMatching(/^"/) }],
    });
    const settings = (await request("GET", "/v1/settings")).body.items;
    expect(settings).toContainEqual(expect.objectContaining({ name: "dead.letters", initial: null }));
  });
});

describe("a sample of a topic", () => {
  it("has the last records of all partitions and the columns that they show, with every digit", async () => {
    const { request, source, url } = await runningServer();
    await source.createTopic("readings", { partitions: 2 });
    const record = (partition: number, second: number, value: string) => ({
      key: Buffer.from(`k${second}`),
      value: Buffer.from(value),
      timestampMs: Date.UTC(2026, 0, 1, 0, 0, second),
      partition,
      headers: [["trace", Buffer.from("t1")]] as const,
    });
    await source.append("readings", [
      record(0, 0, '{"id":1}'),
      record(1, 1, '{"id":9007199254740993}'),
      record(0, 2, '{"id":2,"name":"b"}'),
    ]);
    const { status, headers, body } = await request("GET", "/v1/topics/readings/sample?count=2");
    expect([status, headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    expect(body).toMatchObject({
      topic: "readings",
      connection: "embedded",
      columns: [
        { name: "id", type: "BIGINT", presence: 1 },
        { name: "name", type: "STRING" },
      ],
      records: [
        {
          key: "k2",
          value: { id: 2, name: "b" },
          partition: 0,
          offset: 1,
          timestamp: "2026-01-01T00:00:02.000Z",
          headers: { trace: "t1" },
        },
        { partition: 1, offset: 0 },
      ],
    });
    expect(await (await fetch(`${url}/v1/topics/readings/sample`)).text()).toContain('"value":{"id":9007199254740993}');
  });

  it("has as many of large records as have room, the latest of them", async () => {
    const { request, source } = await runningServer();
    const value = Buffer.from(JSON.stringify("x".repeat(1 << 20)));
    await source.append(
      "large",
      Array.from({ length: 8 }, (_, n) => ({ key: null, value, timestampMs: n })),
    );
    const offsets = async (count: number): Promise<number[]> =>
      (await request("GET", `/v1/topics/large/sample?count=${count}`)).body.records.map(({ offset }: { offset: number }) => offset);
    expect(await offsets(1)).toEqual([7]);
    expect(await offsets(1000)).toEqual([7, 6, 5]);
  });

  it("is refused of what is not there, with the topics that are", async () => {
    const { request } = await runningServer();
    expect(await request("GET", "/v1/topics/nothing/sample")).toMatchObject({ status: 404, body: { code: "TOPIC_MISSING" } });
    expect(await request("GET", "/v1/topics/elastic.x/sample")).toMatchObject({ status: 422, body: { code: "USAGE" } });
    expect(await request("GET", "/v1/topics/x/sample?connection=nowhere")).toMatchObject({
      status: 404,
      body: { code: "CONNECTION_UNKNOWN" },
    });
    expect(await request("GET", "/v1/topics/x/sample?count=0")).toMatchObject({ status: 400, body: { code: "REQUEST_INVALID" } });
  });
});
