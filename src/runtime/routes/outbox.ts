import type { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { ChangeBatch } from "../../model/change.ts";
import { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import type { ChangeError, Origin } from "../../ports/sink.ts";
import type { Blob } from "../../state/journal/blob.ts";
import { latestPerId } from "../feeds/latest-per-id.ts";
import type { RecordsAt } from "../feeds/records-at.ts";
import type { CheckpointWriter } from "../owners/checkpoint-writer.ts";
import type { ErrorBudget } from "../tasks/error-budget.ts";
import type { RefusedResult } from "../tasks/group-emission.ts";
import type { SentTo } from "../tasks/kept-change.ts";
import type { LetterWriter } from "./dead-letter.ts";
import { lettersOf } from "./refused-letters.ts";
import { NOTHING_SENT, REFUSED, type RefusedChanges, type Route, type Settlement } from "./route.ts";
import type { Sending } from "./sending.ts";

export interface OutboxOptions {
  readonly sending: Sending;
  readonly origin: Origin;
  /** As dead letters call it. */
  readonly statement: string;
  readonly topic: string;
  readonly route: Route;
  readonly deadLetterRoute: Route | null;
  readonly lateRoute: Route | null;
  /** Where changes and late records go, as letters of those that are refused have it. */
  readonly sentTo: { readonly target: SentTo | null; readonly late: SentTo | null };
  readonly letters: LetterWriter;
  /** The records that changes come from; null: there is not one for each of them. */
  readonly recordsAt: RecordsAt | null;
  readonly budget: ErrorBudget;
  readonly checkpoints: CheckpointWriter;
  /** What is sent becomes visible with the blob. */
  readonly isTransactional: boolean;
  /** Nothing that is under way is waited for any more; told each time, also of a task that has failed before. */
  readonly onFailed: (error: SluiceError) => void;
  readonly onSkipped: (offset: number, error: ChangeError) => void;
  /** The cursor of a barrier has become durable. */
  readonly onDurable: (cursor: number) => void;
}

interface Way {
  readonly route: Route;
  readonly sentTo: SentTo | null;
}

/** What is sent between two barriers. */
interface Stretch {
  /** Deliveries that are not acknowledged yet. */
  outstanding: number;
  changes: Settlement;
  /** Deliveries that wait until the stretches before are durable: a transaction holds one stretch. */
  held: (() => void)[];
  /** The barrier at its end, once it is there. */
  barrier: { readonly cursor: number; readonly encode: (changes: Settlement) => Blob } | null;
  isAppended: boolean;
}

/**
 * What is between a task and durability: its changes since the last barrier, and the barriers that wait for the
 * acknowledgement of their routes or for their blob. Barriers become durable in order (`runtime.md` §3).
 */
export class Outbox {
  readonly changes = new ChangeBatchBuilder();
  readonly deadLetters = new ChangeBatchBuilder(64);
  readonly late = new ChangeBatchBuilder(64);
  private readonly options: OutboxOptions;
  /** Those with a barrier, of which not all is durable. */
  private readonly stretches: Stretch[] = [];
  private open = newStretch();
  /** Deliveries of changes that are not acknowledged yet. */
  private underWay = 0;
  private lastSentMs = Number.NEGATIVE_INFINITY;
  private isLingering = false;
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

  /** Nothing more should be sent, and no further barrier made: too much is unacknowledged, or a route's queue is full. */
  get isFull(): boolean {
    const { route, deadLetterRoute, lateRoute } = this.options;
    const unacknowledged = Math.max(this.stretches.length, this.open.outstanding);
    return unacknowledged >= LIMITS.barriersUnackedMax || route.isFull || deadLetterRoute?.isFull === true || lateRoute?.isFull === true;
  }

  /** Nothing is on its way any more. */
  get isSettled(): boolean {
    return this.stretches.length === 0 || this.hasFailed;
  }

  /** Nothing is waited for any more. */
  abandon(error: SluiceError): void {
    this.hasFailed = true;
    this.options.onFailed(error);
  }

  /** Hands what was collected to the routes, unless it had better wait for a moment, or for the barrier. */
  sendSoon(): void {
    const { sending, route } = this.options;
    const { lingerMs } = sending;
    if (lingerMs === null || this.changes.count === 0 || this.underWay > 0 || this.hasFailed || route.isFull || this.isLingering) return;
    const waitMs = this.lastSentMs + lingerMs - route.clock.monotonic();
    if (waitMs <= 0) {
      this.send();
      return;
    }
    this.isLingering = true;
    void route.clock.sleep(waitMs).then(() => {
      this.isLingering = false;
      this.sendSoon();
    });
  }

  /** Hands what was collected to the routes; `encode` gives the blob once the counters of the changes are known. */
  barrier(cursor: number, encode: (changes: Settlement) => Blob): void {
    this.send();
    this.open.barrier = { cursor, encode };
    this.stretches.push(this.open);
    this.open = newStretch();
    this.flush();
  }

  /** Gives up what was collected: it comes from a computation that broke off. */
  discard(): void {
    this.changes.reset();
    this.deadLetters.reset();
    this.late.reset();
  }

  /** A result that could not be made, and is skipped by policy: it counts with the next barrier, and its dead letter goes with it. */
  refuse(result: RefusedResult, error: SluiceError): void {
    const one = { ...NOTHING_SENT, sent: 1, rejected: 1 };
    this.settled = plus(this.settled, one);
    this.open.changes = plus(this.open.changes, one);
    const { deadLetterRoute, letters, origin, statement, topic, onSkipped } = this.options;
    onSkipped(result.causeOffset, error);
    if (deadLetterRoute === null) return;
    letters.add(this.deadLetters, {
      statement,
      topic,
      partition: origin.partition,
      offset: result.causeOffset,
      step: `result ${result.group}`,
      ordinal: 0,
      attempts: 1,
      timestampMs: result.timestampMs,
      version: result.version,
      record: null,
      document: null,
      change: null,
      error,
    });
  }

  /** Hands what was collected to the routes. */
  send(): void {
    const { route, deadLetterRoute, lateRoute, sentTo } = this.options;
    const stretch = this.open;
    if (this.changes.count > 0) {
      const built = this.changes.build();
      const batch = this.options.sending.latestPerId ? latestPerId(built) : built;
      this.underWay++;
      this.lastSentMs = route.clock.monotonic();
      this.deliver({ route, sentTo: sentTo.target }, batch, stretch, (settlement) => {
        this.underWay--;
        this.settle(stretch, settlement);
        this.changes.takeBack(batch);
        this.sendSoon();
      });
    }
    if (lateRoute !== null && this.late.count > 0) {
      const way = { route: lateRoute, sentTo: sentTo.late };
      this.deliver(way, this.late.build(), stretch, (settlement) => this.settle(stretch, settlement));
    }
    if (deadLetterRoute !== null && this.deadLetters.count > 0) {
      const way = { route: deadLetterRoute, sentTo: null };
      this.deliver(way, this.deadLetters.build(), stretch, () => this.settle(stretch, NOTHING_SENT));
    }
  }

  private deliver({ route, sentTo }: Way, batch: ChangeBatch, stretch: Stretch, onSettled: (settlement: Settlement) => void): void {
    stretch.outstanding++;
    const send = (): void =>
      route.send({
        batch,
        origin: this.options.origin,
        onSettled,
        onFailed: (error) => this.abandon(error),
        isCancelled: () => this.hasFailed,
        onRejected: (refused, signal) => this.keepRefused(refused, sentTo, signal),
      });
    const [first = this.open] = this.stretches;
    if (this.options.isTransactional && stretch !== first) stretch.held.push(send);
    else send();
  }

  private settle(stretch: Stretch, settlement: Settlement): void {
    this.settled = plus(this.settled, settlement);
    stretch.changes = plus(stretch.changes, settlement);
    stretch.outstanding--;
    this.flush();
  }

  /** Acknowledged barriers, in order, become blobs. */
  private flush(): void {
    for (const stretch of this.stretches) {
      const { barrier } = stretch;
      if (barrier === null || stretch.isAppended) continue;
      if (stretch.outstanding > 0) return;
      stretch.isAppended = true;
      this.inBlobs = plus(this.inBlobs, stretch.changes);
      this.options.checkpoints.append(barrier.encode(this.inBlobs), () => {
        this.stretches.shift();
        for (const send of (this.stretches[0] ?? this.open).held.splice(0)) send();
        this.options.onDurable(barrier.cursor);
      });
    }
  }

  /** Resolves when the dead letters of refused changes are kept, or at once where none are wanted; with the error of one too many. */
  private async keepRefused(refused: RefusedChanges, to: SentTo | null, signal: AbortSignal): Promise<SluiceError | null> {
    const { deadLetterRoute, origin, onSkipped, budget } = this.options;
    const { batch, errors } = refused;
    const rows: number[] = [];
    let tooMany: SluiceError | null = null;
    for (const row of refused.rows) {
      const offset = batch.causeOffsets[row] as number;
      const error = errors.get(row) ?? REFUSED;
      tooMany = budget.spend({ ...error, coordinates: { partition: origin.partition, offset } });
      if (tooMany !== null) break;
      onSkipped(offset, error);
      rows.push(row);
    }
    if (deadLetterRoute === null) return tooMany;
    for await (const letters of lettersOf({ ...refused, rows }, this.options, to, signal)) {
      await keepLetters(deadLetterRoute, letters, origin);
    }
    return tooMany;
  }
}

function keepLetters(route: Route, batch: ChangeBatch, origin: Origin): Promise<void> {
  return new Promise((resolve, reject) => {
    const onRejected = ({ rows, errors }: RefusedChanges): Promise<never> => {
      const { message } = errors.get(rows[0] as number) ?? REFUSED;
      return Promise.reject(new Error(`the dead letter was refused: ${message}`));
    };
    route.send({ batch, origin, onSettled: () => resolve(), onFailed: reject, isCancelled: () => false, onRejected });
  });
}

function newStretch(): Stretch {
  return { outstanding: 0, changes: NOTHING_SENT, held: [], barrier: null, isAppended: false };
}

function plus(a: Settlement, b: Settlement): Settlement {
  return {
    sent: a.sent + b.sent,
    written: a.written + b.written,
    superseded: a.superseded + b.superseded,
    rejected: a.rejected + b.rejected,
  };
}
