import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { beforeAll, describe, expect, it } from "vitest";
import { must } from "../../src/assert.ts";
import type { TimeSpan } from "../../src/model/time-grid.ts";
import type { SharedWindow } from "../../src/model/window.ts";
import { BEFORE_ALL, compareWindows, windowShape } from "../../src/model/window-shape.ts";
import { SeededRandom, seeds } from "../property/random.ts";

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

const tumbling = (sizeMs: number, timeZone: string | null = null, offsetMs = 0): SharedWindow => ({
  kind: "tumbling",
  sizeMs,
  graceMs: 0,
  offsetMs,
  timeZone,
});
const overlapping = (
  kind: "hopping" | "cumulating",
  sizeMs: number,
  advanceMs: number,
  timeZone: string | null = null,
  offsetMs = 0,
): SharedWindow => ({ kind, sizeMs, advanceMs, graceMs: 0, offsetMs, timeZone });

const at = (text: string): number => Date.parse(text);
const textOf = ({ startMs, endMs }: TimeSpan): string =>
  [startMs, endMs].map((ms) => new Date(ms).toISOString().replace(":00.000Z", "")).join(" to ");

/** All windows of the row at a time, by end, then start. */
function windowsAt(window: SharedWindow, timeMs: number): TimeSpan[] {
  const shape = windowShape(window);
  const pane = shape.paneOf(timeMs);
  const found: TimeSpan[] = [];
  for (let next = shape.windowAfter(pane, BEFORE_ALL); next !== null; next = shape.windowAfter(pane, next)) found.push(next);
  expect(found.at(-1)?.endMs).toBe(shape.lastEndOf(pane));
  expect(found.length).toBeLessThanOrEqual(shape.overlap);
  return found;
}

const textsAt = (window: SharedWindow, time: string): string[] => windowsAt(window, at(time)).map(textOf);

describe("windows without a zone", () => {
  it("tumble from 1970 on and before, moved by their offset", () => {
    expect(textsAt(tumbling(HOUR), "2026-11-21T10:59:59.999Z")).toEqual(["2026-11-21T10:00 to 2026-11-21T11:00"]);
    expect(textsAt(tumbling(HOUR), "1969-12-31T23:30:00Z")).toEqual(["1969-12-31T23:00 to 1970-01-01T00:00"]);
    expect(textsAt(tumbling(DAY, null, 6 * HOUR), "2026-11-21T05:59:00Z")).toEqual(["2026-11-20T06:00 to 2026-11-21T06:00"]);
    expect(textsAt(tumbling(7 * DAY), "0001-01-01T00:00:00Z")).toEqual(["0000-12-28T00:00 to 0001-01-04T00:00"]);
    expect(textsAt(tumbling(DAY), "9999-12-31T23:59:00Z")).toEqual(["9999-12-31T00:00 to +010000-01-01T00:00"]);
  });

  it("hop, by end", () => {
    expect(textsAt(overlapping("hopping", 30 * MINUTE, 10 * MINUTE), "2026-11-21T10:10:00Z")).toEqual([
      "2026-11-21T09:50 to 2026-11-21T10:20",
      "2026-11-21T10:00 to 2026-11-21T10:30",
      "2026-11-21T10:10 to 2026-11-21T10:40",
    ]);
    expect(textsAt(overlapping("hopping", 25 * MINUTE, 10 * MINUTE, null, 3 * MINUTE), "1969-12-31T23:59:00Z")).toEqual([
      "1969-12-31T23:43 to 1970-01-01T00:08",
      "1969-12-31T23:53 to 1970-01-01T00:18",
    ]);
  });

  it("cumulate from the start of a step of their size", () => {
    expect(textsAt(overlapping("cumulating", 30 * MINUTE, 10 * MINUTE), "2026-11-21T10:10:00Z")).toEqual([
      "2026-11-21T10:00 to 2026-11-21T10:20",
      "2026-11-21T10:00 to 2026-11-21T10:30",
    ]);
  });
});

