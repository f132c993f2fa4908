import { timeMs } from "../data/time-text.ts";
import type { Row } from "./expected/row.ts";

/** ISO 8601, and as Flink writes it, in UTC. */
const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?$/;

/** A document as the expected rows are written: times in milliseconds. */
export function plainRow(document: Readonly<Record<string, unknown>>): Row {
  const entries = Object.entries(document).map(([name, value]) => [name, plain(value)]);
  return Object.fromEntries(entries) as Row;
}

function plain(value: unknown): unknown {
  return typeof value === "string" && TIME.test(value) ? timeMs(value) : value;
}

/** A row as text, whatever the order of its columns. */
export const rowText = (row: Row): string => JSON.stringify(Object.entries(row).toSorted(([a], [b]) => (a < b ? -1 : 1)));

const SHOWN_MAX = 3;

/** How two multisets of rows differ, by a few examples; null: in nothing. */
export function differences(found: readonly Row[], wanted: readonly Row[]): string | null {
  const counts = new Map<string, number>();
  for (const row of found) count(counts, row, 1);
  for (const row of wanted) count(counts, row, -1);
  const surplus = [...counts].filter(([, count]) => count > 0);
  const missing = [...counts].filter(([, count]) => count < 0);
  if (surplus.length === 0 && missing.length === 0) return null;
  const shown = (rows: readonly (readonly [string, number])[]): string =>
    rows
      .slice(0, SHOWN_MAX)
      .map(([text]) => text)
      .join(" ");
  const numbers = `${found.length} rows instead of ${wanted.length}`;
  return `${numbers}; too many: ${surplus.length} ${shown(surplus)}; missing: ${missing.length} ${shown(missing)}`;
}

function count(counts: Map<string, number>, row: Row, by: number): void {
  const text = rowText(row);
  counts.set(text, (counts.get(text) ?? 0) + by);
}
