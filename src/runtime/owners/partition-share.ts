import type { SluiceError } from "../../errors.ts";
import type { GroupMembership, Revocation, Source, TopicPartition } from "../../ports/source.ts";
import { asSluiceError } from "../as-error.ts";
import { type OwnedSource, partitionsOf } from "../pipeline-sources.ts";

/** A cursor told to the group. */
export type CommittedOffset = TopicPartition & { readonly offset: number };

/** `empty`: there is nothing to feed; `ended`: nothing more will come of what there is to feed. */
export type ShareState = "open" | "empty" | "ended";

export interface ShareListener {
  /** These numbers are ours from now on, on all sources, or still. */
  onAssigned(partitions: readonly number[]): void;
  /** They are given up when the promise settles. */
  onRevoked(partitions: readonly number[], how: Revocation): Promise<void>;
  /** These are owned, and counted, by other threads of this process. */
  onElsewhere(partitions: readonly number[]): void;
  onFailed(error: SluiceError): void;
}

/** Which partitions are a pipeline's, and who says so. */
export interface PartitionShare {
  /** Whether all that is to be ours is. */
  readonly isKnown: boolean;
  /** Until that wall time (ms since 1970) nobody else is given what is ours; infinite where nobody ever is. */
  readonly heldUntilMs: number;
  join(listener: ShareListener): Promise<void>;
  /** For lag tools only. */
  commit(offsets: readonly CommittedOffset[]): Promise<void>;
  /** Whether the run is over, in this state of our part of it. */
  isOver(state: ShareState): boolean;
  leave(): Promise<void>;
}

/** Ad hoc queries read every partition. */
export class EveryPartition implements PartitionShare {
  isKnown = false;
  readonly heldUntilMs = Number.POSITIVE_INFINITY;
  private readonly sources: readonly OwnedSource[];

  constructor(sources: readonly OwnedSource[]) {
    this.sources = sources;
  }

  async join({ onAssigned }: ShareListener): Promise<void> {
    onAssigned([...Array(partitionsOf(this.sources)).keys()]);
    this.isKnown = true;
  }

  commit = (): Promise<void> => Promise.resolve();
  leave = (): Promise<void> => Promise.resolve();
  isOver = (state: ShareState): boolean => state === "ended";
}

/** The consumer group of a pipeline. */
export function groupOf(pipeline: string): string {
  return `sluice.${pipeline}`;
}

/** The part that a consumer group gives to this process. */
export class GroupShare implements PartitionShare {
  private readonly pipeline: string;
  private readonly sources: readonly OwnedSource[];
  private readonly memberships: GroupMembership[] = [];
  /** By group: there is one on each connection that is read from. */
  private readonly heldUntil = new Map<Source, number>();
  /** Those of which more is to come, also before they have said anything. */
  private readonly awaited = new Set<Source>();
  private readonly onHeld: (untilMs: number) => void;

  /** `onHeld` is told whenever `heldUntilMs` is another one. */
  constructor(pipeline: string, sources: readonly OwnedSource[], onHeld: (untilMs: number) => void = () => {}) {
    this.pipeline = pipeline;
    this.sources = sources;
    this.onHeld = onHeld;
    for (const { source } of sources) this.awaited.add(source);
  }

  get heldUntilMs(): number {
    return Math.min(...this.heldUntil.values());
  }

  get isKnown(): boolean {
    return this.awaited.size === 0;
  }

  async join(listener: ShareListener): Promise<void> {
    const bySource = new Map<Source, string[]>();
    for (const { source, description } of this.sources) bySource.set(source, [...(bySource.get(source) ?? []), description.name]);
    for (const [source, topics] of bySource) {
      const membership = await source.join(groupOf(this.pipeline), [...new Set(topics)], {
        onAssigned: (partitions, isWhole) => {
          if (isWhole) this.awaited.delete(source);
          else this.awaited.add(source);
          listener.onAssigned(numbersOf(partitions));
        },
        onRevoked: (partitions, how) => listener.onRevoked(numbersOf(partitions), how),
        onHeld: (untilMs) => {
          this.heldUntil.set(source, untilMs);
          this.onHeld(this.heldUntilMs);
        },
        onFailed: (error) => listener.onFailed(asSluiceError(error)),
      });
      this.memberships.push(membership);
    }
  }

  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    for (const membership of this.memberships) await membership.commit(offsets).catch(() => {});
  }

  isOver(state: ShareState): boolean {
    return state === "ended";
  }

  async leave(): Promise<void> {
    await Promise.all(this.memberships.map((membership) => membership.leave().catch(() => {})));
  }
}

function numbersOf(partitions: readonly TopicPartition[]): number[] {
  return [...new Set(partitions.map(({ partition }) => partition))];
}
