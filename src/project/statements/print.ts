import type { PrintStatement } from "../../../grammar/statement-ast.ts";
import { LIMITS } from "../../limits.ts";
import type { RecordSlices } from "../../model/record-slices.ts";
import type { LogBounds, Source } from "../../ports/source.ts";
import { asSluiceError } from "../../runtime/as-error.ts";
import type { StatementContext } from "./context.ts";
import { FormatGuess } from "./guess-format.ts";
import { type RecordGuess, recordJson } from "./record-json.ts";
import type { RowsResult } from "./result.ts";
import { RowQueue } from "./row-queue.ts";
import { existingTopic, resolveTopicName } from "./topics.ts";

/**
 * Records as they lie in a topic, with what their bytes may mean. Within a partition in order; partitions side by side.
 * Follows the topic unless it is read until its end, or LIMIT says how many.
 */
export async function print(statement: PrintStatement, context: StatementContext): Promise<RowsResult | null> {
  const relation = resolveTopicName(statement.topic, context);
  if (relation === null) return null;
  const source = await context.resources.source(relation.connection.name);
  const { partitions } = await existingTopic(relation, source);
  const bounds = await Promise.all(Array.from({ length: partitions }, (_, partition) => source.bounds(relation.name, partition)));
  const fromBeginning = statement.fromBeginning || context.from === "earliest";
  const printing = new Printing(source, relation.name, statement, context);
  return printing.start(bounds, fromBeginning || (context.untilEnd && context.from === null));
}

/** One PRINT under way. */
class Printing {
  private readonly source: Source;
  private readonly topic: string;
  private readonly interval: number;
  private readonly untilEnd: boolean;
  private readonly onEvent: StatementContext["onEvent"];
  private readonly guess: RecordGuess = { key: new FormatGuess(), value: new FormatGuess() };
  private readonly queue = new RowQueue();
  private readonly stopping = new AbortController();
  private seen = 0;
  private left: number;

  constructor(source: Source, topic: string, { interval, limit }: PrintStatement, { untilEnd, onEvent }: StatementContext) {
    this.source = source;
    this.topic = topic;
    this.interval = interval ?? 1;
    this.left = limit ?? Number.POSITIVE_INFINITY;
    this.untilEnd = untilEnd;
    this.onEvent = onEvent;
  }

  start(bounds: readonly LogBounds[], fromBeginning: boolean): RowsResult {
    const read = bounds.map(({ startOffset, endOffset }, partition) =>
      this.partition(partition, fromBeginning ? startOffset : endOffset, this.untilEnd ? endOffset : Number.POSITIVE_INFINITY),
    );
    const ended = Promise.all(read).then(
      () => this.queue.end(),
      (error: unknown) => {
        this.queue.end(asSluiceError(error).code === "STOPPED" ? null : error);
        this.stopping.abort();
      },
    );
    return this.queue.result(
      this.untilEnd,
      () => this.stopping.abort(),
      async () => {
        this.stopping.abort();
        await ended;
        this.sayFormats();
      },
    );
  }

  private async partition(partition: number, from: number, end: number): Promise<void> {
    const { signal } = this.stopping;
    const reader = this.source.openPartition(this.topic, partition);
    try {
      for (let offset = from; offset < end && this.left > 0; ) {
        const { batches, nextOffset, release } = await reader.fetch({
          offset,
          maxBytes: LIMITS.fetchBytesMin,
          waitMs: LIMITS.fetchWaitMs,
          signal,
        });
        const documents = batches.flatMap((slices) => this.documents(slices, end));
        release?.();
        offset = nextOffset;
        if (documents.length > 0) await this.queue.give(documents);
        if (this.left <= 0) this.queue.end();
      }
    } finally {
      await reader.close();
    }
  }

  private documents(slices: RecordSlices, end: number): string[] {
    const documents: string[] = [];
    for (let row = 0; row < slices.count && this.left > 0; row++) {
      if ((slices.offsets[row] as number) >= end || this.seen++ % this.interval !== 0) continue;
      this.left--;
      documents.push(recordJson(slices, row, this.guess));
    }
    return documents;
  }

  private sayFormats(): void {
    const formats = ({ formats: possible }: FormatGuess): string => possible?.join(" or ") ?? "nothing but null";
    if (this.seen > 0)
      this.onEvent({ kind: "note", text: `key format: ${formats(this.guess.key)}; value format: ${formats(this.guess.value)}` });
  }
}
