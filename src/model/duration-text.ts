const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `250` and `'250'` are milliseconds, `'10s'`, `'1.5 h'` have a unit (ms, s, m, h, d); null: no duration. */
export function parseDurationMs(value: unknown): number | null {
  if (typeof value === "number") return Number.isFinite(value) && value >= 0 ? value : null;
  if (typeof value !== "string") return null;
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?\s*$/i.exec(value);
  if (match === null) return null;
  const [, count, unit = "ms"] = match;
  return Math.round(Number(count) * (UNIT_MS[unit.toLowerCase()] as number));
}

/** The other way, in the largest unit that it is a whole number of: `36h`. */
export function shortDuration(ms: number): string {
  const [unit = "ms", size = 1] = Object.entries(UNIT_MS).findLast(([, unitMs]) => ms % unitMs === 0 && ms > 0) ?? [];
  return `${ms / size}${unit}`;
}
