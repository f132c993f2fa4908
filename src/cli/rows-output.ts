import { say, write } from "./output.ts";

export const OUTPUT_FORMATS = ["table", "json", "ndjson", "csv"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Rows by which the widths of a table's columns are found; later ones that are wider push their line out. */
const ROWS_MEASURED = 100;

type Row = Readonly<Record<string, unknown>>;

/**
 * Writes result rows, given as JSON documents, in one of the formats. Columns are those of the first rows; where others
 * come later, a table begins anew, and CSV, which cannot, leaves them out and says so.
 */
export class RowsOutput {
  private readonly stream: NodeJS.WriteStream;
  private readonly format: OutputFormat;
  private count = 0;
  private measured: Row[] | null = [];
  private columns: readonly string[] = [];
  private widths: readonly number[] = [];
  private readonly leftOut = new Set<string>();

  constructor(stream: NodeJS.WriteStream, format: OutputFormat) {
    this.stream = stream;
    this.format = format;
  }

  async write(documents: readonly string[]): Promise<void> {
    const before = this.count;
    this.count += documents.length;
    switch (this.format) {
      case "ndjson":
        return await write(this.stream, documents.map((document) => `${document}\n`).join(""));
      case "json":
        return await write(
          this.stream,
          documents.map((document, index) => `${before + index === 0 ? "[\n" : ",\n"}  ${document}`).join(""),
        );
      case "csv":
        return await this.writeCsv(documents.map(rowOf), before === 0);
      case "table":
        return await this.writeTable(documents.map(rowOf));
    }
  }

  async close(): Promise<void> {
    if (this.format === "json") await write(this.stream, this.count === 0 ? "[]\n" : "\n]\n");
    if (this.format !== "table") return;
    if (this.measured !== null) await this.begin(this.measured);
    await write(this.stream, `(${this.count} ${this.count === 1 ? "row" : "rows"})\n`);
  }

  private async writeCsv(rows: readonly Row[], isFirst: boolean): Promise<void> {
    if (isFirst) {
      this.columns = columnsOf(rows);
      await write(this.stream, `${this.columns.map(csvCell).join(",")}\n`);
    }
    await this.sayLeftOut(rows);
    await write(this.stream, rows.map((row) => `${this.columns.map((column) => csvCell(row[column])).join(",")}\n`).join(""));
  }

  private async sayLeftOut(rows: readonly Row[]): Promise<void> {
    const others = columnsOf(rows).filter((column) => !this.columns.includes(column) && !this.leftOut.has(column));
    if (others.length === 0) return;
    for (const column of others) this.leftOut.add(column);
    await say(`left out, because they came after the header: ${others.join(", ")} (naming columns in SELECT fixes them)`);
  }

  private async writeTable(rows: readonly Row[]): Promise<void> {
    if (this.measured === null) {
      const isWider = columnsOf(rows).some((column) => !this.columns.includes(column));
      return isWider ? await this.begin(rows) : await this.lines(rows);
    }
    this.measured.push(...rows);
    // On a live stream nobody waits for a hundred rows to see the first.
    if (this.measured.length > 0) await this.begin(this.measured);
  }

  private async begin(rows: readonly Row[]): Promise<void> {
    this.measured = null;
    if (rows.length === 0) return;
    this.columns = columnsOf(rows);
    const sample = rows.slice(0, ROWS_MEASURED);
    this.widths = this.columns.map((column) => Math.max(column.length, ...sample.map((row) => cellText(row[column]).length)));
    await write(this.stream, `${this.line(this.columns)}\n${this.widths.map((width) => "─".repeat(width)).join("─┼─")}\n`);
    await this.lines(rows);
  }

  private lines(rows: readonly Row[]): Promise<void> {
    return write(
      this.stream,
      rows
        .map(
          (row) =>
            `${this.line(
              this.columns.map((column) => cellText(row[column])),
              row,
            )}\n`,
        )
        .join(""),
    );
  }

  private line(cells: readonly string[], row: Row = {}): string {
    const padded = cells.map((cell, index) => {
      const width = this.widths[index] ?? 0;
      return typeof row[this.columns[index] ?? ""] === "number" ? cell.padStart(width) : cell.padEnd(width);
    });
    return padded.join(" │ ").trimEnd();
  }
}

/** Numbers that a double cannot hold stay as they are written. */
function rowOf(document: string): Row {
  const value: unknown = /\d{16}/.test(document) ? JSON.parse(document, longNumbersAsText) : JSON.parse(document);
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : { value };
}

function longNumbersAsText(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? (context?.source ?? value) : value;
}

function columnsOf(rows: readonly Row[]): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))];
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function csvCell(value: unknown): string {
  const text = cellText(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
