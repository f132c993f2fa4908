import type { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { type ChangeBatch, documentOf, idOf } from "../model/change.ts";
import { ChangeBatchBuilder } from "../model/change-batch-builder.ts";
import type { ChangeError, Origin } from "../ports/sink.ts";
import type { Blob } from "../state/journal/blob.ts";
import type { CheckpointWriter } from "./checkpoint-writer.ts";
import { addDeadLetter } from "./dead-letter.ts";
import { NOTHING_SENT, type Route, type Settlement } from "./route.ts";

export interface OutboxOptions {
  readonly origin: Origin;
  readonly topic: string;
  readonly route: Route;
  readonly deadLetterRoute: Route | null;
  readonly checkpoints: CheckpointWriter;
  readonly onFailed: (error: SluiceError) => void;
  readonly onSkipped: (offset: number, error: ChangeError) => void;
  /** The cursor of a barrier has become durable. */
  readonly onDurable: (cursor: number) => void;
}

interface Barrier {
  readonly cursor: number;
  readonly encode: (changes: Settlement) => Blob;
  /** Deliveries that are not acknowledged yet. */
  outstanding: number;
  changes: Settlement;
  isAppended: boolean;
}

/**
 * What is between a task and durability: its changes since the last barrier, and the barriers that wait for the
 * acknowledgement of their routes or for their blob. Barriers become durable in order (`runtime.md` §3).
 */
export class Outbox {
  readonly changes = new ChangeBatchBuilder();
  readonly deadLetters = new ChangeBatchBuilder();
  private readonly options: OutboxOptions;
  private readonly barriers: Barrier[] = [];
  /** Results since the last barrier that could not be made. */
  private refused = NOTHING_SENT;
  /** Changes settled so far, and those in the blobs appended so far. */
  private settled: Settlement;
  private inBlobs: Settlement;
  private hasFailed = false;

  constructor(options: OutboxOptions, settledBefore: Settlement) {
    this.options = options;
    this.settled = settledBefore;
    this.inBlobs = settledBefore;
  }

  get settlement(): Settlement {
    return this.settled;
  }

  /** No further barrier should be made: too many are unacknowledged, or a route's queue is full. */
  get isFull(): boolean {
    const { route, deadLetterRoute } = this.options;
    return this.barriers.length >= LIMITS.barriersUnackedMax || route.isFull || deadLetterRoute?.isFull === true;
  }

  /** Nothing is on its way any more. */
  get isSettled(): boolean {
    return this.barriers.length === 0 || this.hasFailed;
  }

  /** Nothing is waited for any more. */
  abandon(): void {
    this.hasFailed = true;
  }

  /** Hands what was collected to the routes; `encode` gives the blob once the counters of the changes are known. */
  barrier(cursor: number, encode: (changes: Settlement) => Blob): void {
    const { route, deadLetterRoute } = this.options;
    const changes = this.changes.count > 0 ? this.changes.build() : null;
    const letters = deadLetterRoute !== null && this.deadLetters.count > 0 ? this.deadLetters.build() : null;
    const outstanding = (changes === null ? 0 : 1) + (letters === null ? 0 : 1);
    const barrier: Barrier = { cursor, encode, outstanding, changes: this.refused, isAppended: false };
    this.refused = NOTHING_SENT;
    this.barriers.push(barrier);
    if (changes !== null) this.send(route, changes, (settlement) => this.settle(barrier, settlement));
    if (letters !== null && deadLetterRoute !== null) this.send(deadLetterRoute, letters, () => this.settle(barrier, NOTHING_SENT));
    this.flush();
  }

  /** A result that could not be made, and is skipped by policy. */
  countRejected(): void {
    const one = { ...NOTHING_SENT, sent: 1, rejected: 1 };
    this.settled = plus(this.settled, one);
    this.refused = plus(this.refused, one);
  }

  private send(route: Route, batch: ChangeBatch, onSettled: (settlement: Settlement) => void): void {
    route.send({
      batch,
      origin: this.options.origin,
      onSettled,
      onFailed: (error) => {
        this.hasFailed = true;
        this.options.onFailed(error);
      },
      isCancelled: () => this.hasFailed,
      onRejected: (rejected, row, error) => this.keepRejected(rejected, row, error),
    });
  }

  private settle(barrier: Barrier, settlement: Settlement): void {
    this.settled = plus(this.settled, settlement);
    barrier.changes = plus(barrier.changes, settlement);
    barrier.outstanding--;
    this.flush();
  }

  /** Acknowledged barriers, in order, become blobs. */
  private flush(): void {
    for (const barrier of this.barriers) {
      if (barrier.isAppended) continue;
      if (barrier.outstanding > 0) return;
      barrier.isAppended = true;
      this.inBlobs = plus(this.inBlobs, barrier.changes);
      this.options.checkpoints.append(barrier.encode(this.inBlobs), () => {
        this.barriers.shift();
        this.options.onDurable(barrier.cursor);
      });
    }
  }

  /** Resolves when the dead letter of a refused change is kept, or at once where none is wanted. */
  private keepRejected(batch: ChangeBatch, row: number, error: ChangeError): Promise<void> {
    const { deadLetterRoute, origin, topic } = this.options;
    const offset = batch.causeOffsets[row] as number;
    this.options.onSkipped(offset, error);
    if (deadLetterRoute === null) return Promise.resolve();
    const letter = new ChangeBatchBuilder();
    addDeadLetter(letter, {
      statement: origin.statement,
      topic,
      partition: origin.partition,
      offset,
      step: `write ${idOf(batch, row)}`,
      timestampMs: batch.timestampsMs[row] as number,
      version: batch.versions[row] as number,
      key: null,
      value: documentOf(batch, row),
      headers: null,
      error,
    });
    return new Promise((resolve, reject) => {
      const onRejected = (_batch: ChangeBatch, _row: number, refused: ChangeError): Promise<void> =>
        Promise.reject(new Error(`the dead letter was refused: ${refused.message}`));
      deadLetterRoute.send({
        batch: letter.build(),
        origin,
        onSettled: () => resolve(),
        onFailed: reject,
        isCancelled: () => false,
        onRejected,
      });
    });
  }
}

function plus(a: Settlement, b: Settlement): Settlement {
  return {
    sent: a.sent + b.sent,
    written: a.written + b.written,
    superseded: a.superseded + b.superseded,
    rejected: a.rejected + b.rejected,
  };
}
