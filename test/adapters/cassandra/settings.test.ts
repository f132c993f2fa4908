import { types } from "cassandra-driver";
import { describe, expect, it } from "vitest";
import { readSettings } from "../../../src/adapters/cassandra/settings.ts";
import { SluiceError } from "../../../src/errors.ts";
import { config } from "./routes.ts";

const NEEDED = { contactPoints: "127.0.0.1", localDataCenter: "dc1" };

function problem(settings: Readonly<Record<string, unknown>>): SluiceError {
  try {
    readSettings(config(settings));
  } catch (error) {
    if (error instanceof SluiceError) return error;
  }
  throw new Error("the settings were taken");
}

describe("settings of a Cassandra connection", () => {
  it("has defaults for all but the address and the data centre", () => {
    expect(readSettings(config(NEEDED))).toEqual({
      contactPoints: ["127.0.0.1:9042"],
      localDataCenter: "dc1",
      keyspace: null,
      credentials: null,
      tls: null,
      consistency: types.consistencies.localQuorum,
      requestTimeoutMs: 10_000,
      concurrency: 32,
      batchRows: 30,
      replication: null,
    });
  });

  it.each([
    ["a:1, b ,c.example:9043", ["a:1", "b:9042", "c.example:9043"]],
    [
      ["10.0.0.1", "[::1]:19042"],
      ["10.0.0.1:9042", "[::1]:19042"],
    ],
  ])("reads the contact points %j", (contactPoints, expected) => {
    expect(readSettings(config({ ...NEEDED, contactPoints })).contactPoints).toEqual(expected);
  });

  it("reads numbers from the text of an environment variable", () => {
    expect(readSettings(config({ ...NEEDED, concurrency: "8", batchRows: 10 }))).toMatchObject({ concurrency: 8, batchRows: 10 });
  });

  it("says how to find the data centre", () => {
    const error = problem({ contactPoints: "127.0.0.1" });
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toBe("connections.cass.localDataCenter is missing: the data centre whose nodes are used");
    expect(error.hint).toContain("SELECT data_center FROM system.local");
  });

  it.each([
    ["contactPoint", { ...NEEDED, contactPoint: "x" }, "is unknown; known are contactPoints, localDataCenter"],
    ["contactPoints", { localDataCenter: "dc1" }, "is missing"],
    ["contactPoints", { ...NEEDED, contactPoints: [] }, "must be an address or a list of addresses"],
    ["contactPoints", { ...NEEDED, contactPoints: "a:99999" }, 'such as 10.0.0.1:9042, not "a:99999"'],
    ["contactPoints", { ...NEEDED, contactPoints: [9042] }, "such as 10.0.0.1:9042, not 9042"],
    ["username", { ...NEEDED, password: "x" }, "is missing: password is given without it"],
    ["password", { ...NEEDED, username: "x" }, "is missing: username is given without it"],
    ["tls", { ...NEEDED, tls: "yes" }, "must be true or options"],
    ["consistency", { ...NEEDED, consistency: "toString" }, "must be one of ONE, TWO"],
    ["requestTimeoutMs", { ...NEEDED, requestTimeoutMs: 0 }, "must be a whole number from 1"],
    ["concurrency", { ...NEEDED, concurrency: "many" }, "must be a whole number from 1"],
    ["batchRows", { ...NEEDED, batchRows: 1.5 }, "must be a whole number from 1"],
    ["replication", { ...NEEDED, replication: 3 }, "must be a map of options"],
    ["replication", { ...NEEDED, replication: { dc1: 3 } }, "lacks its class"],
    ["replication.dc1", { ...NEEDED, replication: { class: "NetworkTopologyStrategy", dc1: [3] } }, "must be a text or a number"],
  ])("names the key %s", (key, settings, message) => {
    const error = problem(settings);
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toContain(`connections.cass.${key} `);
    expect(error.message).toContain(message);
  });

  it("does not print a password", () => {
    expect(problem({ ...NEEDED, password: "s3cret" }).message).not.toContain("s3cret");
  });
});
