import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../src/ports/connection.ts";
import { Outcome, type RouteTarget, type Sink } from "../../src/ports/sink.ts";
import { batchOf, ORIGIN, type Row, routeTo, settle, write } from "./changes.ts";
import { eventually } from "./eventually.ts";

export interface SinkDriver {
  readonly connection: Connection;
  /** A target name never used before, with whatever must be there already (a keyspace, a table). */
  freshTarget(): Promise<string>;
  /** What the target holds now, as parsed documents; they may come in any order, a column of null may be missing. */
  rows(target: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  close(): Promise<void>;
}

export interface SinkSuiteOptions {
  readonly kind: "index" | "table";
  /** The store itself remembers deletes: an older upsert that comes later is not taken. */
  readonly tombstones?: boolean;
  /** UPSERT leaves other columns alone. */
  readonly merges?: boolean;
  /** `ChangeBatch.targets` may name others than the route's target, which the store makes itself. */
  readonly datedTargets?: boolean;
  /** A document that the store refuses for good where `settled` is written already (a mapping conflict, a wrong type). */
  readonly rejected?: Readonly<Record<string, unknown>>;
  /** More than the store takes in one request of the sink's making; 5,000 if not given. */
  readonly largeRows?: number;
}

interface Context {
  driver(): SinkDriver;
  readonly options: SinkSuiteOptions;
  /** A sink on a new target. */
  open(more?: Partial<RouteTarget>): Promise<Opened>;
}

interface Opened {
  readonly sink: Sink;
  readonly target: string;
  /** Another sink on the same target. */
  again(more?: Partial<RouteTarget>): Promise<Sink>;
  /** Waits until the target holds exactly these rows. */
  holds(rows: readonly Row[]): Promise<void>;
}

/** The contract of `src/ports/sink.ts` for indexes and tables. Call it at the top level of a test file. */
export function sinkSuite(name: string, makeDriver: () => Promise<SinkDriver>, options: SinkSuiteOptions): void {
  describe(`${name} as a sink`, () => {
    let driver: SinkDriver;
    const sinks: Sink[] = [];

    beforeAll(async () => {
      driver = await makeDriver();
    });
    afterAll(async () => {
      for (const sink of sinks) await sink.close();
      await driver.close();
    });

    const open: Context["open"] = async (more = {}) => {
      const target = await driver.freshTarget();
      const again: Opened["again"] = async (others = {}) => {
        const route = routeTo(driver.connection.config.name, options.kind, target, { ...more, ...others });
        const sink = await driver.connection.openSink(route);
        sinks.push(sink);
        return sink;
      };
      return { sink: await again(), target, again, holds: (rows) => holds(driver, target, rows) };
    };

    const context: Context = { driver: () => driver, options, open };
    versionTests(context);
    deleteTests(context);
    batchTests(context);
    contentTests(context);
  });
}

async function holds(driver: SinkDriver, target: string, rows: readonly Row[]): Promise<void> {
  const sorted = (list: readonly Readonly<Record<string, unknown>>[]): unknown[] =>
    list
      .map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)))
      .toSorted((a, b) => (String(a["id"]) < String(b["id"]) ? -1 : 1));
  const expected = sorted(rows.map((row) => ({ ...row })));
  await eventually(async () => expect(sorted(await driver.rows(target))).toEqual(expected));
}

