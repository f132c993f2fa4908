import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import { Harness, record } from "./harness.ts";

const START = Date.UTC(2024, 0, 1);
const DECLARE = `CREATE STREAM readings (device STRING, time TIMESTAMP, v DOUBLE) WITH (key = 'device', timestamp = 'time');
  CREATE STREAM finals (device STRING) WITH (topic = 'finals', partitions = 1);`;
const COUNTED = `SELECT device, window_start, window_end, COUNT(*) AS n, SUM(v) AS total FROM readings
  WINDOW SESSION (GAP 10 SECONDS, GRACE PERIOD 5 SECONDS) GROUP BY device`;

const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const row = (device: string, seconds: number, v = 1) =>
  record({ device, time: at(seconds), v }, { key: device, timestampMs: START + seconds * 1000 });

describe("sessions", () => {
  let harness: Harness;
  beforeEach(() => {
    harness = new Harness();
  });
  afterEach(() => harness.dispose());

  const run = async (select: string, given: readonly ReturnType<typeof row>[], target = "sessions"): Promise<Record<string, number>> => {
    await harness.append("readings", given);
    const { statements, messages } = await harness.run("p", `${DECLARE} INSERT INTO ${target} ${select};`);
    expect(messages.filter(({ kind }) => kind === "failed" || kind === "statement-failed")).toEqual([]);
    return { ...must(statements[0]).counters };
  };

  const shown = (row: unknown): string => {
    const { device, window_start, window_end, n, total } = row as Record<string, string>;
    const seconds = (text = ""): number => (Date.parse(text) - START) / 1000;
    return `${device} ${seconds(window_start)}-${seconds(window_end)} ${n} ${total}`;
  };

  it("are written as they stand, each under its start; what moves or merges leaves nothing behind", async () => {
    expect(await run(`${COUNTED} EMIT CHANGES`, [row("a", 100), row("a", 109, 2), row("b", 110), row("a", 123, 4)])).toMatchObject({
      late: 0,
    });
    expect((await harness.table("sessions")).map(shown)).toEqual(["a 100-119 2 3", "a 123-133 1 4", "b 110-120 1 1"]);
    // Connects both of a, and begins the one of b earlier.
    await run(`${COUNTED} EMIT CHANGES`, [row("a", 117, 8), row("b", 102, 16)]);
    expect((await harness.table("sessions")).map(shown)).toEqual(["a 100-133 4 15", "b 102-120 2 17"]);
  });

  it("are final once, by end, then start, then first sight", async () => {
    const given = [row("c", 100), row("b", 102), row("a", 102), row("b", 100), row("d", 98), row("d", 101), row("e", 130)];
    await run(`${COUNTED} EMIT FINAL`, given, "finals");
    expect((await harness.topic("finals")).map(shown)).toEqual(["c 100-110 1 1", "d 98-111 2 2", "b 100-112 2 2", "a 102-112 1 1"]);
  });

  it("take a late row that reaches them, and leave one out that begins a session of its own too late", async () => {
    const given = [row("a", 100), row("b", 114), row("a", 95), row("c", 99), row("c", 100), row("b", 115), row("a", 100)];
    expect(await run(`${COUNTED} EMIT CHANGES`, given)).toMatchObject({ in: 7, applied: 5, late: 2 });
    expect((await harness.table("sessions")).map(shown)).toEqual(["a 95-110 2 2", "b 114-125 2 2", "c 100-110 1 1"]);
  });

  it("are deleted where HAVING holds no more, and where there is another one under the same start", async () => {
    const having = `${COUNTED} HAVING COUNT(*) < 3 EMIT CHANGES`;
    await run(having, [row("a", 100), row("a", 101), row("b", 100)]);
    expect((await harness.table("sessions")).map(shown)).toEqual(["a 100-111 2 2", "b 100-110 1 1"]);
    await run(having, [row("a", 102)]);
    expect((await harness.table("sessions")).map(shown)).toEqual(["b 100-110 1 1"]);
  });

  it("keep what rests on the order of rows right when they merge, in lists as well", async () => {
    const select = `SELECT device, window_start, COLLECT_LIST(v) AS list, FIRST(v) AS first, LAST(v) AS last, COUNT(DISTINCT v) AS kinds
      FROM readings WINDOW SESSION (GAP 10 SECONDS, GRACE PERIOD 1 HOUR) GROUP BY device EMIT CHANGES`;
    await run(select, [row("a", 130, 3), row("a", 100, 1), row("a", 115, 2), row("a", 122, 1), row("a", 109, 4)]);
    expect(await harness.table("sessions")).toEqual([
      { device: "a", window_start: at(100), list: [3, 1, 2, 1, 4], first: 1, last: 3, kinds: 4 },
    ]);
  });

  it("are of the elements of records, too: a record is late where all of them are", async () => {
    const select = `SELECT part, window_start, COUNT(*) AS n
      FROM (SELECT time, EXPLODE(ARRAY[device, CONCAT('x', device)]) AS part FROM readings)
      WINDOW SESSION (GAP 10 SECONDS) GROUP BY part EMIT CHANGES`;
    const counters = await run(select, [row("a", 100), row("xa", 105), row("b", 93), row("a", 94)]);
    expect(counters).toMatchObject({ in: 4, applied: 3, late: 1 });
  });

  it("are rows of SELECT DISTINCT", async () => {
    const select = `SELECT DISTINCT device, v FROM readings WINDOW SESSION (GAP 10 SECONDS) EMIT CHANGES`;
    await run(select, [row("a", 100), row("a", 105), row("a", 105, 2), row("a", 97)]);
    expect(await harness.table("sessions")).toEqual([
      { device: "a", v: 1 },
      { device: "a", v: 2 },
    ]);
  });

  it("are all of one id where PK leaves the window out: the last one touched is written", async () => {
    await run(`${COUNTED} EMIT CHANGES`.replace("GROUP BY device", "GROUP BY device PK device"), [
      row("a", 100),
      row("a", 112),
      row("a", 106),
    ]);
    expect((await harness.table("sessions")).map(shown)).toEqual(["a 100-122 3 3"]);
  });

  it("go on after a restart, closed ones are gone", async () => {
    const select = `${COUNTED} EMIT FINAL`;
    await run(select, [row("a", 100), row("b", 100)], "finals");
    await run(select, [row("a", 105), row("b", 112)], "finals");
    await run(select, [row("b", 118), row("c", 140)], "finals");
    expect((await harness.topic("finals")).map(shown)).toEqual(["b 100-110 1 1", "a 100-115 2 2", "b 112-128 2 2"]);
  });
});
