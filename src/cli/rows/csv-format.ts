import { cellText, columnsOf, type Row, rowOf } from "./row.ts";
import type { RowsFormat } from "./rows-format.ts";

/** Columns are those of the first rows; others that come later are left out, and `tell` hears of it. */
export class CsvFormat implements RowsFormat {
  private readonly tell: (text: string) => void;
  private readonly known: readonly string[];
  private columns: readonly string[] | null = null;
  private readonly leftOut = new Set<string>();

  /** `known`: the columns, also where there are no rows. */
  constructor(tell: (text: string) => void, known: readonly string[]) {
    this.tell = tell;
    this.known = known;
  }

  rows(documents: readonly string[]): string {
    const rows = documents.map(rowOf);
    const columns = this.columns ?? columnsOf(rows);
    const header = this.columns === null ? headerOf(columns) : "";
    this.columns = columns;
    this.tellLeftOut(rows, columns);
    return header + rows.map((row) => `${columns.map((column) => csvCell(row[column])).join(",")}\n`).join("");
  }

  end(): string {
    return this.columns === null && this.known.length > 0 ? headerOf(this.known) : "";
  }

  private tellLeftOut(rows: readonly Row[], columns: readonly string[]): void {
    const others = columnsOf(rows).filter((column) => !columns.includes(column) && !this.leftOut.has(column));
    if (others.length === 0) return;
    for (const column of others) this.leftOut.add(column);
    this.tell(`left out, because they came after the header: ${others.join(", ")} (naming columns in SELECT fixes them)`);
  }
}

const headerOf = (columns: readonly string[]): string => `${columns.map(csvCell).join(",")}\n`;

function csvCell(value: unknown): string {
  const text = cellText(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
