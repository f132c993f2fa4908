import { afterEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import type { Connection } from "../../src/ports/connection.ts";
import { withParts } from "../property/wrap-connection.ts";
import { SteppedClock } from "../support/stepped-clock.ts";
import { Harness, record } from "./harness.ts";
import { SeenNotes } from "./seen-notes.ts";

const START = 1_700_000_040_000;
const SECOND = 1000;

/** `device` at so many seconds after the start. */
const at = (device: string, seconds: number) =>
  record({ device, time: new Date(START + seconds * SECOND).toISOString() }, { key: device, timestampMs: START + seconds * SECOND });

const DECLARE = "CREATE STREAM readings (device STRING, time TIMESTAMP) WITH (key = 'device', timestamp = 'time');";
const finals = (target: string, size: string): string =>
  `CREATE STREAM ${target}_s (device STRING) WITH (topic = '${target}', partitions = 1);
   INSERT INTO ${target}_s SELECT device, window_start, COUNT(*) AS n FROM readings
     WINDOW TUMBLING (SIZE ${size}) GROUP BY device EMIT FINAL;`;

const windowOf = (device: string, seconds: number, n: number) => ({
  device,
  window_start: new Date(START + seconds * SECOND).toISOString(),
  n,
});

/** The same store by the ordinary clock, as a program that is started later. */
const unwatched = ({ directory }: Harness): Harness => new Harness(undefined, null, undefined, directory);

describe("a partition that falls silent", () => {
  let harness = new Harness();
  let notes = new SeenNotes("idle");
  let clock = new SteppedClock(START);
  const begin = async (nowSeconds: number): Promise<void> => {
    clock = new SteppedClock(START + nowSeconds * SECOND);
    notes = new SeenNotes("idle");
    harness = new Harness(notes.wrap, null, clock);
  };
  const stop = async ({ handle, ended }: ReturnType<Harness["start"]>) => {
    handle.stop(1000);
    return (await ended).statements.map(({ counters: { in: taken, applied, late } }) => ({ in: taken, applied, late }));
  };
  afterEach(() => harness.dispose());

  it("emits its final windows after the time-out and no sooner; what comes then is late, also in a replay", async () => {
    await begin(45);
    await harness.append("readings", [at("a", 10), at("b", 45)]);
    const sql = `${DECLARE} ${finals("minutes", "1 MINUTE")}`;
    const run = harness.start("p", sql, { until: "follow" });
    await clock.pass(29 * SECOND);
    expect(await harness.topic("minutes")).toEqual([]);
    await clock.pass(3 * SECOND);
    expect(await harness.topic("minutes")).toEqual([windowOf("a", 0, 1), windowOf("b", 0, 1)]);
    expect(notes.seen).toMatchObject([{ offset: 2, number: 1 }]);
    expect(must(notes.seen[0]).silentMs).toBeGreaterThanOrEqual(30 * SECOND);
    await harness.append("readings", [at("a", 50), at("a", 70), at("a", 80)]);
    await clock.pass(2 * SECOND);
    expect(await stop(run)).toEqual([{ in: 5, applied: 4, late: 1 }]);

    const more = `${sql} ${finals("again", "1 MINUTE")}`;
    const { statements } = await unwatched(harness).run("p", more, { close: true });
    expect(statements.map(({ counters: { applied, late } }) => [applied, late])).toEqual([
      [4, 1],
      [4, 1],
    ]);
    expect(await harness.topic("again")).toEqual(await harness.topic("minutes"));
    expect(await harness.topic("again")).toHaveLength(3);
  });

  it("does after a crash what the note says that it wrote before", async () => {
    await begin(45);
    await harness.append("readings", [at("a", 45)]);
    notes.isHeld = true;
    const sql = `${DECLARE} ${finals("minutes", "1 MINUTE")}`;
    const run = harness.start("p", sql, { until: "follow" });
    await clock.passUntil(() => notes.seen.length === 1, "the note");
    await clock.pass(5 * SECOND);
    expect(await harness.topic("minutes")).toEqual([]);
    // The owner that hangs is fenced by the next one.
    await harness.append("readings", [at("a", 50), at("a", 61)]);
    const { statements } = await unwatched(harness).run("p", sql);
    expect(statements[0]?.counters).toMatchObject({ in: 3, applied: 2, late: 1 });
    expect(await harness.topic("minutes")).toEqual([windowOf("a", 0, 1)]);
    run.handle.stop(0);
  });

  it("gives each final result a place of its own, where notes and then a record close windows at one offset", async () => {
    await begin(65);
    await harness.append("readings", [at("a", 1), at("a", 11), at("a", 21)]);
    await harness.append("finals", []);
    const persist = "INSERT INTO rows SELECT device, n FROM finals;";
    const sql = `SET 'idle.timeout' = '1s'; ${DECLARE} ${finals("finals", "10 SECONDS, GRACE PERIOD 10 SECONDS")}`;
    const first = harness.start("p", sql, { until: "follow" });
    await clock.passUntil(async () => (await harness.topic("finals")).length === 2, "the second window");
    await stop(first);
    const second = harness.start("p", sql, { until: "follow" });
    await harness.append("readings", [at("a", 60)]);
    await clock.passUntil(async () => (await harness.topic("finals")).length === 3, "the third window");
    await stop(second);
    const places = (await harness.records("finals")).map(({ headers }) => must(headers.find(([name]) => name === "sluice"))[1]?.toString());
    expect(places.map((place) => must(place).split("|")[3])).toEqual(["2.0", "3.0", "3.1"]);
    const { statements } = await unwatched(harness).run("persist", persist);
    expect(statements[0]?.counters).toMatchObject({ in: 3, applied: 3 });
  });

  it("lets outer rows of a join go that nothing groups", async () => {
    await begin(5);
    await harness.append("readings", [at("a", 0)]);
    await harness.append("rooms", [record({ room: "x" }, { key: "b", timestampMs: START })]);
    const sql = `CREATE STREAM readings (device STRING KEY); CREATE STREAM rooms (device STRING KEY, room STRING);
      SET 'idle.timeout' = '5s'; SET 'commit.interval' = '1s';
      INSERT INTO joined SELECT l.device, r.room FROM readings AS l LEFT JOIN rooms AS r WITHIN 10 SECONDS ON l.device = r.device;`;
    const run = harness.start("p", sql, { until: "follow" });
    await clock.passUntil(async () => (await harness.table("joined")).length > 0, "the row without a room");
    expect(await harness.table("joined")).toEqual([{ device: "a", room: null }]);
    await stop(run);
  });

  it("goes by the time-out of each statement; 0 is never", async () => {
    await begin(45);
    await harness.append("readings", [at("a", 45)]);
    for (const target of ["short", "long", "never"]) await harness.append(target, []);
    const sql = `${DECLARE} SET 'idle.timeout' = '10s'; ${finals("short", "50 SECONDS")}
      SET 'idle.timeout' = '2m'; ${finals("long", "50 SECONDS")} SET 'idle.timeout' = 0; ${finals("never", "50 SECONDS")}`;
    const run = harness.start("p", sql, { until: "follow" });
    await clock.passUntil(async () => (await harness.topic("short")).length === 1, "the short one");
    await clock.pass(60 * SECOND);
    expect(await harness.topic("long")).toEqual([]);
    await clock.passUntil(async () => (await harness.topic("long")).length === 1, "the long one");
    await clock.pass(300 * SECOND);
    expect(notes.seen).toHaveLength(2);
    await harness.append("readings", [at("a", 46)]);
    await clock.pass(SECOND);
    expect(await stop(run)).toEqual([
      { in: 2, applied: 1, late: 1 },
      { in: 2, applied: 1, late: 1 },
      { in: 2, applied: 2, late: 0 },
    ]);
    expect(await harness.topic("never")).toEqual([]);
  });

  it("writes nothing where there is nothing to close: empty from the start, or closed already", async () => {
    await begin(0);
    for (const topic of ["readings", "minutes"]) await harness.append(topic, []);
    const sql = `SET 'idle.timeout' = '1s'; ${DECLARE} ${finals("minutes", "1 MINUTE")} INSERT INTO rows SELECT device FROM readings;`;
    const run = harness.start("p", sql, { until: "follow" });
    await clock.pass(100 * SECOND);
    expect(notes.seen).toEqual([]);
    await harness.append("readings", [at("a", 59)]);
    await clock.passUntil(async () => (await harness.topic("minutes")).length === 1, "the window");
    await clock.pass(200 * SECOND);
    expect(notes.seen).toHaveLength(1);
    await stop(run);
  });

  it("is fetched rarely, but closes windows in time", async () => {
    clock = new SteppedClock(START + 45 * SECOND);
    notes = new SeenNotes("idle");
    let fetches = 0;
    const wrap = (connection: Connection): Connection => {
      const source = must(connection.source);
      const openPartition: typeof source.openPartition = (...given) => {
        const reader = source.openPartition(...given);
        return withParts(reader, {
          fetch: (request) => {
            fetches++;
            return reader.fetch(request);
          },
        });
      };
      return notes.wrap(withParts(connection, { source: withParts(source, { openPartition }) }));
    };
    harness = new Harness(wrap, null, clock);
    await harness.append("readings", [at("a", 45)]);
    const run = harness.start("p", `SET 'idle.timeout' = '62s'; ${DECLARE} ${finals("minutes", "2 MINUTES")}`, { until: "follow" });
    await clock.pass(10 * SECOND);
    fetches = 0;
    await clock.pass(40 * SECOND);
    expect(fetches).toBeLessThanOrEqual(9);
    await clock.passUntil(() => notes.seen.length === 1, "the note");
    const closeMs = START + 120 * SECOND;
    expect(must(notes.seen[0]).wallMs).toBeGreaterThanOrEqual(closeMs);
    expect(must(notes.seen[0]).wallMs).toBeLessThanOrEqual(closeMs + SECOND);
    await stop(run);
  });

  it("is none while its broker does not answer", async () => {
    clock = new SteppedClock(START + 45 * SECOND);
    notes = new SeenNotes("idle");
    let isAway = false;
    const answered = Promise.withResolvers<void>();
    const wrap = (connection: Connection): Connection => {
      const source = must(connection.source);
      const openPartition: typeof source.openPartition = (...given) => {
        const reader = source.openPartition(...given);
        return withParts(reader, {
          fetch: async (request) => {
            if (isAway) await answered.promise;
            return reader.fetch(request);
          },
        });
      };
      return notes.wrap(withParts(connection, { source: withParts(source, { openPartition }) }));
    };
    harness = new Harness(wrap, null, clock);
    await harness.append("readings", [at("a", 45)]);
    const run = harness.start("p", `${DECLARE} ${finals("minutes", "1 MINUTE")}`, { until: "follow" });
    await clock.pass(10 * SECOND);
    isAway = true;
    await clock.pass(120 * SECOND);
    isAway = false;
    answered.resolve();
    await clock.pass(25 * SECOND);
    expect(notes.seen).toEqual([]);
    await clock.passUntil(() => notes.seen.length === 1, "the note");
    expect(must(notes.seen[0]).wallMs - START).toBeGreaterThanOrEqual((45 + 10 + 120 + 30) * SECOND);
    await stop(run);
  });
});
