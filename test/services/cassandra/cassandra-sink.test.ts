import { afterAll, beforeAll, expect, it } from "vitest";
import { NO_OPTIONS } from "../../../src/model/target-options.ts";
import { BIGINT, DOUBLE, INT, STRING, TIMESTAMP } from "../../../src/model/type.ts";
import { Outcome, type RouteTarget, type Sink, type WriteResult } from "../../../src/ports/sink.ts";
import { batchOf, ORIGIN, type TestChange, target } from "../../adapters/cassandra/routes.ts";
import { describeWith } from "../needs.ts";
import { makeKeyspace, type TestKeyspace } from "./keyspace.ts";

const NEVER = new AbortController().signal;

function write(sink: Sink, changes: readonly TestChange[]): Promise<WriteResult> {
  return sink.write(batchOf(changes), ORIGIN, NEVER);
}

async function written(sink: Sink, changes: readonly TestChange[]): Promise<void> {
  const result = await write(sink, changes);
  expect([...result.errors.values()]).toEqual([]);
  expect(new Set(result.outcomes)).toEqual(new Set([Outcome.written]));
}

describeWith("cassandra", "Cassandra sink", (address) => {
  let keyspace: TestKeyspace;
  beforeAll(async () => {
    keyspace = await makeKeyspace(address);
  });
  afterAll(() => keyspace.drop());

  const COLUMNS = { deviceId: STRING, window_start: TIMESTAMP, avg: DOUBLE, n: BIGINT };
  const KEY = ["deviceId", "window_start"];
  const START = "2024-02-29T12:00:00.000Z";
  const open = (route: RouteTarget): Promise<Sink> => keyspace.connection.openSink(route);
  const openNew = (name: string, options: Partial<RouteTarget> = {}): Promise<Sink> =>
    open(target(name, COLUMNS, KEY, { autocreate: true, ...options }));

  it("an older version never covers a newer one, a repeat changes nothing", async () => {
    const sink = await openNew("versions");
    const change = (version: number, avg: number): TestChange => ({ version, document: { deviceId: "d", window_start: START, avg, n: 1 } });
    await written(sink, [change(200, 2)]);
    await written(sink, [change(100, 1)]);
    await written(sink, [change(200, 2)]);
    const [row] = await keyspace.query(`SELECT avg, writetime(avg) AS at FROM ${keyspace.name}.versions`);
    expect([row?.get("avg"), row?.get("at")]).toEqual([2, 200n]);
  });

  it("many versions of one row in one batch end as the newest, whatever their order", async () => {
    const sink = await openNew("many_versions");
    const changes = Array.from({ length: 200 }, (_, i): TestChange => {
      const version = ((i * 77) % 200) + 1;
      return { version, document: { deviceId: "d", window_start: START, avg: version, n: version } };
    });
    await written(sink, changes);
    const [row] = await keyspace.query(`SELECT avg, n FROM ${keyspace.name}.many_versions`);
    expect([row?.get("avg"), row?.get("n")]).toEqual([200, 200n]);
  });

  it("a delete takes older versions with it, and not newer ones", async () => {
    const sink = await openNew("deletes");
    const document = { deviceId: "d", window_start: START, avg: 1, n: 1 };
    const key = { deviceId: "d", window_start: START };
    const rows = (): Promise<number> => keyspace.query(`SELECT n FROM ${keyspace.name}.deletes`).then((found) => found.length);
    await written(sink, [{ version: 100, document }]);
    await written(sink, [{ version: 200, document: key, delete: true }]);
    expect(await rows()).toBe(0);
    await written(sink, [{ version: 150, document }]);
    expect(await rows()).toBe(0);
    await written(sink, [{ version: 300, document }]);
    await written(sink, [{ version: 250, document: key, delete: true }]);
    expect(await rows()).toBe(1);
    await written(sink, [{ version: 1, document: { deviceId: "never there", window_start: START }, delete: true }]);
    expect(await rows()).toBe(1);
  });

  it("INSERT of a row is the same whether its versions came in one batch or in several", async () => {
    const first = { version: 100, document: { deviceId: "d", window_start: START, avg: 1, n: 2 } };
    const second = { version: 200, document: { deviceId: "d", window_start: START, avg: 3 } };
    const inBoth = async (name: string, nullsUnset: boolean): Promise<readonly unknown[]> => {
      const options = { ...NO_OPTIONS, nullsUnset };
      const together = await openNew(`${name}_together`, { options });
      // Of the changes of an id at a barrier the last one is sent.
      await written(together, [second]);
      const apart = await openNew(`${name}_apart`, { options });
      await written(apart, [first]);
      await written(apart, [second]);
      const tables = ["together", "apart"].map((table) => keyspace.query(`SELECT avg, n FROM ${keyspace.name}.${name}_${table}`));
      return (await Promise.all(tables)).map(([row]) => [row?.get("avg"), row?.get("n")]);
    };
    expect(await inBoth("whole", false)).toEqual([
      [3, null],
      [3, null],
    ]);
    // What is asked for by `nullToUnset` depends on where barriers fall.
    expect(await inBoth("unset", true)).toEqual([
      [3, null],
      [3, 2n],
    ]);
  });

  it("INSERT writes null to columns that the statement does not name, UPSERT leaves them", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.wide (id text PRIMARY KEY, a int, b int)`);
    const columns = { id: STRING, a: INT };
    const fill = `INSERT INTO ${keyspace.name}.wide (id, a, b) VALUES ('x', 1, 1) USING TIMESTAMP 100`;
    const row = async (): Promise<unknown[]> => {
      const [found] = await keyspace.query(`SELECT a, b FROM ${keyspace.name}.wide WHERE id = 'x'`);
      return [found?.get("a"), found?.get("b")];
    };
    await keyspace.query(fill);
    await written(await open(target("wide", columns, ["id"], { mode: "upsert" })), [{ version: 200, document: { id: "x", a: 2 } }]);
    expect(await row()).toEqual([2, 1]);
    await written(await open(target("wide", columns, ["id"])), [{ version: 300, document: { id: "x", a: 3 } }]);
    expect(await row()).toEqual([3, null]);
  });

  it("UPSERT of schemaless documents writes the columns that a document has", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.loose (id text PRIMARY KEY, a int, b int)`);
    const sink = await open(target("loose", {}, ["id"], { mode: "upsert" }));
    await written(sink, [
      { version: 100, document: { id: "x", a: 1, b: 1 } },
      { version: 200, document: { id: "x", a: 2 } },
      { version: 300, document: { id: "x", b: null } },
    ]);
    const [row] = await keyspace.query(`SELECT a, b FROM ${keyspace.name}.loose`);
    expect([row?.get("a"), row?.get("b")]).toEqual([2, null]);
  });

  it("gives rows the TTL of the route", async () => {
    const sink = await openNew("mortal", { ttlSeconds: 3600 });
    await written(sink, [{ version: 100, document: { deviceId: "d", window_start: START, avg: 1, n: 1 } }]);
    const [row] = await keyspace.query(`SELECT ttl(avg) AS seconds FROM ${keyspace.name}.mortal`);
    expect(row?.get("seconds")).toBeGreaterThan(3500);
    expect(row?.get("seconds")).toBeLessThanOrEqual(3600);
  });

  it("keeps 64-bit integers exact", async () => {
    const sink = await openNew("exact");
    const integers = ["9007199254740993", "9223372036854775807", "-9223372036854775808", "0"];
    const document = (n: string, i: number): string => `{"deviceId":"d${i}","window_start":"${START}","avg":0.1,"n":${n}}`;
    await written(
      sink,
      integers.map((n, i) => ({ version: 9_007_199_254_740_991, document: document(n, i) })),
    );
    const rows = await keyspace.query(`SELECT n, writetime(n) AS at FROM ${keyspace.name}.exact`);
    expect(rows.map((row) => String(row.get("n"))).sort()).toEqual(integers.sort());
    expect(rows[0]?.get("at")).toBe(9_007_199_254_740_991n);
  });

  it("keeps integers of any size exact in varint and decimal, as keys too", async () => {
    await keyspace.query(`CREATE TABLE ${keyspace.name}.wide_integers (id varint PRIMARY KEY, d decimal, items frozen<list<varint>>)`);
    const sink = await open(target("wide_integers", {}, ["id"]));
    const integers = ["9007199254740993", "9007199254740992", "-123456789012345678901234567890", "18446744073709551616"];
    await written(
      sink,
      integers.map((id) => ({ version: 100, document: `{"id":${id},"d":${id},"items":[${id}]}` })),
    );
    const rows = await keyspace.query(`SELECT id, d, items FROM ${keyspace.name}.wide_integers`);
    const shown = rows.map((row) => [row.get("id"), row.get("d"), row.get("items")].map(String));
    expect(shown.sort()).toEqual(integers.map((id) => [id, id, id]).sort());
  });

  it("names the column and the value of a row that does not fit, and writes its neighbours", async () => {
    const sink = await openNew("misfits");
    const document = (i: number, n: unknown): unknown => ({ deviceId: "d", window_start: i, avg: 1, n });
    const result = await write(sink, [
      { version: 1, document: document(1, 1) },
      { version: 2, document: document(2, 1.5) },
      { version: 3, document: document(3, "3") },
      { version: 4, document: document(4, 4) },
    ]);
    expect([...result.outcomes]).toEqual([Outcome.written, Outcome.rejected, Outcome.rejected, Outcome.written]);
    expect(result.errors.get(1)).toEqual({
      code: "CHANGE_REJECTED",
      message: `table ${keyspace.name}.misfits: column "n" (bigint): 1.5 does not fit`,
    });
    expect(result.errors.get(2)?.message).toContain('column "n" (bigint): "3" does not fit');
    expect(await keyspace.query(`SELECT n FROM ${keyspace.name}.misfits`)).toHaveLength(2);
  });

  it("a row that only the server refuses does not take the rest of its batch with it", async () => {
    const sink = await openNew("refused");
    // The one write time that Cassandra keeps for itself; the sink knows of no bound.
    const version = (row: number): number => (row === 7 ? -(2 ** 63) : row + 1);
    const changes = Array.from(
      { length: 30 },
      (_, row): TestChange => ({ version: version(row), document: { deviceId: "d", window_start: row, avg: row, n: row } }),
    );
    const result = await write(sink, changes);
    expect([...result.outcomes]).toEqual(changes.map((_, row) => (row === 7 ? Outcome.rejected : Outcome.written)));
    expect(result.errors.get(7)).toMatchObject({ code: "CHANGE_REJECTED", message: expect.stringMatching(/timestamp/i) });
    expect(await keyspace.query(`SELECT n FROM ${keyspace.name}.refused`)).toHaveLength(29);
  });

  it("an empty partition key, which Cassandra does not take, is that row's error", async () => {
    const sink = await openNew("empty_key");
    const document = { window_start: START, avg: 1, n: 1 };
    const result = await write(sink, [
      { version: 1, document: { ...document, deviceId: "" } },
      { version: 2, document: { ...document, deviceId: "d" } },
    ]);
    expect([...result.outcomes]).toEqual([Outcome.rejected, Outcome.written]);
    expect(result.errors.get(0)?.message).toContain("Key may not be empty");
  });

  it("says so when the table is gone or has changed, and blames no row", async () => {
    const change: TestChange = { version: 1, document: { deviceId: "d", window_start: START, avg: 1, n: 1 } };
    const dropped = await openNew("dropped");
    await written(dropped, [change]);
    await keyspace.query(`DROP TABLE ${keyspace.name}.dropped`);
    await expect(write(dropped, [change])).rejects.toMatchObject({ code: "TARGET_MISSING" });
    const changed = await openNew("changed");
    await written(changed, [change]);
    await keyspace.query(`ALTER TABLE ${keyspace.name}.changed DROP n`);
    await expect(write(changed, [change])).rejects.toMatchObject({
      code: "TARGET_MISMATCH",
      message: expect.stringContaining('column "n" was dropped'),
    });
  });

  it("gives up when it is stopped", async () => {
    const sink = await openNew("stopped");
    await expect(sink.write(batchOf([{ version: 1, document: {} }]), ORIGIN, AbortSignal.abort())).rejects.toMatchObject({
      code: "STOPPED",
    });
  });

  it("writes 50,000 rows", async () => {
    const sink = await openNew("volume");
    const rows = 50_000;
    for (let from = 0; from < rows; from += 10_000) {
      const changes = Array.from({ length: 10_000 }, (_, i): TestChange => {
        const row = from + i;
        return { version: row + 1, document: { deviceId: `d${row % 1000}`, window_start: row, avg: row / 7, n: row } };
      });
      await written(sink, changes);
    }
    const [count] = await keyspace.query(`SELECT count(*) AS rows FROM ${keyspace.name}.volume`);
    expect(count?.get("rows")).toBe(50_000n);
  });
});
