import { addMonths, DAY_MS } from "./calendar.ts";
import type { Interval } from "./value.ts";

const DAYS_PER_MONTH = 30;
const MONTHS_PER_YEAR = 12;

/** What one of a unit is. */
const UNITS: Readonly<Record<string, Interval>> = {
  MILLISECOND: { months: 0, days: 0, ms: 1 },
  SECOND: { months: 0, days: 0, ms: 1000 },
  MINUTE: { months: 0, days: 0, ms: 60_000 },
  HOUR: { months: 0, days: 0, ms: 3_600_000 },
  DAY: { months: 0, days: 1, ms: 0 },
  WEEK: { months: 0, days: 7, ms: 0 },
  MONTH: { months: 1, days: 0, ms: 0 },
  QUARTER: { months: 3, days: 0, ms: 0 },
  YEAR: { months: MONTHS_PER_YEAR, days: 0, ms: 0 },
};

const ALIASES: Readonly<Record<string, string>> = {
  MS: "MILLISECOND",
  MSEC: "MILLISECOND",
  S: "SECOND",
  SEC: "SECOND",
  M: "MINUTE",
  MIN: "MINUTE",
  H: "HOUR",
  HR: "HOUR",
  D: "DAY",
  W: "WEEK",
  MON: "MONTH",
  Y: "YEAR",
  YR: "YEAR",
};

/** So many of a unit, in the singular or plural, in any case; undefined: no such unit, or a fraction of a calendar step. */
export function intervalOf(count: number, unit: string): Interval | undefined {
  const upper = unit.toUpperCase();
  const singular = upper.length > 2 && upper.endsWith("S") ? upper.slice(0, -1) : upper;
  const one = UNITS[upper] ?? UNITS[ALIASES[upper] ?? ""] ?? UNITS[singular] ?? UNITS[ALIASES[singular] ?? ""];
  if (one === undefined || !Number.isFinite(count)) return undefined;
  if (!Number.isInteger(count) && one.ms === 0) return undefined;
  return { months: one.months * count + 0, days: one.days * count + 0, ms: Math.round(one.ms * count) + 0 };
}

const ISO = /^([+-]?)P(?=[\dT+-])([^T]*)(?:T(.+))?$/i;
const ISO_DATE_UNITS: Readonly<Record<string, string>> = { Y: "YEAR", M: "MONTH", W: "WEEK", D: "DAY" };
const ISO_TIME_UNITS: Readonly<Record<string, string>> = { H: "HOUR", M: "MINUTE", S: "SECOND" };

/** `P1Y2M3DT4H5M6.7S`, `1 year 2 months 3 days 04:05:06.7`, `90 minutes`; undefined: none of them. */
export function parseInterval(text: string): Interval | undefined {
  const trimmed = text.trim();
  const iso = ISO.exec(trimmed);
  if (iso === null) return parseWords(trimmed);
  const [, sign, dates = "", times = ""] = iso;
  const parts = [...isoParts(dates, ISO_DATE_UNITS), ...isoParts(times, ISO_TIME_UNITS)];
  const sum = parts.length === 0 ? undefined : sumOf(parts);
  return sum !== undefined && sign === "-" ? negateInterval(sum) : sum;
}

function isoParts(text: string, units: Readonly<Record<string, string>>): (Interval | undefined)[] {
  if (text === "") return [];
  if (!/^([+-]?\d+(?:[.,]\d+)?[a-z])+$/i.test(text)) return [undefined];
  return [...text.matchAll(/([+-]?\d+(?:[.,]\d+)?)([a-z])/gi)].map(([, count = "", letter = ""]) => {
    const unit = units[letter.toUpperCase()];
    return unit === undefined ? undefined : intervalOf(Number(count.replace(",", ".")), unit);
  });
}

const CLOCK = /^([+-]?)(\d+):(\d\d)(?::(\d\d(?:\.\d+)?))?$/;
const WORD = /\s*(?:([+-]?\d+:\d\d(?::\d\d(?:\.\d+)?)?)|([+-]?\d+(?:\.\d+)?)\s*([a-z]+))(?![\d.:])/giy;

