import { SluiceError } from "../../errors.ts";
import type { Claim, StateEntry, StateLog } from "../../ports/state-log.ts";
import type { Lease } from "./lease.ts";

export interface LeasedStateLogOptions {
  readonly log: StateLog;
  readonly lease: Lease;
  /** What ends the waiting for the lease. */
  readonly patience: () => AbortSignal;
  /** Nothing more may be written, whether it is held or not. */
  readonly isOver: () => boolean;
  /** What is to be thrown where another owner has claimed the partition. */
  readonly onFenced: (error: SluiceError) => SluiceError;
}

/**
 * One owner's view of the state log: it claims and appends only while the group leaves the partition to it, and not at all once it has
 * lost it. Claims fence whoever is late all the same; this keeps a process that stood still from claiming what its successor has.
 */
export class LeasedStateLog implements StateLog {
  private readonly log: StateLog;
  private readonly lease: Lease;
  private readonly patience: () => AbortSignal;
  private readonly isOver: () => boolean;
  private readonly onFenced: (error: SluiceError) => SluiceError;

  constructor({ log, lease, patience, isOver, onFenced }: LeasedStateLogOptions) {
    this.log = log;
    this.lease = lease;
    this.patience = patience;
    this.isOver = isOver;
    this.onFenced = onFenced;
  }

  async claim(partition: number, owner: string): Promise<Claim> {
    await this.untilHeld();
    return this.log.claim(partition, owner);
  }

  async append(partition: number, generation: number, entries: readonly StateEntry[], transactionOf?: string): Promise<void> {
    await this.untilHeld();
    await this.unlessFenced(() => this.log.append(partition, generation, entries, transactionOf));
  }

  async confirm(partition: number, generation: number): Promise<void> {
    await this.untilHeld();
    await this.unlessFenced(async () => this.log.confirm?.(partition, generation));
  }

  close(): Promise<void> {
    return this.log.close();
  }

  private async unlessFenced(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      throw error instanceof SluiceError && error.code === "STATE_FENCED" ? this.onFenced(error) : error;
    }
  }

  private async untilHeld(): Promise<void> {
    const { lease } = this;
    await lease.held(this.patience());
    if (this.isOver() || !lease.isHeld) throw new SluiceError("STOPPED", "the partition is not ours any more");
  }
}
