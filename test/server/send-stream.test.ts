import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import Fastify from "fastify";
import { describe, expect, it, onTestFinished } from "vitest";
import { LIMITS } from "../../src/limits.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { environment } from "../../src/project/environment.ts";
import { inPieces, NDJSON, sendStream } from "../../src/server/send-stream.ts";
import { until } from "../support/until.ts";

/** Sleepers of a stall are woken by hand. */
class HeldClock implements Clock {
  private readonly sleepers = new Set<() => void>();

  now = environment.clock.now;
  monotonic = environment.clock.monotonic;

  get sleeping(): number {
    return this.sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    expect(ms).toBe(LIMITS.streamStalledMsMax);
    return new Promise((resolve) => {
      const wake = (): void => {
        this.sleepers.delete(wake);
        resolve();
      };
      this.sleepers.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  wakeAll(): void {
    for (const wake of [...this.sleepers]) wake();
  }
}

describe("a stream to a client", () => {
  it("waits for one that takes nothing, holds little for it meanwhile, and cuts it off in the end", async () => {
    const clock = new HeldClock();
    const server = Fastify();
    onTestFinished(() => server.close());
    const piece = `${"x".repeat(LIMITS.streamPieceCharacters)}\n`;
    let given = 0;
    let hasEnded = false;
    server.get("/", (_request, reply) => {
      sendStream(reply, NDJSON, { draining: new AbortController().signal, env: { ...environment, clock } }, async function* () {
        try {
          for (;;) {
            given++;
            yield piece;
          }
        } finally {
          hasEnded = true;
        }
      });
    });
    await server.listen({ host: "127.0.0.1", port: 0 });
    const client = request({ port: (server.server.address() as AddressInfo).port, agent: false });
    onTestFinished(() => void client.destroy());
    let taking: IncomingMessage | null = null;
    let isCut = false;
    client.on("error", () => {});
    client.on("response", (response) => {
      taking = response.pause();
      response.on("close", () => (isCut = true)).on("error", () => {});
    });
    client.end();
    let before = -1;
    await until(
      () => {
        const isQuiet = given > 0 && given === before;
        before = given;
        return isQuiet;
      },
      "the stream to wait",
      5_000,
      () => `${given} pieces`,
      200,
    );
    // Some megabytes lie in the sockets; the server itself holds a few pieces.
    expect(given * piece.length).toBeLessThan(32 << 20);
    expect([clock.sleeping, hasEnded]).toEqual([1, false]);
    clock.wakeAll();
    await until(() => hasEnded, "the query's end");
    (taking as IncomingMessage | null)?.resume();
    await until(() => isCut, "the connection's end");
    expect(clock.sleeping).toBe(0);
  });

  it("comes in pieces that are large enough, and not larger", () => {
    const texts = Array.from({ length: 1000 }, (_, n) => "y".repeat(n % 300));
    const pieces = [...inPieces(texts)];
    expect(pieces.join("")).toBe(texts.join(""));
    expect(pieces.length).toBe(Math.ceil(texts.join("").length / (LIMITS.streamPieceCharacters + 300)));
    expect([...inPieces([])]).toEqual([]);
  });
});
