import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { tokenHash } from "../../src/server/auth/secret-hash.ts";
import { scratch } from "../support/scratch.ts";
import { SluiceProcess } from "../support/sluice-process.ts";
import { until } from "../support/until.ts";
import { ROUTES } from "./route-table.ts";

/** Each with a name of its own, so that what is found says where it came from. */
const secret = (of: string): string => `hush-${of}-hush`;

const CONFIG = `connections:
  kafka:
    kind: kafka
    brokers: 127.0.0.1:1
    requestTimeoutMs: 500
    sasl: { mechanism: PLAIN, username: alice, password: "\${KAFKA_PASSWORD}" }
    schema.registry: { url: "http://127.0.0.1:1", username: alice, password: ${secret("registry-password")} }
  byurl: { kind: elasticsearch, node: "http://alice:${secret("url-password")}@127.0.0.1:1", requestTimeoutMs: 500 }
  bykey: { kind: elasticsearch, node: "http://127.0.0.1:1", apiKey: ${secret("api-key")}, requestTimeoutMs: 500 }
  cassandra:
    kind: cassandra
    contactPoints: ["127.0.0.1:1"]
    localDataCenter: dc1
    username: alice
    password: ${secret("cassandra-password")}
    requestTimeoutMs: 500
  unusable: { kind: elasticsearch, nodes: "ftp://alice:${secret("unusable-password")}@127.0.0.1:1" }
  elastic: { kind: embedded, as: elasticsearch }
server:
  auth:
    tokens: [{ name: ops, role: admin, sha256: ${tokenHash(secret("token"))} }]
    users: [{ name: ada, role: viewer, scrypt: "scrypt:${"A".repeat(22)}:${"B".repeat(43)}" }]
  limits: { failures.per.minute: 1000 }
`;

const ENV = { KAFKA_PASSWORD: secret("kafka-password"), OTHER: secret("environment") };
const TARGETS = ["byurl", "bykey", "cassandra", "unusable", "kafka"];
const SOURCES = ["kafka", "embedded"];

describe("secrets", () => {
  it("come back in no answer, event, log line, metric, audit line or error", { timeout: 120_000 }, async () => {
    const cwd = scratch({ "sluice.yaml": CONFIG });
    const server = new SluiceProcess(["serve", "--port", "0", "--log-level", "trace"], { cwd, env: ENV });
    onTestFinished(async () => {
      server.kill("SIGKILL");
      await server.ended;
    });
    await until(
      () => / serves /.test(server.stderr) || server.hasEnded,
      "the server",
      30_000,
      () => server.stderr,
    );
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(server.stderr)?.[0] ?? `none: ${server.stderr}`;
    const heard: string[] = [];
    const ask = async (method: string, path: string, body?: unknown, authorization = `Bearer ${secret("token")}`) => {
      const type = typeof body === "string" ? "application/sql" : "application/json";
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization,
          cookie: secret("cookie"),
          "x-api-key": secret("header"),
          ...(body === undefined ? {} : { "content-type": type }),
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
        signal: AbortSignal.timeout(30_000),
      });
      heard.push(`${method} ${path.split("?")[0]}: ${answer.status} ${JSON.stringify([...answer.headers])} ${await answer.text()}`);
      return answer.status;
    };
    const events = fetch(`${url}/v1/events`, { headers: { authorization: `Bearer ${secret("token")}` } }).then((answer) => answer.text());

    // Pipelines that fail in every connection, and statements that ask each.
    for (const source of SOURCES)
      for (const target of TARGETS)
        await ask("PUT", `/v1/pipelines/${source}.${target}`, `INSERT INTO ${target}.hot SELECT id FROM ${source}.readings PK id;`);
    for (const connection of TARGETS) {
      for (const statement of [
        `SHOW TOPICS FROM ${connection};`,
        `DESCRIBE ${connection}.hot;`,
        `EXPLAIN INSERT INTO ${connection}.hot SELECT id FROM readings PK id;`,
      ])
        await ask("POST", "/v1/statements", statement);
      await ask("POST", "/v1/query", { sql: `SELECT * FROM ${connection}.hot LIMIT 1;`, untilEnd: true });
      await ask("GET", `/v1/topics?connection=${connection}`);
    }
    await ask("POST", "/v1/complete", { sql: "INSERT INTO " });
    expect(await ask("GET", "/v1/connections")).toBe(200);
    for (const { good, bad } of Object.values(ROUTES)) {
      // What changes is not needed here, and events have no end.
      if (good.body === undefined && good.method === undefined && !good.path.startsWith("/v1/events")) await ask("GET", good.path);
      if (bad.method !== undefined) await ask(bad.method, bad.path, bad.body);
    }
    for (const authorization of [
      `Bearer ${secret("wrong-token")}`,
      `Basic ${btoa(`ada:${secret("wrong-password")}`)}`,
      secret("no-scheme"),
    ]) {
      expect(await ask("GET", `/v1/pipelines?token=${secret("query")}`, undefined, authorization)).toBe(401);
      expect(await ask("DELETE", `/v1/pipelines/hot?token=${secret("query")}`, undefined, authorization)).toBe(401);
    }
    await until(
      () => server.stderr.includes("127.0.0.1:1"),
      "a failure of a connection in the log",
      30_000,
      () => server.stderr,
    );
    for (const path of ["/metrics", "/v1/pipelines", "/v1/audit?limit=1000", "/health/ready"]) await ask("GET", path);

    server.kill("SIGTERM");
    await until(
      () => server.hasEnded,
      "its end",
      60_000,
      () => server.stderr.slice(-1000),
    );
    const data = join(cwd, ".sluice");
    const files = readdirSync(data).map((file) => `${file}: ${readFileSync(join(data, file), "latin1")}`);
    const everything = [...heard, `events: ${await events}`, `log: ${server.stderr}`, `output: ${server.stdout}`, ...files];
    expect(files.some((text) => text.startsWith("audit.log:") && text.includes("deletePipeline"))).toBe(true);
    const shown = everything.flatMap((text) => {
      const at = text.search(/hush-|scrypt:A|B{43}/);
      return at < 0 ? [] : [`${text.slice(0, 60)} … ${text.slice(Math.max(0, at - 150), at + 60)}`];
    });
    expect(shown).toEqual([]);
  });
});
