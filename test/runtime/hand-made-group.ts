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

  async assign(topic: string, partitions: readonly number[]): Promise<void> {
    await this.listener?.onRevoked(this.owned);
    this.owned = partitions.map((partition) => ({ topic, partition }));
    this.listener?.onAssigned(this.owned);
  }
}
