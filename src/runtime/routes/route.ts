import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { type ChangeBatch, changeBatchBytes, idOf } from "../../model/change.ts";
import { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import type { StatementSettings } from "../../model/statement.ts";
import type { Clock } from "../../ports/clock.ts";
import { type ChangeError, type Origin, Outcome, type Sink, type WriteResult } from "../../ports/sink.ts";
import { asSluiceError } from "../as-error.ts";
import { backOff } from "../backoff.ts";
import { Durations } from "../durations.ts";
import type { Environment } from "../environment.ts";
import type { Lease } from "../owners/lease.ts";
import type { RouteProgress } from "../protocol.ts";

/** How the changes of one delivery ended. `sent` is their number. */
export interface Settlement {
  readonly sent: number;
  readonly written: number;
  readonly superseded: number;
  readonly rejected: number;
}

export const NOTHING_SENT: Settlement = { sent: 0, written: 0, superseded: 0, rejected: 0 };

/** Changes handed to a route, and who waits for them. */
export interface Delivery {
  readonly batch: ChangeBatch;
  readonly origin: Origin;
  /** Every change is settled; called in the order of the deliveries of one origin. */
  readonly onSettled: (settlement: Settlement) => void;
  /** The delivery is given up; nothing of it may be counted as durable. */
  readonly onFailed: (error: SluiceError) => void;
  /** Whether its owner has failed already: then it is not sent any more. */
  readonly isCancelled: () => boolean;
  /** Changes refused for good that the policy skips; resolves when they are kept, with the error where that were too many. */
  readonly onRejected: (refused: RefusedChanges, signal: AbortSignal) => Promise<SluiceError | null>;
}

/** Rows of a batch that the target refused for good, all at the same try. */
export interface RefusedChanges {
  readonly batch: ChangeBatch;
  readonly rows: readonly number[];
  /** By row. */
  readonly errors: ReadonlyMap<number, ChangeError>;
  readonly attempts: number;
}

export interface RouteOptions {
  readonly name: string;
  readonly settings: StatementSettings;
  /** Where a refused change stops the statement: each is settled before the next one is sent. */
  readonly oneByOne: boolean;
  readonly openSink: () => Promise<Sink>;
  readonly env: Environment;
  /** Nothing is written while it is not held. */
  readonly lease: Lease;
  readonly onTrouble: (message: string) => void;
  /** What was tried again has come about. */
  readonly onRecovered: () => void;
  /** The route as a whole has failed: nothing can be sent any more. */
  readonly onFailed: (error: SluiceError) => void;
}

/** What has become of the changes of a delivery, and how often some were sent. */
interface Tally {
  readonly sent: number;
  written: number;
  superseded: number;
  rejected: number;
  attempts: number;
}

/** The deliveries of one source partition, one after the other. */
interface Lane {
  readonly queue: Delivery[];
  isWorking: boolean;
}

/**
 * One statement's way to one target, for all partitions that this process owns: a bounded queue, and a lane for each source partition.
 * Lanes overlap where the sink allows it, else they take turns. What is unavailable is tried again under every policy, with growing
 * pauses, up to `max.retries`; what is refused for good goes by the error policy. A route that has failed refuses everything.
 */
export class Route {
  /** What the route as a whole has failed with. */
  failure: SluiceError | null = null;
  /** Changes that the target has taken or refused for good, those of deliveries under way included. */
  answered = 0;
  private readonly options: RouteOptions;
  private readonly lanes = new Map<number, Lane>();
  private readonly working = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private queuedBytes = 0;
  private opening: Promise<Sink> | null = null;
  /** The write of the last lane whose turn it is, for sinks that take one call at a time. */
  private lastTurn: Promise<void> = Promise.resolve();
  private roomListeners: (() => void)[] = [];
  private retries = 0;
  private readonly writes = new Durations();

  constructor(options: RouteOptions) {
    this.options = options;
  }

  get clock(): Clock {
    return this.options.env.clock;
  }

  get isFull(): boolean {
    return this.queuedBytes >= LIMITS.routeBytesMax;
  }

  get progress(): Omit<RouteProgress, "to"> {
    return { queuedBytes: this.queuedBytes, retries: this.retries, writes: this.writes.now };
  }

  /** Calls once, when there is room again or the route has failed. */
  onRoom(listener: () => void): void {
    this.roomListeners.push(listener);
  }

  /** Prepares the target before the first change, so that trouble shows at the start. Trouble is retried like a write. */
  open(): void {
    this.begin(async () => void (await this.sink()));
  }

  send(delivery: Delivery): void {
    if (this.failure !== null) {
      delivery.onFailed(this.failure);
      return;
    }
    const { partition } = delivery.origin;
    const lane = this.lanes.get(partition) ?? { queue: [], isWorking: false };
    this.lanes.set(partition, lane);
    lane.queue.push(delivery);
    this.queuedBytes += changeBatchBytes(delivery.batch);
    if (!lane.isWorking) this.begin(() => this.work(lane));
  }

  /** Gives up what is queued and under way, and closes the sink. */
  async close(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.working);
    const sink = await this.opening?.catch(() => null);
    this.opening = null;
    await sink?.close();
  }

  private begin(work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => this.fail(asSluiceError(error)))
      .finally(() => this.working.delete(running));
    this.working.add(running);
  }

  private sink(): Promise<Sink> {
    this.opening ??= this.retrying("open", () => this.options.openSink());
    return this.opening;
  }

  private async work(lane: Lane): Promise<void> {
    lane.isWorking = true;
    try {
      const sink = await this.sink();
      for (let delivery = lane.queue[0]; delivery !== undefined; delivery = lane.queue[0]) {
        const next = delivery;
        if (!next.isCancelled()) await (sink.overlaps === true ? this.deliver(sink, next) : this.inTurn(() => this.deliver(sink, next)));
        if (this.failure !== null) return;
        lane.queue.shift();
        this.queuedBytes -= changeBatchBytes(next.batch);
        if (!this.isFull) this.tellRoom();
      }
    } finally {
      lane.isWorking = false;
    }
  }

  private inTurn(action: () => Promise<void>): Promise<void> {
    const turn = this.lastTurn.then(async () => {
      if (this.failure === null) await action();
    });
    this.lastTurn = turn.catch(() => undefined);
    return turn;
  }

  private fail(error: SluiceError): void {
    if (this.failure !== null) return;
    this.failure = error;
    const abandoned = [...this.lanes.values()].flatMap(({ queue }) => queue.splice(0));
    this.queuedBytes = 0;
    for (const delivery of abandoned) delivery.onFailed(error);
    if (error.code !== "STOPPED") this.options.onFailed(error);
    this.tellRoom();
  }

  private tellRoom(): void {
    for (const listener of this.roomListeners.splice(0)) listener();
  }

  /** Runs `action` until it does not fail with something retryable. Throws what it fails with in the end. */
  private async retrying<T>(what: string, action: () => Promise<T>): Promise<T> {
    const { settings, env, onTrouble, onRecovered } = this.options;
    for (let attempt = 1; ; attempt++) {
      this.throwIfStopping();
      try {
        const result = await action();
        if (attempt > 1) onRecovered();
        return result;
      } catch (error) {
        // Whatever a client calls it when it is told to give up.
        this.throwIfStopping();
        const known = asSluiceError(error);
        if (!known.retryable || attempt > settings.retriesMax) throw known;
        this.retries++;
        onTrouble(`${what}: ${known.message} (try ${attempt} of ${settings.retriesMax + 1})`);
      }
      await backOff(attempt, settings.retryIntervalMs, null, env, this.stopping.signal);
    }
  }

  private throwIfStopping(): void {
    if (this.stopping.signal.aborted) throw new SluiceError("STOPPED", "the route is closing");
  }

  private async deliver(sink: Sink, delivery: Delivery): Promise<void> {
    const { batch } = delivery;
    const tally = { sent: batch.count, written: 0, superseded: 0, rejected: 0, attempts: 0 };
    const isWhole = !this.options.oneByOne || this.options.settings.errorPolicy === "noop";
    for (let row = 0; row < (isWhole ? 1 : batch.count); row++)
      if (!(await this.sendAll(sink, delivery, isWhole ? batch : partOf(batch, [row]), tally))) return;
    const { sent, written, superseded, rejected } = tally;
    delivery.onSettled({ sent, written, superseded, rejected });
  }

  /** Until all are settled; false: the delivery has failed. */
  private async sendAll(sink: Sink, delivery: Delivery, changes: ChangeBatch, tally: Tally): Promise<boolean> {
    const { settings, env, onTrouble, onRecovered } = this.options;
    let batch = changes;
    for (let attempt = 1; ; attempt++) {
      const pending = batch;
      const result = await this.retrying("write", () => {
        tally.attempts++;
        return this.write(sink, pending, delivery);
      });
      // Another lane's failure has given this delivery up, or its partition is not ours any more.
      if (this.failure !== null || result === null) return false;
      const again = await this.settle(pending, result, delivery, tally);
      if (again === null) return false;
      if (again.length === 0) {
        if (attempt > 1) onRecovered();
        return true;
      }
      const error = result.errors.get(again[0] as number);
      if (attempt > settings.retriesMax) {
        throw new SluiceError(error?.code ?? "CHANGE_UNAVAILABLE", `${error?.message ?? "not taken"}, given up after ${attempt} tries`);
      }
      this.retries++;
      onTrouble(`${again.length} of ${pending.count} changes to be sent again: ${error?.message ?? "not taken"}`);
      batch = partOf(pending, again);
      await backOff(attempt, settings.retryIntervalMs, result.retryAfterMs, env, this.stopping.signal);
    }
  }

  /** null: its owner has failed while the write was waiting to be allowed. */
  private async write(sink: Sink, batch: ChangeBatch, { origin, isCancelled }: Delivery): Promise<WriteResult | null> {
    await this.options.lease.held(this.stopping.signal);
    this.throwIfStopping();
    if (isCancelled()) return null;
    const startMs = this.clock.monotonic();
    try {
      return await sink.write(batch, origin, this.stopping.signal, this.options.settings.errorPolicy === "throw");
    } finally {
      this.writes.add(this.clock.monotonic() - startMs);
    }
  }

  /** Counts what is settled and gives the rows to be sent again; null: the delivery has failed. */
  private async settle(batch: ChangeBatch, result: WriteResult, delivery: Delivery, tally: Tally): Promise<number[] | null> {
    const policy = this.options.settings.errorPolicy;
    const again: number[] = [];
    const refused: number[] = [];
    for (let row = 0; row < batch.count; row++) {
      const outcome = result.outcomes[row];
      if (outcome === Outcome.written) tally.written++;
      else if (outcome === Outcome.superseded) tally.superseded++;
      else if (outcome === Outcome.retry || policy === "retry") again.push(row);
      else {
        const error = result.errors.get(row) ?? REFUSED;
        if (policy === "throw") {
          delivery.onFailed(
            new SluiceError(error.code, `${idOf(batch, row)}: ${error.message}`, {
              coordinates: { offset: batch.causeOffsets[row] as number },
            }),
          );
          return null;
        }
        refused.push(row);
      }
    }
    this.answered += batch.count - again.length;
    if (refused.length === 0) return again;
    tally.rejected += refused.length;
    const { errors } = result;
    const tooMany = await delivery.onRejected({ batch, rows: refused, errors, attempts: tally.attempts }, this.stopping.signal);
    if (tooMany === null) return again;
    delivery.onFailed(tooMany);
    return null;
  }
}

/** Where a target does not say why. */
export const REFUSED: ChangeError = { code: "CHANGE_REJECTED", message: "refused" };

function partOf(batch: ChangeBatch, rows: readonly number[]): ChangeBatch {
  const builder = new ChangeBatchBuilder();
  for (const row of rows) builder.addCopy(batch, row);
  return builder.build();
}
