import { DATE_PATTERN_PARTS, DAY_MS, dayOfYear, quarterOf, timeOfDay, withZeros } from "../model/calendar.ts";
import { compileOnce } from "./compile-once.ts";

/** What a text with a pattern may say of an instant. */
export interface TimeFields {
  year?: number;
  month?: number;
  day?: number;
  dayOfYear?: number;
  hour?: number;
  halfDayHour?: number;
  isAfternoon?: boolean;
  minute?: number;
  second?: number;
  ms?: number;
  /** What the zone is ahead of UTC. */
  offsetMs?: number;
  zone?: string;
}

/** A local time in ms as if it were UTC, with its zone's offset and name. */
export interface LocalTime {
  readonly localMs: number;
  readonly offsetMs: number;
  readonly zone: string;
}

interface Part {
  /** Source of a regular expression with one group, or none. */
  readonly pattern: string;
  readonly format: (date: Date, time: LocalTime) => string;
  readonly read?: (text: string, fields: TimeFields) => void;
}

export interface TimePattern {
  format(time: LocalTime): string;
  /** Undefined: the text is not written so. */
  parse(text: string): TimeFields | undefined;
}

const MONTHS = "January February March April May June July August September October November December".split(" ");
const WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");

/** Patterns of Java's DateTimeFormatter, in English and with weeks as in ISO 8601. Throws RangeError for what is none. */
export const timePattern: (pattern: string) => TimePattern = compileOnce((pattern) => {
  const parts = partsOf(pattern);
  const expression = new RegExp(`^${parts.map((part) => part.pattern).join("")}$`, "iu");
  const readers = parts.flatMap(({ read }) => (read === undefined ? [] : [read]));
  return {
    format: (time) => {
      const date = new Date(time.localMs);
      return parts.map((part) => part.format(date, time)).join("");
    },
    parse: (text) => {
      const match = expression.exec(text);
      if (match === null) return undefined;
      const fields: TimeFields = {};
      for (const [index, read] of readers.entries()) {
        const found = match[index + 1];
        if (found !== undefined) read(found, fields);
      }
      return fields;
    },
  };
});

function partsOf(pattern: string): readonly Part[] {
  const parts: Part[] = [];
  let open = 0;
  // Digits that follow a number at once belong to the next one: `yyyyMMdd`.
  const runs = [...pattern.matchAll(DATE_PATTERN_PARTS)];
  for (const [index, [run, letter]] of runs.entries()) {
    if (letter !== undefined) {
      const next = runs[index + 1]?.[1];
      parts.push(letterPart(letter, run.length, next !== undefined && NUMERIC.has(next)));
    } else if (run === "[" || run === "]") {
      open += run === "[" ? 1 : -1;
      if (open < 0) throw new RangeError(`the pattern '${pattern}' has a ']' too many`);
      parts.push({ pattern: run === "[" ? "(?:" : ")?", format: () => "" });
    } else parts.push(textPart(unquoted(run, pattern)));
  }
  if (open > 0) throw new RangeError(`the pattern '${pattern}' has a '[' that is never closed`);
  return parts;
}

function unquoted(run: string, pattern: string): string {
  if (!run.startsWith("'")) return run;
  if (run.length < 2 || !run.endsWith("'")) throw new RangeError(`the pattern '${pattern}' has a quote that is never closed`);
  return run === "''" ? "'" : run.slice(1, -1).replaceAll("''", "'");
}

function textPart(text: string): Part {
  return { pattern: text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), format: () => text };
}

const NUMERIC: ReadonlySet<string> = new Set([..."yuYMLdDHhkKmsSAnNQqwWFec"]);

type Field = (count: number, adjacent: boolean) => Part;

