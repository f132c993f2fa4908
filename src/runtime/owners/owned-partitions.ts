import { SluiceError } from "../../errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Revocation } from "../../ports/source.ts";
import { addCounters, NO_COUNTERS } from "../counters.ts";
import type { Feed } from "../feeds/feed.ts";
import type { PartitionEnd } from "../pipeline-sources.ts";
import type { PartitionProgress, StatementCounters, StreamTimeStep } from "../protocol.ts";
import type { StatementTask } from "../tasks/statement-task.ts";
import { withinTime } from "../within-time.ts";
import type { PartitionOwner } from "./partition-owner.ts";
import type { CommittedOffset } from "./partition-share.ts";

export interface OwnedPartitionsOptions {
  readonly clock: Clock;
  readonly newOwner: (partition: number) => PartitionOwner;
  /** A partition is fed from now on. */
  readonly onOpened: () => void;
  /** A partition could not be opened. */
  readonly onFailed: (error: unknown) => void;
}

/** How long revoked partitions may drain; below the group's rebalance time-out. */
const REVOKE_MS_MAX = 10_000;
/** A partition that others claim while it is opened is taken again so often, so much later each time. */
const OVERTAKEN_MAX = 5;
const AGAIN_MS = 200;

/** The partitions that a pipeline owns at the moment, and what it has counted on those that it has given up. */
export class OwnedPartitions {
  private readonly options: OwnedPartitionsOptions;
  private readonly owners = new Map<number, PartitionOwner>();
  private readonly opening = new Map<number, Promise<void>>();
  /** What the statements had counted on partitions given up in this run. One that comes back goes on from there. */
  private readonly released = new Map<number, ReadonlyMap<string, StatementCounters>>();
  /** Being given up, which may take longer than the group waits for it; `isBack`: and assigned again meanwhile. */
  private readonly leaving = new Map<number, { readonly owner: PartitionOwner; isBack: boolean; readonly left: Promise<void> }>();
  /** How often others claimed a partition in a row while it was opened. */
  private readonly overtaken = new Map<number, number>();
  private ends: readonly PartitionEnd[] | null = null;

  constructor(options: OwnedPartitionsOptions) {
    this.options = options;
  }

  get feeds(): readonly Feed[] {
    return this.all.flatMap((owner) => owner.feeds);
  }

  get tasks(): readonly StatementTask[] {
    return this.all.flatMap((owner) => owner.tasks);
  }

  get isOpening(): boolean {
    return this.opening.size > 0 || [...this.leaving.values()].some(({ isBack }) => isBack);
  }

  /** One that is ours already is kept, with its state. */
  take(partition: number): void {
    const leaving = this.leaving.get(partition);
    if (leaving !== undefined) {
      leaving.isBack = true;
      return;
    }
    const known = this.owners.get(partition);
    if (known !== undefined) {
      if (!this.opening.has(partition)) void this.confirm(partition, known);
      return;
    }
    const owner = this.options.newOwner(partition);
    this.owners.set(partition, owner);
    this.released.delete(partition);
    const opened = this.open(partition, owner).finally(() => {
      this.opening.delete(partition);
      if (this.overtaken.has(partition) && !this.owners.has(partition)) this.take(partition);
      this.options.onOpened();
    });
    this.opening.set(partition, opened);
  }

  /** Somebody who had lost the partition, and did not know, may have claimed it since: then it is opened anew. */
  private async confirm(partition: number, owner: PartitionOwner): Promise<void> {
    await owner.confirm();
    if (!owner.isLost || this.owners.get(partition) !== owner || this.leaving.has(partition)) return;
    const left = this.releaseOne(partition, AbortSignal.abort());
    this.take(partition);
    await left;
  }

  private async open(partition: number, owner: PartitionOwner): Promise<void> {
    let failure: unknown = null;
    try {
      await owner.open();
    } catch (error) {
      failure = error;
    }
    const isStopped = failure instanceof SluiceError && failure.code === "STOPPED";
    if (failure !== null && !isStopped) this.options.onFailed(failure);
    else if (owner.isLost) await this.drop(partition, owner);
    // Else it was released while it waited to be opened.
    else if (failure === null) {
      this.overtaken.delete(partition);
      this.bound(owner);
      owner.start();
    }
  }

  /**
   * Somebody who has lost the partition, or a claim of ours that came late, claimed it while it was opened. If the group leaves it to
   * us, it is taken again.
   */
  private async drop(partition: number, owner: PartitionOwner): Promise<void> {
    if (this.leaving.has(partition)) return;
    const times = (this.overtaken.get(partition) ?? 0) + 1;
    if (times > OVERTAKEN_MAX) {
      this.options.onFailed(new SluiceError("STATE_FENCED", `partition ${partition} is claimed by others, again and again`));
      return;
    }
    await this.options.clock.sleep(AGAIN_MS);
    if (this.leaving.has(partition)) return;
    await owner.drain(AbortSignal.abort());
    this.overtaken.set(partition, times);
    this.owners.delete(partition);
  }

