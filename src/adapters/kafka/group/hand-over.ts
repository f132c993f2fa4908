import { partitionName } from "../../../model/partition-name.ts";
import type { TopicPartition } from "../../../ports/source.ts";
import type { Assignment, Subscription } from "./consumer-protocol.ts";

/** A generation before that of any group. */
const NEVER = -1;

/**
 * Who has each partition, by its name, among the members that keep what they have until it is asked of them. Of two that think so, one
 * had it before the group went on without it: the later generation is right.
 */
export function holders(members: ReadonlyMap<string, Subscription>): ReadonlyMap<string, string> {
  const held = new Map<string, { readonly member: string; readonly generation: number }>();
  for (const member of [...members.keys()].sort()) {
    const { owned, generation } = members.get(member) as Subscription;
    if (generation === null) continue;
    for (const place of owned.map(partitionName)) {
      if (generation > (held.get(place)?.generation ?? NEVER)) held.set(place, { member, generation });
    }
  }
  return new Map([...held].map(([place, { member }]) => [place, member]));
}

/** Without what members only think that they have. */
export function withoutLost(members: ReadonlyMap<string, Subscription>): ReadonlyMap<string, Subscription> {
  const held = holders(members);
  return new Map(
    [...members].map(([member, subscription]) => {
      const owned = subscription.owned.filter((place) => (held.get(partitionName(place)) ?? member) === member);
      return [member, { ...subscription, owned }];
    }),
  );
}

/**
 * What members can have at once of what they are to have: not what another one still has. That one finds it missing, gives it up, and
 * joins again; then it is free. A partition number waits as a whole: its state has one owner.
 */
export function handOver(
  wanted: ReadonlyMap<string, readonly TopicPartition[]>,
  members: ReadonlyMap<string, Subscription>,
): ReadonlyMap<string, Assignment> {
  const held = holders(members);
  return new Map(
    [...wanted].map(([member, places]) => {
      const isOthers = (place: TopicPartition): boolean => (held.get(partitionName(place)) ?? member) !== member;
      const awaited = new Set(places.filter(isOthers).map(({ partition }) => partition));
      return [member, { partitions: places.filter(({ partition }) => !awaited.has(partition)), isWhole: awaited.size === 0 }];
    }),
  );
}
