import type { FromPart, PartitionsMessage } from "../protocol.ts";
import type { CommittedOffset, PartitionShare, ShareListener, ShareState } from "./partition-share.ts";

/** The part of a pipeline's partitions that another thread gives to this one. */
export class GivenShare implements PartitionShare {
  isKnown = false;
  heldUntilMs = Number.POSITIVE_INFINITY;
  private readonly tell: (message: FromPart) => void;
  private listener: ShareListener | null = null;
  /** Came before anybody listened. */
  private early: PartitionsMessage | null = null;
  private own: readonly number[] = [];
  private number = 0;
  private told = "";
  private over = false;

  constructor(tell: (message: FromPart) => void) {
    this.tell = tell;
  }

  async join(listener: ShareListener): Promise<void> {
    this.listener = listener;
    if (this.early !== null) await this.take(this.early);
  }

  /** Gives up what is not ours any more, then says so, then takes what is new. */
  async take(message: PartitionsMessage): Promise<void> {
    const { listener } = this;
    this.early = message;
    if (listener === null) return;
    const { number, own, elsewhere, how } = message;
    const before = this.own;
    this.own = own;
    await listener.onRevoked(
      before.filter((partition) => !own.includes(partition)),
      how,
    );
    listener.onElsewhere(elsewhere);
    listener.onAssigned(own);
    this.number = number;
    this.isKnown = true;
    this.tell({ kind: "settled", number });
  }

  end(): void {
    this.over = true;
  }

  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    this.tell({ kind: "commit", offsets });
  }

  /** Over when it is so for all threads: a partition that comes back from another process would find nobody else. */
  isOver(state: ShareState): boolean {
    const told = `${this.number} ${state}`;
    if (told !== this.told) this.tell({ kind: "share-state", number: this.number, state });
    this.told = told;
    return this.over;
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }
}
