import { existsSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openEmbedded } from "../../../src/adapters/embedded/open-embedded.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { systemRandom } from "../../../src/adapters/system-random.ts";
import type { Connection } from "../../../src/ports/connection.ts";
import { Outcome, type Sink } from "../../../src/ports/sink.ts";
import { routeTo, settle, write } from "../../conformance/changes.ts";
import { recordsOf } from "../../conformance/read-log.ts";
import { EmbeddedDirectory } from "./embedded-directory.ts";

let directory: EmbeddedDirectory;

beforeEach(async () => {
  directory = await EmbeddedDirectory.make();
});
afterEach(async () => {
  await directory.close();
});

const record = (value: string) => ({ key: null, value: Buffer.from(value), timestampMs: 1000 });
const signal = (): AbortSignal => AbortSignal.timeout(10_000);

async function tableOf(connection: Connection, name: string): Promise<unknown[] | null> {
  const table = connection.readTable(name, signal());
  if (table === null) return null;
  const rows: unknown[] = [];
  for await (const slices of table) rows.push(...recordsOf([slices]).map(({ key, value, timestampMs }) => [key, value, timestampMs]));
  return rows;
}

function sinkTo(connection: Connection, name: string, more: Parameters<typeof routeTo>[3] = {}): Promise<Sink> {
  return connection.openSink(routeTo(connection.config.name, "index", name, more));
}

