import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { RestClient, type StreamItem } from "../../src/client/rest-client.ts";
import { ServerProblem } from "../../src/client/server-problem.ts";
import { passwordHash, tokenHash } from "../../src/server/auth/secret-hash.ts";
import { runningServer } from "../server/running-server.ts";

const HOT = "INSERT INTO elastic.hot SELECT id FROM readings PK id;";

const never = new AbortController().signal;

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** A server that answers everything in one way, and is no Sluice. */
async function otherServer(answer: string): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(502).end(answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("the client of a server", () => {
  it("sends SQL and JSON, and reads what comes back", async () => {
    const { url, deployments } = await runningServer();
    const client = new RestClient({ url });
    const made = await client.request<{ name: string }>("PUT", "/v1/pipelines/hot", HOT, { "if-none-match": "*" });
    expect([made.status, made.body.name, made.headers["etag"]]).toEqual([201, "hot", `"${deployments.get("hot")?.generation}"`]);
    const paused = await client.request("PUT", "/v1/pipelines/hot", { sql: HOT, desired: "paused" });
    expect(paused).toMatchObject({ status: 200, body: { desired: "paused" } });
    expect(await client.request("DELETE", "/v1/pipelines/hot")).toMatchObject({ status: 204, body: "" });
  });

  it("rejects with what the server has against it: code, places, hint", async () => {
    const { url } = await runningServer();
    const client = new RestClient({ url: `${url}/` });
    const refused = await client.request("PUT", "/v1/pipelines/hot", HOT.replace("SELECT", "SELEC")).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ServerProblem);
    expect(refused).toMatchObject({ code: "STATEMENT_INVALID", serverCode: "SYNTAX", status: 422, line: 1, column: 25 });
    expect(refused).toMatchObject({ message: expect.stringMatching(/^line 1, column 25: /), hint: "did you mean SELECT?" });
    await expect(client.request("GET", "/v1/pipelines/cold")).rejects.toMatchObject({ code: "PIPELINE_UNKNOWN", exitCode: 1 });
    await expect(client.request("GET", "/v1/nothing")).rejects.toMatchObject({ code: "NOT_FOUND", exitCode: 2 });
  });

  it("logs in by token, or by name and password", async () => {
    const tokens = [{ name: "ci", role: "viewer" as const, sha256: tokenHash("secret") }];
    const users = [{ name: "ada", role: "viewer" as const, scrypt: await passwordHash("pä:ss@1") }];
    const { url } = await runningServer({ auth: { tokens, users } });
    const status = (options: { url: string; token?: string }) =>
      new RestClient(options).request("GET", "/v1/pipelines").then(
        (answer) => answer.status,
        (error: ServerProblem) => error.code,
      );
    expect(await status({ url })).toBe("NOT_AUTHENTICATED");
    expect(await status({ url, token: "secret" })).toBe(200);
    const named = url.replace("://", `://ada:${encodeURIComponent("pä:ss@1")}@`);
    expect(await status({ url: named })).toBe(200);
    expect(new RestClient({ url: named }).url).toBe(url);
  });

  it("says what to do where no server answers, or another one", async () => {
    await expect(new RestClient({ url: "127.0.0.1:1" }).request("GET", "/v1/pipelines")).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      exitCode: 3,
      message: "no server at http://127.0.0.1:1",
      hint: expect.stringContaining("sluice serve"),
    });
    const other = await otherServer("<html>bad gateway</html>");
    await expect(new RestClient({ url: other }).request("GET", "/v1/pipelines")).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      message: `${other} answers GET /v1/pipelines with 502, as no Sluice server does`,
    });
    await expect(new RestClient({ url: other.replace("http", "https") }).request("GET", "/")).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      hint: "is it http or https?",
    });
    expect(() => new RestClient({ url: "ftp://x" })).toThrow("'ftp://x' is no address of a server");
  });

  it("gives rows as they are written, and notes", async () => {
    const { url, produce } = await runningServer();
    await produce("readings", [{ id: 1 }]);
    const client = new RestClient({ url });
    const sql = "SELECT 9007199254740993 AS big FROM readings";
    expect(await all(client.stream("/v1/query", { sql, untilEnd: true }, never))).toEqual<StreamItem[]>([
      { kind: "row", json: '{"big":9007199254740993}' },
    ]);
    await expect(all(client.stream("/v1/query", { sql: "SELEC" }, never))).rejects.toMatchObject({ serverCode: "SYNTAX" });
  });

  it("throws the error that ends a stream, and one that breaks off", async () => {
    const { url, produce, drain } = await runningServer();
    await produce("readings", [{ id: "x" }]);
    const client = new RestClient({ url });
    const sql = "SELECT CAST(id AS BIGINT) AS n FROM readings";
    await expect(all(client.stream("/v1/query", { sql, untilEnd: true }, never))).rejects.toMatchObject({ code: "RECORD_TYPE" });
    const rows = client.stream("/v1/query", { sql: "SELECT id FROM readings", from: "earliest" }, never);
    expect(await rows.next()).toMatchObject({ value: { kind: "row", json: '{"id":"x"}' } });
    drain.abort();
    await expect(rows.next()).rejects.toMatchObject({ code: "CONNECTION_FAILED", message: expect.stringContaining("broke off") });
  });

  it("ends a stream quietly when it is told to", async () => {
    const { url, produce } = await runningServer();
    await produce("readings", [{ id: 1 }]);
    const stop = new AbortController();
    const rows = new RestClient({ url }).stream("/v1/query", { sql: "SELECT id FROM readings", from: "earliest" }, stop.signal);
    await rows.next();
    stop.abort();
    expect(await rows.next()).toEqual({ done: true, value: undefined });
  });

  it("gives the events of a server, from where it is told to", async () => {
    const { url, fleet } = await runningServer();
    const before = fleet.events.last;
    for (const message of ["é", "two\nlines"]) fleet.events.add({ kind: "notice", pipeline: "p", statement: "s", message });
    const events = new RestClient({ url }).events("/v1/events", String(before), never);
    expect((await events.next()).value).toMatchObject({ id: String(before + 1), kind: "notice", data: { pipeline: "p", message: "é" } });
    expect((await events.next()).value).toMatchObject({ id: String(before + 2), data: { message: "two\nlines" } });
    await events.return();
  });
});
