import { SluiceError } from "../../errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { StateLog } from "../../ports/state-log.ts";
import { Journal } from "../../state/journal/journal.ts";
import { asSluiceError } from "../as-error.ts";
import type { Lease } from "./lease.ts";
import { LeasedStateLog } from "./leased-state-log.ts";

export interface TenureOptions {
  readonly partition: number;
  /** Its name in the claim. */
  readonly owner: string;
  readonly lease: Lease;
  readonly clock: Clock;
  /** Nobody waits for the end of the run any more. */
  readonly stopping: AbortSignal;
  /** Nothing more is to be written; what is under way fails with that error. */
  readonly onLost: (error: SluiceError) => void;
  /** Another owner has claimed the partition, and the group has not taken it from us since: nobody else tells of that. */
  readonly onFailed: (error: SluiceError) => void;
}

/** How often a partition is claimed that another owner has claimed meanwhile, and how long after. */
const CLAIMS_MAX = 5;
const CLAIM_AGAIN_MS = 200;
/** Longer than a group takes to notice that it has lost a member. */
const OVERTAKEN_MS = 60_000;

/** For how long an owner has its partition: from its claim until it has drained it, or others have it. */
export class Tenure {
  /** What it waits for to open is not needed any more. */
  readonly givenUp: AbortSignal;
  private readonly options: TenureOptions;
  private readonly leaving = new AbortController();
  private readonly losing = new AbortController();
  private readonly hurrying = new AbortController();
  private readonly ended = new AbortController();
  private readonly patience: AbortSignal;
  private hasClaimed = false;

  constructor(options: TenureOptions) {
    this.options = options;
    this.givenUp = AbortSignal.any([options.stopping, this.leaving.signal]);
    this.patience = AbortSignal.any([this.losing.signal, this.hurrying.signal]);
  }

  /** Others own the partition: nothing more is written. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** Somebody who claims it behind us, while the group leaves it to us, has lost it and does not know yet: then it is claimed again. */
  async claim(stateLog: StateLog): Promise<Journal> {
    const { partition, owner, lease, clock } = this.options;
    const log = new LeasedStateLog({
      log: stateLog,
      lease,
      patience: () => (this.hasClaimed ? this.patience : this.givenUp),
      // Once it has claimed, what is under way is written also after it has been given up, as long as it is not lost.
      isOver: () => (this.hasClaimed ? this.lost : this.givenUp).aborted,
      onFenced: this.onFenced,
    });
    for (let attempt = 1; ; attempt++) {
      try {
        const journal = await Journal.open(log, partition, owner);
        this.hasClaimed = true;
        return journal;
      } catch (error) {
        if (asSluiceError(error).code !== "STATE_FENCED" || !lease.isGranted || attempt === CLAIMS_MAX) throw error;
        await clock.sleep(CLAIM_AGAIN_MS, this.givenUp);
      }
    }
  }

  giveUp(): void {
    this.leaving.abort();
  }

  /** Nobody waits for the group's answer any more: what it does not allow now is left to the next owner. */
  hurry(): void {
    this.hurrying.abort();
  }

  lose(): void {
    if (this.lost.aborted) return;
    this.giveUp();
    this.losing.abort();
    this.options.onLost(this.leftToOthers);
  }

  /** It has been drained: nobody needs to hear of another owner any more. */
  end(): void {
    this.ended.abort();
  }

  private get leftToOthers(): SluiceError {
    return new SluiceError("STOPPED", `partition ${this.options.partition} is left to others`);
  }

  /** Another owner has claimed the partition. The group is about to say so; if it does not, that is one from elsewhere. */
  private readonly onFenced = (error: SluiceError): SluiceError => {
    if (!this.hasClaimed || !this.options.lease.isGranted) return error;
    void this.overtaken(error);
    return this.leftToOthers;
  };

  private async overtaken(error: SluiceError): Promise<void> {
    if (this.lost.aborted) return;
    this.lose();
    await this.options.clock.sleep(OVERTAKEN_MS, this.ended.signal);
    if (!this.ended.signal.aborted) this.options.onFailed(error);
  }
}
