import type { RawRecord } from "../../src/ports/source.ts";
import { record } from "../runtime/harness.ts";
import type { SeededRandom } from "./random.ts";

export const PARTITIONS = 3;
const START = 1_700_000_040_000 - (1_700_000_040_000 % 60_000);
const AHEAD_MS = 600_000;

/** One record as the reference sees it; `text` is its document. */
export interface Item {
  readonly device: string | null;
  /** undefined: missing or unreadable. */
  readonly time: number | undefined;
  readonly timestampMs: number;
  /** A text where the type is wrong. */
  readonly v: number | string | null;
  readonly tag: string | null;
  readonly text: string;
}

const DEVICES = ["a", "café", 'quo"te', "back\\slash", "日本", "", "with space", "🙂", null];

/** Out of order by seconds, some far too late, with nulls, absent fields, wrong types, broken and far-off event times. */
export function randomItems(random: SeededRandom, count: number): Item[] {
  return Array.from({ length: count }, (_, index) => {
    const progress = START + Math.floor((index / count) * 300_000);
    const time = random.chance(0.05) ? progress - random.below(200_000) : progress - random.below(8_000);
    const timestampMs = progress - (random.chance(0.1) ? random.below(90_000) : 0);
    const device = random.pick(DEVICES);
    const v = random.chance(0.15) ? null : random.chance(0.02) ? "warm" : (random.below(400) - 100) / 4;
    const tag = random.chance(0.2) ? null : random.pick(["x", "y"]);
    const fault = random.chance(0.03) ? random.pick(["absent", "null", "text", "ahead"]) : "none";
    const given = { absent: undefined, null: null, text: "soon", ahead: timestampMs + AHEAD_MS + 1, none: time }[fault] ?? null;
    const members = [
      member("device", device, random),
      ...(fault === "absent" ? [] : [`"time":${timeText(given, random)}`]),
      member("v", v, random),
      member("tag", tag, random),
    ].filter((text) => text !== null);
    return { device, time: fault === "none" ? time : undefined, timestampMs, v, tag, text: `{${members.join(", ")}}` };
  });
}

function timeText(time: number | string | null, random: SeededRandom): string {
  return typeof time === "number" && random.chance(0.7) ? `"${new Date(time).toISOString()}"` : JSON.stringify(time);
}

/** A null may be absent; a text may be escaped. */
function member(name: string, value: unknown, random: SeededRandom): string | null {
  if (value === null && random.chance(0.5)) return null;
  const text = JSON.stringify(value);
  const escaped = typeof value === "string" && random.chance(0.4);
  return `"${name}":${escaped ? text.replace(/[a-z\u0080-\uffff](?!\\)/g, escapeUnit) : text}`;
}

function escapeUnit(unit: string, at: number, whole: string): string {
  return whole[at - 1] === "\\" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

export function partitionOf({ device }: Item): number {
  return device === null ? 0 : [...device].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0) % PARTITIONS;
}

export function recordsOf(items: readonly Item[]): RawRecord[] {
  return items.map((item) => {
    const key = item.device === null ? {} : { key: item.device };
    return record(item.text, { ...key, timestampMs: item.timestampMs, partition: partitionOf(item) });
  });
}

export interface WindowStatement {
  readonly target: string;
  readonly timed: boolean;
  readonly kind: "tumbling" | "hopping" | "cumulating" | "count";
  /** Of count windows: thousandths of a row. */
  readonly sizeMs: number;
  /** Between starts of hopping and count windows, ends of cumulating ones; else nothing. */
  readonly advanceMs: number;
  readonly offsetMs: number;
  /** In a zone that is always 5:45 hours ahead. */
  readonly zoned: boolean;
  readonly graceMs: number;
  readonly where: "none" | "v" | "tag";
  /** Groups with more records than that; null: all. */
  readonly above: number | null;
  readonly emit: "final" | "changes";
}

/** Few windows to a row: with limits lowered each is a barrier. */
function randomLengths(random: SeededRandom, kind: WindowStatement["kind"]): readonly [sizeMs: number, advanceMs: number] {
  if (kind === "count")
    return random.pick([
      [1000, 1000],
      [4000, 4000],
      [10_000, 10_000],
      [4000, 1000],
      [9000, 6000],
      [10_000, 4000],
    ] as const);
  const sizeMs = random.pick([10_000, 30_000, 60_000]);
  if (kind === "tumbling") return [sizeMs, sizeMs];
  const parts = random.pick([1, 2, 5]);
  return [sizeMs, kind === "hopping" && random.chance(0.3) ? 8000 : sizeMs / parts];
}

