import type { TopicPartition } from "../../../ports/source.ts";
import type { Subscription } from "./consumer-protocol.ts";

/**
 * Shares out partition numbers: the partitions of one number of all topics go to one member, so that joined topics and the
 * state of a number stay together. Shares differ by one at most; a member keeps the numbers that it had where its share allows.
 */
export function assignPartitions(
  members: ReadonlyMap<string, Subscription>,
  partitionsOf: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly TopicPartition[]> {
  const assignments = new Map<string, TopicPartition[]>([...members.keys()].sort().map((member) => [member, []]));
  // Members of one pipeline subscribe to the same topics; while an upgrade rolls out there may be two kinds of them.
  const kinds = Map.groupBy(assignments.keys(), (member) => [...(members.get(member)?.topics ?? [])].sort().join("\n"));
  for (const [kind, ofKind] of kinds) {
    const topics = kind.split("\n").filter((topic) => firstKindWith(topic, kinds) === kind);
    const count = Math.max(0, ...topics.map((topic) => partitionsOf.get(topic) ?? 0));
    const owners = shareNumbers(count, ofKind, members);
    for (const topic of topics) {
      for (let partition = 0; partition < (partitionsOf.get(topic) ?? 0); partition++) {
        assignments.get(owners[partition] as string)?.push({ topic, partition });
      }
    }
  }
  return assignments;
}

/** A topic belongs to one kind of members alone, or its partitions would have two owners. */
function firstKindWith(topic: string, kinds: ReadonlyMap<string, readonly string[]>): string | undefined {
  return [...kinds.keys()].sort().find((kind) => kind.split("\n").includes(topic));
}

/** The owner of each number. */
function shareNumbers(
  count: number,
  owners: readonly string[],
  members: ReadonlyMap<string, Subscription>,
): readonly (string | undefined)[] {
  const chosen: (string | undefined)[] = Array.from({ length: count });
  const shares = new Map(owners.map((owner) => [owner, 0]));
  const least = Math.floor(count / owners.length);
  let larger = count % owners.length;
  const take = (owner: string, number: number): void => {
    const share = (shares.get(owner) ?? 0) + 1;
    shares.set(owner, share);
    if (share === least + 1) larger--;
    chosen[number] = owner;
  };
  const hasRoom = (owner: string): boolean => (shares.get(owner) ?? 0) < least + (larger > 0 ? 1 : 0);
  for (const owner of owners) {
    const before = new Set(members.get(owner)?.owned.map(({ partition }) => partition));
    for (const number of [...before].sort((a, b) => a - b)) {
      if (number < count && chosen[number] === undefined && hasRoom(owner)) take(owner, number);
    }
  }
  for (let number = 0; number < count; number++) {
    if (chosen[number] !== undefined) continue;
    const owner = owners.find((candidate) => (shares.get(candidate) ?? 0) < least) ?? owners.find(hasRoom);
    if (owner !== undefined) take(owner, number);
  }
  return chosen;
}
