import { DAY_MS, dayOf, timeOfDay } from "../../model/calendar.ts";
import { fromLocal, toLocal } from "../../model/time-zone.ts";
import { BIGINT, DATE, STRING, TIME, TIMESTAMP } from "../../model/type.ts";
import { type LocalTime, type TimeFields, timePattern } from "../java-time-pattern.ts";
import { optional, text, timestamp } from "../parameters.ts";
import type { ScalarFunction } from "../spec.ts";

const PATTERN = text("pattern");
const ZONE = optional(text("zone"));
const DATE_PARAMETER = { name: "date", type: DATE } as const;
const TIME_PARAMETER = { name: "time", type: TIME } as const;
const SAMPLE = "CAST('2026-03-04T12:34:56.789' AS TIMESTAMP)";

/** Between times and texts, by the letters of Java's DateTimeFormatter. Without a zone all is in UTC. */
export const timeTextFunctions: readonly ScalarFunction[] = [
  {
    name: "format_timestamp",
    synonyms: ["timestamptostring", "date_format"],
    parameters: [timestamp(), PATTERN, ZONE],
    result: STRING,
    doc: "A timestamp as text by a pattern, in a time zone or UTC.",
    differs: "`strftime` of DuckDB has letters of C.",
    examples: [
      {
        sql: `format_timestamp(${SAMPLE}, 'yyyy-MM-dd HH:mm')`,
        result: "2026-03-04 12:34",
        duckdb: `strftime(${SAMPLE}, '%Y-%m-%d %H:%M')`,
      },
      { sql: `format_timestamp(${SAMPLE}, 'EEE d MMMM, HH:mm XXX', 'Europe/Berlin')`, result: "Wed 4 March, 13:34 +01:00", duckdb: null },
    ],
    implement: (ms: number, pattern: string, zone = "UTC") => timePattern(pattern).format(localTime(ms, zone)),
  },
  {
    name: "format_date",
    synonyms: ["datetostring"],
    parameters: [DATE_PARAMETER, PATTERN],
    result: STRING,
    doc: "A date as text by a pattern.",
    examples: [{ sql: "format_date(CAST('2026-03-04' AS DATE), 'd.M.yy')", result: "4.3.26", duckdb: null }],
    implement: (days: number, pattern: string) => timePattern(pattern).format({ localMs: days * DAY_MS, offsetMs: 0, zone: "UTC" }),
  },
  {
    name: "format_time",
    synonyms: [],
    parameters: [TIME_PARAMETER, PATTERN],
    result: STRING,
    doc: "A time of the day as text by a pattern.",
    examples: [{ sql: "format_time(CAST('14:30:05' AS TIME), 'h:mm a')", result: "2:30 PM", duckdb: null }],
    implement: (ms: number, pattern: string) => timePattern(pattern).format({ localMs: ms, offsetMs: 0, zone: "UTC" }),
  },
  {
    name: "parse_timestamp",
    synonyms: [],
    parameters: [text(), PATTERN, ZONE],
    result: TIMESTAMP,
    doc: "The timestamp of a text written by a pattern, in a zone or UTC where the text names none; what is missing is least.",
    examples: [
      {
        sql: "parse_timestamp('04.03.2026 12:34', 'dd.MM.yyyy HH:mm')",
        result: "2026-03-04T12:34:00.000Z",
        duckdb: "strptime('04.03.2026 12:34', '%d.%m.%Y %H:%M')",
      },
      { sql: "parse_timestamp('2026-03-04 12:34', 'yyyy-MM-dd HH:mm', 'Europe/Berlin')", result: "2026-03-04T11:34:00.000Z", duckdb: null },
    ],
    implement: parseInstant,
  },
  {
    name: "stringtotimestamp",
    synonyms: [],
    parameters: [text(), PATTERN, ZONE],
    result: BIGINT,
    doc: "As `parse_timestamp`, in milliseconds since 1970.",
    examples: [{ sql: "stringtotimestamp('1970-01-02', 'yyyy-MM-dd')", result: 86_400_000, duckdb: null }],
    implement: parseInstant,
  },
  {
    name: "parse_date",
    synonyms: ["stringtodate"],
    parameters: [text(), PATTERN],
    result: DATE,
    doc: "The date that a text written by a pattern means.",
    examples: [{ sql: "parse_date('4 Mar 2026', 'd MMM yyyy')", result: "2026-03-04", duckdb: null }],
    implement: (value: string, pattern: string) => dayOf(localOf(read(value, pattern), value)),
  },
  {
    name: "parse_time",
    synonyms: [],
    parameters: [text(), PATTERN],
    result: TIME,
    doc: "The time of the day that a text written by a pattern means.",
    examples: [{ sql: "parse_time('2:30 PM', 'h:mm a')", result: "14:30:00", duckdb: null }],
    implement: (value: string, pattern: string) => timeOfDay(localOf(read(value, pattern), value)),
  },
  {
    name: "convert_tz",
    synonyms: [],
    parameters: [timestamp(), text("from"), text("to")],
    result: TIMESTAMP,
    doc: "What clocks of one zone show when those of another show the time.",
    examples: [{ sql: `convert_tz(${SAMPLE}, 'UTC', 'Asia/Kolkata')`, result: "2026-03-04T18:04:56.789Z", duckdb: null }],
    implement: (ms: number, from: string, to: string) => known(toLocal(known(fromLocal(ms, from), from), to), to),
  },
];

function known(ms: number | undefined, zone: string): number {
  if (ms === undefined) throw new RangeError(`there is no time zone '${zone}'`);
  return ms;
}

function localTime(ms: number, zone: string): LocalTime {
  const localMs = known(toLocal(ms, zone), zone);
  return { localMs, offsetMs: localMs - ms, zone };
}

function read(value: string, pattern: string): TimeFields {
  const fields = timePattern(pattern).parse(value);
  if (fields === undefined) throw new RangeError(`'${value}' is not written as '${pattern}'`);
  return fields;
}

function parseInstant(value: string, pattern: string, zone = "UTC"): number {
  const fields = read(value, pattern);
  const localMs = localOf(fields, value);
  if (fields.offsetMs !== undefined) return localMs - fields.offsetMs;
  const named = fields.zone ?? zone;
  return known(fromLocal(localMs, named), named);
}

/** As if it were UTC. */
function localOf(fields: TimeFields, value: string): number {
  const { year = 1970, month, day, dayOfYear, halfDayHour, isAfternoon = false, minute = 0, second = 0, ms = 0 } = fields;
  const hour = fields.hour ?? (halfDayHour ?? 0) + (isAfternoon ? 12 : 0);
  const date = new Date(0);
  if (dayOfYear === undefined) date.setUTCFullYear(year, (month ?? 1) - 1, day ?? 1);
  else date.setUTCFullYear(year, 0, dayOfYear);
  const isDay = dayOfYear === undefined ? date.getUTCMonth() === (month ?? 1) - 1 : date.getUTCFullYear() === year && dayOfYear > 0;
  if (!isDay || hour > 23 || minute > 59 || second > 59) throw new RangeError(`'${value}' is no time that there is`);
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}
