import { describe, expect, it } from "vitest";
import { COUNT_ALL } from "./expression-generator.ts";
import { recompute } from "./reference.ts";
import type { CaseSpec, Cell, ExprSpec, JoinSpec, RecordSpec, SelectSpec, SourceSpec, StatementSpec, WindowSpec } from "./spec.ts";
import { type TimedWindow, windowsAt } from "./window-bounds.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PLAIN = { graceMs: 0, offsetMs: 0, timeZone: null };
const BERLIN = { ...PLAIN, timeZone: "Europe/Berlin" };

/** Windows of an instant, without the year's repetition. */
function boundsAt(time: string, window: TimedWindow): readonly string[] {
  const short = (ms: number): string => new Date(ms).toISOString().slice(5, 16);
  return windowsAt(Date.parse(time), window).map(({ start, end }) => `${short(start)} ${short(end)}`);
}

describe("bounds of windows", () => {
  it.each<[string, TimedWindow, readonly string[]]>([
    ["2025-01-01T00:59:00Z", { kind: "tumbling", sizeMs: HOUR_MS, ...PLAIN, offsetMs: HOUR_MS / 2 }, ["01-01T00:30 01-01T01:30"]],
    [
      "2025-01-01T01:00:00Z",
      { kind: "hopping", sizeMs: 2.5 * HOUR_MS, advanceMs: HOUR_MS, ...PLAIN },
      ["12-31T23:00 01-01T01:30", "01-01T00:00 01-01T02:30", "01-01T01:00 01-01T03:30"],
    ],
    [
      "2025-01-01T01:10:00Z",
      { kind: "cumulating", sizeMs: 3 * HOUR_MS, advanceMs: HOUR_MS, ...PLAIN },
      ["01-01T00:00 01-01T02:00", "01-01T00:00 01-01T03:00"],
    ],
    // a day of 23 hours, one of 25, and one whose first hour is skipped
    ["2025-03-30T12:00:00Z", { kind: "tumbling", sizeMs: DAY_MS, ...BERLIN }, ["03-29T23:00 03-30T22:00"]],
    ["2025-10-26T12:00:00Z", { kind: "tumbling", sizeMs: DAY_MS, ...BERLIN }, ["10-25T22:00 10-26T23:00"]],
    ["2025-03-30T12:00:00Z", { kind: "tumbling", sizeMs: DAY_MS, ...PLAIN, timeZone: "Asia/Beirut" }, ["03-29T22:00 03-30T21:00"]],
    // the hour that comes twice is two windows, and part of one longer window
    ["2025-10-26T00:30:00Z", { kind: "tumbling", sizeMs: HOUR_MS, ...BERLIN }, ["10-26T00:00 10-26T01:00"]],
    ["2025-10-26T01:30:00Z", { kind: "tumbling", sizeMs: HOUR_MS, ...BERLIN }, ["10-26T01:00 10-26T02:00"]],
    ["2025-10-26T01:30:00Z", { kind: "tumbling", sizeMs: 2 * HOUR_MS, ...BERLIN }, ["10-26T00:00 10-26T03:00"]],
    // the last one of a day ends with it
    ["2025-06-01T20:30:00Z", { kind: "tumbling", sizeMs: 5 * HOUR_MS, ...BERLIN }, ["06-01T18:00 06-01T22:00"]],
    [
      "2025-03-30T01:30:00Z",
      { kind: "hopping", sizeMs: 4 * HOUR_MS, advanceMs: 2 * HOUR_MS, ...BERLIN },
      ["03-29T23:00 03-30T02:00", "03-30T01:00 03-30T04:00"],
    ],
  ])("at %s", (time, window, expected) => {
    expect(boundsAt(time, window)).toEqual(expected);
  });
});

// --- whole cases -------------------------------------------------------------------------------

function source(
  name: string,
  kind: "stream" | "table",
  records: readonly (readonly [seconds: number, k: string | null, n: number | null])[],
): SourceSpec {
  return {
    name,
    kind,
    partitions: 1,
    columns: [
      { name: "k", type: "STRING" },
      { name: "n", type: "BIGINT" },
    ],
    keyColumn: "k",
    timeColumn: null,
    records: records.map(
      ([seconds, k, n]): RecordSpec => ({
        partition: 0,
        key: k,
        timestampMs: seconds * 1000,
        values: kind === "table" && n === null ? null : { k, n },
      }),
    ),
  };
}

const column = (name: string, of: string | null = null): ExprSpec => ({
  kind: "column",
  name,
  of,
  type: name === "k" ? "STRING" : "BIGINT",
});
const SELECT: SelectSpec = {
  from: "s",
  join: null,
  unnest: null,
  where: null,
  window: null,
  groupBy: [],
  having: null,
  distinct: false,
  items: [],
};

function outcome(select: Partial<SelectSpec>, sources: readonly SourceSpec[], runs?: CaseSpec["runs"]) {
  const statement: StatementSpec = {
    name: "t",
    into: "table",
    stages: [],
    select: { ...SELECT, ...select },
    union: [],
    emit: null,
    lateInto: null,
  };
  const all = sources.map(({ records }) => records.length);
  const { rows, counters } = recompute({ sources, statements: [statement], runs: runs ?? [all], closes: true }).get("t") as NonNullable<
    ReturnType<ReturnType<typeof recompute>["get"]>
  >;
  return { rows: rows.map((row) => Object.values(row).join(" ")), counters };
}

