import type { StatementCounters } from "./protocol.ts";
import type { Settlement } from "./routes/route.ts";

/** Records: `in = applied + filtered + late + deadLettered` (`runtime.md` §11), exact at every cursor. */
export interface RecordCounters {
  in: number;
  applied: number;
  filtered: number;
  late: number;
  deadLettered: number;
}

export type ChangeCounters = { -readonly [K in keyof Settlement]: number };

export const NO_COUNTERS: StatementCounters = {
  in: 0,
  applied: 0,
  filtered: 0,
  late: 0,
  deadLettered: 0,
  sent: 0,
  written: 0,
  superseded: 0,
  rejected: 0,
};

export const COUNTER_NAMES = Object.keys(NO_COUNTERS) as readonly (keyof StatementCounters)[];

export function addCounters(a: StatementCounters, b: StatementCounters): StatementCounters {
  const sum = { ...a } as { -readonly [K in keyof StatementCounters]: number };
  for (const name of COUNTER_NAMES) sum[name] += b[name];
  return sum;
}

/** From a blob; counters that an older format lacks are 0. */
export function countersFrom(kept: Readonly<Record<string, number>>): StatementCounters {
  return { ...NO_COUNTERS, ...kept };
}
