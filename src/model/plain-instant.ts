/** `2026-11-21T08:00:00.123Z`, in which most instants come. */
const PLAIN_LENGTH = 24;

const ZERO = 0x30;
const DASH = 0x2d;
const COLON = 0x3a;
const DOT = 0x2e;
const T = 0x54;
const Z = 0x5a;

/** Of each month in common years. */
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * Milliseconds since 1970 of an instant written as `2026-11-21T08:00:00.123Z`, many times faster than by a regular expression.
 * NaN: it is written in some other way, or is one of the few (29th of February, years before 100) that need more thought.
 */
export function plainInstantMs(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== PLAIN_LENGTH || bytes[start + 10] !== T || bytes[start + 19] !== DOT || bytes[start + 23] !== Z) return Number.NaN;
  if (bytes[start + 4] !== DASH || bytes[start + 7] !== DASH || bytes[start + 13] !== COLON || bytes[start + 16] !== COLON)
    return Number.NaN;
  const year = digits(bytes, start, 4);
  const month = digits(bytes, start + 5, 2);
  const day = digits(bytes, start + 8, 2);
  const hour = digits(bytes, start + 11, 2);
  const minute = digits(bytes, start + 14, 2);
  const second = digits(bytes, start + 17, 2);
  const ms = digits(bytes, start + 20, 3);
  if (!(year >= 100 && day >= 1 && day <= (DAYS[month - 1] ?? 0) && hour < 24 && minute < 60 && second < 60)) return Number.NaN;
  return ((daysBefore(year, month) + day - 1) * 24 + hour) * 3_600_000 + (minute * 60 + second) * 1000 + ms;
}

const scratch = Buffer.alloc(PLAIN_LENGTH);

/** The same of text. */
export function plainInstantOfText(text: string): number {
  // What is longer in UTF-8 has letters that are no digits.
  const isPlain = text.length === PLAIN_LENGTH && scratch.write(text, "utf8") === PLAIN_LENGTH;
  return isPlain ? plainInstantMs(scratch, 0, PLAIN_LENGTH) : Number.NaN;
}

/** NaN where one of them is none. */
function digits(bytes: Uint8Array, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Days from 1970 to the first of a month, counted in years that begin in March so that leap days come last. */
function daysBefore(year: number, month: number): number {
  const years = month > 2 ? year : year - 1;
  const dayOfYear = ((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) | 0;
  return years * 365 + ((years / 4) | 0) - ((years / 100) | 0) + ((years / 400) | 0) + dayOfYear - 719_468;
}
