import { nextTickMs } from "../../../next-tick-ms.ts";
import type { AssignmentListener, GroupMembership, TopicPartition } from "../../../ports/source.ts";
import type { Cluster } from "../cluster.ts";
import type { GroupMemberId, JoinAnswer, MemberBytes } from "../protocol/broker-connection.ts";
import { expectNone, KafkaError } from "../protocol/error-code.ts";
import { assignPartitions } from "./assign-partitions.ts";
import { decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from "./consumer-protocol.ts";
import { Coordinator } from "./coordinator.ts";

/** Members that share partitions out differently cannot be in one group. */
const PROTOCOL = "sluice-by-number";

/** How often the leader looks whether topics have more partitions, or are there at last. */
const TOPICS_CHECK_MS = 30_000;

/** Of the time that the group waits for members to give up partitions, the part that the listener gets. */
const REVOCATION_SHARE = 0.9;

/** Answers that mean that the broker has forgotten this member, or that the group went on without it. */
const LOST: ReadonlySet<number> = new Set([KafkaError.unknownMember, KafkaError.illegalGeneration]);

type Ending = "rebalance" | "lost" | "left";

/** Joins the consumer group by the classic protocol. Resolves when the group has taken us in. */
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
  private readonly coordinator: Coordinator;
  private readonly group: string;
  private readonly topics: readonly string[];
  private readonly listener: AssignmentListener;
  private readonly leaving = new AbortController();
  /** Aborted when we leave or the connection is closed. */
  private readonly over: AbortSignal;
  private memberId = "";
  private generation = -1;
  private owned: readonly TopicPartition[] = [];
  /** Of the leader: the partition counts that it shared out. */
  private sharedOut: ReadonlyMap<string, number> | null = null;
  private running: Promise<void> = Promise.resolve();

  constructor(cluster: Cluster, group: string, topics: readonly string[], listener: AssignmentListener) {
    this.cluster = cluster;
    this.coordinator = new Coordinator(cluster, group);
    this.group = group;
    this.topics = topics;
    this.listener = listener;
    this.over = AbortSignal.any([this.leaving.signal, cluster.closed]);
  }

  async start(): Promise<void> {
    try {
      const assigned = await this.cluster.retrying(() => this.joinAndSync(), this.over);
      this.running = this.run(assigned);
    } catch (error) {
      this.coordinator.close();
      throw error;
    }
  }

  async commit(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    if (offsets.length === 0) return;
    const answer = await this.coordinator.ask("heartbeat", (broker) => broker.commitOffsets(this.id(), offsets));
    expectNone(answer.errorCode, `commit of group ${this.group}`, answer.message);
  }

  async leave(): Promise<void> {
    if (this.leaving.signal.aborted) return;
    this.leaving.abort();
    // Unless it is told, the group waits for us until the session is over.
    if (this.memberId !== "") await this.coordinator.ask("heartbeat", (broker) => broker.leaveGroup(this.id())).catch(() => undefined);
    this.coordinator.close();
    await this.running;
  }

  /** From assignment to assignment until we leave. */
  private async run(first: readonly TopicPartition[]): Promise<void> {
    try {
      for (let assigned = first; ; assigned = await this.cluster.retrying(() => this.joinAndSync(), this.over, "endless")) {
        this.owned = assigned;
        this.listener.onAssigned(assigned);
        const ending = await this.stayIn();
        if (ending === "left") return;
        await this.giveUpPartitions(ending);
      }
    } catch (error) {
      if (this.over.aborted) return;
      this.coordinator.close();
      this.listener.onFailed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Heartbeats until the group changes or has lost us. */
  private async stayIn(): Promise<Ending> {
    const { clock, settings } = this.cluster;
    let lastGoodMs = clock.monotonic();
    let topicsCheckedMs = lastGoodMs;
    for (;;) {
      await clock.sleep(nextTickMs(clock.monotonic(), this.heartbeatMs()), this.over);
      if (this.over.aborted) return "left";
      const askedMs = clock.monotonic();
      const code = await this.heartbeat();
      if (code === KafkaError.none) lastGoodMs = askedMs;
      else if (code === KafkaError.rebalanceInProgress) return "rebalance";
      else if (code !== null && LOST.has(code)) return "lost";
      if (clock.monotonic() - lastGoodMs > settings.sessionTimeoutMs) return "lost";
      if (this.sharedOut !== null && clock.monotonic() - topicsCheckedMs > TOPICS_CHECK_MS) {
        topicsCheckedMs = clock.monotonic();
        if (await this.topicsHaveChanged(this.sharedOut)) return "rebalance";
      }
    }
  }

  /** The answer's code; null where there was none. */
  private async heartbeat(): Promise<number | null> {
    const askedMs = this.cluster.clock.now();
    try {
      const { errorCode } = await this.coordinator.ask("heartbeat", (broker) => broker.heartbeat(this.id()));
      if (errorCode === KafkaError.none || errorCode === KafkaError.rebalanceInProgress) this.held(askedMs);
      return errorCode;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.over.aborted) this.cluster.trouble(`group ${this.group}: no heartbeat: ${reason}`);
      return null;
    }
  }

  /** The group has heard of us then, or later. */
  private held(askedMs: number): void {
    this.listener.onHeld?.(askedMs + this.cluster.settings.sessionTimeoutMs);
  }

  /** The group waits for us while we go on sending heartbeats. Where it has lost us already, nobody waits. */
  private async giveUpPartitions(ending: Ending): Promise<void> {
    const { clock, settings } = this.cluster;
    const done = new AbortController();
    const deadlineMs = clock.monotonic() + settings.rebalanceTimeoutMs * REVOCATION_SHARE;
    this.listener
      .onRevoked(this.owned, ending === "lost" ? "lost" : "asked")
      .catch((error: unknown) => this.cluster.trouble(`group ${this.group}: partitions were given up with an error: ${error}`))
      .finally(() => done.abort());
    const signal = AbortSignal.any([done.signal, this.over]);
    if (ending === "lost") this.memberId = "";
    while (!signal.aborted && (ending === "lost" || clock.monotonic() < deadlineMs)) {
      await clock.sleep(this.heartbeatMs(), signal);
      if (!signal.aborted && ending === "rebalance") await this.heartbeat();
    }
  }

  private async joinAndSync(): Promise<readonly TopicPartition[]> {
    for (;;) {
      const joined = await this.join();
      if (joined === null) continue;
      this.memberId = joined.memberId;
      this.generation = joined.generation;
      const assignments = joined.leaderId === joined.memberId ? await this.shareOut(joined) : [];
      if (assignments.length === 0) this.sharedOut = null;
      const askedMs = this.cluster.clock.now();
      const synced = await this.coordinator.ask("gathering", (broker) => broker.syncGroup(this.id(), assignments));
      if (!this.isOvertaken(synced.errorCode)) {
        expectNone(synced.errorCode, `assignment in group ${this.group}`, synced.message);
        this.held(askedMs);
        return decodeAssignment(synced.assignment);
      }
    }
  }

  /** A broker gives a new member its id and lets it in when it comes back with it. null: the group changed meanwhile. */
  private async join(): Promise<JoinAnswer | null> {
    const { sessionTimeoutMs, rebalanceTimeoutMs } = this.cluster.settings;
    const { group, memberId } = this;
    const subscription = encodeSubscription({ topics: this.topics, owned: this.owned });
    const call = { group, memberId, protocol: PROTOCOL, subscription, sessionTimeoutMs, rebalanceTimeoutMs };
    const answer = await this.coordinator.ask("gathering", (broker) => broker.joinGroup(call));
    if (answer.errorCode === KafkaError.memberIdRequired) {
      this.memberId = answer.memberId;
      return null;
    }
    if (this.isOvertaken(answer.errorCode)) return null;
    expectNone(answer.errorCode, `membership in group ${group}`, answer.message);
    return answer;
  }

  private isOvertaken(code: number): boolean {
    if (code === KafkaError.unknownMember) this.memberId = "";
    return code === KafkaError.rebalanceInProgress || LOST.has(code);
  }

  private async shareOut(joined: JoinAnswer): Promise<readonly MemberBytes[]> {
    const members = new Map(joined.members.map(({ memberId, bytes }) => [memberId, decodeSubscription(bytes)]));
    const topics = new Set([...members.values()].flatMap((subscription) => subscription.topics));
    this.sharedOut = await this.partitionCounts([...topics]);
    return [...assignPartitions(members, this.sharedOut)].map(([memberId, given]) => ({ memberId, bytes: encodeAssignment(given) }));
  }

  private async topicsHaveChanged(before: ReadonlyMap<string, number>): Promise<boolean> {
    try {
      const now = await this.partitionCounts([...before.keys()]);
      return [...now].some(([topic, partitions]) => partitions !== before.get(topic));
    } catch {
      return false;
    }
  }

  /** A topic that is missing has none. */
  private async partitionCounts(topics: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const topic of topics) {
      this.cluster.forgetTopic(topic);
      counts.set(topic, (await this.cluster.topic(topic))?.leaders.length ?? 0);
    }
    return counts;
  }

  private heartbeatMs(): number {
    return Math.max(50, Math.floor(this.cluster.settings.sessionTimeoutMs / 4));
  }

  private id(): GroupMemberId {
    return { group: this.group, memberId: this.memberId, generation: this.generation, protocol: PROTOCOL };
  }
}
