import { type Row, shownText } from "./row.ts";

export interface ChartSpec {
  /** Whose numbers are drawn. */
  readonly column: string;
  /** A line of its own for each value of this one; null: one line. */
  readonly by: string | null;
}

const BAR_WIDTH = 20;
const POINTS_MAX = 60;
/** More lines than these are no picture any more. */
const LINES_MAX = 20;
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;
const LEVELS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** Numbers as pictures: a bar beside each row, from zero to the largest so far, and lines of the last values at the end. */
export class Chart {
  private readonly spec: ChartSpec;
  private readonly lines = new Map<string, number[]>();
  private hasMore = false;
  private largest = 0;

  constructor(spec: ChartSpec) {
    this.spec = spec;
  }

  withBars(rows: readonly Row[]): readonly Row[] {
    if (!rows.some((row) => this.spec.column in row)) return rows;
    for (const row of rows) this.take(row);
    return rows.map((row) => ({ ...row, [BAR]: this.bar(row[this.spec.column]) }));
  }

  /** `h1 ▁▃▅█ 20.1 … 29.8`, lowest and highest of what is drawn. */
  sparklines(): readonly string[] {
    if (this.lines.size === 0) return [`(no numbers of ${this.spec.column} to draw)`];
    const drawn = [...this.lines].map(([label, values]) => {
      const [low, high] = [Math.min(...values), Math.max(...values)];
      return `${label} ${values.map((value) => levelOf(value, low, high)).join("")} ${low} … ${high}`;
    });
    return this.hasMore ? [...drawn, `… and more than these ${LINES_MAX}`] : drawn;
  }

  private take(row: Row): void {
    const value = row[this.spec.column];
    if (typeof value !== "number") return;
    this.largest = Math.max(this.largest, value);
    const label = this.spec.by === null ? this.spec.column : shownText(row[this.spec.by]);
    const values = this.lines.get(label) ?? [];
    if (values.length === 0 && this.lines.size === LINES_MAX) {
      this.hasMore = true;
      return;
    }
    values.push(value);
    if (values.length > POINTS_MAX) values.shift();
    this.lines.set(label, values);
  }

  /** Nothing for what is no number, or below zero. */
  private bar(value: unknown): string {
    if (typeof value !== "number" || value <= 0) return "";
    const eighths = Math.round((value / this.largest) * BAR_WIDTH * 8);
    return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
  }
}

/** What the column of bars is called. */
const BAR = "▁▃▅█";

function levelOf(value: number, low: number, high: number): string {
  const share = high === low ? 0 : (value - low) / (high - low);
  return LEVELS[Math.round(share * (LEVELS.length - 1))] ?? "";
}
