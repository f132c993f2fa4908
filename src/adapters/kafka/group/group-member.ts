import { partitionName } from "../../../model/partition-name.ts";
import { nextTickMs } from "../../../next-tick-ms.ts";
import type { AssignmentListener, GroupMembership, Revocation, TopicPartition } from "../../../ports/source.ts";
import type { Cluster } from "../cluster.ts";
import type { Assignment } from "./consumer-protocol.ts";
import { GroupSession, type Owned } from "./group-session.ts";

/** How often the leader looks whether topics have more partitions, or are there at last. */
const TOPICS_CHECK_MS = 30_000;

/** How often a member asks that waits for what others give up. */
const AWAITING_MS = 250;

/** Of the time that the group waits for members that are to join again, the part that the listener gets to give up partitions. */
const REVOCATION_SHARE = 0.9;

const NOTHING: Owned = { partitions: [], since: -1 };

type Ending = "rebalance" | "lost" | "left";

/**
 * Joins the consumer group by the classic protocol, cooperatively: when the group changes a member keeps what it has, and goes on with
 * it, until the leader leaves it out of what it gives; only that is given up. Resolves when the group has taken us in.
 */
export async function joinGroup(
  cluster: Cluster,
  group: string,
  topics: readonly string[],
  listener: AssignmentListener,
): Promise<GroupMembership> {
  const member = new GroupMember(cluster, group, topics, listener);
  await member.start();
  return member;
}