const LETTERS: Readonly<Record<string, Field>> = {
  G: (count) =>
    textual((date) => (date.getUTCFullYear() > 0 ? ["AD", "Anno Domini"] : ["BC", "Before Christ"])[count === 4 ? 1 : 0] as string),
  y: (count, adjacent) => year(count, adjacent, (date) => (date.getUTCFullYear() > 0 ? date.getUTCFullYear() : 1 - date.getUTCFullYear())),
  u: (count, adjacent) => year(count, adjacent, (date) => date.getUTCFullYear()),
  Y: (count, adjacent) => ({ ...year(count, adjacent, (date) => isoWeek(date).year), read: () => undefined }),
  M: month,
  L: month,
  d: number(
    2,
    (date) => date.getUTCDate(),
    (value, fields) => Object.assign(fields, { day: value }),
  ),
  D: number(3, dayOfYear, (value, fields) => Object.assign(fields, { dayOfYear: value })),
  Q: (count) =>
    count < 3
      ? number(2, quarterOf)(count, false)
      : textual((date) => (count === 4 ? `${ORDINALS[quarterOf(date)]} quarter` : `Q${quarterOf(date)}`)),
  w: number(2, (date) => isoWeek(date).week),
  e: weekday,
  c: weekday,
  E: (count) => weekday(Math.max(count, 3), false),
  a: () => ({
    pattern: "(AM|PM)",
    format: (date) => (date.getUTCHours() < 12 ? "AM" : "PM"),
    read: (text, fields) => Object.assign(fields, { isAfternoon: text.toUpperCase() === "PM" }),
  }),
  H: number(
    2,
    (date) => date.getUTCHours(),
    (value, fields) => Object.assign(fields, { hour: value }),
  ),
  k: number(
    2,
    (date) => date.getUTCHours() || 24,
    (value, fields) => Object.assign(fields, { hour: value % 24 }),
  ),
  h: number(
    2,
    (date) => date.getUTCHours() % 12 || 12,
    (value, fields) => Object.assign(fields, { halfDayHour: value % 12 }),
  ),
  K: number(
    2,
    (date) => date.getUTCHours() % 12,
    (value, fields) => Object.assign(fields, { halfDayHour: value }),
  ),
  m: number(
    2,
    (date) => date.getUTCMinutes(),
    (value, fields) => Object.assign(fields, { minute: value }),
  ),
  s: number(
    2,
    (date) => date.getUTCSeconds(),
    (value, fields) => Object.assign(fields, { second: value }),
  ),
  S: (count) => ({
    pattern: `(\\d{${count}})`,
    format: (date) => withZeros(date.getUTCMilliseconds(), 3).padEnd(9, "0").slice(0, count),
    read: (text, fields) => Object.assign(fields, { ms: Number(text.padEnd(3, "0").slice(0, 3)) }),
  }),
  A: number(19, (date) => timeOfDay(date.getTime())),
  n: number(
    19,
    (date) => date.getUTCMilliseconds() * 1_000_000,
    (value, fields) => Object.assign(fields, { ms: Math.floor(value / 1_000_000) }),
  ),
  X: (count) => offset(count, "Z"),
  x: (count) => offset(count, null),
  Z: (count) => (count === 4 ? localizedOffset() : offset(count === 5 ? 5 : 2, count === 5 ? "Z" : null)),
  O: localizedOffset,
  z: zoneName,
  v: zoneName,
  V: zoneName,
};

const ORDINALS = ["", "1st", "2nd", "3rd", "4th"];

function letterPart(letter: string, count: number, adjacent: boolean): Part {
  const field = Object.hasOwn(LETTERS, letter) ? LETTERS[letter] : undefined;
  if (field === undefined) throw new RangeError(`'${letter}' is no letter of date patterns; other text stands in quotes`);
  return field(count, adjacent);
}

function number(countMax: number, value: (date: Date) => number, read?: (value: number, fields: TimeFields) => void): Field {
  return (count, adjacent) => {
    if (count > countMax) throw new RangeError(`at most ${countMax} such letters can stand together in a date pattern`);
    return {
      pattern: adjacent || count > 1 ? `(\\d{${count}})` : `(\\d{1,${countMax}})`,
      format: (date) => withZeros(value(date), count),
      read: (text, fields) => read?.(Number(text), fields),
    };
  };
}

