import type { RowsResult, RunResult, StatementResult, TableResult } from "../project/statements/result.ts";
import { say, type TextStream, write } from "./output.ts";
import { reportOf, summary } from "./report.ts";
import { type OutputFormat, RowsOutput, type RowsOutputOptions } from "./rows-output.ts";

/** How long what is under way may take when a person wants a result no more: rows that are only shown, and those that are written. */
const SHOWN_STOP_MS = 1_000;
const WRITTEN_STOP_MS = 10_000;

export interface ResultsOptions extends RowsOutputOptions {
  readonly format: OutputFormat;
}

/** Writes what statements gave, one after the other: rows to a stream, messages to standard error. */
export class ResultsOutput {
  private hasWritten = false;

  /** Resolves with how many rows there were; null: it is none that has rows. The signal ends what would go on. */
  async show(result: StatementResult, stream: TextStream, options: ResultsOptions, signal: AbortSignal): Promise<number | null> {
    switch (result.kind) {
      case "message":
        await say(result.text);
        return null;
      case "run":
        await this.run(result, signal);
        return null;
      case "table":
        await this.separate(stream, options.format);
        return await table(result, stream, options);
      case "rows":
        await this.separate(stream, options.format);
        return await rows(result, new RowsOutput(stream, options.format, options), signal);
    }
  }

  /** Tables, and CSV with its header, begin after an empty line. */
  private async separate(stream: TextStream, format: OutputFormat): Promise<void> {
    if (this.hasWritten && format !== "json" && format !== "ndjson") await write(stream, "\n");
    this.hasWritten = true;
  }

  private async run({ ended, stop }: RunResult, signal: AbortSignal): Promise<void> {
    const last = await unlessAborted(ended, signal, () => stop(WRITTEN_STOP_MS));
    for (const line of summary(reportOf([last]))) await say(line);
  }
}

/** A tree is no table, where a person reads it. */
async function table({ columns, rows }: TableResult, stream: TextStream, options: ResultsOptions): Promise<number> {
  if (columns.join() === "plan" && options.format === "table") {
    await write(stream, rows.map(([line]) => `${String(line)}\n`).join(""));
    return rows.length;
  }
  const output = new RowsOutput(stream, options.format, { ...options, columns });
  await output.write(rows.map((row) => JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])))));
  await output.close();
  return rows.length;
}

/** What was written of the rows stays. */
async function rows({ batches, stop }: RowsResult, output: RowsOutput, signal: AbortSignal): Promise<number> {
  const end = (): void => stop(SHOWN_STOP_MS);
  signal.addEventListener("abort", end, { once: true });
  let count = 0;
  try {
    if (signal.aborted) end();
    for await (const documents of batches) {
      await output.write(documents);
      count += documents.length;
    }
    await output.close();
    return count;
  } catch (error) {
    // Of what has failed before its first row nothing is shown but that.
    if (count > 0) await output.close();
    throw error;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, stop: () => void): Promise<T> {
  signal.addEventListener("abort", stop, { once: true });
  try {
    if (signal.aborted) stop();
    return await work;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
