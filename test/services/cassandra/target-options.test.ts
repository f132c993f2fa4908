import { afterAll, beforeAll, expect, it } from "vitest";
import { NO_OPTIONS } from "../../../src/model/target-options.ts";
import { ANY, BIGINT, DOUBLE, STRING } from "../../../src/model/type.ts";
import { Outcome, type RouteTarget } from "../../../src/ports/sink.ts";
import { NamedSinks } from "../../../src/runtime/routes/named-sinks.ts";
import { ORIGIN, target } from "../../adapters/cassandra/routes.ts";
import * as conformance from "../../conformance/changes.ts";
import { describeWith } from "../needs.ts";
import { makeKeyspace, type TestKeyspace } from "./keyspace.ts";

const NEVER = new AbortController().signal;

describeWith("cassandra", "what clauses say of Cassandra's tables", (address) => {
  let keyspace: TestKeyspace;
  beforeAll(async () => {
    keyspace = await makeKeyspace(address);
  });
  afterAll(() => keyspace.drop());

  const route = (name: string, more: Partial<RouteTarget> = {}): RouteTarget =>
    target(`${keyspace.name}.${name}`, { id: STRING, reading: DOUBLE, label: STRING }, ["id"], { autocreate: true, ...more });
  const rowsOf = async (name: string): Promise<unknown[]> =>
    (await keyspace.query(`SELECT JSON * FROM ${keyspace.name}.${name}`)).map((row) => JSON.parse(row.get("[json]") as string));

  it("records name tables, each made when it is first named", async () => {
    const sinks = new NamedSinks(route("_value_site", { options: { ...NO_OPTIONS, dynamic: true } }), (one) =>
      keyspace.connection.openSink(one),
    );
    const sites = ["berlin", "paris", "berlin"].map((site) => `${keyspace.name}.${site}`);
    const batch = conformance.batchOf(sites.map((site, n) => ({ upsert: { id: `${n}`, reading: n }, version: 1000 + n, target: site })));
    const { outcomes } = await sinks.write(batch, ORIGIN, NEVER);
    expect([...outcomes]).toEqual(Array(3).fill(Outcome.written));
    expect(await rowsOf("berlin")).toHaveLength(2);
    expect(await rowsOf("paris")).toEqual([{ id: "1", label: null, reading: 1 }]);
    await sinks.close();
  });

  it("refuse the rows of a table that is not there, where none is made", async () => {
    const options = { ...NO_OPTIONS, dynamic: true };
    const sinks = new NamedSinks(route("_value_site", { options, autocreate: false }), (one) => keyspace.connection.openSink(one));
    const batch = conformance.batchOf([{ upsert: { id: "a" }, version: 1, target: `${keyspace.name}.nowhere` }]);
    const { outcomes, errors } = await sinks.write(batch, ORIGIN, NEVER);
    expect([...outcomes]).toEqual([Outcome.rejected]);
    expect(errors.get(0)?.code).toBe("TARGET_MISSING");
  });

  it("AUTOEVOLVE adds the columns that the table lacks", async () => {
    await keyspace.connection.openSink(route("grown"));
    const columns = [...route("grown").columns, { name: "wantedLater", type: BIGINT }];
    await expect(keyspace.connection.openSink(route("grown", { columns }))).rejects.toMatchObject({ code: "TARGET_MISMATCH" });
    const options = { ...NO_OPTIONS, autoevolve: true };
    const evolved = route("grown", { columns, options });
    await Promise.all([keyspace.connection.openSink(evolved), keyspace.connection.openSink(evolved)]);
    const described = await keyspace.query(
      `SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = '${keyspace.name}' AND table_name = 'grown'`,
    );
    expect(Object.fromEntries(described.map((row) => [row.get("column_name"), row.get("type")]))).toEqual({
      id: "text",
      label: "text",
      reading: "double",
      wantedLater: "bigint",
    });
    const untyped = [...columns, { name: "unknown", type: ANY }];
    await expect(keyspace.connection.openSink(route("grown", { columns: untyped, options }))).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
    });
  });

  it("nulls leave cells alone where that is said, and make no tombstones", async () => {
    for (const [name, nullsUnset] of [
      ["kept", true],
      ["emptied", false],
    ] as const) {
      const sink = await keyspace.connection.openSink(route(name, { options: { ...NO_OPTIONS, nullsUnset, consistency: "ONE" } }));
      await sink.write(conformance.batchOf([{ upsert: { id: "a", reading: 1, label: "one" }, version: 1000 }]), ORIGIN, NEVER);
      await sink.write(conformance.batchOf([{ upsert: { id: "a", reading: null, label: "two" }, version: 1001 }]), ORIGIN, NEVER);
      expect(await rowsOf(name)).toEqual([{ id: "a", reading: nullsUnset ? 1 : null, label: "two" }]);
    }
  });

  it("a consistency level that the cluster cannot give is trouble, not loss", async () => {
    const sink = await keyspace.connection.openSink(route("far", { options: { ...NO_OPTIONS, consistency: "THREE" } }));
    const write = sink.write(conformance.batchOf([{ upsert: { id: "a" }, version: 1000 }]), ORIGIN, NEVER);
    await expect(write).rejects.toMatchObject({ retryable: true });
  });
});
