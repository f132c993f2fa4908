import type { RowsResult, StatementResult, TableResult } from "../project/statements/result.ts";
import { INTERRUPTED, onInterruption } from "./interruption.ts";
import { say, write } from "./output.ts";
import type { PipelineWatch } from "./pipeline-watch.ts";
import { exitCodeOf } from "./report.ts";
import { type OutputFormat, RowsOutput } from "./rows-output.ts";

/** Writes what statements gave, one after the other: rows to standard output, messages to standard error. */
export class ResultsOutput {
  private readonly format: OutputFormat;
  private readonly watch: PipelineWatch;
  private hasWritten = false;

  /** What goes wrong while rows come is told by `watch`. */
  constructor(format: OutputFormat, watch: PipelineWatch) {
    this.format = format;
    this.watch = watch;
  }

  /** Resolves with the exit code. */
  async show(result: StatementResult): Promise<number> {
    if (result.kind === "message") {
      await say(result.text);
      return 0;
    }
    await this.separate();
    const output = new RowsOutput(process.stdout, this.format);
    return result.kind === "table" ? await this.table(result, output) : await this.rows(result, output);
  }

  /** Tables, and CSV with its header, begin after an empty line. */
  private async separate(): Promise<void> {
    if (this.hasWritten && (this.format === "table" || this.format === "csv")) await write(process.stdout, "\n");
    this.hasWritten = true;
  }

  private async table({ columns, rows }: TableResult, output: RowsOutput): Promise<number> {
    await output.write(rows.map((row) => JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null])))));
    await output.close();
    return 0;
  }

  /** Ctrl-C ends the rows, not what was written of them. */
  private async rows({ batches, stop }: RowsResult, output: RowsOutput): Promise<number> {
    const interruption = onInterruption(stop, () => {});
    try {
      for await (const documents of batches) await output.write(documents);
    } catch (error) {
      if (this.watch.failures.length === 0) throw error;
    } finally {
      interruption.dispose();
      await output.close();
    }
    const code = exitCodeOf([], this.watch.failures);
    return code === 0 && interruption.happened() ? INTERRUPTED : code;
  }
}
