const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Elasticsearch's default for `index.gc_deletes`. */
const GC_DELETES_DEFAULT_MS = 60_000;

/** A duration as Elasticsearch writes it (`60s`, `1h`); -1 (no end) is Infinity; absent: the default of `index.gc_deletes`. */
export function durationMs(setting: unknown): number {
  if (setting === undefined) return GC_DELETES_DEFAULT_MS;
  if (setting === "-1") return Number.POSITIVE_INFINITY;
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(String(setting));
  return match === null ? 0 : Number(match[1]) * (UNITS_MS[match[2] as string] as number);
}
