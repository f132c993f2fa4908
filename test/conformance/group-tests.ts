import { expect, it } from "vitest";
import type { GroupMembership, Source, TopicPartition } from "../../src/ports/source.ts";
import { eventually } from "./eventually.ts";
import { freshName } from "./names.ts";

interface Member {
  readonly membership: GroupMembership;
  /** `topic/partition` of what it has now, sorted. */
  owned(): string[];
  revocations(): number;
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

async function joinGroup(source: Source, group: string, topics: readonly string[]): Promise<Member> {
  const owned = new Set<string>();
  let revocations = 0;
  let failure: Error | null = null;
  const membership = await source.join(group, topics, {
    onAssigned: (partitions) => {
      for (const one of partitions) owned.add(nameOf(one));
    },
    onRevoked: async (partitions) => {
      revocations++;
      for (const one of partitions) owned.delete(nameOf(one));
    },
    onFailed: (error) => {
      failure = error;
    },
  });
  const check = (): void => {
    if (failure !== null) throw failure;
  };
  return {
    membership,
    owned: () => {
      check();
      return [...owned].toSorted();
    },
    revocations: () => revocations,
  };
}

/** Consumer groups; part of the source suite. */
export function groupTests(
  source: () => Source,
  topicOf: (partitions?: number) => Promise<string>,
  open: () => Promise<Source>,
  options: { readonly sharesGroups?: boolean },
): void {
  it("gives all partitions of all topics to the only member, and again after it left", async () => {
    const topics = [await topicOf(3), await topicOf(2)];
    const all = [0, 1, 2].map((partition) => `${topics[0]}/${partition}`).concat([0, 1].map((partition) => `${topics[1]}/${partition}`));
    const group = freshName("group");
    const member = await joinGroup(source(), group, topics);
    await eventually(() => expect(member.owned()).toEqual(all.toSorted()), 30_000);
    await member.membership.commit([{ topic: topics[0] as string, partition: 1, offset: 7 }]);
    await member.membership.leave();
    expect(member.revocations()).toBe(0);
    const next = await joinGroup(source(), group, topics);
    await eventually(() => expect(next.owned()).toEqual(all.toSorted()), 30_000);
    await next.membership.leave();
  });

  if (options.sharesGroups !== true) return;

  it("shares partitions between members, equal numbers together, and hands them over when one leaves", async () => {
    const topics = [await topicOf(4), await topicOf(4)];
    const group = freshName("group");
    const first = await joinGroup(source(), group, topics);
    await eventually(() => expect(first.owned().length).toBe(8), 30_000);
    const second = await joinGroup(await open(), group, topics);
    await eventually(() => {
      expect(first.owned().length).toBe(4);
      expect(second.owned().length).toBe(4);
    }, 60_000);
    expect(first.revocations()).toBeGreaterThan(0);
    expect(new Set([...first.owned(), ...second.owned()]).size).toBe(8);
    const numbers = new Set(first.owned().map((name) => name.split("/")[1]));
    expect(numbers.size).toBe(2);
    await first.membership.leave();
    await eventually(() => expect(second.owned().length).toBe(8), 60_000);
    await second.membership.leave();
  });
}
