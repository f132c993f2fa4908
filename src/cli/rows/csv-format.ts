import { cellText, columnsOf, type Row, rowOf } from "./row.ts";
import type { RowsFormat } from "./rows-format.ts";

/** Columns are those of the first rows; others that come later are left out, and `tell` hears of it. */
export class CsvFormat implements RowsFormat {
  private readonly tell: (text: string) => void;
  private columns: readonly string[] | null = null;
  private readonly leftOut = new Set<string>();

  constructor(tell: (text: string) => void) {
    this.tell = tell;
  }

  rows(documents: readonly string[]): string {
    const rows = documents.map(rowOf);
    const columns = this.columns ?? columnsOf(rows);
    const header = this.columns === null ? `${columns.map(csvCell).join(",")}\n` : "";
    this.columns = columns;
    this.tellLeftOut(rows, columns);
    return header + rows.map((row) => `${columns.map((column) => csvCell(row[column])).join(",")}\n`).join("");
  }

  end(): string {
    return "";
  }

  private tellLeftOut(rows: readonly Row[], columns: readonly string[]): void {
    const others = columnsOf(rows).filter((column) => !columns.includes(column) && !this.leftOut.has(column));
    if (others.length === 0) return;
    for (const column of others) this.leftOut.add(column);
    this.tell(`left out, because they came after the header: ${others.join(", ")} (naming columns in SELECT fixes them)`);
  }
}

function csvCell(value: unknown): string {
  const text = cellText(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
