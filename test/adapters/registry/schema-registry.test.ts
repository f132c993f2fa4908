import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { SchemaRegistry } from "../../../src/adapters/registry/schema-registry.ts";
import { readRegistrySettings } from "../../../src/adapters/registry/settings.ts";
import { must } from "../../../src/assert.ts";
import { LIMITS } from "../../../src/limits.ts";
import type { Clock } from "../../../src/ports/clock.ts";

const configOf = (registry: unknown) => ({ name: "kafka", kind: "kafka", as: "kafka", settings: { "schema.registry": registry } }) as const;

/** A server that answers as told, and a registry that asks it. */
async function served(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  settings: Readonly<Record<string, unknown>> = {},
) {
  const requests: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = { ms: 0, monotonic: () => clock.ms } as unknown as Clock & { ms: number };
  const registry = new SchemaRegistry("kafka", must(readRegistrySettings(configOf({ url: `${url}/`, ...settings }))), clock);
  return { registry, url, requests, clock, server };
}

const SCHEMA = JSON.stringify({ id: 7, version: 3, schemaType: "JSON", schema: '{"properties":{"a":{"type":"integer"}}}' });

function found({ url }: IncomingMessage, response: ServerResponse): void {
  if (url === "/subjects/a%2Fb-value/versions/latest") response.end(SCHEMA);
  else response.writeHead(404).end('{"error_code":40401,"message":"Subject not found."}');
}

describe("the schema registry's client", () => {
  it("asks for both parts of a topic, says who it is, and asks again only after a while", async () => {
    const { registry, requests, clock } = await served(found, { username: "alice", password: "secret" });
    const { key, value } = await registry.of("a/b");
    expect(key).toBeNull();
    expect(value).toEqual({
      subject: "a/b-value",
      version: 3,
      id: 7,
      format: "json",
      columns: [{ name: "a", type: { kind: "bigint" } }],
    });
    expect(requests[0]?.headers).toMatchObject({ authorization: `Basic ${Buffer.from("alice:secret").toString("base64")}` });
    await registry.of("a/b");
    expect(requests).toHaveLength(2);
    clock.ms = 60_000;
    await registry.of("a/b");
    expect(requests).toHaveLength(4);
  });

  it("says that it refuses the login, and never the login", async () => {
    const { registry, requests } = await served((_, response) => response.writeHead(401).end(), { token: "s3cret" });
    const error: unknown = await registry.of("t").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "CONNECTION_REFUSED_RIGHTS", hint: expect.stringContaining("connections.kafka.schema.registry") });
    expect(String(error)).not.toContain("s3cret");
    expect(requests[0]?.headers.authorization).toBe("Bearer s3cret");
  });

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void, string]>([
    ["an error", (_, response) => response.writeHead(500).end("{}"), "answers with status 500"],
    ["no JSON", (_, response) => response.end("<html>"), "answers with status 200"],
    ["an endless answer", (_, response) => response.end(Buffer.alloc(LIMITS.schemaBytesMax + 1, 0x20)), "status 200 and too much"],
    ["a type from the future", (_, response) => response.end('{"schema":"","schemaType":"THRIFT"}'), 'unknown type "THRIFT"'],
    ["a broken connection", (request) => request.socket.destroy(), "cannot be reached"],
    ["silence", () => undefined, "no answer within 200 ms"],
    ["half an answer", (_, response) => void response.write("{"), "no answer within 200 ms"],
  ])("tells of %s, and asks again at once", async (_, answer, message) => {
    const { registry, requests, url } = await served(answer, message.includes("200 ms") ? { requestTimeoutMs: 200 } : {});
    const expected = { code: "CONNECTION_FAILED", message: expect.stringContaining(message) };
    await expect(registry.of("t")).rejects.toMatchObject(expected);
    await expect(registry.of("t")).rejects.toMatchObject({ message: expect.stringContaining(url) });
    expect(requests.length).toBeGreaterThan(2);
  });

  it("does not ask in circles where schemas refer to each other", async () => {
    const { registry, requests } = await served((request, response) => {
      if (request.url?.includes("-key")) response.writeHead(404).end();
      else response.end(JSON.stringify({ ...JSON.parse(SCHEMA), references: [{ name: "x", subject: "x", version: 1 }] }));
    });
    expect((await registry.of("t")).value?.columns).toHaveLength(1);
    expect(requests).toHaveLength(3);
  });
});

describe("the setting schema.registry", () => {
  it.each([
    ["nonsense", "needs a url"],
    ["ftp://x", "needs a url"],
    [{ urll: "http://x" }, "schema.registry.urll is unknown; known are url"],
    [17, "must be a URL, or a map"],
    ["http://alice:secret@x", "has a login in its url"],
    [{ url: "http://x", username: "alice" }, "needs both username and password"],
    [{ url: "http://x", username: "alice", password: "p", token: "t" }, "one way to log in"],
    [{ url: "http://x", token: "" }, "must be a text"],
    [{ url: "http://x", requestTimeoutMs: 0 }, "must be a whole number"],
  ])("%j is refused", (written, message) => {
    expect(() => readRegistrySettings(configOf(written))).toThrow(message);
    expect(() => readRegistrySettings(configOf(written))).not.toThrow("secret");
  });

  it("is a URL alone, or nothing", () => {
    const expected = { url: "http://localhost:8081/api", authorization: null, requestTimeoutMs: 5_000 };
    expect(readRegistrySettings(configOf("http://localhost:8081/api/"))).toEqual(expected);
    expect(readRegistrySettings(configOf(undefined))).toBeNull();
  });
});
