import { addMonths, DAY_MS, dayOf, dayOfYear, timeOfDay } from "../../model/calendar.ts";
import { addInterval, intervalOf, multiplyInterval, negateInterval } from "../../model/interval.ts";
import { TIMESTAMP_MS_MAX } from "../../model/timestamp-text.ts";
import { BIGINT, DATE, type DataType, DOUBLE, INTERVAL, STRING, TIME, TIMESTAMP } from "../../model/type.ts";
import type { Interval } from "../../model/value.ts";
import { isoWeek } from "../java-time-pattern.ts";
import { integer, number, optional, timestamp } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** 1970-01-01 was a Thursday: the week of time zero began three days before it, on a Monday. */
const FIRST_MONDAY_MS = -3 * DAY_MS;

const TRUNCATE: Readonly<Record<string, (timestampMs: number) => number>> = {
  millisecond: (timestampMs) => timestampMs,
  second: (timestampMs) => floorTo(timestampMs, 1000),
  minute: (timestampMs) => floorTo(timestampMs, MINUTE_MS),
  hour: (timestampMs) => floorTo(timestampMs, HOUR_MS),
  day: (timestampMs) => floorTo(timestampMs, DAY_MS),
  week: (timestampMs) => floorTo(timestampMs - FIRST_MONDAY_MS, 7 * DAY_MS) + FIRST_MONDAY_MS,
  month: (timestampMs) => floorToMonths(timestampMs, 1),
  quarter: (timestampMs) => floorToMonths(timestampMs, 3),
  year: (timestampMs) => floorToMonths(timestampMs, 12),
  decade: (timestampMs) => floorToMonths(timestampMs, 120),
};

const UNITS = Object.keys(TRUNCATE);

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = "January February March April May June July August September October November December".split(" ");

/** Parts of a time, each of which is a function of its own, too. */
const PARTS: Readonly<Record<string, { readonly read: (date: Date) => number; readonly doc: string; readonly sample: number }>> = {
  year: { read: (date) => date.getUTCFullYear(), doc: "The year.", sample: 2026 },
  quarter: { read: (date) => Math.floor(date.getUTCMonth() / 3) + 1, doc: "The quarter, 1 to 4.", sample: 1 },
  month: { read: (date) => date.getUTCMonth() + 1, doc: "The month, 1 to 12.", sample: 3 },
  week: { read: (date) => isoWeek(date).week, doc: "The week of ISO 8601, 1 to 53.", sample: 10 },
  isoyear: { read: (date) => isoWeek(date).year, doc: "The year that the week of ISO 8601 belongs to.", sample: 2026 },
  day: { read: (date) => date.getUTCDate(), doc: "The day of the month.", sample: 4 },
  dayofyear: { read: dayOfYear, doc: "The day of the year.", sample: 63 },
  dayofweek: { read: (date) => date.getUTCDay(), doc: "The day of the week, from 0 on Sunday.", sample: 3 },
  isodow: { read: (date) => date.getUTCDay() || 7, doc: "The day of the week, from 1 on Monday to 7.", sample: 3 },
  hour: { read: (date) => date.getUTCHours(), doc: "The hour.", sample: 12 },
  minute: { read: (date) => date.getUTCMinutes(), doc: "The minute.", sample: 34 },
  second: { read: (date) => date.getUTCSeconds(), doc: "The second.", sample: 56 },
  millisecond: {
    read: (date) => date.getUTCSeconds() * 1000 + date.getUTCMilliseconds(),
    doc: "Seconds and their fraction in milliseconds.",
    sample: 56_789,
  },
};

const PART_SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  day: ["dayofmonth"],
  dayofyear: ["doy"],
  dayofweek: ["dow", "weekday"],
  week: ["weekofyear"],
};

const PART_OF = new Map(
  Object.entries(PARTS).flatMap(([name, { read }]) => [name, ...(PART_SYNONYMS[name] ?? [])].map((part) => [part, read] as const)),
);

const SAMPLE = "CAST('2026-03-04T12:34:56.789' AS TIMESTAMP)";
const SAMPLE_DATE = "CAST('2026-01-31' AS DATE)";

/** A unit may be a bare word: `timestampadd(DAY, 1, time)`. */
const UNIT = { name: "unit", type: "string", oneOf: UNITS.flatMap((unit) => [unit, `${unit}s`]), word: true } as const;