export function randomStatement(random: SeededRandom, target: string): WindowStatement {
  const kind = random.pick(["tumbling", "hopping", "cumulating", "count"] as const);
  const [sizeMs, advanceMs] = randomLengths(random, kind);
  return {
    target,
    timed: random.chance(0.7),
    kind,
    sizeMs,
    advanceMs,
    offsetMs: random.chance(0.7) ? 0 : random.below(advanceMs / 1000) * 1000,
    zoned: random.chance(0.3),
    graceMs: random.pick([0, 2_000, 10_000, 60_000]),
    where: random.pick(["none", "v", "tag"]),
    above: random.pick([null, null, 1, 4]),
    emit: random.pick(["final", "changes"]),
  };
}

export const DECLARE = `
  CREATE STREAM timed (device STRING, time TIMESTAMP, v DOUBLE, tag STRING) WITH (topic = 't', key = 'device', timestamp = 'time');
  CREATE STREAM untimed (device STRING, v DOUBLE, tag STRING) WITH (topic = 't', key = 'device');
  SET 'error.policy' = 'noop';`;

const WHERE = { none: "", v: "WHERE v >= 0", tag: "WHERE tag = 'x'" };

/** Final results go to a topic, or to a table where asked. */
export function sqlOf(
  { target, timed, kind, sizeMs, advanceMs, offsetMs, zoned, graceMs, where, above, emit }: WindowStatement,
  finalTo: "topic" | "table" = "topic",
): string {
  const declared =
    emit === "final" && finalTo === "topic" ? `CREATE STREAM ${target} (device STRING) WITH (topic = '${target}', partitions = 2);` : "";
  const advance = {
    tumbling: "",
    count: "",
    hopping: `ADVANCE BY ${advanceMs / 1000} SECONDS,`,
    cumulating: `STEP ${advanceMs / 1000} SECONDS,`,
  }[kind];
  const size = `SIZE ${sizeMs / 1000}`;
  const bounds = `${offsetMs === 0 ? "" : `OFFSET ${offsetMs / 1000} SECONDS,`} ${zoned ? "TIME ZONE '+05:45'," : ""}`;
  return `${declared} INSERT INTO ${target}
    SELECT device, window_start, window_end, COUNT(*) AS n, COUNT(v) AS nv, SUM(v) AS total, MIN(v) AS lo, MAX(v) AS hi, AVG(v) AS mean,
      COLLECT_LIST(v) AS list
    FROM ${timed ? "timed" : "untimed"}
    WINDOW ${kind === "count" ? `COUNT (${size}, ADVANCE BY ${advanceMs / 1000})` : `${kind.toUpperCase()} (${size} SECONDS, ${advance} ${bounds} GRACE PERIOD ${graceMs / 1000} SECONDS)`}
    ${WHERE[where]} GROUP BY device ${above === null ? "" : `HAVING COUNT(*) > ${above}`}
    EMIT ${emit === "final" ? "FINAL" : "CHANGES"};`;
}

export interface Row {
  readonly device: string;
  readonly window_start: string;
  readonly window_end: string;
  readonly n: number;
  readonly nv: number;
  readonly total: number | null;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly mean: number | null;
  /** In log order. */
  readonly list: readonly (number | null)[];
}

export interface Expected {
  readonly rows: readonly Row[];
  readonly counters: {
    readonly in: number;
    readonly applied: number;
    readonly filtered: number;
    readonly late: number;
    readonly deadLettered: number;
  };
}

