import type { TopicPartition } from "../../../ports/source.ts";
import type { Cluster } from "../cluster.ts";
import type { GroupMemberId, JoinAnswer, MemberBytes } from "../protocol/broker-connection.ts";
import { expectNone, KafkaError } from "../protocol/error-code.ts";
import { assignPartitions } from "./assign-partitions.ts";
import { type Assignment, decodeAssignment, decodeSubscription, encodeAssignment, encodeSubscription } from "./consumer-protocol.ts";
import { Coordinator } from "./coordinator.ts";
import { handOver, withoutLost } from "./hand-over.ts";

/** Members that share partitions out differently cannot be in one group. */
const PROTOCOL = "sluice-by-number";

/** Answers that mean that the broker has forgotten this member, or that the group went on without it. */
const LOST: ReadonlySet<number> = new Set([KafkaError.unknownMember, KafkaError.illegalGeneration]);

/** What a member has, and the generation of the group that gave it that; -1: none has. */
export interface Owned {
  readonly partitions: readonly TopicPartition[];
  readonly since: number;
}

/** How the group stands to us; null: it did not answer. */
export type Standing = "member" | "rebalancing" | "lost" | null;

/** One member's talk with its group, by the classic protocol; of the leader also what it deals out. */
export class GroupSession {
  /** Of the group, when we last joined it. */
  generation = -1;
  private readonly cluster: Cluster;
  private readonly coordinator: Coordinator;
  private readonly group: string;
  private readonly topics: readonly string[];
  private readonly onHeld: (untilMs: number) => void;
  private memberId = "";
  /** Of the leader: the partition counts that it shared out. */
  private sharedOut: ReadonlyMap<string, number> | null = null;
  private isClosed = false;

  /** `onHeld`: the group gives nobody else what is ours before that wall time (ms since 1970). */
  constructor(cluster: Cluster, group: string, topics: readonly string[], onHeld: (untilMs: number) => void) {
    this.cluster = cluster;
    this.coordinator = new Coordinator(cluster, group);
    this.group = group;
    this.topics = topics;
    this.onHeld = onHeld;
  }

  /** Joins, and gets what is ours: `again`: the group changed meanwhile; `lost`: it went on without us, who have nothing any more. */
  async join(owned: Owned): Promise<Assignment | "again" | "lost"> {
    const joined = await this.askToJoin(owned);
    if (joined === "again" || joined === "lost") return joined;
    this.memberId = joined.memberId;
    this.generation = joined.generation;
    const assignments = joined.leaderId === joined.memberId ? await this.shareOut(joined) : [];
    if (assignments.length === 0) this.sharedOut = null;
    const askedMs = this.cluster.clock.now();
    const synced = await this.coordinator.ask("gathering", (broker) => broker.syncGroup(this.id(), assignments));
    const overtaken = this.overtakenBy(synced.errorCode);
    if (overtaken !== null) return overtaken;
    expectNone(synced.errorCode, `assignment in group ${this.group}`, synced.message);
    this.held(askedMs);
    return decodeAssignment(synced.assignment);
  }

  /** Says that we are there. */
  async heartbeat(): Promise<Standing> {
    if (this.memberId === "") return "lost";
    const askedMs = this.cluster.clock.now();
    try {
      const { errorCode } = await this.coordinator.ask("heartbeat", (broker) => broker.heartbeat(this.id()));
      if (errorCode === KafkaError.none || errorCode === KafkaError.rebalanceInProgress) this.held(askedMs);
      if (errorCode === KafkaError.none) return "member";
      if (errorCode === KafkaError.rebalanceInProgress) return "rebalancing";
      return LOST.has(errorCode) ? "lost" : null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!this.isClosed && !this.cluster.closed.aborted) this.cluster.trouble(`group ${this.group}: no heartbeat: ${reason}`);
      return null;
    }
  }

  async commit(offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    if (offsets.length === 0) return;
    const answer = await this.coordinator.ask("heartbeat", (broker) => broker.commitOffsets(this.id(), offsets));
    expectNone(answer.errorCode, `commit of group ${this.group}`, answer.message);
  }

  /** Unless it is told, the group waits for us until the session is over. */
  async leave(): Promise<void> {
    if (this.memberId !== "") await this.coordinator.ask("heartbeat", (broker) => broker.leaveGroup(this.id())).catch(() => undefined);
    this.close();
  }

  /** The group has forgotten us: we come back as somebody else. */
  forget(): void {
    this.memberId = "";
  }

  /** What is under way rejects. */
  close(): void {
    this.isClosed = true;
    this.coordinator.close();
  }

  /** Of the leader: whether topics have more partitions than it has shared out, or are there at last. */
  async topicsHaveChanged(): Promise<boolean> {
    const before = this.sharedOut;
    if (before === null) return false;
    try {
      const now = await this.partitionCounts([...before.keys()]);
      return [...now].some(([topic, partitions]) => partitions !== before.get(topic));
    } catch {
      return false;
    }
  }

  /** A broker gives a new member its id and lets it in when it comes back with it. */
  private async askToJoin({ partitions: owned, since: generation }: Owned): Promise<JoinAnswer | "again" | "lost"> {
    const { sessionTimeoutMs, rebalanceTimeoutMs } = this.cluster.settings;
    const { group, memberId, topics } = this;
    const subscription = encodeSubscription({ topics, owned, generation });
    const call = { group, memberId, protocol: PROTOCOL, subscription, sessionTimeoutMs, rebalanceTimeoutMs };
    const answer = await this.coordinator.ask("gathering", (broker) => broker.joinGroup(call));
    if (answer.errorCode === KafkaError.memberIdRequired) {
      this.memberId = answer.memberId;
      return "again";
    }
    const overtaken = this.overtakenBy(answer.errorCode);
    if (overtaken !== null) return overtaken;
    expectNone(answer.errorCode, `membership in group ${group}`, answer.message);
    return answer;
  }

  private overtakenBy(code: number): "again" | "lost" | null {
    if (code === KafkaError.unknownMember) this.forget();
    if (LOST.has(code)) return "lost";
    return code === KafkaError.rebalanceInProgress ? "again" : null;
  }

  private async shareOut(joined: JoinAnswer): Promise<readonly MemberBytes[]> {
    const members = withoutLost(new Map(joined.members.map(({ memberId, bytes }) => [memberId, decodeSubscription(bytes)])));
    const topics = new Set([...members.values()].flatMap((subscription) => subscription.topics));
    this.sharedOut = await this.partitionCounts([...topics]);
    const given = handOver(assignPartitions(members, this.sharedOut), members);
    return [...given].map(([memberId, assignment]) => ({ memberId, bytes: encodeAssignment(assignment) }));
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

  /** The group has heard of us then, or later. */
  private held(askedMs: number): void {
    this.onHeld(askedMs + this.cluster.settings.sessionTimeoutMs);
  }

  private id(): GroupMemberId {
    return { group: this.group, memberId: this.memberId, generation: this.generation, protocol: PROTOCOL };
  }
}