/** All calendar arithmetic is in UTC; `AT TIME ZONE` brings another zone's clock. */
export const timeFunctions: readonly ScalarFunction[] = [
  {
    name: "date_trunc",
    synonyms: ["datetrunc"],
    parameters: [{ ...UNIT, oneOf: UNITS }, timestamp()],
    result: TIMESTAMP,
    doc: `The start, in UTC, of the unit that the time lies in: ${UNITS.join(", ")}.`,
    examples: [
      { sql: `date_trunc('hour', ${SAMPLE})`, result: "2026-03-04T12:00:00.000Z" },
      { sql: `date_trunc('week', ${SAMPLE})`, result: "2026-03-02T00:00:00.000Z" },
    ],
    implement: (unit: string, timestampMs: number) => {
      const truncate = TRUNCATE[unit.toLowerCase()];
      if (truncate === undefined) throw new RangeError(`'${unit}' is no calendar unit; use one of ${UNITS.join(", ")}`);
      return truncate(timestampMs);
    },
  },
  {
    name: "date_part",
    synonyms: ["datepart", "extract"],
    parameters: [{ name: "part", type: "string", oneOf: [...PART_OF.keys(), "epoch"], word: true }, timestamp()],
    result: DOUBLE,
    doc: `A part of a time as a number: ${[...PART_OF.keys()].join(", ")}, or epoch, the seconds since 1970.`,
    examples: [
      { sql: `date_part('hour', ${SAMPLE})`, result: 12 },
      { sql: `extract('dow', ${SAMPLE})`, result: 3, duckdb: `date_part('dow', ${SAMPLE})` },
    ],
    implement: (part: string, timestampMs: number) => {
      const name = part.toLowerCase();
      if (name === "epoch") return timestampMs / 1000;
      const read = PART_OF.get(name);
      if (read === undefined) throw new RangeError(`'${part}' is no part of a time; use one of ${[...PART_OF.keys()].join(", ")}`);
      return read(new Date(timestampMs));
    },
  },
  ...Object.entries(PARTS).map(
    ([name, { read, doc, sample }]): ScalarFunction => ({
      name,
      synonyms: PART_SYNONYMS[name] ?? [],
      parameters: [timestamp()],
      result: BIGINT,
      doc,
      examples: [{ sql: `${name}(${SAMPLE})`, result: sample }],
      implement: (timestampMs: number) => read(new Date(timestampMs)),
    }),
  ),
  named("dayname", "The English name of the day of the week.", "Wednesday", (date) => WEEKDAYS[date.getUTCDay()] as string),
  named("monthname", "The English name of the month.", "March", (date) => MONTHS[date.getUTCMonth()] as string),
  {
    name: "last_day",
    synonyms: [],
    parameters: [timestamp()],
    result: DATE,
    doc: "The last day of the month.",
    examples: [{ sql: `last_day(${SAMPLE})`, result: "2026-03-31" }],
    implement: (timestampMs: number) => dayOf(addMonths(floorToMonths(timestampMs, 1), 1)) - 1,
  },
  {
    name: "date_diff",
    synonyms: ["datediff", "timestampdiff"],
    parameters: [UNIT, timestamp("from"), timestamp("to")],
    result: BIGINT,
    doc: "How many starts of units lie between two times; of weeks how often seven days.",
    examples: [
      { sql: `date_diff('day', ${SAMPLE}, CAST('2026-03-06' AS TIMESTAMP))`, result: 2 },
      { sql: `date_diff('month', CAST('2026-01-31' AS TIMESTAMP), CAST('2026-02-01' AS TIMESTAMP))`, result: 1 },
    ],
    implement: (unit: string, fromMs: number, toMs: number) => differenceIn(singular(unit), fromMs, toMs),
  },
  shifted("timestampadd", "later", timestamp(), TIMESTAMP, 1, (ms, interval) => addInterval(ms, interval), {
    sql: `timestampadd(DAY, 1, ${SAMPLE})`,
    result: "2026-03-05T12:34:56.789Z",
  }),
  shifted("timestampsub", "earlier", timestamp(), TIMESTAMP, -1, (ms, interval) => addInterval(ms, interval), {
    sql: `timestampsub(HOURS, 2, ${SAMPLE})`,
    result: "2026-03-04T10:34:56.789Z",
  }),
  shifted("dateadd", "later", { name: "date", type: DATE }, DATE, 1, (days, interval) => dayOf(addInterval(days * DAY_MS, interval)), {
    sql: `dateadd(MONTH, 1, ${SAMPLE_DATE})`,
    result: "2026-02-28",
  }),
  shifted("datesub", "earlier", { name: "date", type: DATE }, DATE, -1, (days, interval) => dayOf(addInterval(days * DAY_MS, interval)), {
    sql: `datesub(DAYS, 31, ${SAMPLE_DATE})`,
    result: "2025-12-31",
  }),
  shifted("timeadd", "later", { name: "time", type: TIME }, TIME, 1, (ms, interval) => timeOfDay(addInterval(ms, interval)), {
    sql: "timeadd(MINUTES, 90, CAST('23:00' AS TIME))",
    result: "00:30:00",
  }),
  shifted("timesub", "earlier", { name: "time", type: TIME }, TIME, -1, (ms, interval) => timeOfDay(addInterval(ms, interval)), {
    sql: "timesub(HOURS, 1, CAST('00:30' AS TIME))",
    result: "23:30:00",
  }),
  {
    name: "time_bucket",
    synonyms: [],
    parameters: [{ name: "width", type: INTERVAL }, timestamp()],
    result: TIMESTAMP,
    doc: "The start of the piece of that width around the time; pieces are counted from Monday, 2000-01-03, months from 2000-01-01.",
    examples: [{ sql: `time_bucket(INTERVAL '15' MINUTE, ${SAMPLE})`, result: "2026-03-04T12:30:00.000Z" }],
    implement: bucketOf,
  },
  {
    name: "epoch_ms",
    synonyms: [],
    parameters: [timestamp()],
    result: BIGINT,
    doc: "Milliseconds since 1970-01-01 00:00 UTC.",
    examples: [{ sql: "epoch_ms(CAST('1970-01-01T00:01:00' AS TIMESTAMP))", result: 60_000 }],
    implement: (timestampMs: number) => timestampMs,
  },
  {
    name: "epoch",
    synonyms: [],
    parameters: [timestamp()],
    result: DOUBLE,
    doc: "Seconds since 1970-01-01 00:00 UTC.",
    examples: [{ sql: "epoch(CAST('1970-01-01T00:01:00.5' AS TIMESTAMP))", result: 60.5 }],
    implement: (timestampMs: number) => timestampMs / 1000,
  },
  {
    name: "unix_timestamp",
    synonyms: [],
    parameters: [optional(timestamp())],
    result: BIGINT,
    doc: "Milliseconds since 1970; without an argument, of the record's timestamp.",
    differs: "ksqlDB's without an argument is the time of the wall clock.",
    examples: [{ sql: "unix_timestamp(CAST('1970-01-02' AS TIMESTAMP))", result: DAY_MS, duckdb: null }],
    implement: null,
    rewrite: ([time]) => ({
      kind: "call",
      type: BIGINT,
      name: "epoch_ms",
      args: [time ?? { kind: "meta", type: TIMESTAMP, name: "timestamp" }],
    }),
  },
  {
    name: "unix_date",
    synonyms: [],
    parameters: [optional(timestamp())],
    result: BIGINT,
    doc: "Days since 1970; without an argument, of the record's timestamp.",
    differs: "ksqlDB's without an argument is the day of the wall clock.",
    examples: [{ sql: "unix_date(CAST('1970-01-31' AS DATE))", result: 30, duckdb: null }],
    implement: null,
    rewrite: ([time]) => ({
      kind: "call",
      type: BIGINT,
      name: "days_of",
      args: [time ?? { kind: "meta", type: TIMESTAMP, name: "timestamp" }],
    }),
  },
  {
    name: "days_of",
    synonyms: [],
    parameters: [timestamp()],
    result: BIGINT,
    doc: "Whole days since 1970.",
    examples: [{ sql: "days_of(CAST('1970-01-31T12:00:00' AS TIMESTAMP))", result: 30, duckdb: null }],
    implement: dayOf,
  },
  {
    name: "from_unixtime",
    synonyms: ["to_timestamp_ms"],
    parameters: [integer("milliseconds")],
    result: TIMESTAMP,
    doc: "The timestamp so many milliseconds after 1970-01-01 00:00 UTC.",
    examples: [{ sql: "from_unixtime(60000)", result: "1970-01-01T00:01:00.000Z", duckdb: "epoch_ms(60000)" }],
    implement: inRange,
  },
  {
    name: "to_timestamp",
    synonyms: [],
    parameters: [number("seconds")],
    result: TIMESTAMP,
    doc: "The timestamp so many seconds after 1970-01-01 00:00 UTC.",
    examples: [{ sql: "to_timestamp(60.5)", result: "1970-01-01T00:01:00.500Z", duckdb: "epoch_ms(60500)" }],
    implement: (seconds: number) => inRange(Math.round(seconds * 1000)),
  },
  {
    name: "from_days",
    synonyms: [],
    parameters: [integer("days")],
    result: DATE,
    doc: "The date so many days after 1970-01-01.",
    examples: [{ sql: "from_days(30)", result: "1970-01-31", duckdb: null }],
    implement: (days: number) => dayOf(inRange(days * DAY_MS)),
  },
  {
    name: "make_date",
    synonyms: [],
    parameters: [integer("year"), integer("month"), integer("day")],
    result: DATE,
    doc: "The date of these numbers.",
    examples: [{ sql: "make_date(2026, 3, 4)", result: "2026-03-04" }],
    implement: (year: number, month: number, day: number) => dayOf(instantOf(year, month, day)),
  },
  {
    name: "make_timestamp",
    synonyms: [],
    parameters: [integer("year"), integer("month"), integer("day"), integer("hour"), integer("minute"), number("seconds")],
    result: TIMESTAMP,
    doc: "The timestamp of these numbers, in UTC.",
    examples: [{ sql: "make_timestamp(2026, 3, 4, 12, 34, 56.5)", result: "2026-03-04T12:34:56.500Z" }],
    implement: (year: number, month: number, day: number, hour: number, minute: number, seconds: number) => {
      if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || seconds < 0 || seconds >= 60)
        throw new RangeError("there is no such time of the day");
      return instantOf(year, month, day) + hour * HOUR_MS + minute * MINUTE_MS + Math.floor(seconds * 1000);
    },
  },
];

