import { afterAll, beforeAll, expect, it } from "vitest";
import { openCassandra } from "../../../src/adapters/cassandra/open-cassandra.ts";
import { SluiceError } from "../../../src/errors.ts";
import { NO_OPTIONS } from "../../../src/model/target-options.ts";
import { BIGINT, INT, STRING } from "../../../src/model/type.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import { Outcome, type RouteTarget, type Sink } from "../../../src/ports/sink.ts";
import { batchOf, clock, config, ORIGIN, target } from "../../adapters/cassandra/routes.ts";
import { describeWith } from "../needs.ts";
import { makeKeyspace, type TestKeyspace } from "./keyspace.ts";

const NEVER = new AbortController().signal;
const OWNERS = 5;
const TABLES = 12;

describeWith("cassandra", "Cassandra tables that several owners make at the same time", (address) => {
  let keyspace: TestKeyspace;
  let owners: readonly Connection[];
  beforeAll(async () => {
    keyspace = await makeKeyspace(address);
    const settings = config({ ...address, keyspace: keyspace.name });
    owners = Array.from({ length: OWNERS }, () =>
      openCassandra(settings, { clock, random: { next: Math.random }, onTrouble: () => undefined }),
    );
  });
  afterAll(async () => {
    await Promise.all(owners.map((owner) => owner.close()));
    await keyspace.drop();
  });

  /** Each owner opens each table and writes a row to it at once; the rows that are there then, of all tables. */
  async function rowsWritten(route: (table: string) => RouteTarget, column: string): Promise<readonly string[]> {
    const outcomes = owners.flatMap((owner, number) =>
      Array.from({ length: TABLES }, async (_, table) => {
        const sink = await owner.openSink(route(`t${table}`));
        return settled(sink, { id: `owner ${number}`, [column]: number });
      }),
    );
    expect(await Promise.all(outcomes)).toEqual(Array(OWNERS * TABLES).fill(Outcome.written));
    const tables = Array.from({ length: TABLES }, (_, table) => keyspace.query(`SELECT id, ${column} FROM ${keyspace.name}.t${table}`));
    return (await Promise.all(tables)).flatMap((rows) => rows.map((row) => `${row.get("id")}: ${row.get(column)}`)).toSorted();
  }

  const all = Array.from({ length: OWNERS }, (_, number) => Array<string>(TABLES).fill(`owner ${number}: ${number}`)).flat();

  it("take the rows of each, from the first", async () => {
    const made = (table: string): RouteTarget => target(table, { id: STRING, n: INT }, ["id"], { autocreate: true });
    expect(await rowsWritten(made, "n")).toEqual(all);
  });

  it("take the columns that AUTOEVOLVE adds to them, from the first row", async () => {
    const options = { ...NO_OPTIONS, autoevolve: true };
    const grown = (table: string): RouteTarget => target(table, { id: STRING, n: INT, later: BIGINT }, ["id"], { options });
    expect(await rowsWritten(grown, "later")).toEqual(all);
  });

  it("refuse no row for good while they are made anew below a sink", async () => {
    const sink = await keyspace.connection.openSink(target("again", { id: STRING, n: INT }, ["id"], { autocreate: true }));
    expect(await settled(sink, { id: "a", n: 1 })).toBe(Outcome.written);
    await keyspace.query(`DROP TABLE ${keyspace.name}.again`);
    await expect(settled(sink, { id: "a", n: 2 })).rejects.toMatchObject({ code: "TARGET_MISSING" });
    const made = keyspace.query(`CREATE TABLE ${keyspace.name}.again (id text PRIMARY KEY, n int)`);
    const seen = new Set<unknown>();
    while (!seen.has(Outcome.written)) seen.add(await settled(sink, { id: "a", n: 3 }).catch((error: SluiceError) => error.code));
    await made;
    seen.delete("TARGET_MISSING");
    expect([...seen]).toEqual([Outcome.written]);
  });
});

/** As a route does: what is unavailable is sent again. */
async function settled(sink: Sink, document: object): Promise<unknown> {
  for (;;) {
    try {
      const { outcomes, errors } = await sink.write(batchOf([{ version: 1, document }]), ORIGIN, NEVER);
      if (outcomes[0] !== Outcome.retry) return errors.get(0)?.message ?? outcomes[0];
    } catch (error) {
      if (!(error instanceof SluiceError) || !error.retryable) throw error;
    }
  }
}
