import stringWidth from "string-width";
import { counted } from "../output.ts";
import type { Chart } from "./chart.ts";
import { columnsOf, type Row, rowOf, shownText } from "./row.ts";
import type { RowsFormat } from "./rows-format.ts";

/** Rows by which the widths of a table's columns are found; later ones that are wider push their line out. */
const ROWS_MEASURED = 100;

export type Expanded = "on" | "off" | "auto";

export interface TableOptions {
  /** A line a column instead of a line a row; `auto`: where lines would be wider than `width`. */
  readonly expanded: Expanded;
  /** Of the terminal; infinite where there is none. */
  readonly width: number;
  readonly chart: Chart | null;
  /** That are known before there are rows. */
  readonly columns: readonly string[];
}

/**
 * Columns are those of the first rows; where others come, the table begins anew. On a live stream nobody waits for a
 * hundred rows to see the first: what is known of the widths is what came first.
 */
export class TableFormat implements RowsFormat {
  private readonly options: TableOptions;
  private count = 0;
  private columns: readonly string[] = [];
  private widths: readonly number[] = [];
  private isExpanded = false;

  constructor(options: TableOptions) {
    this.options = options;
  }

  rows(documents: readonly string[]): string {
    const { chart } = this.options;
    const read = documents.map(rowOf);
    const rows = chart === null ? read : chart.withBars(read);
    const before = this.count;
    this.count += rows.length;
    const others = columnsOf(rows).some((column) => !this.columns.includes(column));
    const header = others ? this.begin(columnsOf(rows), rows) : "";
    return header + (this.isExpanded ? this.records(rows, before) : this.lines(rows));
  }

  end(): string {
    const { chart, columns } = this.options;
    const header = this.count === 0 && columns.length > 0 ? this.begin(columns, []) : "";
    const lines = [...(chart?.sparklines() ?? []), `(${counted(this.count, "row")})`];
    return header + lines.map((line) => `${line}\n`).join("");
  }

  /** Finds the widths; the header, if there is one. */
  private begin(columns: readonly string[], rows: readonly Row[]): string {
    this.columns = columns;
    const sample = rows.slice(0, ROWS_MEASURED);
    this.widths = columns.map((column) =>
      Math.max(stringWidth(shownText(column)), ...sample.map((row) => stringWidth(shownText(row[column])))),
    );
    const width = this.widths.reduce((sum, one) => sum + one, 0) + SEPARATOR.length * (this.widths.length - 1);
    const { expanded } = this.options;
    this.isExpanded = expanded === "on" || (expanded === "auto" && width > this.options.width);
    if (this.isExpanded) return "";
    return `${this.line(this.columns)}\n${this.widths.map((one) => "─".repeat(one)).join("─┼─")}\n`;
  }

  private lines(rows: readonly Row[]): string {
    return rows
      .map(
        (row) =>
          `${this.line(
            this.columns.map((column) => row[column]),
            row,
          )}\n`,
      )
      .join("");
  }

  /** Numbers to the right. */
  private line(values: readonly unknown[], row: Row = {}): string {
    const padded = values.map((value, index) => {
      const text = shownText(value);
      const gap = " ".repeat(Math.max(0, (this.widths[index] ?? 0) - stringWidth(text)));
      return typeof row[this.columns[index] ?? ""] === "number" ? gap + text : text + gap;
    });
    return padded.join(SEPARATOR).trimEnd();
  }

  private records(rows: readonly Row[], before: number): string {
    const width = Math.max(...this.columns.map((column) => stringWidth(shownText(column))));
    return rows
      .map((row, index) => {
        const title = `─[ row ${before + index + 1} ]`;
        const lines = this.columns.map((column) => {
          const name = shownText(column);
          return `${name}${" ".repeat(width - stringWidth(name))}${SEPARATOR}${shownText(row[column])}`.trimEnd();
        });
        return `${[title.padEnd(width + SEPARATOR.length, "─"), ...lines].join("\n")}\n`;
      })
      .join("");
  }
}

const SEPARATOR = " │ ";