function named(name: string, doc: string, result: string, read: (date: Date) => string): ScalarFunction {
  return {
    name,
    synonyms: [],
    parameters: [timestamp()],
    result: STRING,
    doc,
    examples: [{ sql: `${name}(${SAMPLE})`, result }],
    implement: (timestampMs: number) => read(new Date(timestampMs)),
  };
}

function shifted(
  name: string,
  direction: "later" | "earlier",
  parameter: ScalarFunction["parameters"][number],
  result: DataType,
  sign: 1 | -1,
  shift: (value: number, interval: Interval) => number,
  example: { readonly sql: string; readonly result: string },
): ScalarFunction {
  return {
    name,
    synonyms: [],
    parameters: [UNIT, integer(), parameter],
    result,
    doc: `The ${parameter.name} so many units ${direction}; where a month has no such day, its last one.`,
    examples: [{ ...example, duckdb: null }],
    implement: (unit: string, count: number, value: number) => {
      const interval = intervalOf(count, singular(unit));
      if (interval === undefined) throw new RangeError(`'${unit}' is no calendar unit; use one of ${UNITS.join(", ")}`);
      return shift(value, sign === 1 ? interval : negateInterval(interval));
    },
  };
}

function singular(unit: string): string {
  return unit.toLowerCase().replace(/s$/, "");
}

