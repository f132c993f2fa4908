import { DATE_PATTERN_PARTS, DAY_MS, dayOf, dayOfYear, quarterOf, timeOfDay, withZeros } from "./calendar.ts";

/**
 * Names of dated indexes: `_{yyyy-MM-dd}` after the target's name. Inside the braces stands a pattern of Java's
 * DateTimeFormatter, in UTC and English; outside of them the text stands for itself.
 */
export type IndexSuffix =
  | {
      readonly ok: true;
      readonly format: (timestampMs: number) => string;
      /** What is hardly meant, though it is a pattern. */
      readonly warnings: readonly SuffixFinding[];
    }
  | ({
      readonly ok: false;
      /** What is wrong: the pattern itself, or only the name of an index that it would make. */
      readonly of: "pattern" | "index";
    } & SuffixFinding);

export interface SuffixFinding {
  readonly message: string;
  readonly hint: string | null;
  /** Where in the pattern, in UTF-16 units. */
  readonly offset: number;
}

type Part = (date: Date) => string;
/** How a letter is written so many times; null: Java refuses that. */
type Letter = (count: number) => Part | null;

// --- parts of a date ----------------------------------------------------------------------------

const yearOf = (date: Date): number => date.getUTCFullYear();
const hourOf = (date: Date): number => date.getUTCHours();
const dayMsOf = (date: Date): number => timeOfDay(date.getTime());
const epochDayOf = (date: Date): number => dayOf(date.getTime());
/** From 0: Sunday, on which English weeks begin. */
const weekdayOf = (date: Date): number => date.getUTCDay();

/** Of so many days since a period began: weeks begin on Sunday, and the first may be short. */
const weekOf = (day: number, weekday: number): number => Math.floor((day - 1 + ((weekday - (day - 1) + 371) % 7)) / 7) + 1;

/** The year and the number of the week; the week with the first of January is the first of its year. */
function weekOfYear(date: Date): { year: number; week: number } {
  const saturday = new Date(date.getTime() + (6 - weekdayOf(date)) * DAY_MS);
  if (yearOf(saturday) > yearOf(date)) return { year: yearOf(saturday), week: 1 };
  return { year: yearOf(date), week: weekOf(dayOfYear(date), weekdayOf(date)) };
}

// --- letters ------------------------------------------------------------------------------------

const number =
  (countMax: number, read: (date: Date) => number): Letter =>
  (count) =>
    count > countMax ? null : (date) => withZeros(read(date), count);

/** `yy` is the year in its century, every other count a minimum of digits. */
const year =
  (read: (date: Date) => number): Letter =>
  (count) => {
    if (count > 10) return null;
    return count === 2 ? (date) => withZeros(Math.abs(read(date)) % 100, 2) : (date) => withZeros(read(date), count);
  };

/** Five letters are its narrow name, which is the number again. */
const quarter: Letter = (count) => (count === 5 ? number(5, quarterOf)(1) : number(2, quarterOf)(count));
const fraction: Letter = (count) => (count > 9 ? null : (date) => withZeros(date.getUTCMilliseconds(), 3).padEnd(9, "0").slice(0, count));
const nanoOfDay: Letter = (count) => (count > 10 ? null : (date) => String(BigInt(dayMsOf(date)) * 1_000_000n).padStart(count, "0"));
const offset =
  (texts: readonly (string | null)[]): Letter =>
  (count) => {
    const text = texts[count - 1] ?? null;
    return text === null ? null : () => text;
  };

const LETTERS: Readonly<Record<string, Letter>> = {
  y: year(yearOf),
  u: year(yearOf),
  Y: year((date) => weekOfYear(date).year),
  Q: quarter,
  q: quarter,
  M: number(2, (date) => date.getUTCMonth() + 1),
  L: number(2, (date) => date.getUTCMonth() + 1),
  w: number(2, (date) => weekOfYear(date).week),
  W: number(1, (date) => weekOf(date.getUTCDate(), weekdayOf(date))),
  d: number(2, (date) => date.getUTCDate()),
  D: number(3, dayOfYear),
  F: number(1, (date) => ((date.getUTCDate() - 1) % 7) + 1),
  e: number(2, (date) => weekdayOf(date) + 1),
  c: number(1, (date) => weekdayOf(date) + 1),
  g: number(19, (date) => epochDayOf(date) + 40_587),
  H: number(2, hourOf),
  k: number(2, (date) => hourOf(date) || 24),
  K: number(2, (date) => hourOf(date) % 12),
  h: number(2, (date) => hourOf(date) % 12 || 12),
  m: number(2, (date) => date.getUTCMinutes()),
  s: number(2, (date) => date.getUTCSeconds()),
  S: fraction,
  A: number(10, dayMsOf),
  n: number(10, (date) => date.getUTCMilliseconds() * 1_000_000),
  N: nanoOfDay,
  x: offset(["+00", "+0000", null, "+0000"]),
  Z: offset(["+0000", "+0000", "+0000"]),
};

/** Java's letters for names of months, days and zones, which are not in lower case or have spaces. */
const NAMING = "GEaBVvzOXpMLQqecxZ";

class PatternError extends Error {
  readonly hint: string | null;
  readonly offset: number;

  constructor(message: string, offset: number, hint: string | null = null) {
    super(message);
    this.offset = offset;
    this.hint = hint;
  }
}

