import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKafka } from "../../../src/adapters/kafka/open-kafka.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { systemRandom } from "../../../src/adapters/system-random.ts";
import { must } from "../../../src/assert.ts";
import type { Connection } from "../../../src/ports/connection.ts";

/** A port where nothing listens, and one whose server never says a word. */
const silent = createServer();
let silentPort = 0;
let closedPort = 0;

beforeAll(async () => {
  const closing = createServer();
  await Promise.all([silent, closing].map((server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))));
  silentPort = (silent.address() as { port: number }).port;
  closedPort = (closing.address() as { port: number }).port;
  await new Promise((resolve) => closing.close(resolve));
});
afterAll(() => {
  silent.close();
});

describe.each(["platformatic", "kafkajs"])("brokers that cannot be reached, with %s", (client) => {
  const open = (port: number, troubles: string[] = []): Connection =>
    openKafka(
      { name: "kafka", kind: "kafka", as: "kafka", settings: { brokers: `127.0.0.1:${port}`, client, requestTimeoutMs: 3000 } },
      { clock: systemClock, random: systemRandom, onTrouble: (name, message) => troubles.push(`${name}: ${message}`) },
    );

  it("tries for a while where nothing listens, telling so, and names the address in the end", async () => {
    const troubles: string[] = [];
    const connection = open(closedPort, troubles);
    const refused = must(connection.source).listTopics();
    await expect(refused).rejects.toMatchObject({ code: "CONNECTION_FAILED", message: expect.stringContaining(`127.0.0.1:${closedPort}`) });
    expect(troubles[0]).toContain(`kafka: Kafka broker 127.0.0.1:${closedPort}`);
    await connection.close();
  });

  it("gives up on a server that does not answer", async () => {
    const connection = open(silentPort);
    const refused = must(connection.source).listTopics();
    await expect(refused).rejects.toMatchObject({ code: "CONNECTION_FAILED", message: expect.stringContaining(`127.0.0.1:${silentPort}`) });
    await connection.close();
  });

  it("is found out by the examination, with advice", async () => {
    const connection = open(closedPort);
    expect(await connection.diagnose()).toEqual([
      {
        check: "brokers answer",
        ok: false,
        detail: expect.stringContaining("ECONNREFUSED"),
        advice: expect.stringContaining("check brokers"),
      },
    ]);
    await connection.close();
  });

  it("ends a fetch when it is told to, and all work when it is closed", async () => {
    const connection = open(closedPort);
    const reader = must(connection.source).openPartition("t", 0);
    const stop = new AbortController();
    const fetching = reader.fetch({ offset: 0, maxBytes: 1, waitMs: 0, signal: stop.signal });
    stop.abort();
    await expect(fetching).rejects.toMatchObject({ code: "STOPPED" });
    const another = reader.fetch({ offset: 0, maxBytes: 1, waitMs: 0, signal: new AbortController().signal });
    const refused = expect(another).rejects.toMatchObject({ code: "STOPPED" });
    await connection.close();
    await refused;
  });
});