class GroupMember implements GroupMembership {
  private readonly cluster: Cluster;
  private readonly session: GroupSession;
  private readonly group: string;
  private readonly listener: AssignmentListener;
  private readonly leaving = new AbortController();
  /** Aborted when we leave or the connection is closed. */
  private readonly over: AbortSignal;
  private owned = NOTHING;
  /** There is more for us, once others have given it up. */
  private isAwaiting = false;
  private running: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, group: string, topics: readonly string[], listener: AssignmentListener) {
    this.cluster = cluster;
    this.session = new GroupSession(cluster, group, topics, (untilMs) => listener.onHeld?.(untilMs));
    this.group = group;
    this.listener = listener;
    this.over = AbortSignal.any([this.leaving.signal, cluster.closed]);
  }

  async start(): Promise<void> {
    try {
      const assigned = await this.cluster.retrying(() => this.join(), this.over);
      this.running = this.run(assigned);
    } catch (error) {
      this.session.close();
      throw error;
    }
  }

  commit(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    return this.session.commit(offsets);
  }

  async leave(): Promise<void> {
    if (this.leaving.signal.aborted) return;
    this.leaving.abort();
    await this.session.leave();
    await this.running;
  }

  /** From assignment to assignment until we leave. */
  private async run(first: Assignment): Promise<void> {
    try {
      for (let assigned = first; ; assigned = await this.joinAgain()) {
        // What was freed for others is given to them when we join again.
        if (await this.adopt(assigned)) continue;
        const ending = await this.stayIn();
        if (ending === "left") return;
        if (ending === "lost") {
          this.session.forget();
          await this.lose();
        }
      }
    } catch (error) {
      if (this.over.aborted) return;
      this.session.close();
      this.listener.onFailed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Gives up what is not ours any more, takes what is new, and keeps the rest as it is. True: others wait for what was given up. */
  private async adopt({ partitions, isWhole }: Assignment): Promise<boolean> {
    const before = this.owned.partitions;
    const kept = keptNumbers(before, partitions);
    const isGone = ({ partition }: TopicPartition): boolean => !kept.has(partition);
    const gone = before.filter(isGone);
    if (gone.length > 0) await this.giveUp(gone, "asked");
    this.owned = { partitions, since: this.session.generation };
    this.isAwaiting = !isWhole;
    this.listener.onAssigned(partitions, isWhole);
    const ours = new Set(partitions.map(partitionName));
    return gone.some((place) => !ours.has(partitionName(place)));
  }

  /** Others have all that we had. */
  private async lose(): Promise<void> {
    const { partitions } = this.owned;
    this.owned = NOTHING;
    if (partitions.length > 0) await this.giveUp(partitions, "lost");
  }

  private async join(): Promise<Assignment> {
    for (;;) {
      const answer = await this.session.join(this.owned);
      if (answer === "lost") await this.lose();
      else if (answer !== "again") return answer;
    }
  }

  /** What we have is ours meanwhile, and the group hears of us: it waits for others, and perhaps for long. */
  private async joinAgain(): Promise<Assignment> {
    const joined = new AbortController();
    const heartbeats = this.beat(AbortSignal.any([joined.signal, this.over]));
    try {
      return await this.cluster.retrying(() => this.join(), this.over, "endless");
    } finally {
      joined.abort();
      await heartbeats;
    }
  }

  private async beat(until: AbortSignal): Promise<void> {
    while (!until.aborted) {
      await this.cluster.clock.sleep(this.heartbeatMs, until);
      if (!until.aborted) await this.session.heartbeat();
    }
  }

  /** Heartbeats until the group changes or has lost us. */
  private async stayIn(): Promise<Ending> {
    const { clock, settings } = this.cluster;
    let lastGoodMs = clock.monotonic();
    let topicsCheckedMs = lastGoodMs;
    for (;;) {
      await clock.sleep(nextTickMs(clock.monotonic(), this.heartbeatMs), this.over);
      if (this.over.aborted) return "left";
      const askedMs = clock.monotonic();
      const standing = await this.session.heartbeat();
      if (standing === "member") lastGoodMs = askedMs;
      else if (standing === "rebalancing") return "rebalance";
      else if (standing === "lost") return "lost";
      if (clock.monotonic() - lastGoodMs > settings.sessionTimeoutMs) return "lost";
      if (clock.monotonic() - topicsCheckedMs <= TOPICS_CHECK_MS) continue;
      topicsCheckedMs = clock.monotonic();
      if (await this.session.topicsHaveChanged()) return "rebalance";
    }
  }

  /** Others wait for us while we go on sending heartbeats. Where the group has lost us already, nobody waits. */
  private async giveUp(partitions: readonly TopicPartition[], how: Revocation): Promise<void> {
    const { clock, settings } = this.cluster;
    const done = new AbortController();
    const deadlineMs = clock.monotonic() + settings.rebalanceTimeoutMs * REVOCATION_SHARE;
    this.listener
      .onRevoked(partitions, how)
      .catch((error: unknown) => this.cluster.trouble(`group ${this.group}: partitions were given up with an error: ${error}`))
      .finally(() => done.abort());
    const signal = AbortSignal.any([done.signal, this.over]);
    while (!signal.aborted && (how === "lost" || clock.monotonic() < deadlineMs)) {
      await clock.sleep(this.heartbeatMs, signal);
      if (!signal.aborted && how === "asked") await this.session.heartbeat();
    }
  }

  private get heartbeatMs(): number {
    const ms = Math.max(50, Math.floor(this.cluster.settings.sessionTimeoutMs / 4));
    return this.isAwaiting ? Math.min(ms, AWAITING_MS) : ms;
  }
}

/** The numbers that are ours, before and now, in the same topics. */
function keptNumbers(before: readonly TopicPartition[], now: readonly TopicPartition[]): ReadonlySet<number> {
  const topicsOf = (places: readonly TopicPartition[]): Map<number, Set<string>> =>
    new Map([...Map.groupBy(places, ({ partition }) => partition)].map(([number, of]) => [number, new Set(of.map(({ topic }) => topic))]));
  const after = topicsOf(now);
  const isSame = (number: number, topics: Set<string>): boolean => topics.symmetricDifference(after.get(number) ?? new Set()).size === 0;
  return new Set([...topicsOf(before)].filter(([number, topics]) => isSame(number, topics)).map(([number]) => number));
}