// --- patterns -----------------------------------------------------------------------------------

interface Compiled {
  readonly parts: Part[];
  readonly warnings: SuffixFinding[];
  /** What Java can write, and no index can be named. */
  readonly illegal: SuffixFinding[];
}

export function compileIndexSuffix(pattern: string): IndexSuffix {
  try {
    const { parts, warnings, illegal } = compile(pattern);
    const [first] = illegal;
    if (first !== undefined) return { ok: false, of: "index", ...first };
    return {
      ok: true,
      format: (timestampMs) => {
        const date = new Date(timestampMs);
        return parts.map((part) => part(date)).join("");
      },
      warnings,
    };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return { ok: false, of: "pattern", message: error.message, hint: error.hint, offset: error.offset };
  }
}

function compile(pattern: string): Compiled {
  if (pattern === "") throw new PatternError("the suffix is empty", 0, "for example _{yyyy-MM-dd}");
  const compiled: Compiled = { parts: [], warnings: [], illegal: [] };
  let position = 0;
  while (position < pattern.length) {
    const open = pattern.indexOf("{", position);
    const end = open < 0 ? pattern.length : open;
    const text = pattern.slice(position, end);
    const stray = text.indexOf("}");
    if (stray >= 0) throw new PatternError("'}' has no '{' before it", position + stray, "leave it out");
    addText(text, position, compiled);
    if (open < 0) break;
    const close = pattern.indexOf("}", open);
    if (close < 0) throw new PatternError("'{' has no closing '}'", open, "for example _{yyyy-MM-dd}");
    if (close === open + 1) compiled.illegal.push({ message: "the braces are empty", hint: "for example {yyyy-MM-dd}", offset: open });
    compileDate(pattern.slice(open + 1, close), open + 1, compiled);
    position = close + 1;
  }
  return compiled;
}

/** What is in braces: runs of a letter, quoted text, optional sections, which a date always fills, and other characters. */
function compileDate(pattern: string, start: number, compiled: Compiled): void {
  const open: number[] = [];
  for (const match of pattern.matchAll(DATE_PATTERN_PARTS)) {
    const [run, letter] = match;
    const at = start + match.index;
    if (letter !== undefined) {
      addLetters(letter, run.length, at, compiled);
      if (letter === "Y") compiled.warnings.push({ message: WEEK_YEAR, hint: "write yyyy", offset: at });
    } else if (run.startsWith("'")) addText(unquoted(run, at), at, compiled);
    else if (run === "[") open.push(at);
    else if (run === "]") {
      if (open.pop() === undefined) throw new PatternError("']' has no '[' before it", at, "leave it out");
    } else if (/[{#]/.test(run)) throw new PatternError(`'${run}' stands in quotes in a pattern of dates`, at, `write '${run}'`);
    else addText(run, at, compiled);
  }
}

const WEEK_YEAR = "YYYY is the year of the week: in the days around New Year it is another than that of the date";

function addLetters(letter: string, count: number, offset: number, { parts, illegal }: Compiled): void {
  const known = Object.hasOwn(LETTERS, letter) ? LETTERS[letter] : undefined;
  const part = known?.(count) ?? null;
  if (part !== null) {
    parts.push(part);
  } else if (NAMING.includes(letter)) {
    const hint = letter === "M" || letter === "L" ? "write MM for the month" : "write numbers: yyyy-MM-dd";
    illegal.push({ message: `'${letter.repeat(count)}' cannot be used in the name of an index, which is in lower case`, hint, offset });
  } else if (known !== undefined) {
    throw new PatternError(`so many '${letter}' cannot stand together`, offset, `write ${letter.repeat(2)}`);
  } else {
    const hint = "letters are those of Java; other text stands in quotes, as 'w'";
    throw new PatternError(`the letter '${letter}' has no meaning in dates`, offset, hint);
  }
}

/** `'T'` is T, `''` is a quote. */
function unquoted(quoted: string, at: number): string {
  if (quoted.length < 2 || !quoted.endsWith("'"))
    throw new PatternError("a quote is never closed", at, "text stands between two of them: 'w'");
  return quoted === "''" ? "'" : quoted.slice(1, -1).replaceAll("''", "'");
}

/** Text of an index name, checked by Elasticsearch's rules as far as they concern single characters. */
function addText(text: string, at: number, { parts, illegal }: Compiled): void {
  const sign = /[\\/*?"<>|,#:\s{}[\]]/u.exec(text);
  const upper = [...text].find((character) => character !== character.toLowerCase());
  if (sign !== null) {
    const hint = "letters in lower case, digits, '-', '_' and '.' can";
    illegal.push({ message: `'${sign[0]}' cannot stand in an index name`, hint, offset: at + sign.index });
  } else if (upper !== undefined) {
    const message = `an index name must be lower case, but has '${upper}'`;
    illegal.push({ message, hint: `write ${upper.toLowerCase()}`, offset: at + text.indexOf(upper) });
  }
  if (text !== "") parts.push(() => text);
}

/** What follows the target's name in a dated one: separators and digits. `temps_1m` is not of the family `temps`. */
const DATED_REST = /^[-_.]?\d\d[\d\-_.]*$/;

/** Whether `name` is one of the dated indexes of the target `base`. */
export function isDatedNameOf(name: string, base: string): boolean {
  return name.startsWith(base) && DATED_REST.test(name.slice(base.length));
}