/** Everything again, record by record: what is late is decided by the stream time of the record's partition (`runtime.md` §6). */
export function recompute(
  items: readonly Item[],
  statement: WindowStatement,
  placeOf: (item: Item) => number = partitionOf,
  byTime = false,
): Expected {
  const { graceMs, timed } = statement;
  const counters = { in: items.length, applied: 0, filtered: 0, late: 0, deadLettered: 0 };
  const streamTimes = new Array<number>(PARTITIONS).fill(Number.NEGATIVE_INFINITY);
  const groups = new Map<string, Group>();
  const rowsOfDevices = new Map<string, { readonly time: number; readonly v: number | null }[]>();
  for (const item of items) {
    const time = timed ? item.time : item.timestampMs;
    if (time === undefined) {
      counters.deadLettered++;
      continue;
    }
    const partition = placeOf(item);
    const streamTime = Math.max(streamTimes[partition] as number, time);
    streamTimes[partition] = streamTime;
    const isCount = statement.kind === "count";
    const open = isCount ? [] : windowsOf(time, statement).filter(([, end]) => streamTime < end + graceMs);
    const verdict = judge(item, statement);
    if (verdict !== "applied") counters[verdict]++;
    else if (open.length === 0 && !isCount) counters.late++;
    else {
      counters.applied++;
      // A result without its key cannot be identified: it is refused, though its records count.
      if (item.device === null) continue;
      if (isCount) rowsOfDevices.set(item.device, [...(rowsOfDevices.get(item.device) ?? []), { time, v: item.v as number | null }]);
      for (const [start, end] of open) {
        const key = `${start} ${end} ${item.device}`;
        const group = groups.get(key) ?? { device: item.device, start, end, values: [], places: [] };
        groups.set(key, group);
        group.values.push(item.v as number | null);
        group.places.push([time, partition, group.places.length]);
      }
    }
  }
  for (const [device, rows] of rowsOfDevices) {
    for (let first = 0; first < rows.length; first += statement.advanceMs / 1000) {
      const taken = rows.slice(first, first + statement.sizeMs / 1000);
      const times = taken.map((row) => row.time);
      groups.set(`${first} ${device}`, {
        device,
        start: Math.min(...times),
        end: Math.max(...times),
        values: taken.map(({ v }) => v),
        places: [],
      });
    }
  }
  const wanted = [...groups.values()].filter(({ values }) => statement.above === null || values.length > statement.above);
  return { rows: wanted.map(byTime ? inOrderOfTime : (group) => group).map(rowOf), counters };
}

/** All windows that hold a time. */
function windowsOf(time: number, { kind, sizeMs, advanceMs, offsetMs, zoned }: WindowStatement): [start: number, end: number][] {
  const shift = offsetMs - (zoned ? 5.75 * 3_600_000 : 0);
  const windows: [number, number][] = [];
  const step = kind === "cumulating" ? sizeMs : advanceMs;
  const first = Math.floor((time - shift - sizeMs) / step) * step + shift;
  for (let start = first; start <= time; start += step) {
    if (kind === "cumulating") for (let end = start + advanceMs; end <= start + sizeMs; end += advanceMs) windows.push([start, end]);
    else windows.push([start, start + sizeMs]);
  }
  return windows.filter(([start, end]) => start <= time && time < end);
}

function judge({ v, tag }: Item, { where }: WindowStatement): "applied" | "filtered" | "deadLettered" {
  if (where === "tag" && tag !== "x") return "filtered";
  if (typeof v === "string") return "deadLettered";
  return where === "v" && (v === null || v < 0) ? "filtered" : "applied";
}

interface Group {
  readonly device: string;
  readonly start: number;
  readonly end: number;
  readonly values: (number | null)[];
  readonly places: (readonly [time: number, partition: number, number: number])[];
}

/** Of several partitions: by event time, partition, offset. */
function inOrderOfTime(group: Group): Group {
  const { places, values } = group;
  const order = [...places.keys()].sort((a, b) => {
    const [left, right] = [places[a] ?? [0, 0, 0], places[b] ?? [0, 0, 0]];
    return left[0] - right[0] || left[1] - right[1] || left[2] - right[2];
  });
  return { ...group, values: order.map((index) => values[index] ?? null) };
}

function rowOf({ device, start, end, values }: Group): Row {
  const numbers = values.filter((value) => value !== null);
  const total = numbers.reduce((sum, value) => sum + value, 0);
  const some = <T>(value: T): T | null => (numbers.length === 0 ? null : value);
  return {
    device,
    window_start: new Date(start).toISOString(),
    window_end: new Date(end).toISOString(),
    n: values.length,
    nv: numbers.length,
    total: some(total),
    lo: some(Math.min(...numbers)),
    hi: some(Math.max(...numbers)),
    mean: some(total / numbers.length),
    list: values,
  };
}

/** In an order of their own, for comparing. */
export function sorted(rows: readonly unknown[]): readonly string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
