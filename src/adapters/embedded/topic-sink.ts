import { type ChangeBatch, documentOf, keyOf, Operation } from "../../model/change.ts";
import { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import { OriginHeaderWriter } from "../../model/origin-header.ts";
import type { Clock } from "../../ports/clock.ts";
import { type Origin, Outcome, type RouteTarget, type Sink, type WriteResult } from "../../ports/sink.ts";
import { partitionOfRow } from "../partition-of-row.ts";
import type { EmbeddedStore } from "./embedded-store.ts";
import type { StagedRows } from "./staged-rows.ts";
import { stopIfAborted } from "./stop-if-aborted.ts";
import type { NewRecord, TopicLog } from "./topic-log.ts";

export interface TopicSinkOptions {
  readonly store: EmbeddedStore;
  readonly log: TopicLog;
  readonly target: RouteTarget;
  readonly staged: StagedRows;
  readonly clock: Clock;
}

/** Appends changes to a topic, or to several where a batch names them. A repeat is appended again: readers drop it by its origin. */
export class TopicSink implements Sink {
  readonly spreads = true;
  private readonly store: EmbeddedStore;
  private readonly log: TopicLog;
  private readonly target: RouteTarget;
  private readonly staged: StagedRows;
  private readonly clock: Clock;

  constructor({ store, log, target, staged, clock }: TopicSinkOptions) {
    this.staged = staged;
    this.clock = clock;
    this.store = store;
    this.log = log;
    this.target = target;
  }

  async write(batch: ChangeBatch, origin: Origin, signal: AbortSignal): Promise<WriteResult> {
    stopIfAborted(signal, this.target.name);
    const headers = new OriginHeaderWriter(origin, this.target.topicReading);
    const { transactionOf } = this.target;
    if (transactionOf === undefined) await this.store.write(() => this.append(batch, headers));
    else {
      // Copied: the batch is used again before the blob is written.
      const own = copyOf(batch);
      this.staged.stage(transactionOf, origin, () => this.append(own, headers));
    }
    return { outcomes: new Uint8Array(batch.count).fill(Outcome.written), errors: new Map(), retryAfterMs: null };
  }

  async close(): Promise<void> {}

  private append(batch: ChangeBatch, headers: OriginHeaderWriter): void {
    const { retentionMs } = this.target.options;
    for (const [topic, rows] of rowsByTarget(batch, this.target.name)) {
      const partitions = this.log.describe(topic)?.partitions ?? 1;
      this.log.append(topic, this.inTime(recordsOf(batch, rows, headers, partitions)));
      if (retentionMs !== null) this.log.dropBefore(topic, this.clock.now() - retentionMs);
    }
  }

  /** Where they are kept for a time, it counts from when they are written. */
  private *inTime(records: Iterable<NewRecord>): Iterable<NewRecord> {
    if (this.target.options.retentionMs === null) return yield* records;
    const timestampMs = this.clock.now();
    for (const record of records) yield { ...record, timestampMs };
  }
}

function copyOf(batch: ChangeBatch): ChangeBatch {
  const builder = new ChangeBatchBuilder(batch.count);
  for (let row = 0; row < batch.count; row++) builder.addCopy(batch, row);
  return builder.build();
}

function rowsByTarget(batch: ChangeBatch, name: string): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (let row = 0; row < batch.count; row++) {
    const target = batch.targets?.[row] ?? name;
    const list = rows.get(target);
    if (list === undefined) rows.set(target, [row]);
    else list.push(row);
  }
  return rows;
}

function* recordsOf(batch: ChangeBatch, rows: readonly number[], headers: OriginHeaderWriter, partitions: number): Iterable<NewRecord> {
  for (const row of rows) {
    const version = batch.versions[row] as number;
    const causeOffset = batch.causeOffsets[row] as number;
    const isNull = batch.operations[row] === Operation.delete || (batch.documentStarts[row] as number) < 0;
    headers.write(version, causeOffset, batch.causeOrdinals[row] as number);
    yield {
      key: keyOf(batch, row),
      value: isNull ? null : documentOf(batch, row),
      timestampMs: batch.timestampsMs[row] as number,
      headers: headers.block.subarray(0, headers.length),
      partition: partitionOfRow(batch, row, partitions),
    };
  }
}
