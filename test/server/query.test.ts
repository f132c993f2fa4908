import { describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { runningServer } from "./running-server.ts";

const lines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("queries by REST", () => {
  it("give rows as lines, and say at the end that it was all", async () => {
    const { request, produce } = await runningServer();
    await produce(
      "readings",
      [1, 2, 3].map((id) => ({ id })),
    );
    const { status, headers, body } = await request("POST", "/v1/query", { sql: "SELECT id FROM readings WHERE id > 1", untilEnd: true });
    expect([status, headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
    expect(lines(body)).toEqual([{ row: { id: 2 } }, { row: { id: 3 } }, { done: true }]);
  });

  it("change nothing: what writes, drops or makes is refused, and nothing of the text is executed", async () => {
    const { request, produce } = await runningServer();
    await produce("readings", [{ id: 1 }]);
    for (const text of [
      "INSERT INTO readings (id) VALUES (2)",
      "INSERT INTO readings (id) VALUES (2); SELECT id FROM readings",
      "SELECT id FROM readings; INSERT INTO readings (id) VALUES (2)",
      "INSERT INTO copy SELECT id FROM readings; SELECT id FROM readings",
      "CREATE STREAM copy AS SELECT id FROM readings; SELECT id FROM readings",
      "CREATE STREAM readings (id BIGINT); DROP STREAM readings DELETE TOPIC; SELECT id FROM readings",
    ])
      expect(await request("POST", "/v1/query", { sql: text }), text).toMatchObject({
        status: 422,
        body: { code: "STATEMENT_NOT_ALLOWED" },
      });
    const prepared = "SET 'start' = 'earliest'; CREATE STREAM r (id BIGINT) WITH (topic = 'readings'); SELECT id FROM r";
    expect(lines((await request("POST", "/v1/query", { sql: prepared, untilEnd: true })).body)).toEqual([
      { row: { id: 1 } },
      { done: true },
    ]);
    const { body } = await request("GET", "/v1/topics");
    expect(body.items.map(({ name }: { name: string }) => name)).toEqual(["readings"]);
  });

  it("keep every digit", async () => {
    const { request, produce } = await runningServer();
    await produce("readings", [{ id: 1 }]);
    const { body } = await request("POST", "/v1/query", { sql: "SELECT 9007199254740993 AS big FROM readings", untilEnd: true });
    expect(body).toContain('{"row":{"big":9007199254740993}}');
  });

  it("give events where they are asked for", async () => {
    const { request, produce } = await runningServer();
    await produce("readings", [{ id: 1 }]);
    const { body } = await request(
      "POST",
      "/v1/query",
      { sql: "SELECT id FROM readings", untilEnd: true },
      { accept: "text/event-stream" },
    );
    expect(body).toBe('event: row\ndata: {"id":1}\n\nevent: done\ndata: true\n\n');
  });

  it("are refused before they begin, with the places of their errors", async () => {
    const { request } = await runningServer();
    expect(await request("POST", "/v1/query", "SELEC id FROM readings")).toMatchObject({ status: 422, body: { code: "SYNTAX", line: 1 } });
    expect(await request("POST", "/v1/query", "SHOW TOPICS")).toMatchObject({
      status: 422,
      body: { hint: "POST /v1/statements executes all others" },
    });
    expect(await request("POST", "/v1/query", "SELECT UPER(id) FROM readings")).toMatchObject({
      status: 422,
      body: { code: "UNKNOWN_FUNCTION", hint: "did you mean upper?" },
    });
  });

  it("end with the error in the stream when it comes later", async () => {
    const { request, produce } = await runningServer();
    await produce("readings", [{ id: 1 }, { id: "x" }]);
    const { body } = await request("POST", "/v1/query", { sql: "SELECT CAST(id AS BIGINT) AS n FROM readings", untilEnd: true });
    expect(lines(body).at(-1)).toMatchObject({ error: { code: "RECORD_TYPE", status: 422 } });
  });

  it("say which pipeline makes what is not there yet", async () => {
    const { request } = await runningServer();
    await request("PUT", "/v1/pipelines/shop.hot", "INSERT INTO hot SELECT id FROM readings;");
    const { body } = await request("POST", "/v1/query", { sql: "SELECT * FROM hot" });
    expect(lines(body)).toMatchObject([
      { error: { code: "TARGET_MISSING", hint: "the pipeline shop.hot writes it, and has not made it yet" } },
    ]);
    expect(lines((await request("POST", "/v1/query", { sql: "SELECT * FROM cold" })).body)).toMatchObject([
      { error: { code: "TARGET_MISSING", hint: expect.stringContaining("SHOW TABLES") } },
    ]);
  });

  it("end when their client goes, and follow a topic until then", async () => {
    const { url, produce, server } = await runningServer();
    await produce("readings", [{ id: 0 }]);
    const abort = new AbortController();
    const answer = await fetch(`${url}/v1/query`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ sql: "SELECT id FROM readings", from: "earliest" }),
      signal: abort.signal,
    });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('{"row":{"id":0}}\n');
    await produce("readings", [{ id: 1 }]);
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('{"row":{"id":1}}\n');
    abort.abort();
    const open = () => new Promise<number>((resolve) => server.server.getConnections((_, count) => resolve(count)));
    await until(async () => (await open()) === 0, "the connection's end");
  });
});
