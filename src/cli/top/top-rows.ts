import stringWidth from "string-width";
import type { Pipeline } from "../../server/schemas.ts";
import { grouped } from "../output.ts";
import { shownText } from "../rows/row.ts";
import { stateText } from "../state-text.ts";

/** What `top` says of a pipeline. */
export interface TopRow {
  readonly name: string;
  readonly state: string;
  readonly messagesPerSecond: number;
  readonly lag: number;
  readonly late: number;
  readonly deadLettered: number;
  /** How far event time is behind, where it is most; null: it goes by none. */
  readonly delaySeconds: number | null;
}

interface Column {
  /** The key that sorts by it; below it, numbers come largest first. */
  readonly key: string;
  readonly title: string;
  readonly value: (row: TopRow) => string | number | null;
}

export const COLUMNS: readonly Column[] = [
  { key: "p", title: "PIPELINE", value: ({ name }) => name },
  { key: "s", title: "STATE", value: ({ state }) => state },
  { key: "m", title: "MESSAGES/S", value: ({ messagesPerSecond }) => messagesPerSecond },
  { key: "l", title: "LAG", value: ({ lag }) => lag },
  { key: "t", title: "LATE", value: ({ late }) => late },
  { key: "d", title: "DEAD LETTERS", value: ({ deadLettered }) => deadLettered },
  { key: "w", title: "WATERMARK", value: ({ delaySeconds }) => delaySeconds },
];

export interface Sorting {
  readonly key: string;
  readonly isReversed: boolean;
}

export function topRow({ name, status }: Pipeline): TopRow {
  const { messagesPerSecond, statements } = status;
  const sum = (count: (statement: (typeof statements)[number]) => number): number =>
    statements.reduce((total, statement) => total + count(statement), 0);
  const delays = statements.map(({ watermarkDelaySeconds }) => watermarkDelaySeconds).filter((seconds) => seconds !== null);
  return {
    name,
    state: stateText(status),
    messagesPerSecond,
    lag: sum(({ lag }) => lag),
    late: sum(({ counters }) => counters.late),
    deadLettered: sum(({ counters }) => counters.deadLettered),
    delaySeconds: delays.length === 0 ? null : Math.max(...delays),
  };
}

/** A header and a line for each row. */
export function topLines(rows: readonly TopRow[], sorting: Sorting): readonly string[] {
  const cells = sorted(rows, sorting).map((row) => COLUMNS.map((column) => cellText(column, row)));
  const titles = COLUMNS.map(({ key, title }) => (key === sorting.key ? `${title}${sorting.isReversed ? "▲" : "▼"}` : title));
  const widths = titles.map((title, at) => Math.max(stringWidth(title), ...cells.map((row) => stringWidth(row[at] ?? ""))));
  return [titles, ...cells].map((row) =>
    row
      .map((cell, at) => {
        const gap = " ".repeat((widths[at] ?? 0) - stringWidth(cell));
        return at < 2 ? cell + gap : gap + cell;
      })
      .join("  ")
      .trimEnd(),
  );
}

/** Texts from A, numbers from the largest; equal ones by name. */
function sorted(rows: readonly TopRow[], { key, isReversed }: Sorting): readonly TopRow[] {
  const { value } = COLUMNS.find((column) => column.key === key) ?? (COLUMNS[0] as Column);
  const compare = (left: TopRow, right: TopRow): number => {
    const [a, b] = [value(left), value(right)];
    if (typeof a === "string" || typeof b === "string") return byText(String(a), String(b));
    return (b ?? -1) - (a ?? -1);
  };
  return [...rows].sort((left, right) => (isReversed ? -1 : 1) * compare(left, right) || byText(left.name, right.name));
}

const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

function cellText({ value }: Column, row: TopRow): string {
  const shown = value(row);
  if (typeof shown === "string") return shownText(shown);
  if (shown === null) return "-";
  return value === COLUMNS.at(-1)?.value ? durationText(shown) : grouped(shown);
}

/** `12 s`, `3 min`, `5 h`, `2 d` */
function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`;
}
