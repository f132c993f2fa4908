import { afterEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { SluiceError } from "../../src/errors.ts";
import type { Connection } from "../../src/ports/connection.ts";
import type { Sink } from "../../src/ports/sink.ts";
import type { StatementProgress } from "../../src/runtime/protocol.ts";
import { lowerLimits } from "../property/lower-limits.ts";
import { until } from "../support/until.ts";
import { withMethod } from "../support/with-method.ts";
import { Harness, record } from "./harness.ts";

/** The embedded store, with a gate before each target: while it is shut, the target is unavailable. */
class Gates {
  readonly shut = new Set<string>();
  writes = 0;

  wrap(connection: Connection): Connection {
    return withMethod(connection, "openSink", async (route) => this.guard(route.name, await connection.openSink(route)));
  }

  private guard(name: string, sink: Sink): Sink {
    return {
      write: async (batch, origin, signal) => {
        this.writes++;
        if (this.shut.has(name)) throw new SluiceError("CHANGE_UNAVAILABLE", `${name} is down`);
        return sink.write(batch, origin, signal);
      },
      close: () => sink.close(),
    };
  }
}

lowerLimits({ barrierChangesMax: 500, barriersUnackedMax: 2, fetchBytesMax: 64 * 1024, batchRowsMax: 500, backoffMsMax: 100 });

const ROWS = 30_000;
const SETTINGS = "SET 'max.retries' = 100000; SET 'retry.interval' = 5; SET 'commit.interval' = 1;";

describe("statements on one poll", () => {
  const gates = new Gates();
  const harness = new Harness((connection) => gates.wrap(connection));
  afterEach(() => harness.dispose());

  it("are not held up by one whose target is down; it catches up from its own cursor", async () => {
    const records = Array.from({ length: ROWS }, (_, n) => record({ n, text: "x".repeat(200) }));
    gates.shut.add("dead");
    const sql = `${SETTINGS} INSERT INTO alive SELECT n FROM t; INSERT INTO dead SELECT n, text FROM t;`;
    await harness.append("t", []);
    const { handle, messages, ended } = harness.start("p", sql, { until: "follow" });
    const written = (index: number): number => {
      const last = messages.findLast((message) => message.kind === "progress");
      return last?.kind === "progress" ? (last.statements[index]?.counters.written ?? 0) : 0;
    };
    for (let part = 0; part < 10; part++) await harness.append("t", records.slice(part * 3000, (part + 1) * 3000));
    await until(() => written(0) === ROWS, "the living target to have everything");
    expect(written(1)).toBe(0);
    gates.shut.clear();
    await until(() => written(1) === ROWS, "the other one to catch up");
    handle.stop(10_000);
    const { statements } = await ended;
    expect(await harness.table("dead")).toHaveLength(ROWS);
    expect(statements.map(({ counters }) => [counters.in, counters.applied, counters.written])).toEqual([
      [ROWS, ROWS, ROWS],
      [ROWS, ROWS, ROWS],
    ]);
  });

  it("wait for the slowest where their pace is 'together', whatever they read; others do not", async () => {
    const rows = 8_000;
    const records = Array.from({ length: rows }, (_, n) => record({ n, k: `${n}`, text: "x".repeat(200) }, { key: `${n}` }));
    gates.shut.add("slowest");
    const sql = `${SETTINGS} CREATE STREAM a (k STRING, n INT, text STRING) WITH (topic = 'pa', key = 'k');
      CREATE STREAM b (k STRING, n INT) WITH (topic = 'pb', key = 'k');
      INSERT INTO ahead SELECT n FROM a;
      SET 'pace' = 'together';
      INSERT INTO beside SELECT n FROM a;
      INSERT INTO slowest SELECT n, text FROM a;
      INSERT INTO joined SELECT a.n AS n FROM a JOIN b WITHIN 1 HOUR ON a.k = b.k;`;
    for (const topic of ["pa", "pb"]) await harness.append(topic, []);
    const { handle, messages, ended } = harness.start("paced", sql, { until: "follow" });
    const statements = (): readonly StatementProgress[] => {
      const last = messages.findLast((message) => message.kind === "progress");
      return last?.kind === "progress" ? last.statements : [];
    };
    const counted = (index: number): StatementProgress["counters"] | undefined => statements()[index]?.counters;
    for (let part = 0; part < 10; part++) {
      for (const topic of ["pa", "pb"]) await harness.append(topic, records.slice((part * rows) / 10, ((part + 1) * rows) / 10));
    }
    await until(() => counted(0)?.written === rows, "the one that does not wait to have everything");
    await until(() => statements()[2]?.state === "detached", "the slowest to take no more");
    // What they took before is not held up.
    await until(() => counted(1)?.written === counted(1)?.applied, "what was taken to be written");
    expect(must(counted(1)).in).toBeLessThan(rows / 2);
    // It reads two topics.
    expect(must(counted(3)).in).toBeLessThan(2 * rows);
    gates.shut.delete("slowest");
    const stood = (): string => JSON.stringify(statements().map(({ name, state, counters, lag }) => ({ name, state, lag, ...counters })));
    await until(() => [1, 2, 3].every((index) => counted(index)?.written === rows), "all to have everything", 50_000, stood);
    handle.stop(10_000);
    const { statements: last } = await ended;
    for (const target of ["ahead", "beside", "slowest", "joined"]) expect(await harness.table(target)).toHaveLength(rows);
    expect(last.map(({ counters }) => counters.written)).toEqual([rows, rows, rows, rows]);
  });

  it("join a table in step where their pace is 'together': a join whose target is down takes no more either", async () => {
    const rows = 24_000;
    const devices = 100;
    const sql = `${SETTINGS} SET 'pace' = 'together';
      CREATE STREAM a (k STRING, n INT, text STRING) WITH (topic = 'ta', key = 'k');
      CREATE TABLE names (k STRING PRIMARY KEY, name STRING) WITH (topic = 'tn');
      INSERT INTO quick SELECT a.n AS n, names.name AS name FROM a JOIN names ON a.k = names.k;
      INSERT INTO slow SELECT a.n AS n, names.name AS name, a.text AS text FROM a JOIN names ON a.k = names.k;`;
    const append = (from: number, to: number): Promise<void> =>
      harness.append(
        "ta",
        Array.from({ length: to - from }, (_, index) => {
          const n = from + index;
          return record({ k: `${n % devices}`, n, text: "x".repeat(200) }, { key: `${n % devices}`, timestampMs: 1_700_000_000_000 + n });
        }),
      );
    await harness.append(
      "tn",
      Array.from({ length: devices }, (_, k) => record({ k: `${k}`, name: `name ${k}` }, { key: `${k}` })),
    );
    await harness.append("ta", []);
    gates.shut.add("slow");
    const { handle, messages, ended } = harness.start("tables", sql, { until: "follow" });
    const statements = (): readonly StatementProgress[] => {
      const last = messages.findLast((message) => message.kind === "progress");
      return last?.kind === "progress" ? last.statements : [];
    };
    await append(0, rows / 2);
    const stood = (): string => JSON.stringify(messages.at(-1));
    await until(() => statements()[1]?.state === "detached", "the slow one to take no more", 20_000, stood);
    await append(rows / 2, rows);
    await until(() => statements()[0]?.counters.written === statements()[0]?.counters.sent, "what was taken to be written");
    expect(must(statements()[0]).counters.written).toBeLessThan(rows / 2);
    gates.shut.delete("slow");
    await until(() => [0, 1].every((index) => statements()[index]?.counters.written === rows), "both to have everything", 50_000);
    handle.stop(10_000);
    await ended;
    const named = async (target: string): Promise<readonly string[]> =>
      ((await harness.table(target)) as { readonly n: number; readonly name: string }[]).map(({ n, name }) => `${n} ${name}`).toSorted();
    const wanted = Array.from({ length: rows }, (_, n) => `${n} name ${n % devices}`).toSorted();
    expect(await named("quick")).toEqual(wanted);
    expect(await named("slow")).toEqual(wanted);
  });

  it("close more windows by one row of a join than may wait for a target that is down", async () => {
    const devices = 4_000;
    const sql = `${SETTINGS} CREATE STREAM a (k STRING) WITH (topic = 'wa', key = 'k');
      CREATE TABLE names (k STRING PRIMARY KEY, name STRING) WITH (topic = 'wn');
      INSERT INTO windows SELECT a.k AS k, window_start AS since, COUNT(names.name) AS n FROM a LEFT JOIN names ON a.k = names.k
        WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY a.k EMIT FINAL;`;
    const minute = (index: number) =>
      Array.from({ length: devices }, (_, k) =>
        record({ k: `${k}` }, { key: `${k}`, timestampMs: 1_700_000_040_000 + index * 60_000 + k }),
      );
    await harness.append("wn", [record({ k: "0", name: "first" }, { key: "0" })]);
    for (const index of [0, 1, 2]) await harness.append("wa", minute(index));
    gates.shut.add("windows");
    const { handle, messages, ended } = harness.start("windows", sql, { until: "follow" });
    const statement = (): StatementProgress | undefined => {
      const last = messages.findLast((message) => message.kind === "progress");
      return last?.kind === "progress" ? last.statements[0] : undefined;
    };
    await until(
      () => statement()?.state === "detached",
      "the statement to take no more",
      20_000,
      () => JSON.stringify(messages.at(-1)),
    );
    gates.shut.delete("windows");
    await until(() => statement()?.counters.written === 2 * devices, "two minutes to have everything", 50_000);
    handle.stop(10_000);
    await ended;
    expect(await harness.table("windows")).toHaveLength(2 * devices);
  });

  it("go on without one that has failed, also where they wait for each other", async () => {
    const records = Array.from({ length: ROWS }, (_, n) => record({ n, text: "x".repeat(200) }));
    await harness.append("v", records);
    gates.shut.add("never");
    const sql = `SET 'pace' = 'together'; SET 'retry.interval' = 10; SET 'max.retries' = 6;
      INSERT INTO always SELECT n FROM v; INSERT INTO never SELECT n, text FROM v;`;
    const { statements } = await harness.run("r", sql);
    expect(statements.map(({ state, counters }) => [state, counters.written])).toEqual([
      ["finished", ROWS],
      ["failed", 0],
    ]);
    gates.shut.clear();
  });

  it("fail alone when a target stays away longer than max.retries", async () => {
    await harness.append("u", [record({ n: 1 }), record({ n: 2 })]);
    gates.shut.add("gone");
    const sql = "SET 'max.retries' = 2; SET 'retry.interval' = 1; INSERT INTO here SELECT n FROM u; INSERT INTO gone SELECT n FROM u;";
    const { statements, messages } = await harness.run("q", sql);
    expect(messages.filter((message) => message.kind === "trouble")).toHaveLength(2);
    expect(messages.find((message) => message.kind === "statement-failed")).toMatchObject({
      error: { code: "CHANGE_UNAVAILABLE", statement: "gone#1" },
    });
    expect(statements.map(({ state, counters }) => [state, counters.written])).toEqual([
      ["finished", 2],
      ["failed", 0],
    ]);
    gates.shut.clear();
    const again = await harness.run("q", sql);
    expect(again.statements.map(({ state, counters }) => [state, counters.written])).toEqual([
      ["finished", 2],
      ["finished", 2],
    ]);
  });
});