/** `yy` is a year of this century. */
function year(count: number, adjacent: boolean, value: (date: Date) => number): Part {
  return {
    pattern: count === 2 ? "(\\d{2})" : adjacent ? `(\\d{${count}})` : `([+-]?\\d{${count},9})`,
    format: (date) => (count === 2 ? withZeros(Math.abs(value(date)) % 100, 2) : withZeros(value(date), count)),
    read: (text, fields) => Object.assign(fields, { year: count === 2 ? 2000 + Number(text) : Number(text) }),
  };
}

function month(count: number, adjacent: boolean): Part {
  if (count < 3) {
    return number(
      2,
      (date) => date.getUTCMonth() + 1,
      (value, fields) => Object.assign(fields, { month: value }),
    )(count, adjacent);
  }
  const names = MONTHS.map((name) => named(name, count));
  return {
    pattern: `(${names.join("|")})`,
    format: (date) => names[date.getUTCMonth()] as string,
    read: (text, fields) => Object.assign(fields, { month: names.findIndex((name) => name.toLowerCase() === text.toLowerCase()) + 1 }),
  };
}

function weekday(count: number, adjacent: boolean): Part {
  const index = (date: Date): number => (date.getUTCDay() + 6) % 7;
  if (count < 3) return number(2, (date) => index(date) + 1)(count, adjacent);
  const names = WEEKDAYS.map((name) => named(name, count));
  return { pattern: `(${names.join("|")})`, format: (date) => names[index(date)] as string, read: () => undefined };
}

/** Three letters: short; four: whole; five: the first letter. */
function named(name: string, count: number): string {
  return count === 4 ? name : name.slice(0, count === 5 ? 1 : 3);
}

function textual(value: (date: Date) => string): Part {
  return { pattern: "(\\p{L}[\\p{L}\\d ]*)", format: value, read: () => undefined };
}

function offset(count: number, zero: "Z" | null): Part {
  const [minutes, colon] = [count > 1, count === 3 || count === 5];
  const shape = minutes ? `[+-]\\d\\d${colon ? ":" : ""}\\d\\d` : "[+-]\\d\\d(?:\\d\\d)?";
  return {
    pattern: `(${zero === null ? "" : "Z|"}${shape})`,
    format: (_date, { offsetMs }) => (offsetMs === 0 && zero !== null ? zero : offsetText(offsetMs, minutes, colon)),
    read: (text, fields) => Object.assign(fields, { offsetMs: offsetOf(text) }),
  };
}

function localizedOffset(): Part {
  return {
    pattern: "GMT([+-]\\d{1,2}(?::?\\d\\d)?)?",
    format: (_date, { offsetMs }) => (offsetMs === 0 ? "GMT" : `GMT${offsetText(offsetMs, true, true)}`),
    read: (text, fields) => Object.assign(fields, { offsetMs: offsetOf(text) }),
  };
}

function zoneName(): Part {
  return {
    pattern: "([A-Za-z][\\w/+-]*|[+-]\\d\\d:?\\d\\d)",
    format: (_date, { zone }) => zone,
    read: (text, fields) => Object.assign(fields, { zone: text }),
  };
}

function offsetText(offsetMs: number, minutes: boolean, colon: boolean): string {
  const total = Math.abs(Math.round(offsetMs / 60_000));
  const rest = total % 60;
  const hours = `${offsetMs < 0 ? "-" : "+"}${withZeros(Math.floor(total / 60), 2)}`;
  return minutes || rest !== 0 ? `${hours}${colon ? ":" : ""}${withZeros(rest, 2)}` : hours;
}

function offsetOf(text: string): number {
  if (/^z$/i.test(text)) return 0;
  const digits = text.slice(1).replace(":", "");
  const [hours, minutes] = digits.length <= 2 ? [digits, "0"] : [digits.slice(0, -2), digits.slice(-2)];
  return (text.startsWith("-") ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
}

/** The week of ISO 8601, and the year that it belongs to: that of its Thursday. */
export function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getTime() + (3 - ((date.getUTCDay() + 6) % 7)) * DAY_MS);
  return { year: thursday.getUTCFullYear(), week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1 };
}
