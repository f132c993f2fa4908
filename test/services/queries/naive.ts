import { instantOf, localAt } from "../../oracle/local-time.ts";

export type Row = Readonly<Record<string, unknown>>;

/** One window of one group, rows in the order of their log. */
export interface NaiveWindow {
  readonly group: string;
  readonly startMs: number;
  readonly rows: readonly Row[];
}

export interface Windowing {
  readonly groupOf: (row: Row) => string;
  readonly timeOf: (row: Row) => number;
  readonly startOf: (timeMs: number) => number;
  readonly endOf: (startMs: number) => number;
  readonly graceMs: number;
}

/** Windows of one partition, whose rows come in the order of its log; those whose window was over when they came are late. */
export function windowsOf(log: readonly Row[], windowing: Windowing): { readonly windows: NaiveWindow[]; readonly late: Row[] } {
  const { groupOf, timeOf, startOf, endOf, graceMs } = windowing;
  const windows = new Map<string, { readonly group: string; readonly startMs: number; readonly rows: Row[] }>();
  const late: Row[] = [];
  let streamTimeMs = Number.NEGATIVE_INFINITY;
  for (const row of log) {
    const timeMs = timeOf(row);
    streamTimeMs = Math.max(streamTimeMs, timeMs);
    const [group, startMs] = [groupOf(row), startOf(timeMs)];
    if (streamTimeMs >= endOf(startMs) + graceMs) {
      late.push(row);
      continue;
    }
    const key = `${group} ${startMs}`;
    const window = windows.get(key) ?? { group, startMs, rows: [] };
    window.rows.push(row);
    windows.set(key, window);
  }
  return { windows: [...windows.values()], late };
}

const DAY_MS = 86_400_000;
const ZONE = "Europe/Berlin";

/** Days from midnight to midnight by the clocks of Berlin. */
export const BERLIN_DAYS = {
  startOf: (timeMs: number): number => instantOf(Math.floor(localAt(timeMs, ZONE) / DAY_MS) * DAY_MS, ZONE),
  endOf: (startMs: number): number => instantOf(localAt(startMs, ZONE) + DAY_MS, ZONE),
} as const;

export function fixed(sizeMs: number): Pick<Windowing, "startOf" | "endOf"> {
  return { startOf: (timeMs) => Math.floor(timeMs / sizeMs) * sizeMs, endOf: (startMs) => startMs + sizeMs };
}

export const numbersOf = (rows: readonly Row[], name: string): number[] => rows.map((row) => Number(row[name]));
export const sumOf = (rows: readonly Row[], name: string): number => numbersOf(rows, name).reduce((sum, value) => sum + value, 0);
export const timeIn =
  (name: string) =>
  (row: Row): number =>
    Date.parse(String(row[name]));
export const isoOf = (timeMs: number): string => new Date(timeMs).toISOString();

/** The same columns, numbers up to what the order of a sum makes of them. */
export function isSameRow(row: Row, wanted: Row): boolean {
  const names = new Set([...Object.keys(row), ...Object.keys(wanted)]);
  return [...names].every((name) => isSame(row[name] ?? null, wanted[name] ?? null));
}

function isSame(value: unknown, wanted: unknown): boolean {
  if (typeof value === "number" && typeof wanted === "number") return Math.abs(value - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted));
  return value === wanted;
}