function versionTests({ open }: Context): void {
  it("writes what is new", async () => {
    const { sink, holds } = await open();
    const outcomes = await settle(sink, [
      { upsert: { id: "a", reading: 1.5, label: "one" }, version: 1000 },
      { upsert: { id: "b", reading: -2, label: "two" }, version: 1001 },
    ]);
    expect(outcomes).toEqual([Outcome.written, Outcome.written]);
    await holds([
      { id: "a", reading: 1.5, label: "one" },
      { id: "b", reading: -2, label: "two" },
    ]);
  });

  it("takes a repeat without changing anything", async () => {
    const { sink, again, holds } = await open();
    const changes = [
      { upsert: { id: "a", reading: 1 }, version: 1000 },
      { delete: "b", version: 1001 },
      { upsert: { id: "c", reading: 3 }, version: 1002 },
    ];
    await settle(sink, changes);
    await settle(sink, changes);
    await settle(await again(), changes, { ...ORIGIN, generation: 2 });
    await holds([
      { id: "a", reading: 1 },
      { id: "c", reading: 3 },
    ]);
  });

  it("replaces a row by a newer version, never by an older one", async () => {
    const { sink, again, holds } = await open();
    await settle(sink, [{ upsert: { id: "a", reading: 1 }, version: 1000 }]);
    await settle(sink, [{ upsert: { id: "a", reading: 3 }, version: 3000 }]);
    await settle(await again(), [
      { upsert: { id: "a", reading: 2 }, version: 2000 },
      { upsert: { id: "b", reading: 9 }, version: 2001 },
    ]);
    await holds([
      { id: "a", reading: 3 },
      { id: "b", reading: 9 },
    ]);
  });

  it("takes versions of microseconds since 1970", async () => {
    const { sink, holds } = await open();
    const version = 1_790_000_000_000_000;
    await settle(sink, [{ upsert: { id: "a", reading: 2 }, version: version + 1 }]);
    await settle(sink, [{ upsert: { id: "a", reading: 1 }, version }]);
    await holds([{ id: "a", reading: 2 }]);
  });
}

function deleteTests({ open, options }: Context): void {
  it("deletes what is there, and is content where nothing is", async () => {
    const { sink, holds } = await open();
    await settle(sink, [
      { upsert: { id: "a", reading: 1 }, version: 1000 },
      { upsert: { id: "b", reading: 2 }, version: 1001 },
    ]);
    await settle(sink, [
      { delete: "a", version: 2000 },
      { delete: "never there", version: 2001 },
    ]);
    await holds([{ id: "b", reading: 2 }]);
    await settle(sink, [{ upsert: { id: "a", reading: 3 }, version: 3000 }]);
    await holds([
      { id: "a", reading: 3 },
      { id: "b", reading: 2 },
    ]);
  });

  it("does not delete what is newer than the delete", async () => {
    const { sink, holds } = await open();
    await settle(sink, [{ upsert: { id: "a", reading: 1 }, version: 2000 }]);
    await settle(sink, [{ delete: "a", version: 1000 }]);
    await holds([{ id: "a", reading: 1 }]);
  });

  if (options.tombstones !== true) return;

  it("remembers deletes: an older upsert does not bring the row back", async () => {
    const { sink, holds } = await open();
    await settle(sink, [{ upsert: { id: "a", reading: 1 }, version: 1000 }]);
    await settle(sink, [
      { delete: "a", version: 3000 },
      { delete: "not yet", version: 3001 },
    ]);
    await settle(sink, [
      { upsert: { id: "a", reading: 2 }, version: 2000 },
      { upsert: { id: "not yet", reading: 2 }, version: 2001 },
      { upsert: { id: "b", reading: 4 }, version: 2002 },
    ]);
    await holds([{ id: "b", reading: 4 }]);
  });
}