describe("windows with a zone", () => {
  const BERLIN = "Europe/Berlin";

  it("have days of 23 and 25 hours", () => {
    expect(textsAt(tumbling(DAY, BERLIN), "2026-03-29T12:00:00Z")).toEqual(["2026-03-28T23:00 to 2026-03-29T22:00"]);
    expect(textsAt(tumbling(DAY, BERLIN), "2026-10-25T12:00:00Z")).toEqual(["2026-10-24T22:00 to 2026-10-25T23:00"]);
    expect(textsAt(tumbling(DAY, BERLIN, 6 * HOUR), "2026-03-29T03:59:00Z")).toEqual(["2026-03-28T05:00 to 2026-03-29T04:00"]);
    expect(textsAt(tumbling(7 * DAY, BERLIN), "2026-11-21T12:00:00Z")).toEqual(["2026-11-18T23:00 to 2026-11-25T23:00"]);
  });

  it("have an hour twice where the clock shows it twice, and none where it is skipped", () => {
    expect(textsAt(tumbling(HOUR, BERLIN), "2026-10-25T00:30:00Z")).toEqual(["2026-10-25T00:00 to 2026-10-25T01:00"]);
    expect(textsAt(tumbling(HOUR, BERLIN), "2026-10-25T01:30:00Z")).toEqual(["2026-10-25T01:00 to 2026-10-25T02:00"]);
    expect(textsAt(tumbling(HOUR, BERLIN), "2026-03-29T01:00:00Z")).toEqual(["2026-03-29T01:00 to 2026-03-29T02:00"]);
    // Two hours of the wall clock are three of these, or one.
    expect(textsAt(tumbling(2 * HOUR, BERLIN), "2026-10-25T01:30:00Z")).toEqual(["2026-10-25T00:00 to 2026-10-25T03:00"]);
    expect(textsAt(tumbling(2 * HOUR, BERLIN), "2026-03-29T01:30:00Z")).toEqual(["2026-03-29T01:00 to 2026-03-29T02:00"]);
  });

  it("count from midnight, where the last window of a day ends", () => {
    expect(textsAt(tumbling(5 * HOUR, BERLIN), "2026-11-21T22:30:00Z")).toEqual(["2026-11-21T19:00 to 2026-11-21T23:00"]);
    expect(textsAt(tumbling(7 * MINUTE, BERLIN), "2026-11-21T22:59:00Z")).toEqual(["2026-11-21T22:55 to 2026-11-21T23:00"]);
    expect(textsAt(overlapping("cumulating", 5 * HOUR, HOUR, BERLIN), "2026-11-21T21:30:00Z")).toEqual([
      "2026-11-21T19:00 to 2026-11-21T22:00",
      "2026-11-21T19:00 to 2026-11-21T23:00",
    ]);
  });

  it("take half an hour's offset, and half an hour's change", () => {
    expect(textsAt(tumbling(HOUR, "Asia/Kolkata"), "2026-11-21T10:10:00Z")).toEqual(["2026-11-21T09:30 to 2026-11-21T10:30"]);
    const HOWE = "Australia/Lord_Howe";
    // Back from +11:00 to +10:30 at 15:00Z: each hour of the wall clock belongs to one offset.
    expect(textsAt(tumbling(HOUR, HOWE), "2026-04-04T14:59:00Z")).toEqual(["2026-04-04T14:00 to 2026-04-04T15:00"]);
    expect(textsAt(tumbling(HOUR, HOWE), "2026-04-04T15:10:00Z")).toEqual(["2026-04-04T15:00 to 2026-04-04T15:30"]);
    expect(textsAt(tumbling(DAY, HOWE), "2026-04-04T15:10:00Z")).toEqual(["2026-04-04T13:00 to 2026-04-05T13:30"]);
  });

  it("skip a day that a zone skips", () => {
    const APIA = "Pacific/Apia";
    expect(textsAt(tumbling(DAY, APIA), "2011-12-30T09:59:00Z")).toEqual(["2011-12-29T10:00 to 2011-12-30T10:00"]);
    expect(textsAt(tumbling(DAY, APIA), "2011-12-30T10:00:00Z")).toEqual(["2011-12-30T10:00 to 2011-12-31T10:00"]);
  });

  it("begin and end where the clock skips to", () => {
    expect(textsAt(overlapping("hopping", 2 * HOUR, 30 * MINUTE, BERLIN), "2026-03-29T01:10:00Z")).toEqual([
      "2026-03-29T00:30 to 2026-03-29T01:30",
      "2026-03-29T01:00 to 2026-03-29T02:00",
      "2026-03-29T01:00 to 2026-03-29T02:30",
      "2026-03-29T01:00 to 2026-03-29T03:00",
    ]);
    expect(textsAt(overlapping("hopping", HOUR, 30 * MINUTE, BERLIN), "2026-10-25T00:45:00Z")).toEqual([
      "2026-10-25T00:00 to 2026-10-25T01:00",
      "2026-10-25T00:30 to 2026-10-25T01:30",
    ]);
    expect(textsAt(overlapping("cumulating", DAY, 12 * HOUR, BERLIN), "2026-03-29T05:00:00Z")).toEqual([
      "2026-03-28T23:00 to 2026-03-29T10:00",
      "2026-03-28T23:00 to 2026-03-29T22:00",
    ]);
  });
});

const ZONES = [
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "America/St_Johns",
  "Africa/Monrovia",
  "UTC",
  "+05:45",
];