describe("the file", () => {
  it("is made with its directory on first use, not before", async () => {
    const deep = join(directory.path, "a", "b");
    const connection = openEmbedded({ name: "embedded", kind: "embedded", as: "embedded", settings: {} }, deep, systemClock);
    expect(existsSync(deep)).toBe(false);
    expect(await connection.source.listTopics()).toEqual([]);
    expect(existsSync(join(deep, "sluice.db"))).toBe(true);
    await connection.close();
    await connection.close();
    await expect(connection.source.listTopics()).rejects.toMatchObject({ code: "STOPPED" });
  });

  it("may be named in the configuration, and nothing else", async () => {
    await directory.open("other", { settings: { file: "other.db" } }).source.listTopics();
    expect(existsSync(join(directory.path, "other.db"))).toBe(true);
    expect(() => directory.open("x", { settings: { brokers: [] } })).toThrow(/connections\.x\.brokers/);
    expect(() => directory.open("x", { settings: { file: 7 } })).toThrow(/connections\.x\.file/);
  });

  it("is none in memory: its users share it by name, and behind the last one it is gone", async () => {
    const inMemory = (name: string) => directory.open("embedded", { settings: { file: `:memory:${name}` } });
    const [one, same, other] = [inMemory("a"), inMemory("a"), inMemory("b")];
    await one.source.append("t", [record("x")]);
    expect([await same.source.listTopics(), await other.source.listTopics()]).toEqual([["t"], []]);
    await one.close();
    expect(await same.source.listTopics()).toEqual(["t"]);
    await same.close();
    expect(await inMemory("a").source.listTopics()).toEqual([]);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it("is refused when it is something else", async () => {
    await writeFile(join(directory.path, "sluice.db"), "this is no database, but long enough to have a header of one ".repeat(10));
    const connection = directory.open();
    await expect(connection.source.listTopics()).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
    expect(await connection.diagnose()).toMatchObject([{ ok: false, advice: expect.stringMatching(/--data/) }]);
  });

  it("is refused at once where no directory can be made, and below a file", async () => {
    const places = [join(directory.path, "file", "below"), ...(existsSync("/proc/self") ? ["/proc/sluice/data"] : [])];
    await writeFile(join(directory.path, "file"), "");
    for (const place of places) {
      const connection = openEmbedded({ name: "embedded", kind: "embedded", as: "embedded", settings: {} }, place, systemClock);
      await expect(connection.source.listTopics()).rejects.toMatchObject({ code: "STORE_UNUSABLE", retryable: false });
      await connection.close();
    }
  });

  it("is refused when a later program wrote it", async () => {
    const later = new DatabaseSync(join(directory.path, "sluice.db"));
    later.exec("PRAGMA user_version = 99");
    later.close();
    await expect(directory.open().source.listTopics()).rejects.toThrow(/format 99/);
  });

  it("is found sound by diagnose", async () => {
    expect(await directory.open().diagnose()).toMatchObject([{ ok: true, advice: null }]);
  });
});

describe("topics", () => {
  it("are made by the first append, with one partition", async () => {
    const { source } = directory.open();
    await source.append("new", [record("a")]);
    expect(await source.describeTopic("new")).toMatchObject({ partitions: 1 });
  });

  it("have another id when they are made again", async () => {
    const { source } = directory.open();
    await source.append("t", [record("a"), record("b")]);
    const before = await source.describeTopic("t");
    await source.deleteTopic("t");
    expect(await source.describeTopic("t")).toBeNull();
    await source.append("t", [record("c")]);
    const after = await source.describeTopic("t");
    expect(after?.id).not.toBe(before?.id);
    expect(await source.bounds("t", 0)).toEqual({ startOffset: 0, endOffset: 1 });
    const fetching = source.openPartition("t", 0).fetch({ offset: 2, maxBytes: 1, waitMs: 0, signal: signal() });
    await expect(fetching).rejects.toMatchObject({ code: "OFFSET_OUT_OF_RANGE", coordinates: { topic: "t", partition: 0, offset: 2 } });
  });

  it("start later once they were trimmed", async () => {
    const { source } = directory.open();
    for (const value of ["a", "b", "c"]) await source.append("t", [record(value)]);
    await source.trim("t", 0, 2);
    expect(await source.bounds("t", 0)).toEqual({ startOffset: 2, endOffset: 3 });
    const reader = source.openPartition("t", 0);
    const request = { maxBytes: 1 << 20, waitMs: 0, signal: signal() };
    await expect(reader.fetch({ ...request, offset: 1 })).rejects.toMatchObject({ code: "OFFSET_OUT_OF_RANGE" });
    expect(recordsOf((await reader.fetch({ ...request, offset: 2 })).batches)).toMatchObject([{ offset: 2, value: "c" }]);
  });

  it("grow by partitions, not by fewer", async () => {
    const { source } = directory.open();
    await source.createTopic("t", { partitions: 2 });
    await source.createTopic("t", { partitions: 4 });
    expect(await source.describeTopic("t")).toMatchObject({ partitions: 4 });
    await expect(source.append("t", [{ ...record("a"), partition: 4 }])).rejects.toThrow(/no partition 4/);
  });
});

describe("indexes and tables", () => {
  it("are read in the order of their ids, with version as time", async () => {
    const connection = directory.open();
    const ids = Array.from({ length: 2500 }, (_, i) => `id ${i}`);
    await settle(
      await sinkTo(connection, "rows"),
      ids.map((id, i) => ({ upsert: { id, reading: i }, version: 5_000_000 + i })),
    );
    const rows = await tableOf(connection, "rows");
    const expected = ids.map((id, i) => [id, `{"id":"${id}","reading":${i}}`, 5000 + Math.floor(i / 1000)]);
    expect(rows).toEqual(expected.toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)));
    expect(await tableOf(connection, "none")).toBeNull();
    expect(await connection.listRelations()).toEqual([{ name: "rows", kind: "index" }]);
  });

  it("of several connections are kept apart, and found from the plain one where the name is clear", async () => {
    const plain = directory.open("embedded");
    const elastic = directory.open("elastic");
    const cassandra = directory.open("cassandra");
    await settle(await sinkTo(elastic, "both"), [{ upsert: { id: "elastic" }, version: 1000 }]);
    await settle(await sinkTo(cassandra, "both"), [{ upsert: { id: "cassandra" }, version: 1000 }]);
    await settle(await sinkTo(cassandra, "one"), [{ upsert: { id: "one" }, version: 1000 }]);
    expect(await tableOf(elastic, "both")).toEqual([["elastic", '{"id":"elastic"}', 1]]);
    expect(await tableOf(elastic, "one")).toBeNull();
    expect(await tableOf(plain, "one")).toEqual([["one", '{"id":"one"}', 1]]);
    expect(() => plain.readTable("both", signal())).toThrow(/cassandra\.both, elastic\.both/);
    await settle(await sinkTo(plain, "both"), [{ upsert: { id: "plain" }, version: 1000 }]);
    expect(await tableOf(plain, "both")).toEqual([["plain", '{"id":"plain"}', 1]]);
  });

  it("forget rows when their time is over", async () => {
    let nowMs = 1_000_000;
    const connection = directory.open("embedded", {}, { ...systemClock, now: () => nowMs });
    const sink = await sinkTo(connection, "rows", { ttlSeconds: 60 });
    await settle(sink, [{ upsert: { id: "old" }, version: 1000 }]);
    nowMs += 59_999;
    await settle(sink, [{ upsert: { id: "young" }, version: 1001 }]);
    expect((await tableOf(connection, "rows"))?.length).toBe(2);
    nowMs += 1;
    expect(await tableOf(connection, "rows")).toEqual([["young", '{"id":"young"}', 1]]);
  });

  it("take over what a merge does not name only while it has not expired", async () => {
    let nowMs = 1_000_000;
    const connection = directory.open("embedded", {}, { ...systemClock, now: () => nowMs });
    const sink = await sinkTo(connection, "rows", { mode: "upsert", ttlSeconds: 60 });
    await settle(sink, [{ upsert: { id: "a", label: "first" }, version: 1000 }]);
    await settle(sink, [{ upsert: { id: "a", reading: 1 }, version: 1001 }]);
    expect(await tableOf(connection, "rows")).toEqual([["a", '{"label":"first","id":"a","reading":1}', 1]]);
    nowMs += 60_000;
    await settle(sink, [{ upsert: { id: "a", reading: 2 }, version: 1002 }]);
    expect(await tableOf(connection, "rows")).toEqual([["a", '{"id":"a","reading":2}', 1]]);
  });

  it("refuse ids that the system stood in for would refuse", async () => {
    const long = "é".repeat(257);
    const elastic = await write(await sinkTo(directory.open("elastic", { as: "elasticsearch" }), "rows"), [
      { upsert: { id: "short" }, version: 1000 },
      { upsert: { id: long }, version: 1001 },
    ]);
    expect([...elastic.outcomes]).toEqual([Outcome.written, Outcome.rejected]);
    expect(elastic.errors.get(1)).toMatchObject({ code: "ID_TOO_LONG", message: expect.stringMatching(/514 bytes/) });
    expect(await settle(await sinkTo(directory.open(), "rows"), [{ upsert: { id: long }, version: 1001 }])).toEqual([Outcome.written]);
  });

  it("can be looked at with any SQLite client", async () => {
    const connection = directory.open();
    await settle(await sinkTo(connection, "rows"), [
      { upsert: { id: "a", reading: 1 }, version: 1000 },
      { delete: "b", version: 1001 },
    ]);
    const database = new DatabaseSync(join(directory.path, "sluice.db"), { readOnly: true });
    expect(database.prepare("SELECT name, id, document ->> 'reading' AS reading FROM contents").all()).toEqual([
      { name: "rows", id: "a", reading: 1 },
    ]);
    database.close();
  });
});

describe("the system's clock and chance", () => {
  it("sleep until they are woken", async () => {
    const before = systemClock.monotonic();
    await systemClock.sleep(10);
    expect(systemClock.monotonic() - before).toBeGreaterThanOrEqual(9);
    const controller = new AbortController();
    const sleeping = systemClock.sleep(60_000, controller.signal);
    controller.abort();
    await sleeping;
    await systemClock.sleep(60_000, controller.signal);
    expect(systemClock.monotonic() - before).toBeLessThan(30_000);
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
  });

  it("draw numbers below one", () => {
    const numbers = Array.from({ length: 100 }, () => systemRandom.next());
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(numbers).size).toBeGreaterThan(90);
  });
});
