/**
 * Names of dated indexes: `_{yyyy-MM-dd}` after the target's name. Inside the braces letters are those of Java's
 * DateTimeFormatter, in UTC; outside of them the text stands for itself.
 */
export type IndexSuffix =
  | { readonly ok: true; readonly format: (timestampMs: number) => string }
  | {
      readonly ok: false;
      readonly message: string;
      readonly hint: string | null;
      /** Where in the pattern, in UTF-16 units. */
      readonly offset: number;
    };

type Part = (date: Date) => string;

interface Letter {
  readonly countMax: number;
  readonly value: (date: Date, count: number) => string;
}

const padded = (number: number, count: number): string => {
  const digits = String(Math.abs(number)).padStart(count, "0");
  return number < 0 ? `-${digits}` : digits;
};

const number = (countMax: number, read: (date: Date) => number): Letter => ({
  countMax,
  value: (date, count) => padded(read(date), count),
});

/** `yy` is the year in its century, every other count a minimum of digits. */
const YEAR: Letter = {
  countMax: 9,
  value: (date, count) => (count === 2 ? padded(Math.abs(date.getUTCFullYear()) % 100, 2) : padded(date.getUTCFullYear(), count)),
};

const DAY_MS = 86_400_000;

function dayOfYear(date: Date): number {
  const first = new Date(0);
  first.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  return Math.floor((date.getTime() - first.getTime()) / DAY_MS) + 1;
}

const LETTERS: Readonly<Record<string, Letter>> = {
  y: YEAR,
  u: YEAR,
  M: number(2, (date) => date.getUTCMonth() + 1),
  d: number(2, (date) => date.getUTCDate()),
  D: number(3, dayOfYear),
  H: number(2, (date) => date.getUTCHours()),
  m: number(2, (date) => date.getUTCMinutes()),
  s: number(2, (date) => date.getUTCSeconds()),
  S: { countMax: 9, value: (date, count) => padded(date.getUTCMilliseconds(), 3).padEnd(9, "0").slice(0, count) },
};

/** Letters that mean something else to Java than most people expect of them. */
const MEANT: Readonly<Record<string, string>> = {
  Y: "YYYY is the year of the week, wrong at the turn of the year: write yyyy",
  h: "h is the hour of the half day: write HH",
  L: "write MM for the month",
};

class PatternError extends Error {
  readonly hint: string | null;
  readonly offset: number;

  constructor(message: string, offset: number, hint: string | null = null) {
    super(message);
    this.offset = offset;
    this.hint = hint;
  }
}

export function compileIndexSuffix(pattern: string): IndexSuffix {
  try {
    const parts = compile(pattern);
    return {
      ok: true,
      format: (timestampMs) => {
        const date = new Date(timestampMs);
        return parts.map((part) => part(date)).join("");
      },
    };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return { ok: false, message: error.message, hint: error.hint, offset: error.offset };
  }
}

function compile(pattern: string): readonly Part[] {
  if (pattern === "") throw new PatternError("the suffix is empty", 0, "for example _{yyyy-MM-dd}");
  const parts: Part[] = [];
  let position = 0;
  while (position < pattern.length) {
    const open = pattern.indexOf("{", position);
    const end = open < 0 ? pattern.length : open;
    const text = pattern.slice(position, end);
    if (text !== "") parts.push(literal(text, position));
    if (open < 0) break;
    const close = pattern.indexOf("}", open);
    if (close < 0) throw new PatternError("'{' has no closing '}'", open);
    if (close === open + 1) throw new PatternError("the braces are empty", open, "for example {yyyy-MM-dd}");
    parts.push(...compileDate(pattern.slice(open + 1, close), open + 1));
    position = close + 1;
  }
  return parts;
}

/** What is in braces: runs of a letter, quoted text, and other characters as they are. */
function compileDate(pattern: string, offset: number): readonly Part[] {
  const parts: Part[] = [];
  for (const match of pattern.matchAll(/([A-Za-z])\1*|'(?:[^']|'')*'?|[^A-Za-z']+/g)) {
    const [run, letter] = match;
    const at = offset + match.index;
    if (letter !== undefined) parts.push(letters(letter, run.length, at));
    else if (run.startsWith("'")) parts.push(literal(unquoted(run, at), at));
    else parts.push(literal(run, at));
  }
  return parts;
}

function letters(letter: string, count: number, offset: number): Part {
  const known = LETTERS[letter];
  if (known === undefined) {
    const hint = MEANT[letter] ?? "letters are y M d D H m s S; other text stands in quotes, as 'w'";
    throw new PatternError(`the letter '${letter}' cannot be used in a date of an index name`, offset, hint);
  }
  if (count > known.countMax) {
    const hint = letter === "M" ? "names of months are not in lower case: write MM" : null;
    throw new PatternError(`at most ${known.countMax} '${letter}' can stand together`, offset, hint);
  }
  return (date) => known.value(date, count);
}

/** `'T'` is T, `''` is a quote. */
function unquoted(quoted: string, offset: number): string {
  if (quoted.length < 2 || !quoted.endsWith("'")) throw new PatternError("a quote is never closed", offset);
  return quoted === "''" ? "'" : quoted.slice(1, -1).replaceAll("''", "'");
}

/** Text of an index name, checked by Elasticsearch's rules as far as they concern single characters. */
function literal(text: string, offset: number): Part {
  const illegal = /[\\/*?"<>|,#:\s{}[\]]/u.exec(text);
  if (illegal !== null) throw new PatternError(`'${illegal[0]}' cannot stand in an index name`, offset + illegal.index);
  const upper = [...text].find((character) => character !== character.toLowerCase());
  if (upper !== undefined) throw new PatternError(`an index name must be lower case, but has '${upper}'`, offset + text.indexOf(upper));
  return () => text;
}

/** What follows the target's name in a dated one: separators and digits. `temps_1m` is not of the family `temps`. */
const DATED_REST = /^[-_.]?\d\d[\d\-_.]*$/;

/** Whether `name` is one of the dated indexes of the target `base`. */
export function isDatedNameOf(name: string, base: string): boolean {
  return name.startsWith(base) && DATED_REST.test(name.slice(base.length));
}