describe("windows against other reckonings", () => {
  let oracle: DuckDBConnection;
  beforeAll(async () => {
    oracle = await (await DuckDBInstance.create()).connect();
  });

  it.each(seeds([], 2))("lie side by side, and a row is in all that hold its time: seed %i", (seed) => {
    const random = new SeededRandom(seed);
    for (let round = 0; round < 40; round++) {
      const timeZone = random.pick([null, ...ZONES]);
      const advanceMs = random.pick([15 * MINUTE, 30 * MINUTE, HOUR, 6 * HOUR, DAY]);
      const steps = 1 + random.below(4);
      const sizeMs = advanceMs * steps > DAY ? Math.ceil((advanceMs * steps) / DAY) * DAY : advanceMs * steps;
      const offsetMs = random.pick([0, 0, 10 * MINUTE]);
      const kind = random.pick(["tumbling", "hopping", "cumulating"] as const);
      const window = kind === "tumbling" ? tumbling(sizeMs, timeZone, offsetMs) : overlapping(kind, sizeMs, advanceMs, timeZone, offsetMs);
      const shape = windowShape(window);
      const startMs = Date.UTC(random.pick([2, 1850, 1944, 1969, 2026, 9990]), random.below(12), random.below(28), random.below(24));
      const windows = new Map<string, TimeSpan>();
      const panes: TimeSpan[] = [];
      for (let pane = shape.paneOf(startMs); pane.startMs < startMs + 3 * sizeMs; pane = shape.paneOf(pane.endMs)) {
        const where = `${JSON.stringify(window)} at ${textOf(pane)}`;
        expect(pane.startMs, where).toBe(panes.at(-1)?.endMs ?? pane.startMs);
        expect(shape.paneOf(pane.endMs - 1), where).toMatchObject({ startMs: pane.startMs, endMs: pane.endMs });
        panes.push(pane);
        for (const found of windowsAt(window, pane.startMs)) windows.set(textOf(found), found);
      }
      // Whatever window holds one instant of a pane holds all of it, and is found from there.
      const ordered = [...windows.values()].sort(compareWindows);
      for (const pane of panes) {
        const holding = ordered.filter((found) => found.startMs < pane.endMs && found.endMs > pane.startMs);
        expect(windowsAt(window, pane.endMs - 1).map(textOf), JSON.stringify(window)).toEqual(holding.map(textOf));
      }
    }
  });

  it.each(seeds([1978269908, 575029720], 2))("are the days and hours of DuckDB: seed %i", async (seed) => {
    const random = new SeededRandom(seed);
    for (const zone of ZONES.filter((name) => !name.startsWith("+"))) {
      const times = Array.from({ length: 40 }, () => Date.UTC(1905 + random.below(130), 0, 1) + random.below(365 * DAY));
      const localOf = async (instants: readonly number[]): Promise<readonly string[]> => {
        const sql = `SELECT strftime(to_timestamp(ms / 1000.0) AT TIME ZONE '${zone}', '%Y-%m-%d %H:%M:%S')
          FROM (SELECT unnest([${instants.join(",")}]) AS ms)`;
        return (await oracle.runAndReadAll(sql)).getRowsJson().map(([text]) => String(text));
      };
      const days = windowShape(tumbling(DAY, zone));
      const hours = windowShape(tumbling(HOUR, zone));
      for (const ms of times) {
        const where = `${zone} ${new Date(ms).toISOString()}`;
        const [day, hour] = [days.paneOf(ms), hours.paneOf(ms)];
        for (const { startMs, endMs } of [day, hour]) expect(ms >= startMs && ms < endMs, where).toBe(true);
        // A day begins at the first instant at which the clock shows its start, or what it skips to; where it goes back behind midnight
        // it shows yesterday again, and the day that has begun goes on.
        const shown = await localOf(Array.from({ length: 180 }, (_, minutes) => ms - minutes * MINUTE));
        const midnight = must(shown.toSorted().at(-1)).slice(0, 10);
        const [, minutes, seconds] = must(shown[0]).split(":").map(Number);
        const hourMs = Math.floor(ms / 1000) * 1000 - must(minutes) * MINUTE - must(seconds) * 1000;
        const [first, before, full] = await localOf([day.startMs, day.startMs - MINUTE, hourMs]);
        expect(must(first) >= midnight && must(before) < midnight, where).toBe(true);
        // An hour begins as long ago as the clock says, or where it has changed since by other than hours.
        if (must(full).endsWith(":00:00")) expect(hour.startMs, where).toBe(hourMs);
        else expect(hour.startMs, where).toBeGreaterThan(hourMs);
      }
    }
  });
});
