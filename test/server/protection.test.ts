import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { tokenHash } from "../../src/server/auth/secret-hash.ts";
import { runningServer } from "./running-server.ts";

const HOT = "INSERT INTO elastic.hot SELECT id FROM readings PK id;";
const AUTH = { tokens: ["ci", "ops"].map((name) => ({ name, role: "admin" as const, sha256: tokenHash(`${name}-token`) })) };
const CI = { authorization: "Bearer ci-token" };
const OPS = { authorization: "Bearer ops-token" };

/** As a browser would send it: with a host and an origin that `fetch` does not let one choose. */
function asBrowser(url: string, method: string, path: string, headers: Record<string, string>, body = "") {
  return new Promise<{ status: number; allowed: string | undefined; body: string }>((resolve, reject) => {
    const request = httpRequest(`${url}${path}`, { method, headers }, (response) => {
      const allowed = response.headers["access-control-allow-origin"];
      text(response).then((read) => resolve({ status: response.statusCode ?? 0, allowed, body: read }), reject);
    });
    request.on("error", reject).end(body);
  });
}

describe("a server for this machine alone", () => {
  it("answers to no foreign name, which a page could have led here", async () => {
    const { url, deployments } = await runningServer();
    const { port } = new URL(url);
    const status = async (host: string) => (await asBrowser(url, "GET", "/v1/pipelines", { host })).status;
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, "127.1.2.3", `[::1]:${port}`])
      expect([host, await status(host)]).toEqual([host, 200]);
    for (const host of ["evil.example", `evil.example:${port}`, "localhost.evil.example", "127.0.0.1.evil.example", "192.168.1.5"])
      expect([host, await status(host)]).toEqual([host, 403]);
    const put = await asBrowser(url, "PUT", "/v1/pipelines/hot", { host: "evil.example", "content-type": "application/sql" }, HOT);
    expect(JSON.parse(put.body)).toMatchObject({ status: 403, code: "NOT_ALLOWED", hint: expect.stringContaining("server.hosts") });
    expect(deployments.list()).toEqual([]);
  });

  it("does nothing for pages of other origins, whatever they may send unasked, and lets none read", async () => {
    const { url, deployments } = await runningServer();
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
      for (const [method, path] of [
        ["PUT", "/v1/pipelines/hot"],
        ["POST", "/v1/query"],
        ["GET", "/v1/pipelines"],
        ["OPTIONS", "/v1/query"],
      ] as const) {
        const { status, allowed } = await asBrowser(
          url,
          method,
          path,
          { origin, "content-type": "text/plain" },
          method === "GET" || method === "OPTIONS" ? "" : HOT,
        );
        expect([status, allowed]).toEqual([403, undefined]);
      }
    }
    expect(deployments.list()).toEqual([]);
    expect((await asBrowser(url, "GET", "/v1/pipelines", { origin: url })).status).toBe(200);
    expect((await asBrowser(url, "GET", "/health/live", { host: "10.1.2.3" })).status).toBe(200);
  });
});

describe("names", () => {
  it("may be given, and are then the only ones", async () => {
    const { url } = await runningServer({ auth: AUTH, hosts: ["sluice.example"] });
    const status = async (headers: Record<string, string>) => (await asBrowser(url, "GET", "/v1/pipelines", { ...CI, ...headers })).status;
    expect(await status({ host: "sluice.example:8443", origin: "https://sluice.example" })).toBe(200);
    expect(await status({ host: "other.example" })).toBe(403);
    expect(await status({ host: "sluice.example", origin: "https://other.example" })).toBe(403);
  });

  it("are free where everybody has to log in, but pages stay with their own", async () => {
    const { url } = await runningServer({ auth: AUTH });
    const status = async (headers: Record<string, string>) => (await asBrowser(url, "GET", "/v1/pipelines", { ...CI, ...headers })).status;
    expect(await status({ host: "any.example" })).toBe(200);
    expect(await status({ host: "any.example", origin: "https://any.example" })).toBe(200);
    expect(await status({ host: "any.example", origin: "https://other.example" })).toBe(403);
  });
});

