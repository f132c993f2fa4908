import { afterAll, afterEach, describe, expect, it } from "vitest";
import type { GroupMembership, Source, TopicPartition } from "../../../src/ports/source.ts";
import { eventually } from "../../conformance/eventually.ts";
import { freshName } from "../../conformance/names.ts";
import { describeWith } from "../needs.ts";
import { ClusterAdmin } from "./cluster-admin.ts";
import { CLIENTS, KafkaConnections } from "./connection.ts";

/** A member that writes down what happens to it, and gives partitions up when it is let. */
class Member {
  readonly owned = new Set<string>();
  failure: Error | null = null;
  revocations = 0;
  /** Of all revocations. */
  readonly revoked: string[] = [];
  isWhole = false;
  private gate: Promise<void> = Promise.resolve();
  private membership: GroupMembership | null = null;

  static async join(source: Source, group: string, topics: readonly string[]): Promise<Member> {
    const member = new Member();
    member.membership = await source.join(group, topics, {
      onAssigned: (partitions, isWhole) => {
        for (const one of partitions) member.owned.add(nameOf(one));
        member.isWhole = isWhole;
      },
      onRevoked: async (partitions) => {
        member.revocations++;
        member.revoked.push(...partitions.map(nameOf));
        await member.gate;
        for (const one of partitions) member.owned.delete(nameOf(one));
      },
      onFailed: (error) => {
        member.failure = error;
      },
    });
    return member;
  }

  /** Keeps its partitions, when told to give them up, until the returned function is called. */
  hold(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gate = promise;
    return resolve;
  }

  commit(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> | undefined {
    return this.membership?.commit(offsets);
  }

  leave(): Promise<void> | undefined {
    return this.membership?.leave();
  }
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

describeWith("kafka", "consumer groups", ({ brokers }) => {
  const admin = new ClusterAdmin(brokers);
  afterAll(() => admin.close());

  describe.each(CLIENTS)("with %s", (client) => {
    const connections = new KafkaConnections(brokers, client);
    afterEach(() => connections.close());

    it("gives nobody a partition before its owner has given it up", async () => {
      const topic = await admin.createTopic("handover", {}, 4);
      const group = freshName("group");
      const first = await Member.join(connections.source(), group, [topic]);
      await eventually(() => expect(first.owned.size).toBe(4));
      const release = first.hold();
      const second = await Member.join(connections.source(), group, [topic]);
      await eventually(() => expect(first.revocations).toBe(1));
      // The owner takes longer than its session; its heartbeats go on meanwhile.
      const began = performance.now();
      await eventually(() => expect(performance.now() - began).toBeGreaterThan(3000));
      expect([...first.owned].sort()).toEqual([0, 1, 2, 3].map((number) => `${topic}/${number}`));
      expect([second.owned.size, second.isWhole]).toEqual([0, false]);
      release();
      await eventually(() => expect([first.owned.size, second.owned.size]).toEqual([2, 2]));
      expect(new Set([...first.owned, ...second.owned]).size).toBe(4);
      // Only what moved was asked for.
      expect([first.revoked.length, second.isWhole]).toEqual([2, true]);
      await first.leave();
      await eventually(() => expect(second.owned.size).toBe(4), 30_000);
      await second.leave();
      expect([first.failure, second.failure]).toEqual([null, null]);
    });

    it("gives the partitions of a member that died to the others, and it comes back with its own", async () => {
      const topic = await admin.createTopic("death", {}, 4);
      const group = freshName("group");
      const dying = new KafkaConnections(brokers, client);
      const dead = await Member.join(dying.source(), group, [topic]);
      await eventually(() => expect(dead.owned.size).toBe(4));
      await dying.close();
      const heir = await Member.join(connections.source(), group, [topic]);
      await eventually(() => expect(heir.owned.size).toBe(4), 30_000);
      const third = await Member.join(connections.source(), group, [topic]);
      await eventually(() => expect([heir.owned.size, third.owned.size]).toEqual([2, 2]), 30_000);
      // What can stay stays, and nobody asks for it.
      expect([...heir.owned].sort()).toEqual([`${topic}/0`, `${topic}/1`]);
      expect(heir.revoked.sort()).toEqual([`${topic}/2`, `${topic}/3`]);
      await third.leave();
      await heir.leave();
    });

    it("gives the partitions of a member that died while it gave them up to whoever waits for them", async () => {
      const topic = await admin.createTopic("death", {}, 4);
      const group = freshName("group");
      const dying = new KafkaConnections(brokers, client);
      const dead = await Member.join(dying.source(), group, [topic]);
      await eventually(() => expect(dead.owned.size).toBe(4));
      dead.hold();
      const heir = await Member.join(connections.source(), group, [topic]);
      await eventually(() => expect(dead.revocations).toBe(1));
      await dying.close();
      await eventually(() => expect([heir.owned.size, heir.isWhole]).toEqual([4, true]), 30_000);
      expect(heir.revoked).toEqual([]);
      await heir.leave();
    });

    it("commits offsets that lag tools see", async () => {
      const topic = await admin.createTopic("commit", {}, 2);
      const group = freshName("group");
      const member = await Member.join(connections.source(), group, [topic]);
      await eventually(() => expect(member.owned.size).toBe(2));
      await member.commit([0, 1].map((partition) => ({ topic, partition, offset: 10 + partition })));
      expect(await admin.committedOffsets(group, topic)).toEqual(
        new Map([
          [0, 10],
          [1, 11],
        ]),
      );
      await member.leave();
    });

    it("leaves while the group is changing", async () => {
      const topic = await admin.createTopic("leaving", {}, 2);
      const group = freshName("group");
      const first = await Member.join(connections.source(), group, [topic]);
      await eventually(() => expect(first.owned.size).toBe(2));
      const release = first.hold();
      const joining = Member.join(connections.source(), group, [topic]);
      await eventually(() => expect(first.revocations).toBe(1));
      await first.leave();
      release();
      const second = await joining;
      await eventually(() => expect(second.owned.size).toBe(2), 30_000);
      await second.leave();
    });

    it("waits in the group for a topic that is not there yet", async () => {
      const topic = freshName("late");
      const group = freshName("group");
      const member = await Member.join(connections.source(), group, [topic]);
      expect(member.owned.size).toBe(0);
      await admin.createNamed(topic, {}, 2);
      const next = await Member.join(connections.source(), group, [topic]);
      await eventually(() => expect([member.owned.size, next.owned.size]).toEqual([1, 1]), 30_000);
      await next.leave();
      await member.leave();
    });
  });
});
