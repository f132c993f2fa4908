import { type ChangeBatch, documentTextOf, Operation } from "../../model/change.ts";
import { Outcome, type Sink, type WriteResult } from "../../ports/sink.ts";

/** Gives result rows to whoever asked for them, and waits until they were taken. */
export class RowsSink implements Sink {
  private readonly give: (documents: readonly string[]) => Promise<void>;
  private readonly onLimit: () => void;
  private rest: number;

  constructor(options: {
    readonly limit: number | null;
    readonly give: (documents: readonly string[]) => Promise<void>;
    readonly onLimit: () => void;
  }) {
    this.rest = options.limit ?? Number.POSITIVE_INFINITY;
    this.give = options.give;
    this.onLimit = options.onLimit;
  }

  async write(batch: ChangeBatch): Promise<WriteResult> {
    const documents: string[] = [];
    for (let row = 0; row < batch.count && documents.length < this.rest; row++) {
      if (batch.operations[row] === Operation.upsert) documents.push(documentTextOf(batch, row));
    }
    this.rest -= documents.length;
    if (documents.length > 0) await this.give(documents);
    if (this.rest <= 0) this.onLimit();
    return { outcomes: new Uint8Array(batch.count).fill(Outcome.written), errors: new Map(), retryAfterMs: null };
  }

  async close(): Promise<void> {}
}
