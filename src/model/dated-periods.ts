import { DAY_MS } from "./calendar.ts";
import { compileIndexSuffix } from "./date-pattern.ts";

/** From its first millisecond up to that of the next one. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

const HOUR_MS = 3_600_000;

/** Years that names are looked for in: those of records. */
const FIRST_YEAR = 1970;
const LAST_YEAR = 2199;

/** A name of the days around New Year may lie in two years: a week does. */
const OVERLAP_MS = 10 * DAY_MS;

/** Years whose names are kept. */
const YEARS_MAX = 20;

/** A year of a week that lies in two, and one that has all lengths of months. */
const SAMPLE_YEAR = 2028;

/**
 * Which time the name of a dated index stands for: the suffix read backwards, by writing all names of its year. Weeks, quarters and days of
 * the year need no rules of their own then.
 */
export class DatedPeriods {
  private readonly format: (timestampMs: number) => string;
  private readonly stepMs: number;
  private readonly years = new Map<number, ReadonlyMap<string, Period>>();

  private constructor(format: (timestampMs: number) => string, stepMs: number) {
    this.format = format;
    this.stepMs = stepMs;
  }

  /** A text: why names with this suffix stand for no one stretch of time, of an hour at least. */
  static of(suffix: string): DatedPeriods | string {
    const compiled = compileIndexSuffix(suffix);
    if (!compiled.ok) return compiled.message;
    const letters = [...suffix.matchAll(/\{([^}]*)\}/g)].map((match) => (match[1] ?? "").replace(/'[^']*'/g, "")).join(" ");
    if (!/yyyy|uuuu|YYYY/.test(letters)) return "it has no year of four digits";
    if (/[msSAnN]/.test(letters)) return "its names stand for less than an hour";
    const periods = new DatedPeriods(compiled.format, /[HkKh]/.test(letters) ? HOUR_MS : DAY_MS);
    return periods.named(SAMPLE_YEAR) === null ? "one name stands for several times" : periods;
  }

  /** null: no time has this suffix. */
  at(suffix: string): Period | null {
    for (let at = 0; at + 4 <= suffix.length; at++) {
      const digits = suffix.slice(at, at + 4);
      const year = /^\d{4}$/.test(digits) ? Number(digits) : 0;
      if (year < FIRST_YEAR || year > LAST_YEAR) continue;
      const found = this.namesOf(year).get(suffix);
      if (found !== undefined) return found;
    }
    return null;
  }

  private namesOf(year: number): ReadonlyMap<string, Period> {
    let names = this.years.get(year);
    if (names === undefined) {
      names = this.named(year) ?? new Map();
      if (this.years.size >= YEARS_MAX) this.years.clear();
      this.years.set(year, names);
    }
    return names;
  }

  /** The names of a year, and of some days around it; null: one of them comes back after others. */
  private named(year: number): Map<string, Period> | null {
    const names = new Map<string, Period>();
    const toMs = Date.UTC(year + 1, 0) + OVERLAP_MS;
    for (let startMs = Date.UTC(year, 0) - OVERLAP_MS; startMs < toMs; startMs += this.stepMs) {
      const name = this.format(startMs);
      const before = names.get(name);
      if (before !== undefined && before.endMs !== startMs) return null;
      names.set(name, { startMs: before?.startMs ?? startMs, endMs: startMs + this.stepMs });
    }
    return names;
  }
}
