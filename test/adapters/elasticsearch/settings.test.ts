import { describe, expect, it } from "vitest";
import { readSettings } from "../../../src/adapters/elasticsearch/settings.ts";
import { SluiceError } from "../../../src/errors.ts";
import { configOf, connect } from "./support.ts";

const NODE = "http://localhost:9200";

describe("settings of an Elasticsearch connection", () => {
  it("has defaults for everything but the address", () => {
    expect(readSettings(configOf({ node: NODE }))).toEqual({
      nodes: [NODE],
      auth: null,
      tls: null,
      requestTimeoutMs: 30_000,
      compatibility: null,
      bulkBytes: 4 << 20,
      bulkDocuments: 1000,
      inFlight: 2,
    });
  });

  it("takes several nodes, as a list or with commas, and a path before the API", () => {
    const nodes = ["http://a:9200", "https://b:9243/es"];
    expect(readSettings(configOf({ nodes })).nodes).toEqual(nodes);
    expect(readSettings(configOf({ nodes: "http://a:9200, https://b:9243/es/" })).nodes).toEqual(nodes);
  });

  it("takes numbers as text, as environment variables give them", () => {
    const settings = readSettings(configOf({ node: NODE, bulkBytes: "65536", compatibility: "8" }));
    expect(settings).toMatchObject({ bulkBytes: 65_536, compatibility: 8 });
  });

  it("keeps credentials out of the addresses that it prints", () => {
    const settings = readSettings(configOf({ node: "https://ann:p%40ss@host:9200" }));
    expect(settings.nodes).toEqual(["https://host:9200"]);
    expect(settings.auth).toEqual({ username: "ann", password: "p@ss" });
    expect(readSettings(configOf({ node: NODE, apiKey: "k" })).auth).toEqual({ apiKey: "k" });
  });

  it.each([
    [{}, "connections.elastic.node is missing"],
    [{ node: NODE, hosts: "localhost" }, "connections.elastic.hosts is unknown; known are node, nodes"],
    [{ node: NODE, nodes: [NODE] }, "connections.elastic.nodes and node are both given"],
    [{ node: "localhost:9200" }, "connections.elastic.node must begin with http:// or https://"],
    [{ nodes: [] }, "connections.elastic.nodes must be an address or a list"],
    [{ nodes: [9200] }, "connections.elastic.nodes must be an address or a list"],
    [{ node: NODE, username: "ann" }, "connections.elastic.password is missing"],
    [{ node: NODE, password: "secret" }, "connections.elastic.username is missing"],
    [{ node: NODE, apiKey: "k", username: "ann" }, "connections.elastic.apiKey and username/password are both given"],
    [{ node: NODE, apiKey: 7 }, "connections.elastic.apiKey must be a text"],
    [{ node: NODE, tls: true }, "connections.elastic.tls is given, but http://localhost:9200 is spoken to without it"],
    [{ node: "https://a:9200", tls: "yes" }, "connections.elastic.tls must be true or options"],
    [{ node: NODE, compatibility: 7 }, "connections.elastic.compatibility must be 8 or 9"],
    [{ node: NODE, inFlight: 0 }, "connections.elastic.inFlight must be a whole number from 1 to 64"],
    [{ node: NODE, bulkDocuments: "many" }, "connections.elastic.bulkDocuments must be a whole number"],
  ])("refuses %j", (settings, message) => {
    expect(() => connect(settings)).toThrowError(expect.objectContaining({ code: "CONFIG_INVALID" }));
    expect(() => connect(settings)).toThrowError(message);
  });

  it("does not repeat an address that it cannot read: it may hold a password", () => {
    expect(() => connect({ node: "ann:secret@host" })).toThrowError(expect.not.stringContaining("secret"));
    expect(() => connect({ node: "ann:secret@host" })).toThrowError(SluiceError);
  });
});
