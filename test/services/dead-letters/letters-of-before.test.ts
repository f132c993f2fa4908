import { afterAll, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import { deadLetterRoute } from "../../../src/plan/dead-letter-route.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import type { RouteTarget } from "../../../src/ports/sink.ts";
import * as cassandra from "../../adapters/cassandra/routes.ts";
import { changesOf, connect, ORIGIN } from "../../adapters/elasticsearch/support.ts";
import { makeKeyspace, type TestKeyspace } from "../cassandra/keyspace.ts";
import { Scratch } from "../elasticsearch/scratch.ts";
import { describeWith } from "../needs.ts";

const NEVER = new AbortController().signal;
const DAY_MS = 86_400_000;

/** What releases before had no column for. */
const LATER = ["document", "attempts", "version", "kept", "redrivenAt", "change"];

const OLD = { statement: "s#1", topic: "readings", partition: 0, offset: 1, step: "read", code: "RECORD_TYPE", error: "no number" };
const NEW = {
  ...OLD,
  offset: 2,
  step: "write",
  code: "CHANGE_REJECTED",
  document: "{}",
  attempts: 1,
  version: 7,
  // Longer than what a keyword may be.
  change: JSON.stringify({ to: "elastic.readings", id: "a", key: "x".repeat(40_000) }),
};

const routeOf = (kind: "table" | "index", name: string, retentionMs: number | null): RouteTarget =>
  must(deadLetterRoute({ deadLetters: { connection: "store", kind, name }, deadLettersRetentionMs: retentionMs }));

const ofBefore = (route: RouteTarget): RouteTarget => ({ ...route, columns: route.columns.filter(({ name }) => !LATER.includes(name)) });

describeWith("cassandra", "a Cassandra table of letters that a release before made", (address) => {
  let keyspace: TestKeyspace | undefined;
  afterAll(() => keyspace?.drop());

  it("gets the columns that it lacks, and takes letters that have them", async () => {
    keyspace = await makeKeyspace(address);
    const { name, connection, query } = keyspace;
    const route = routeOf("table", `${name}.letters`, DAY_MS);
    const write = async (to: RouteTarget, document: object): Promise<void> => {
      const sink = await connection.openSink(to);
      const { errors } = await sink.write(cassandra.batchOf([{ version: 1, document }]), cassandra.ORIGIN, NEVER);
      expect([...errors.values()]).toEqual([]);
    };
    await write(ofBefore(route), OLD);
    await write(route, NEW);
    const rows = (await query(`SELECT JSON * FROM ${name}.letters`)).map((row) => JSON.parse(row.get("[json]")));
    expect(rows).toMatchObject([
      { offset: 1, change: null, attempts: null },
      { offset: 2, change: NEW.change, attempts: 1 },
    ]);
  });
});

describeWith("elasticsearch", "an Elasticsearch index of letters that a release before made", ({ node }) => {
  const scratch = new Scratch(node);
  const { connection } = connect({ node });
  afterAll(async () => {
    await connection.close();
    await scratch.clean();
  });

  const write = async (to: RouteTarget, document: object, id: string, index?: string): Promise<void> => {
    const sink = await (connection as Connection).openSink(to);
    const row = { id, version: 1, document: JSON.stringify(document) };
    const { errors } = await sink.write(changesOf([index === undefined ? row : { ...row, index }]), ORIGIN, NEVER);
    await sink.close();
    expect([...errors.values()]).toEqual([]);
  };

  it.each([
    ["one index", null],
    ["an index for each day", DAY_MS],
  ])("gets the fields that it lacks, and takes letters that have them: %s", async (what, retentionMs) => {
    const route = routeOf("index", scratch.name(`letters-${what.replaceAll(" ", "-")}`), retentionMs);
    const index = retentionMs === null ? undefined : `${route.name}_${new Date().toISOString().slice(0, 10)}`;
    await write(ofBefore(route), OLD, "old", index);
    await write(route, NEW, "new", index);
    const found = await scratch.documents(index ?? route.name);
    expect(found.get("old")?.source).toEqual(OLD);
    expect(found.get("new")?.source).toEqual(NEW);
    expect(await scratch.index(index ?? route.name)).toMatchObject({ mappings: { properties: { change: expect.anything() } } });
  });
});