function parseWords(text: string): Interval | undefined {
  const parts: (Interval | undefined)[] = [];
  let end = 0;
  for (const match of text.matchAll(WORD)) {
    const [whole, clock, count = "", unit = ""] = match;
    parts.push(clock === undefined ? intervalOf(Number(count), unit) : clockPart(clock));
    end = match.index + whole.length;
  }
  return parts.length === 0 || end < text.length ? undefined : sumOf(parts);
}

function clockPart(text: string): Interval | undefined {
  const [, sign, hours = "", minutes = "", seconds = "0"] = CLOCK.exec(text) ?? [];
  const ms = Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Math.floor(Number(seconds) * 1000);
  return { months: 0, days: 0, ms: sign === "-" ? -ms : ms };
}

function sumOf(parts: readonly (Interval | undefined)[]): Interval | undefined {
  let sum: Interval | undefined = { months: 0, days: 0, ms: 0 };
  for (const part of parts) sum = sum === undefined || part === undefined ? undefined : addIntervals(sum, part);
  return sum;
}

/** ISO 8601, each part with a sign of its own: `P1Y2M3DT4H5M6.7S`, `PT-5M`; nothing at all is `PT0S`. */
export function intervalText({ months, days, ms }: Interval): string {
  const part = (count: number, letter: string): string => (count === 0 ? "" : `${count}${letter}`);
  const date = part(Math.trunc(months / MONTHS_PER_YEAR), "Y") + part(months % MONTHS_PER_YEAR, "M") + part(days, "D");
  const minutes = Math.trunc(ms / 60_000);
  const time = part(Math.trunc(minutes / 60), "H") + part(minutes % 60, "M") + part((ms % 60_000) / 1000, "S");
  if (date === "" && time === "") return "PT0S";
  return `P${date}${time === "" ? "" : `T${time}`}`;
}

/** Undefined: a part is beyond what is counted exactly. */
export function addIntervals(left: Interval, right: Interval): Interval | undefined {
  return safe({ months: left.months + right.months, days: left.days + right.days, ms: left.ms + right.ms });
}

export function negateInterval({ months, days, ms }: Interval): Interval {
  return { months: 0 - months, days: 0 - days, ms: 0 - ms };
}

/** Fractions go down: of a month to days (30 of them), of a day to hours. */
export function multiplyInterval({ months, days, ms }: Interval, factor: number): Interval | undefined {
  if (!Number.isFinite(factor)) return undefined;
  const exactMonths = months * factor;
  const wholeMonths = Math.trunc(exactMonths);
  const exactDays = days * factor + (exactMonths - wholeMonths) * DAYS_PER_MONTH;
  const wholeDays = Math.trunc(exactDays);
  const exactMs = ms * factor + (exactDays - wholeDays) * DAY_MS;
  return safe({ months: wholeMonths + 0, days: wholeDays + 0, ms: Math.round(exactMs) + 0 });
}

function safe(interval: Interval): Interval | undefined {
  const isSafe = Number.isSafeInteger(interval.months) && Number.isSafeInteger(interval.days) && Number.isSafeInteger(interval.ms);
  return isSafe ? interval : undefined;
}

/** Later by the months first, then the days, then the milliseconds. NaN: no such time. */
export function addInterval(timestampMs: number, { months, days, ms }: Interval): number {
  return (months === 0 ? timestampMs : addMonths(timestampMs, months)) + days * DAY_MS + ms;
}

/** Negative, zero or positive; a month counts 30 days, a day 24 hours. */
export function compareIntervals(left: Interval, right: Interval): number {
  const [a, b] = [normalized(left), normalized(right)];
  return a.months - b.months || a.days - b.days || a.ms - b.ms;
}

function normalized({ months, days, ms }: Interval): Interval {
  const moreDays = days + Math.floor(ms / DAY_MS);
  const moreMonths = months + Math.floor(moreDays / DAYS_PER_MONTH);
  return {
    months: moreMonths,
    days: moreDays - Math.floor(moreDays / DAYS_PER_MONTH) * DAYS_PER_MONTH,
    ms: ms - Math.floor(ms / DAY_MS) * DAY_MS,
  };
}