function grouped(window: WindowSpec, records: readonly (readonly [number, string, number])[]) {
  const list: ExprSpec = { kind: "aggregate", name: "COLLECT_LIST", args: [column("n")], distinct: false, filter: null };
  const items = [
    { name: "k", expr: column("k") },
    { name: "n", expr: COUNT_ALL },
    { name: "list", expr: list },
    { name: "end", expr: { kind: "window-bound", bound: "end" } as const },
  ];
  const { rows, counters } = outcome({ window, groupBy: [column("k")], items }, [source("s", "stream", records)]);
  return { rows: rows.map((row) => row.replace("1970-01-01T00:", "").replace(".000Z", "")), counters };
}

describe("the reference", () => {
  it("closes a window before the record whose time closes it", () => {
    const window: WindowSpec = { kind: "tumbling", sizeMs: 10_000, ...PLAIN, graceMs: 5_000 };
    const found = grouped(window, [
      [1, "a", 1],
      [14, "a", 2],
      [9, "a", 3],
      [15, "b", 4],
      [9, "a", 5],
    ]);
    expect(found.rows).toEqual(["a 2 1,3 00:10", "a 1 2 00:20", "b 1 4 00:20"]);
    expect(found.counters).toEqual({ in: 5, applied: 4, filtered: 0, late: 1, deadLettered: 0 });
  });

  it("joins sessions that a row reaches, and takes a late row into an open one", () => {
    const window: WindowSpec = { kind: "session", gapMs: 10_000, graceMs: 10_000 };
    const found = grouped(window, [
      [1, "a", 1],
      [15, "a", 2],
      [10, "a", 3],
      [35, "b", 4],
      [14, "a", 5],
      [14, "c", 6],
      [45, "b", 7],
    ]);
    expect(found.rows).toEqual(["a 3 1,2,3 00:25", "b 1 4 00:45", "b 1 7 00:55"]);
    expect(found.counters).toEqual({ in: 7, applied: 5, filtered: 0, late: 2, deadLettered: 0 });
  });

  it("begins a window of rows after so many of its group", () => {
    const found = grouped({ kind: "count", sizeRows: 3, advanceRows: 2 }, [
      [1, "a", 1],
      [9, "a", 2],
      [2, "b", 3],
      [3, "a", 4],
      [4, "a", 5],
    ]);
    expect(found.rows).toEqual(["a 3 1,2,4 00:09", "a 2 4,5 00:04", "b 1 3 00:02"]);
  });

  const joined = (type: JoinSpec["type"], within: JoinSpec["within"], sources: readonly SourceSpec[], runs?: CaseSpec["runs"]) => {
    const items = [
      { name: "l", expr: column("n", "l") },
      { name: "r", expr: column("n", "r") },
    ];
    const join: JoinSpec = { type, right: sources[1]?.name ?? "", on: { left: "k", right: "k" }, within };
    return outcome({ from: sources[0]?.name ?? "", join, items }, sources, runs);
  };

  it("joins streams in the order of their merge", () => {
    const within = { beforeMs: 1_000, afterMs: 5_000, graceMs: 0 };
    const left = source("s", "stream", [
      [1, "a", 1],
      [10, "a", 2],
      [20, null, 3],
    ]);
    const right = source("s2", "stream", [
      [6, "a", 60],
      [9, "a", 90],
      [16, "a", 160],
    ]);
    expect(joined("INNER", within, [left, right])).toEqual({
      rows: ["1 60", "2 90"],
      counters: { in: 6, applied: 5, filtered: 1, late: 0, deadLettered: 0 },
    });
    expect(joined("FULL", within, [left, right]).rows).toEqual(["1 60", "2 90", " 160", "3 "]);
  });

  it("shows a record the table as of its place, which was read to its end first", () => {
    const stream = source("s", "stream", [
      [1, "a", 1],
      [5, "b", 2],
      [7, "a", 3],
    ]);
    const table = source("d", "table", [
      [4, "a", 40],
      [6, "a", null],
      [6, "b", 60],
    ]);
    expect(joined("INNER", null, [stream, table])).toEqual({
      rows: ["2 60"],
      counters: { in: 6, applied: 4, filtered: 2, late: 0, deadLettered: 0 },
    });
    const runs = [
      [1, 1],
      [3, 3],
    ];
    expect(joined("LEFT", null, [stream, table], runs).rows).toEqual(["1 40", "2 ", "3 "]);
  });

  it("joins what tables have in the end", () => {
    const left = source("d", "table", [
      [1, "a", 1],
      [2, "b", 2],
      [3, "c", 3],
      [4, "c", null],
    ]);
    const right = source("e", "table", [
      [1, "b", 20],
      [1, "c", 30],
      [9, "b", 21],
    ]);
    expect(joined("FULL", null, [left, right]).rows).toEqual(["1 ", "2 21", " 30"]);
  });

  it("has SQL's three values", () => {
    const literal = (value: Cell): ExprSpec => ({ kind: "literal", type: "BIGINT", value: value as number });
    const where = (op: "AND" | "OR", right: ExprSpec): ExprSpec => ({
      kind: "not",
      operand: {
        kind: "binary",
        op,
        type: "BOOLEAN",
        left: { kind: "binary", op: ">", type: "BOOLEAN", left: column("n"), right: literal(1) },
        right,
      },
    });
    const isNull: ExprSpec = { kind: "binary", op: "=", type: "BOOLEAN", left: literal(null), right: literal(1) };
    const stream = source("s", "stream", [
      [1, "a", 1],
      [2, "a", 2],
      [3, "a", null],
    ]);
    const items = [{ name: "n", expr: column("n") }];
    expect(outcome({ where: where("AND", isNull), items }, [stream]).rows).toEqual(["1"]);
    expect(outcome({ where: where("OR", isNull), items }, [stream]).rows).toEqual([]);
  });
});
