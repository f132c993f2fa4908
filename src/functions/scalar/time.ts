import { BIGINT, TIMESTAMP } from "../../model/type.ts";
import type { ScalarFunction } from "../spec.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
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
};

const PARTS = Object.keys(TRUNCATE);

/** All calendar arithmetic is in UTC. */
export const timeFunctions: readonly ScalarFunction[] = [
  {
    name: "date_trunc",
    synonyms: ["datetrunc"],
    parameters: [
      { name: "part", type: "string", oneOf: PARTS },
      { name: "time", type: "timestamp" },
    ],
    result: TIMESTAMP,
    doc: "The start, in UTC, of the unit that the time lies in: millisecond, second, minute, hour, day, week, month, quarter or year.",
    examples: [
      {
        sql: "date_trunc('hour', CAST('2026-03-04T12:34:56.789' AS TIMESTAMP))",
        result: Date.UTC(2026, 2, 4, 12),
      },
      { sql: "date_trunc('week', CAST('2026-03-04T12:34:56.789' AS TIMESTAMP))", result: Date.UTC(2026, 2, 2) },
    ],
    implement: (part: string, timestampMs: number) => {
      const truncate = TRUNCATE[part.toLowerCase()];
      if (truncate === undefined) throw new RangeError(`'${part}' is no calendar unit; use one of ${PARTS.join(", ")}`);
      return truncate(timestampMs);
    },
  },
  {
    name: "epoch_ms",
    synonyms: [],
    parameters: [{ name: "time", type: "timestamp" }],
    result: BIGINT,
    doc: "Milliseconds since 1970-01-01 00:00 UTC.",
    examples: [{ sql: "epoch_ms(CAST('1970-01-01T00:01:00' AS TIMESTAMP))", result: 60_000 }],
    implement: (timestampMs: number) => timestampMs,
  },
];

function floorTo(timestampMs: number, unitMs: number): number {
  return Math.floor(timestampMs / unitMs) * unitMs;
}

function floorToMonths(timestampMs: number, months: number): number {
  const date = new Date(timestampMs);
  const start = new Date(0);
  // Not Date.UTC(): it reads the years 0 to 99 as 1900 to 1999.
  start.setUTCFullYear(date.getUTCFullYear(), floorTo(date.getUTCMonth(), months), 1);
  return start.getTime();
}