const MONTHS_OF: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12, decade: 120 };
const MS_OF: Readonly<Record<string, number>> = {
  millisecond: 1,
  second: 1000,
  minute: MINUTE_MS,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
};

function differenceIn(unit: string, fromMs: number, toMs: number): number {
  const truncate = TRUNCATE[unit];
  if (truncate === undefined) throw new RangeError(`'${unit}' is no calendar unit; use one of ${UNITS.join(", ")}`);
  // DuckDB counts weeks by days, not by Mondays.
  if (unit === "week") return Math.trunc((floorTo(toMs, DAY_MS) - floorTo(fromMs, DAY_MS)) / (7 * DAY_MS)) + 0;
  const [from, to] = [truncate(fromMs), truncate(toMs)];
  const ms = MS_OF[unit];
  return ms === undefined ? (monthOf(to) - monthOf(from)) / (MONTHS_OF[unit] as number) : (to - from) / ms;
}

function monthOf(timestampMs: number): number {
  const date = new Date(timestampMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

function bucketOf({ months, days, ms }: Interval, timestampMs: number): number {
  const width = days * DAY_MS + ms;
  if (months < 0 || width < 0 || (months === 0) === (width === 0)) throw new RangeError("a width is so many months, or else days and less");
  if (months === 0) return floorTo(timestampMs - FIRST_BUCKET_MS, width) + FIRST_BUCKET_MS;
  const sinceOrigin = monthOf(timestampMs) - 2000 * 12;
  return addInterval(Date.UTC(2000, 0, 1), multiplyInterval({ months: 1, days: 0, ms: 0 }, floorTo(sinceOrigin, months)) as Interval);
}

const FIRST_BUCKET_MS = Date.UTC(2000, 0, 3);

function inRange(timestampMs: number): number {
  if (!(Math.abs(timestampMs) <= TIMESTAMP_MS_MAX)) throw new RangeError("the time is beyond all timestamps");
  return timestampMs;
}

function instantOf(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) throw new RangeError("there is no such day");
  return inRange(date.getTime());
}

function floorTo(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}

function floorToMonths(timestampMs: number, months: number): number {
  const date = new Date(timestampMs);
  const start = new Date(0);
  const month = floorTo(date.getUTCFullYear() * 12 + date.getUTCMonth(), months);
  // Not Date.UTC(): it reads the years 0 to 99 as 1900 to 1999.
  start.setUTCFullYear(Math.floor(month / 12), month - Math.floor(month / 12) * 12, 1);
  return start.getTime();
}
