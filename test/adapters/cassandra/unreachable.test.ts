import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { openCassandra } from "../../../src/adapters/cassandra/open-cassandra.ts";
import { STRING } from "../../../src/model/type.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import { clock, config, target } from "./routes.ts";

/** A port of this machine that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function open(contactPoints: string): Connection {
  const environment = { clock, random: { next: Math.random }, onTrouble: () => undefined };
  return openCassandra(config({ contactPoints, localDataCenter: "datacenter1", requestTimeoutMs: 2000 }), environment);
}

describe("a Cassandra that is not there", () => {
  let connection: Connection | null = null;
  afterEach(() => connection?.close());

  it("is named with its contact points and what to check", async () => {
    const port = await closedPort();
    connection = open(`127.0.0.1:${port}`);
    const failure = connection.openSink(target("iot.t", { id: STRING }, ["id"]));
    await expect(failure).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      retryable: true,
      message: expect.stringMatching(`connections.cass, contact points 127.0.0.1:${port}\\).*ECONNREFUSED`),
      hint: expect.stringContaining("check contactPoints"),
    });
    await expect(connection.listRelations()).rejects.toMatchObject({ code: "CONNECTION_FAILED" });
  });

  it("is named where the host has no address", async () => {
    connection = open("nowhere.invalid:9042");
    await expect(connection.listRelations()).rejects.toMatchObject({
      code: "CONNECTION_FAILED",
      message: expect.stringContaining("nowhere.invalid:9042"),
    });
  });

  it("is a finding of diagnose, not a failure", async () => {
    const port = await closedPort();
    connection = open(`127.0.0.1:${port}`);
    const [finding, ...others] = await connection.diagnose();
    expect(finding).toMatchObject({ check: "server", ok: false, advice: expect.stringContaining("check contactPoints") });
    expect(others).toEqual([]);
  });

  it("does no I/O before the first use, and none after close", async () => {
    connection = open("nowhere.invalid:9042");
    await connection.close();
    await expect(connection.listRelations()).rejects.toMatchObject({ code: "STOPPED" });
  });
});