  /** What is not written within the time, and all of what is lost, is left to the next owner, who makes it again. */
  async release(partitions: readonly number[], how: Revocation): Promise<void> {
    if (how === "lost") {
      for (const partition of partitions) (this.leaving.get(partition)?.owner ?? this.owners.get(partition))?.abandon();
    }
    await withinTime(this.options.clock, REVOKE_MS_MAX, async (limit) => {
      await Promise.all(partitions.map((partition) => this.releaseOne(partition, limit)));
    });
  }

  /** Somebody else owns these now and counts on from where we were. */
  forget(partitions: readonly number[]): void {
    for (const partition of partitions) this.released.delete(partition);
  }

  /** From now on bounded, also what is taken later. */
  finishAt(ends: readonly PartitionEnd[]): void {
    this.ends = ends;
    for (const owner of this.owners.values()) this.bound(owner);
  }

  /** Emits and closes open windows of what these feeds feed; null: all of them. */
  async close(step: StreamTimeStep | null, feeds: readonly Feed[] = this.feeds): Promise<void> {
    const closed = this.all.map((owner) => {
      const own = owner.feeds.filter((feed) => feeds.includes(feed));
      return step === null ? owner.close(own) : owner.advance(step, own);
    });
    await Promise.all(closed);
  }

  /** Makes what was taken so far durable, as far as the targets allow within the signal. */
  async drain(signal: AbortSignal): Promise<void> {
    for (const leaving of this.leaving.values()) leaving.isBack = false;
    const hurry = (): void => {
      for (const owner of this.all) owner.hurry();
      for (const { owner } of this.leaving.values()) owner.hurry();
    };
    if (signal.aborted) hurry();
    else signal.addEventListener("abort", hurry, { once: true });
    await Promise.all(this.opening.values()).catch(() => {});
    await Promise.all(this.all.map((owner) => owner.drain(signal)));
    hurry();
  }

  /** Resolves when everything that was acknowledged is durable. */
  async settled(): Promise<void> {
    await Promise.all(this.all.map((owner) => owner.settled()));
  }

  async forgetNotes(): Promise<void> {
    await Promise.all(this.all.map((owner) => owner.forgetNotes()));
  }

  failStatement(name: string, error: SluiceError): void {
    for (const task of this.tasks) if (task.name === name) task.fail(error);
  }

  /** The lowest durable cursors of the running statements. */
  offsets(): readonly CommittedOffset[] {
    const lowest = new Map<string, CommittedOffset>();
    for (const { offsets } of this.feeds) {
      for (const { topic, partition, offset } of offsets) {
        const key = `${topic}\0${partition}`;
        const known = lowest.get(key);
        if (known === undefined || offset < known.offset) lowest.set(key, { topic, partition, offset });
      }
    }
    return [...lowest.values()];
  }

  /** How each statement stands in the partitions that are owned, by its name. */
  progress(): ReadonlyMap<string, readonly PartitionProgress[]> {
    const found = new Map<string, PartitionProgress[]>();
    for (const feed of this.feeds) {
      for (const task of feed.tasks) {
        const one = { topic: feed.shownTopic, ...task.progress, lag: feed.lagOf(task) };
        const known = found.get(task.name);
        if (known === undefined) found.set(task.name, [one]);
        else known.push(one);
      }
    }
    return found;
  }

  /** Of one statement over all partitions, those given up included. */
  counters(statement: string): StatementCounters {
    let sum = NO_COUNTERS;
    for (const kept of this.released.values()) sum = addCounters(sum, kept.get(statement) ?? NO_COUNTERS);
    for (const task of this.tasks) if (task.name === statement) sum = addCounters(sum, task.counters);
    return sum;
  }

  private async releaseOne(partition: number, limit: AbortSignal): Promise<void> {
    const known = this.leaving.get(partition);
    if (known !== undefined) {
      known.isBack = false;
      return known.left;
    }
    const owner = this.owners.get(partition);
    if (owner === undefined) return;
    const leaving = { owner, isBack: false, left: this.leave(partition, owner, limit) };
    this.leaving.set(partition, leaving);
    try {
      await leaving.left;
    } finally {
      this.leaving.delete(partition);
    }
    if (leaving.isBack) this.take(partition);
  }

  private async leave(partition: number, owner: PartitionOwner, limit: AbortSignal): Promise<void> {
    owner.giveUp();
    limit.addEventListener("abort", () => owner.abandon(), { once: true });
    await this.opening.get(partition);
    this.owners.delete(partition);
    await owner.drain(limit);
    owner.abandon();
    this.released.set(partition, new Map(owner.tasks.map((task) => [task.name, task.counters])));
  }

  private get all(): readonly PartitionOwner[] {
    return [...this.owners.values()];
  }

  private bound(owner: PartitionOwner): void {
    if (this.ends === null) return;
    const { ends } = this;
    for (const feed of owner.feeds) {
      feed.finishAt((topic, partition) => ends.find((end) => end.topic === topic && end.partition === partition)?.offset ?? 0);
    }
  }
}
