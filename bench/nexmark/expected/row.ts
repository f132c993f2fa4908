import type { NexmarkEvents } from "../events.ts";

/** A row of a target; times are ms since 1970. */
export type Row = Readonly<Record<string, string | number>>;

/** What a target holds in the end, computed plainly from the events: it shares no code with any engine. */
export type Expected = (events: NexmarkEvents) => readonly Row[];

/** The groups of the values, in the order in which they came. */
export function groupBy<T>(values: readonly T[], keyOf: (value: T) => string | number): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string | number, [T, ...T[]]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return [...groups.values()];
}

export const windowStart = (timeMs: number, sizeMs: number): number => Math.floor(timeMs / sizeMs) * sizeMs;

export const dayOf = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 10);
