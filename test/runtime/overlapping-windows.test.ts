import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { Harness, record } from "./harness.ts";

const START = Date.UTC(2024, 0, 1);
const DECLARE = `CREATE STREAM readings (device STRING, time TIMESTAMP, v DOUBLE) WITH (key = 'device', timestamp = 'time');
  CREATE STREAM finals (device STRING) WITH (topic = 'finals', partitions = 1);`;

const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const row = (device: string, seconds: number, v = 1) =>
  record({ device, time: at(seconds), v }, { key: device, timestampMs: START + seconds * 1000 });

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});
afterEach(() => harness.dispose());

async function run(
  select: string,
  given: readonly ReturnType<typeof row>[],
  { target = "windows", close = false, settings = "" } = {},
): Promise<Record<string, number>> {
  await harness.append("readings", given);
  const { statements, messages } = await harness.run("p", `${settings} ${DECLARE} INSERT INTO ${target} ${select};`, { close });
  expect(messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
  return { ...must(statements[0]).counters };
}

const shown = (row: unknown): string => {
  const { device, window_start, window_end, n, total } = row as Record<string, string>;
  const seconds = (text = ""): number => (Date.parse(text) - START) / 1000;
  return `${device} ${seconds(window_start)}-${seconds(window_end)} ${n} ${total}`;
};
const finals = async (): Promise<string[]> => (await harness.topic("finals")).map(shown);
const written = async (): Promise<string[]> => (await harness.table("windows")).map(shown);

describe("hopping windows", () => {
  const COUNTED = `SELECT device, window_start, window_end, COUNT(*) AS n, SUM(v) AS total FROM readings
    WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 5 SECONDS, GRACE PERIOD 2 SECONDS) GROUP BY device`;

  it("are final once each, by end; a row that is late for some is in the others", async () => {
    const given = [row("a", 101), row("b", 103, 2), row("a", 106, 4), row("a", 107), row("a", 100, 8), row("b", 112), row("a", 106, 16)];
    // At 107 the window up to 105 is closed; at 112 the one up to 110 is.
    const counters = await run(`${COUNTED} EMIT FINAL`, given, { target: "finals" });
    expect(counters).toMatchObject({ in: 7, applied: 7, late: 0 });
    expect(await finals()).toEqual(["a 95-105 1 1", "b 95-105 1 2", "a 100-110 4 14", "b 100-110 1 2"]);
    const later = await run(`${COUNTED} EMIT FINAL`, [row("a", 99), row("a", 100, 32), row("a", 130)], { target: "finals" });
    expect(later).toMatchObject({ in: 10, late: 2 });
    expect((await finals()).slice(4)).toEqual(["a 105-115 3 21", "b 105-115 1 1", "b 110-120 1 1"]);
  });

  it("change in every open window of a row, and only there", async () => {
    await run(`${COUNTED} EMIT CHANGES`, [row("a", 101), row("b", 103)]);
    expect(await written()).toEqual(["a 95-105 1 1", "a 100-110 1 1", "b 95-105 1 1", "b 100-110 1 1"]);
    await run(`${COUNTED} HAVING COUNT(*) < 2 EMIT CHANGES`, [row("a", 108)]);
    expect(await written()).toEqual(["a 95-105 1 1", "a 105-115 1 1", "b 95-105 1 1", "b 100-110 1 1"]);
  });

  it("put together what rests on the order of rows in the order of the log", async () => {
    const select = `SELECT device, window_start, COLLECT_LIST(v) AS list, FIRST(v) AS first, LAST(v) AS last, COUNT(DISTINCT v) AS kinds
      FROM readings WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 10 SECONDS, GRACE PERIOD 1 HOUR) GROUP BY device EMIT CHANGES`;
    await run(select.replace("ADVANCE BY 10", "ADVANCE BY 5"), [row("a", 107, 1), row("a", 101, 2), row("a", 106, 2), row("a", 103, 3)]);
    expect((await harness.table("windows"))[1]).toEqual({
      device: "a",
      window_start: at(100),
      list: [1, 2, 2, 3],
      first: 2,
      last: 1,
      kinds: 3,
    });
  });

  it("are rows of SELECT DISTINCT, once in each window", async () => {
    const select = `SELECT DISTINCT device, v, window_start FROM readings
      WINDOW HOPPING (SIZE 10 SECONDS, ADVANCE BY 5 SECONDS, GRACE PERIOD 1 HOUR) EMIT CHANGES`;
    const counters = await run(select, [row("a", 101), row("a", 102), row("a", 106)]);
    expect(counters).toMatchObject({ in: 3, applied: 3, sent: 3 });
    const later = await run(select, [row("a", 107), row("a", 96), row("a", 112)]);
    // Of 96 and 112 only the windows that had no such row: from 90 and from 110.
    expect(later).toMatchObject({ in: 6, applied: 6, sent: 5, superseded: 0 });
  });

  it("are refused where they overlap in more parts than may be open", async () => {
    const bad = COUNTED.replace("SIZE 10 SECONDS, ADVANCE BY 5 SECONDS", "SIZE 1 DAY, ADVANCE BY 1001 MILLISECONDS");
    expect(() => harness.plan("p", `${DECLARE} INSERT INTO windows ${bad};`)).toThrow("INVALID_WINDOW");
  });
});

describe("cumulating windows", () => {
  it("have ids of their own, though they begin together", async () => {
    const select = `SELECT device, window_start, window_end, COUNT(*) AS n, SUM(v) AS total FROM readings
      WINDOW CUMULATING (SIZE 15 SECONDS, STEP 5 SECONDS) GROUP BY device EMIT CHANGES`;
    await run(select, [row("a", 106), row("a", 112, 2)]);
    expect(await written()).toEqual(["a 105-110 1 1", "a 105-115 2 3", "a 105-120 2 3"]);
  });
});

describe("windows of rows", () => {
  const counted = (window: string, emit = "FINAL"): string =>
    `SELECT device, window_row, window_start, window_end, COUNT(*) AS n, SUM(v) AS total FROM readings
     WINDOW COUNT (${window}) GROUP BY device EMIT ${emit}`;

  it("are final when they are full, each row in its place of the log, whatever its time", async () => {
    const given = [row("a", 109), row("b", 5), row("a", 101, 2), row("a", 1), row("b", 6, 4), row("a", 3, 8), row("a", 7)];
    expect(await run(counted("SIZE 2"), given, { target: "finals" })).toMatchObject({ in: 7, applied: 7, late: 0, sent: 3 });
    expect(await finals()).toEqual(["a 101-109 2 3", "b 5-6 2 5", "a 1-3 2 9"]);
    await run(counted("SIZE 2"), [row("a", 8, 16), row("c", 9)], { target: "finals", close: true });
    expect((await finals()).slice(3)).toEqual(["a 7-8 2 17", "c 9-9 1 1"]);
    // What was closed is over: the next row begins a window.
    await run(counted("SIZE 2"), [row("c", 10), row("c", 11, 2)], { target: "finals" });
    expect((await finals()).slice(5)).toEqual(["c 10-11 2 3"]);
    expect((await harness.topic("finals")).map((result) => (result as { window_row: number }).window_row)).toEqual([0, 0, 2, 4, 0, 2]);
  });

  it("overlap where they advance by less, over restarts", async () => {
    const select = counted("SIZE 4, ADVANCE BY 2");
    for (let first = 0; first < 9; first += 3)
      await run(
        select,
        [0, 1, 2].map((more) => row("a", first + more, 2 ** (first + more))),
        { target: "finals" },
      );
    expect(await finals()).toEqual(["a 0-3 4 15", "a 2-5 4 60", "a 4-7 4 240"]);
    await run(select, [row("a", 0, 0)], { target: "finals", close: true });
    expect((await finals()).slice(3)).toEqual(["a 0-8 4 448", "a 0-8 2 256"]);
  });

  it("change as they fill, and keep an id each", async () => {
    const select = counted("SIZE 3, ADVANCE BY 1", "CHANGES");
    await run(select, [row("a", 1), row("a", 2, 2), row("a", 3, 4), row("a", 4, 8)]);
    expect(await written()).toEqual(["a 1-3 3 7", "a 2-4 3 14", "a 3-4 2 12", "a 4-4 1 8"]);
    await run(select.replace("GROUP BY device", "GROUP BY device HAVING COUNT(*) < 3"), [row("a", 5, 16)]);
    expect(await written()).toEqual(["a 1-3 3 7", "a 2-4 3 14", "a 4-5 2 24", "a 5-5 1 16"]);
  });

  it("take the elements of records, several windows to a record", async () => {
    const select = `SELECT part, COUNT(*) AS n FROM (SELECT time, EXPLODE(ARRAY['x', 'y', 'x', 'x', 'x']) AS part FROM readings)
      WINDOW COUNT (SIZE 2) GROUP BY part EMIT FINAL`;
    expect(await run(select, [row("a", 1), row("a", 2)], { target: "finals" })).toMatchObject({ in: 2, applied: 2, sent: 5 });
  });

  it("have no time for a dated index until they are full", () => {
    const suffixed = counted("SIZE 3", "CHANGES").replace("EMIT", "WITHINDEXSUFFIX=_{YYYY-MM-dd} EMIT");
    expect(() => harness.plan("p", `${DECLARE} INSERT INTO windows ${suffixed};`)).toThrow("CLAUSE_NOT_ALLOWED");
  });
});