describe("limits", () => {
  it("count requests of each identity for itself, and say when it may come again", async () => {
    const { request } = await runningServer({ auth: AUTH, limits: { "requests.per.minute": 3 } });
    const statuses = [];
    for (let sent = 0; sent < 4; sent++) statuses.push((await request("GET", "/v1/pipelines", undefined, CI)).status);
    expect(statuses).toEqual([200, 200, 200, 429]);
    const refused = await request("GET", "/v1/pipelines", undefined, CI);
    expect(refused).toMatchObject({ status: 429, body: { code: "TOO_MANY_REQUESTS", title: "Too many requests" } });
    expect(refused.headers.get("content-type")).toContain("application/problem+json");
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60);
    expect((await request("GET", "/v1/pipelines", undefined, OPS)).status).toBe(200);
    expect((await request("GET", "/health/live")).status).toBe(200);
  });

  it("count anonymous requests by address where they are to be counted", async () => {
    const { request } = await runningServer({ limits: { "requests.per.minute": 2 } });
    expect((await request("GET", "/v1/pipelines")).status).toBe(200);
    expect((await request("GET", "/v1/nothing")).status).toBe(404);
    expect((await request("GET", "/v1/pipelines")).status).toBe(429);
  });

  it("slow down guesses by address, as proxies that are known tell it, and by no other's word", async () => {
    const guess = { authorization: "Bearer guess" };
    const from = (address: string) => ({ ...guess, "x-forwarded-for": address });
    const proxied = await runningServer({ auth: AUTH, limits: { "failures.per.minute": 2 }, proxies: ["127.0.0.1"] });
    const status = async (headers: Record<string, string>) => (await proxied.request("GET", "/v1/pipelines", undefined, headers)).status;
    expect([await status(from("10.0.0.1")), await status(from("10.0.0.1")), await status(from("10.0.0.1"))]).toEqual([401, 401, 429]);
    expect([await status(from("10.0.0.2")), await status({ ...CI, "x-forwarded-for": "10.0.0.1" })]).toEqual([401, 429]);
    expect(await status({ ...CI, "x-forwarded-for": "10.0.0.2" })).toBe(200);
    const direct = await runningServer({ auth: AUTH, limits: { "failures.per.minute": 2 } });
    const statuses = [];
    for (const last of [1, 2, 3]) statuses.push((await direct.request("GET", "/v1/pipelines", undefined, from(`10.0.0.${last}`))).status);
    expect(statuses).toEqual([401, 401, 429]);
  });

  it("hold for bodies", async () => {
    const { request } = await runningServer({ limits: { "body.bytes": 2000 } });
    const long = `${HOT} -- ${"x".repeat(2000)}`;
    for (const body of [long, { sql: long }]) {
      const refused = await request("PUT", "/v1/pipelines/hot", body);
      expect(refused).toMatchObject({ status: 413, body: { code: "LIMIT_EXCEEDED", title: "Too large" } });
      expect(refused.headers.get("content-type")).toContain("application/problem+json");
    }
    expect((await request("PUT", "/v1/pipelines/hot", HOT)).status).toBe(201);
  });
});

describe("answers", () => {
  it("tell browsers to load nothing from elsewhere, guess no types and show them in no frame", async () => {
    const { request } = await runningServer();
    for (const path of ["/v1/pipelines", "/docs/", "/v1/nothing"]) {
      const { headers } = await request("GET", path);
      expect(headers.get("content-security-policy")).toContain("default-src 'self'");
      expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("strict-transport-security")).toBeNull();
    }
  });

  it("are problems also where nothing became a request", async () => {
    const { url } = await runningServer();
    const { port } = new URL(url);
    const answer = (sent: string | Buffer) =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), "127.0.0.1", () => socket.end(sent));
        text(socket).then(resolve, reject);
      });
    const broken: readonly (readonly [number, string | Buffer])[] = [
      [400, "nonsense\r\n\r\n"],
      [400, Buffer.from([0x16, 0x03, 0x01, 0, 5, 1, 0, 0, 1, 3])],
      [400, "GET /v1/pipelines HTTP/1.1\r\nhost: localhost\r\nbad header\r\n\r\n"],
      [400, "POST /v1/query HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
      [403, "GET /v1/pipelines HTTP/1.1\r\nconnection: close\r\n\r\n"],
      [431, `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(100_000)}\r\n\r\n`],
    ];
    for (const [status, sent] of broken) {
      const said = await answer(sent);
      expect(said).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
      expect(said).toContain("content-type: application/problem+json");
      expect(JSON.parse(said.slice(said.indexOf("\r\n\r\n")))).toMatchObject({ status });
    }
    expect(await answer("GET /v1/pipelines/%zz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")).toContain(
      "application/problem+json",
    );
  });

  it("are 503 for all that would be new work while it drains", async () => {
    const { request, drain } = await runningServer();
    drain.abort();
    const refused = await request("PUT", "/v1/pipelines/hot", HOT);
    expect(refused).toMatchObject({ status: 503, body: { code: "STOPPED" } });
    expect(refused.headers.get("retry-after")).toBe("5");
    expect(await request("POST", "/v1/query", "SELECT * FROM readings;")).toMatchObject({ status: 503 });
    expect(await request("GET", "/v1/pipelines")).toMatchObject({ status: 200 });
    expect(await request("GET", "/health/live")).toMatchObject({ status: 200 });
    const ready = await request("GET", "/health/ready");
    expect(ready).toMatchObject({ status: 503, body: { status: "draining" } });
    expect(ready.headers.get("retry-after")).toBe("5");
  });
});
