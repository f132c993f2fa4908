import { plainInstantMs, plainInstantOfText } from "./plain-instant.ts";

/** Years outside of 0 to 9999 have a sign and six digits, as they are written. */
const ISO = /^(\d{4}|[+-]\d{6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/** Timestamps lie between the negative of it and it (year 255,478). A date holds 8.64e15; the rest is room for windows around it. */
export const TIMESTAMP_MS_MAX = 8e15;

/** Milliseconds of ISO 8601 text (UTC where it names no zone; digits below the millisecond are dropped); undefined where it is none. */
export function parseTimestamp(text: string): number | undefined {
  const plain = plainInstantOfText(text);
  if (!Number.isNaN(plain)) return plain;
  const match = ISO.exec(text.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const sameDay = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!sameDay || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  date.setUTCHours(Number(hour), Number(minute), Number(second), Number(fraction.slice(0, 3).padEnd(3, "0")));
  if (zone === "Z") return date.getTime();
  const digits = zone.slice(1).replace(":", "").padEnd(4, "0");
  const offsetMinutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return date.getTime() - (zone.startsWith("-") ? -offsetMinutes : offsetMinutes) * 60_000;
}

/** The same of UTF-8 bytes, of which text is made only where they need it. */
export function parseTimestampAt(bytes: Buffer, start: number, end: number): number | undefined {
  const plain = plainInstantMs(bytes, start, end);
  return Number.isNaN(plain) ? parseTimestamp(bytes.toString("utf8", start, end)) : plain;
}

const DAY_MS = 86_400_000;

/** The start of the day in UTC. */
export function parseDate(text: string): number | undefined {
  const timestampMs = parseTimestamp(text);
  return timestampMs === undefined ? undefined : Math.floor(timestampMs / DAY_MS) * DAY_MS;
}
