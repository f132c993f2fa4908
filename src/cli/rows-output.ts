import { say, type TextStream, write } from "./output.ts";
import { Chart, type ChartSpec } from "./rows/chart.ts";
import { CsvFormat } from "./rows/csv-format.ts";
import { JsonFormat, NDJSON_FORMAT } from "./rows/json-format.ts";
import type { RowsFormat } from "./rows/rows-format.ts";
import { type Expanded, TableFormat } from "./rows/table-format.ts";

export const OUTPUT_FORMATS = ["table", "vertical", "json", "ndjson", "csv"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

export interface RowsOutputOptions {
  /** Of tables. Initially `auto`: on a terminal that is too narrow for them. */
  readonly expanded?: Expanded;
  /** Numbers of a table that are drawn as well. */
  readonly chart?: ChartSpec | null;
  /** Where they are known before there are rows. */
  readonly columns?: readonly string[];
}

/** Writes result rows, given as JSON documents, in one of the formats. */
export class RowsOutput {
  private readonly stream: TextStream;
  private readonly format: RowsFormat;

  constructor(stream: TextStream, format: OutputFormat, options: RowsOutputOptions = {}) {
    this.stream = stream;
    this.format = newFormat(stream, format, options);
  }

  async write(documents: readonly string[]): Promise<void> {
    if (documents.length > 0) await write(this.stream, this.format.rows(documents));
  }

  async close(): Promise<void> {
    await write(this.stream, this.format.end());
  }
}

function newFormat(
  stream: TextStream,
  format: OutputFormat,
  { expanded = "auto", chart = null, columns = [] }: RowsOutputOptions,
): RowsFormat {
  switch (format) {
    case "ndjson":
      return NDJSON_FORMAT;
    case "json":
      return new JsonFormat();
    case "csv":
      return new CsvFormat((text) => void say(text), columns);
    case "table":
    case "vertical":
      return new TableFormat({
        expanded: format === "vertical" ? "on" : expanded,
        width: stream.columns ?? Number.POSITIVE_INFINITY,
        chart: chart === null ? null : new Chart(chart),
        columns,
      });
  }
}
