import { afterEach, describe, expect, it } from "vitest";
import type { RawRecord } from "../../src/ports/source.ts";
import { Harness, record } from "./harness.ts";

const START = 1_700_000_040_000;
const SECOND = 1000;

describe("event time", () => {
  let harness = new Harness();
  afterEach(() => harness.dispose());

  /** Windows of a minute by `eventTime`: starts in seconds after START, and how many rows. */
  const windows = async (records: readonly RawRecord[], eventTime: string, declare = "", settings = "") => {
    harness = new Harness();
    await harness.append("readings", records);
    const sql = `${declare} ${settings} SET 'error.policy' = 'noop';
      INSERT INTO minutes SELECT window_start, COUNT(*) AS n FROM readings ${eventTime} WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY _partition;`;
    const { statements, messages } = await harness.run("p", sql);
    const rows = (await harness.table("minutes")) as { window_start: string; n: number }[];
    return {
      rows: rows.map(({ window_start, n }) => [(Date.parse(window_start) - START) / SECOND, n]),
      counters: statements[0]?.counters,
      skipped: messages.flatMap((message) => (message.kind === "skipped" ? [message.error.message] : [])),
      notices: messages.flatMap((message) => (message.kind === "notice" ? [message.message] : [])),
    };
  };
  const of = (value: object, seconds = 300) => record(value, { timestampMs: START + seconds * SECOND });
  const iso = (seconds: number): string => new Date(START + seconds * SECOND).toISOString();

  it("is any expression: of a field that nothing declares, texts and milliseconds alike", async () => {
    const records = [of({ at: iso(1) }), of({ at: START + 61 * SECOND }), of({ at: "soon" }), of({}), of({ at: iso(119) })];
    const { rows, counters, skipped } = await windows(records, "EVENTTIME BY at");
    expect(rows).toEqual([
      [0, 1],
      [60, 2],
    ]);
    expect(counters).toMatchObject({ in: 5, applied: 3, deadLettered: 2 });
    expect(skipped).toEqual(["at: the event time is missing, or no time", "at: the event time is missing, or no time"]);
  });

  it("is computed: seconds that are multiplied, the later of two columns", async () => {
    const declare = "CREATE STREAM readings (s BIGINT, t TIMESTAMP);";
    const records = [
      of({ s: START / SECOND + 5, t: iso(70) }),
      of({ s: START / SECOND + 65, t: iso(0) }),
      of({ s: START / SECOND + 125, t: null }),
    ];
    expect((await windows(records, "EVENTTIME BY s * 1000", declare)).rows).toEqual([
      [0, 1],
      [60, 1],
      [120, 1],
    ]);
    harness.dispose();
    const later = await windows(
      records,
      "EVENTTIME BY CASE WHEN t > TIMESTAMP '2023-11-14T22:15:00Z' THEN t ELSE CAST(s * 1000 AS TIMESTAMP) END",
      declare,
    );
    expect(later.rows).toEqual([
      [60, 2],
      [120, 1],
    ]);
  });

  it("is a header, by its name or as a declared column", async () => {
    const headed = (seconds: number): RawRecord => ({ ...of({ v: 1 }), headers: [["at", Buffer.from(iso(seconds))]] });
    const records = [headed(3), headed(62), of({ v: 1 })];
    const expected = [
      [0, 1],
      [60, 1],
    ];
    const { rows, counters } = await windows(records, "EVENTTIME BY _header.at");
    expect(rows).toEqual(expected);
    expect(counters).toMatchObject({ in: 3, applied: 2, deadLettered: 1 });
    harness.dispose();
    const declare = "CREATE STREAM readings (v INT, at TIMESTAMP HEADER('at'));";
    expect((await windows(records, "EVENTTIME BY at", declare)).rows).toEqual(expected);
  });

  it("of one device whose clock is wrong closes nobody's windows: the year 2099 is refused, as are microseconds", async () => {
    const declare = "CREATE STREAM readings (at TIMESTAMP, us BIGINT);";
    const good = [of({ at: iso(1), us: START + SECOND }, 1), of({ at: iso(2), us: START + 2 * SECOND }, 2)];
    const bad = of({ at: "2099-01-01T00:00:00Z", us: (START + SECOND) * 1000 }, 1);
    const records = [good[0], bad, good[1]].filter((one) => one !== undefined);
    for (const clause of ["EVENTTIME BY at", "EVENTTIME BY us", "EVENTTIME BY us + 0", "EVENTTIME BY COALESCE(at, at)"]) {
      const { rows, counters, skipped } = await windows(records, clause, declare);
      expect(rows, clause).toEqual([[0, 2]]);
      expect(counters, clause).toMatchObject({ in: 3, applied: 2, late: 0, deadLettered: 1 });
      expect(skipped[0], clause).toContain("more than 10 minutes ahead of the record's timestamp");
      if (clause.includes("us")) expect(skipped[0], clause).toContain("looks like microseconds");
      harness.dispose();
    }
    const { rows, counters } = await windows(
      [good[0], { ...bad, timestampMs: Date.UTC(2099, 0) }, good[1]].filter((one) => one !== undefined),
      "",
    );
    expect(counters).toMatchObject({ in: 3, applied: 3, late: 0 });
    expect(rows.find(([start]) => start === 0)).toEqual([0, 2]);
  });

  it("is that of the record with SET 'time' = 'ingestion'", async () => {
    const declare = "CREATE STREAM readings (at TIMESTAMP) WITH (timestamp = 'at');";
    const records = [of({ at: iso(1) }, 61), of({ at: iso(2) }, 122)];
    expect((await windows(records, "", declare, "SET 'time' = 'ingestion';")).rows).toEqual([
      [60, 1],
      [120, 1],
    ]);
    harness.dispose();
    expect((await windows(records, "", declare)).rows).toEqual([[0, 2]]);
  });

  it("in seconds is told of, once, with the value", async () => {
    const seconds = START / SECOND;
    const declare = "CREATE STREAM readings (s BIGINT);";
    const { notices } = await windows([of({ s: seconds }), of({ s: seconds + 1 })], "EVENTTIME BY s", declare);
    expect(notices).toEqual([
      `event times such as ${seconds + 1} look like seconds, and milliseconds are meant: EVENTTIME BY column * 1000 makes them`,
    ]);
    harness.dispose();
    const ofLog = await windows([record({ v: 1 }, { timestampMs: seconds })], "");
    expect(ofLog.notices[0]).toContain(`record timestamps such as ${seconds} look like seconds`);
  });
});
