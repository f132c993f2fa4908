import { describe, expect, it } from "vitest";
import { readSettings } from "../../../src/adapters/kafka/settings.ts";

const read = (settings: Readonly<Record<string, unknown>>) => readSettings({ name: "k", kind: "kafka", as: "kafka", settings });

describe("settings of a Kafka connection", () => {
  it("has defaults for all but the brokers", () => {
    expect(read({ brokers: "localhost:9092" })).toEqual({
      brokers: [{ host: "localhost", port: 9092 }],
      client: "platformatic",
      clientId: "sluice",
      requestTimeoutMs: 30_000,
      replication: null,
      compression: "none",
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      tls: null,
      sasl: null,
      registry: null,
    });
  });

  it.each([
    ["a:1, b:2", ["a 1", "b 2"]],
    [
      ["a", "10.0.0.1:29092", "[::1]:3"],
      ["a 9092", "10.0.0.1 29092", "::1 3"],
    ],
  ])("reads the brokers %j", (brokers, expected) => {
    expect(read({ brokers }).brokers.map(({ host, port }) => `${host} ${port}`)).toEqual(expected);
  });

  it("reads digits as numbers, and logins", () => {
    const sasl = { mechanism: "scram-sha-256", username: "u", password: "p" };
    const settings = read({ brokers: "a", requestTimeoutMs: "500", replication: 3, tls: true, sasl, client: "kafkajs" });
    expect(settings).toMatchObject({ requestTimeoutMs: 500, replication: 3, tls: {}, client: "kafkajs" });
    expect(settings.sasl).toEqual({ ...sasl, mechanism: "SCRAM-SHA-256" });
  });

  it.each([
    [{}, "connections.k.brokers is missing"],
    [{ brokers: [] }, "connections.k.brokers must be a list"],
    [{ brokers: "a:b" }, 'has "a:b", which is no address'],
    [{ brokers: "a:70000" }, 'has "a:70000", which is no address'],
    [{ brokers: "" }, 'has "", which is no address'],
    [{ brokers: "a", broker: "b" }, "connections.k.broker is unknown; known are brokers,"],
    [{ brokers: "a", client: "java" }, "connections.k.client must be platformatic or kafkajs"],
    [{ brokers: "a", requestTimeoutMs: 0 }, "connections.k.requestTimeoutMs must be a whole number from 1"],
    [{ brokers: "a", compression: "lzma" }, "connections.k.compression must be one of none, gzip, snappy, lz4, zstd"],
    [{ brokers: "a", replication: "many" }, "connections.k.replication must be a whole number"],
    [{ brokers: "a", tls: "yes" }, "connections.k.tls must be true or options"],
    [{ brokers: "a", sasl: { mechanism: "GSSAPI" } }, "connections.k.sasl.mechanism must be one of PLAIN"],
    [{ brokers: "a", sasl: { mechanism: "plain", username: "u" } }, "connections.k.sasl.password must be a text"],
    [{ brokers: "a", sasl: { mechanism: "plain", user: "u" } }, "connections.k.sasl.user is unknown"],
  ])("refuses %j", (settings, message) => {
    expect(() => read(settings)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(message) }));
  });
});
