import type { Duration, IntervalUnit } from "./ast.ts";
import { UNIT_WORDS } from "./keywords.ts";

type Unit = Duration["unit"];

export const UNIT_MS: Readonly<Record<Unit, number>> = {
  MILLISECOND: 1,
  SECOND: 1_000,
  MINUTE: 60_000,
  HOUR: 3_600_000,
  DAY: 86_400_000,
  WEEK: 604_800_000,
};

const short: Readonly<Record<Unit, string>> = { MILLISECOND: "MS", SECOND: "S", MINUTE: "M", HOUR: "H", DAY: "D", WEEK: "W" };

/** Upper-case spelling (singular, plural, short) → unit. */
export const DURATION_UNITS: ReadonlyMap<string, Unit> = new Map(
  (Object.keys(UNIT_MS) as Unit[]).flatMap((unit) => [unit, `${unit}S`, short[unit]].map((word): [string, Unit] => [word, unit])),
);

/** Those of INTERVAL, which knows months and years too. */
export const INTERVAL_UNITS: ReadonlyMap<string, IntervalUnit> = new Map([
  ...UNIT_WORDS.flatMap((unit) => [unit, `${unit}S`].map((word): [string, IntervalUnit] => [word, unit])),
  ...DURATION_UNITS,
]);

export const durationMs = (duration: Duration): number => duration.count * UNIT_MS[duration.unit];
