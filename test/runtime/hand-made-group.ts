import type { AssignmentListener, GroupMembership, Source, TopicPartition } from "../../src/ports/source.ts";

/** A consumer group of one member whose assignments a test makes: all is given up before something new is given. */
export class HandMadeGroup {
  members = 0;
  private listener: AssignmentListener | null = null;
  private owned: readonly TopicPartition[] = [];

  get isJoined(): boolean {
    return this.listener !== null;
  }

  join: Source["join"] = async (_group, _topics, listener): Promise<GroupMembership> => {
    this.members++;
    this.listener = listener;
    return { commit: async () => {}, leave: async () => {} };
  };

  /** Others have it all already. */
  async lose(): Promise<void> {
    await this.listener?.onRevoked(this.owned, "lost");
    this.owned = [];
  }

  /** The group is known to leave it all to the member until then. */
  hold(untilMs: number): void {
    this.listener?.onHeld?.(untilMs);
  }

  /** The group has changed, and leaves the member what it has. */
  confirm(): void {
    this.listener?.onAssigned(this.owned, true);
  }

  async assign(topic: string, partitions: readonly number[]): Promise<void> {
    await this.listener?.onRevoked(this.owned, "asked");
    this.owned = partitions.map((partition) => ({ topic, partition }));
    this.listener?.onAssigned(this.owned, true);
  }
}
