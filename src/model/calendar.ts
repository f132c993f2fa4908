import { parseTimestamp, TIMESTAMP_MS_MAX } from "./timestamp-text.ts";

/** Dates are days since 1970, times milliseconds of the day, both of the calendar without a zone. */
export const DAY_MS = 86_400_000;

const TIME = /^(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?$/;

/** Days of ISO 8601 text; of a text with a time, the day in UTC. Undefined: no such date. */
export function parseDate(text: string): number | undefined {
  const timestampMs = parseTimestamp(text);
  return timestampMs === undefined ? undefined : dayOf(timestampMs);
}

export function dayOf(timestampMs: number): number {
  return Math.floor(timestampMs / DAY_MS);
}

/** `2026-11-21`; years outside of 0 to 9999 have a sign and six digits. */
export function dateText(days: number): string {
  return new Date(days * DAY_MS).toISOString().replace(/T.*/, "");
}

/** Milliseconds of `14:30`, `14:30:05` or `14:30:05.250`; digits below the millisecond are dropped. Undefined: no such time. */
export function parseTime(text: string): number | undefined {
  const match = TIME.exec(text.trim());
  if (match === null) return undefined;
  const [, hour, minute, second = "0", fraction = ""] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  return (Number(hour) * 60 + Number(minute)) * 60_000 + Number(second) * 1000 + Number(fraction.slice(0, 3).padEnd(3, "0"));
}

/** `14:30:05`, with three decimals where it is no whole second. */
export function timeText(ms: number): string {
  const text = new Date(ms).toISOString().slice(11, 23);
  return ms % 1000 === 0 ? text.slice(0, 8) : text;
}

/** From 1, of the day in UTC. */
export function dayOfYear(date: Date): number {
  const first = new Date(0);
  first.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - first.getTime()) / DAY_MS) + 1;
}

export function quarterOf(date: Date): number {
  return Math.floor(date.getUTCMonth() / 3) + 1;
}

/** At least so many digits, and a minus before them. */
export function withZeros(value: number, count: number): string {
  const digits = String(Math.abs(value)).padStart(count, "0");
  return value < 0 ? `-${digits}` : digits;
}

/** Of a pattern of Java's DateTimeFormatter: runs of a letter (the first group), quoted text, brackets of what may miss, other signs. */
export const DATE_PATTERN_PARTS = /([A-Za-z])\1*|'(?:[^']|'')*'?|[[\]]|[^A-Za-z'[\]]+/g;

export function timeOfDay(timestampMs: number): number {
  return timestampMs - dayOf(timestampMs) * DAY_MS;
}

/** So many calendar months later, on the last day of the month where it has no such day. */
export function addMonths(timestampMs: number, months: number): number {
  const date = new Date(timestampMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  date.setUTCDate(Math.min(day, daysOfMonth(date)));
  return date.getTime();
}

function daysOfMonth(date: Date): number {
  const last = new Date(date);
  last.setUTCMonth(last.getUTCMonth() + 1, 0);
  return last.getUTCDate();
}

/** Undefined: a time beyond all timestamps. */
export function inTimestampRange(ms: number): number | undefined {
  return Math.abs(ms) <= TIMESTAMP_MS_MAX ? ms : undefined;
}
