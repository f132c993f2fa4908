import { connect } from "node:net";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import type { InjectOptions } from "fastify";
import { describe, expect, it } from "vitest";
import { DIAGNOSTIC_CODES } from "../../grammar/diagnostic-codes.ts";
import { ERRORS } from "../../src/errors.ts";
import { seeds } from "../property/random.ts";
import { type OpenApi, type RandomRequest, randomRequests } from "./random-requests.ts";
import { runningServer } from "./running-server.ts";

const CODES = new Set([...Object.keys(ERRORS), ...Object.keys(DIAGNOSTIC_CODES)]);

/** What is wrong with an answer; null: nothing. */
function fault(status: number, type: string, body: string, { method, url }: Pick<RandomRequest, "method" | "url">): string | null {
  // That is how it says that it is not ready.
  if (status === 503 && url.startsWith("/health/ready")) return null;
  if (status < 200 || status >= 500) return `status ${status}: ${body}`;
  if (status < 400 || method === "HEAD") return null;
  if (!type.startsWith("application/problem+json")) return `${status} is ${type}: ${body.slice(0, 200)}`;
  const problem = JSON.parse(body) as { status: number; code: string; detail: string; errors: unknown[] };
  const isWhole = problem.status === status && CODES.has(problem.code) && problem.detail !== "" && problem.errors.length > 0;
  return isWhole ? null : `no whole problem: ${body}`;
}

const shown = ({ method, url, headers, body }: RandomRequest): string =>
  JSON.stringify({ method, url, headers, body: body?.toString() }).slice(0, 2000);

/** Far above what the slowest of them takes. */
const LATE_MS = 10_000;

function late(afterMs: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve(`no answer within ${afterMs} ms`), afterMs).unref());
}

describe("random requests", () => {
  it.each(seeds([], 1))("10,000 of them are answered or refused, and break nothing: seed %i", { timeout: 240_000 }, async (seed) => {
    const { server, request, deployments } = await runningServer();
    const answer = async ({ body, ...rest }: RandomRequest): Promise<string | null> => {
      const given = await server.inject({
        ...rest,
        ...(body === undefined ? {} : { payload: body }),
        payloadAsStream: true,
      } as InjectOptions);
      const type = String(given.headers["content-type"] ?? "");
      const stream: Readable = given.stream();
      // Rows and events may come for ever: their client goes.
      if (/ndjson|event-stream/.test(type)) {
        stream.destroy();
        given.raw.res.destroy();
        return fault(given.statusCode, type, "", rest);
      }
      return fault(given.statusCode, type, await text(stream), rest);
    };
    const found: string[] = [];
    for (const one of fc.sample(randomRequests(server.swagger() as unknown as OpenApi), { numRuns: 10_000, seed })) {
      const wrong = await Promise.race([answer(one), late(LATE_MS)]);
      if (wrong !== null) found.push(`${shown(one)}\n  ${wrong}`);
      // So many running at once would be a test of something else.
      if (deployments.list().length > 20)
        await deployments.change(
          deployments.list().map(({ name }) => ({ kind: "drop", name })),
          { by: "test" },
        );
    }
    expect(found.slice(0, 5)).toEqual([]);
    expect(await request("GET", "/health/live")).toMatchObject({ status: 200 });
  });

  it.each(seeds([], 1))("come over sockets as bytes, whole and torn, and break nothing: seed %i", async (seed) => {
    const { server, request, url } = await runningServer();
    const port = Number(new URL(url).port);
    /** Everything that the server says until it closes. */
    const said = (bytes: Buffer, isWhole: boolean): Promise<string> =>
      new Promise((resolve) => {
        // What is torn would be waited for.
        const socket = connect(port, "127.0.0.1", () => (isWhole ? socket.write(bytes) : socket.end(bytes)));
        let heard = "";
        socket.setEncoding("utf8").on("data", (piece) => {
          heard += piece;
          if (/ndjson|event-stream/.test(heard)) socket.destroy();
        });
        socket.on("error", () => undefined).on("close", () => resolve(heard));
      });
    const torn = fc.record({
      one: randomRequests(server.swagger() as unknown as OpenApi),
      cut: fc.double({ min: 0, max: 1, noNaN: true }),
      noise: fc.uint8Array({ maxLength: 8 }),
      isWhole: fc.boolean(),
    });
    const found: string[] = [];
    for (const { one, cut, noise, isWhole } of fc.sample(torn, { numRuns: 1_000, seed })) {
      const bytes = asBytes(one);
      const at = Math.floor(cut * bytes.length);
      const heard = await said(isWhole ? bytes : Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]), isWhole);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? 0);
      if (
        (status >= 500 && !one.url.startsWith("/health/ready")) ||
        (isWhole && status === 0) ||
        (status >= 400 && one.method !== "HEAD" && !heard.includes("application/problem+json"))
      )
        found.push(`${shown(one)}\n  ${heard.slice(0, 500)}`);
    }
    expect(found.slice(0, 5)).toEqual([]);
    expect(await request("GET", "/health/live")).toMatchObject({ status: 200 });
  });
});

function asBytes({ method, url, headers, body }: RandomRequest): Buffer {
  const content = Buffer.from(body ?? "");
  const all = {
    host: "127.0.0.1",
    connection: "close",
    ...headers,
    ...(body === undefined ? {} : { "content-length": String(content.length) }),
  };
  const head = [`${method} ${url} HTTP/1.1`, ...Object.entries(all).map(([key, value]) => `${key}: ${value}`)];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), content]);
}