function batchTests({ driver, open, options }: Context): void {
  it("keeps the order of changes of one id within a batch", async () => {
    const { sink, holds } = await open();
    await settle(sink, [
      { upsert: { id: "a", reading: 1 }, version: 1000 },
      { upsert: { id: "b", reading: 1 }, version: 1001 },
      { delete: "a", version: 1002 },
      { upsert: { id: "b", reading: 2 }, version: 1003 },
      { upsert: { id: "a", reading: 3 }, version: 1004 },
      { delete: "b", version: 1005 },
    ]);
    await holds([{ id: "a", reading: 3 }]);
  });

  it("writes a batch larger than one request", async () => {
    const { sink, holds } = await open();
    const rows = Array.from({ length: options.largeRows ?? 5000 }, (_, i) => ({ id: `row ${i}`, reading: i, label: `${i} `.repeat(200) }));
    await settle(
      sink,
      rows.map((row, i) => ({ upsert: row, version: 1000 + i })),
    );
    await holds(rows);
  });

  it("does nothing for an empty batch", async () => {
    const { sink, holds } = await open();
    await settle(sink, []);
    await holds([]);
  });

  const { rejected } = options;
  if (rejected !== undefined) {
    it("refuses one change without harm to its neighbours", async () => {
      const { sink, holds } = await open();
      await settle(sink, [{ upsert: { id: "settled", reading: 1, label: "one" }, version: 1000 }]);
      const result = await write(sink, [
        { upsert: { id: "before", reading: 2 }, version: 2000 },
        { upsert: { ...rejected, id: "bad" } as Row, version: 2001 },
        { upsert: { id: "after", reading: 3 }, version: 2002 },
      ]);
      expect([...result.outcomes]).toEqual([Outcome.written, Outcome.rejected, Outcome.written]);
      expect([...result.errors.keys()]).toEqual([1]);
      expect(result.errors.get(1)).toMatchObject({ code: "CHANGE_REJECTED" });
      expect(result.errors.get(1)?.message).not.toBe("");
      await holds([
        { id: "settled", reading: 1, label: "one" },
        { id: "before", reading: 2 },
        { id: "after", reading: 3 },
      ]);
    });
  }

  if (options.datedTargets === true) {
    it("sends each change to the target that it names", async () => {
      const { sink, target } = await open({ suffix: "_{yyyy-MM-dd}" });
      const [first, second] = [`${target}_2026-01-01`, `${target}_2026-01-02`];
      await settle(sink, [
        { upsert: { id: "a", reading: 1 }, version: 1000, target: first },
        { upsert: { id: "a", reading: 2 }, version: 999, target: second },
        { upsert: { id: "b", reading: 3 }, version: 1001, target: first },
        { delete: "b", version: 1002, target: second },
      ]);
      await holds(driver(), first, [
        { id: "a", reading: 1 },
        { id: "b", reading: 3 },
      ]);
      await holds(driver(), second, [{ id: "a", reading: 2 }]);
    });
  }
}

function contentTests({ open, options }: Context): void {
  it("keeps text of any kind", async () => {
    const { sink, holds } = await open();
    const labels = ['"quotes" and \\', "line\nfeed\ttab", "Übergröße 😀 \u2028", " "];
    const rows = labels.map((label, i) => ({ id: `${i} ${label}`, label }));
    await settle(
      sink,
      rows.map((row, i) => ({ upsert: row, version: 1000 + i })),
    );
    await holds(rows);
  });

  it("keeps a batch as it was", async () => {
    const { sink } = await open();
    const batch = batchOf([{ upsert: { id: "a", reading: 1 }, version: 1000 }]);
    const before = Buffer.from(batch.bytes);
    await sink.write(batch, ORIGIN, AbortSignal.timeout(100_000));
    expect(batch.bytes.equals(before)).toBe(true);
  });

  it("INSERT writes whole rows: a column that is absent now is gone", async () => {
    const { sink, holds } = await open();
    await settle(sink, [{ upsert: { id: "a", reading: 1, label: "one" }, version: 1000 }]);
    await settle(sink, [{ upsert: { id: "a", reading: 2 }, version: 1001 }]);
    await holds([{ id: "a", reading: 2 }]);
    await settle(sink, [{ upsert: { id: "a", reading: null, label: "three" }, version: 1002 }]);
    await holds([{ id: "a", label: "three" }]);
  });

  if (options.merges !== true) return;

  it("UPSERT leaves the columns alone that it does not name", async () => {
    const whole = await open();
    await settle(whole.sink, [{ upsert: { id: "a", reading: 1, label: "one" }, version: 1000 }]);
    const route = routeTo("", options.kind, whole.target);
    const some = { mode: "upsert" as const, columns: route.columns.slice(0, 2) };
    const sink = await whole.again(some);
    await settle(sink, [
      { upsert: { id: "a", reading: 2 }, version: 1001 },
      { upsert: { id: "b", reading: 3 }, version: 1002 },
    ]);
    await whole.holds([
      { id: "a", reading: 2, label: "one" },
      { id: "b", reading: 3 },
    ]);
  });
}
