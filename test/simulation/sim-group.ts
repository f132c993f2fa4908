import type { AssignmentListener, TopicPartition } from "../../src/ports/source.ts";
import type { SimEnvironment, SimProcess } from "./sim-process.ts";

export interface Member {
  readonly process: SimProcess;
  readonly topics: readonly { readonly name: string; readonly partitions: number }[];
  readonly listener: AssignmentListener;
  /** Numbers of partitions, of all topics. */
  own: readonly number[];
  hasLeft: boolean;
  /** Its connection is closed: it says nothing any more, and is told nothing. */
  isSilent: boolean;
}

/** After so long without a heartbeat a member is given up. */
export const SESSION_MS = 1500;
const REBALANCE_MS_MAX = 3000;
const LOOK_MS = 100;

/**
 * The coordinator of one consumer group. A member that is stopped or cut off is given up after the session time-out: it learns
 * of that when it goes on, and until then takes itself for the owner.
 */
export class SimGroup {
  private readonly env: SimEnvironment;
  private readonly name: string;
  private members: Member[] = [];
  /** Cut off from the coordinator until then. */
  private readonly cutOff = new Map<SimProcess, number>();
  private readonly unseenSince = new Map<Member, number>();
  private isWorking = false;
  private isDue = false;
  private isLooking = false;

  constructor(name: string, env: SimEnvironment) {
    this.name = name;
    this.env = env;
  }

  join(member: Member): void {
    this.members.push(member);
    this.rebalance();
    if (!this.isLooking) this.look();
    this.isLooking = true;
  }

  leave(member: Member): void {
    member.hasLeft = true;
    this.remove(member);
    this.rebalance();
  }

  cut(process: SimProcess, forMs: number): void {
    this.cutOff.set(process, this.env.time.nowMs + forMs);
  }

  /** Deals the partitions out anew. */
  rebalance(): void {
    this.isDue = true;
    if (this.isWorking) return;
    this.isWorking = true;
    void this.work();
  }

  private look(): void {
    const { time } = this.env;
    for (const member of [...this.members]) {
      if (!member.isSilent && this.isSeen(member.process)) {
        this.unseenSince.delete(member);
        this.hold(member);
        continue;
      }
      const since = this.unseenSince.get(member) ?? time.nowMs;
      this.unseenSince.set(member, since);
      if (time.nowMs - since < SESSION_MS) continue;
      this.giveUp(member);
    }
    time.schedule(LOOK_MS, "", () => this.look());
  }

  private isSeen(process: SimProcess): boolean {
    const { nowMs } = this.env.time;
    return process.isAlive && process.stoppedUntilMs <= nowMs && (this.cutOff.get(process) ?? 0) <= nowMs;
  }

  /** By its own wall clock; the answer to a heartbeat takes its time. */
  private hold(member: Member): void {
    const { process, listener } = member;
    const untilMs = process.clock.now() + SESSION_MS;
    process.later(this.env.random.below(20), "is held", () => {
      if (!member.isSilent) listener.onHeld?.(untilMs);
    });
  }

  /** It is told when it can be: then it joins again. */
  private giveUp(member: Member): void {
    const { time, trace, random } = this.env;
    const { process, listener } = member;
    trace.add(time.nowMs, `${this.name} gives ${process.name} up`);
    this.remove(member);
    const backMs = Math.max(process.stoppedUntilMs, this.cutOff.get(process) ?? 0) - time.nowMs;
    const { own } = member;
    member.own = [];
    const again = (): void => {
      if (member.hasLeft || member.isSilent) return;
      this.members.push(member);
      this.rebalance();
    };
    process.later(Math.max(0, backMs) + random.below(500), `${this.name} learns that it was given up`, () => {
      if (!member.hasLeft && !member.isSilent) void listener.onRevoked(this.places(member, own), "lost").then(again);
    });
    this.rebalance();
  }

  private remove(member: Member): void {
    this.members = this.members.filter((other) => other !== member);
    this.unseenSince.delete(member);
  }

  private async work(): Promise<void> {
    const { time, random } = this.env;
    while (this.isDue) {
      this.isDue = false;
      await time.sleep(5 + random.below(50));
      const members = [...this.members];
      const shares = this.deal(members);
      await Promise.all(members.map((member) => this.revoke(member, member.own, shares.get(member) ?? [])));
      // Whoever came or went meanwhile: once more.
      for (const member of members) if (this.members.includes(member)) this.assign(member, shares.get(member) ?? []);
    }
    this.isWorking = false;
  }

  private deal(members: readonly Member[]): Map<Member, number[]> {
    const { random } = this.env;
    const shares = new Map<Member, number[]>(members.map((member) => [member, []]));
    const partitions = Math.max(0, ...members.flatMap(({ topics }) => topics.map((topic) => topic.partitions)));
    for (let partition = 0; partition < partitions; partition++) shares.get(random.pick(members))?.push(partition);
    return shares;
  }

  /** Takes away what goes to others; at times everything, as eager assignors do. */
  private async revoke(member: Member, own: readonly number[], share: readonly number[]): Promise<void> {
    const { time, random, trace } = this.env;
    const lost = random.chance(0.2) ? own : own.filter((partition) => !share.includes(partition));
    if (lost.length === 0) return;
    member.own = own.filter((partition) => !lost.includes(partition));
    trace.add(time.nowMs, `${this.name} revokes ${lost.join()} of ${member.process.name}`);
    const revoked = new Promise<void>((resolve) =>
      member.process.later(random.below(20), `${this.name} revoked ${lost.join()}`, () => {
        if (!member.isSilent) void member.listener.onRevoked(this.places(member, lost), "asked").then(resolve);
      }),
    );
    await Promise.race([revoked, time.sleep(REBALANCE_MS_MAX)]);
  }

  private assign(member: Member, share: readonly number[]): void {
    const { random } = this.env;
    const added = share.filter((partition) => !member.own.includes(partition));
    member.own = share;
    member.process.later(random.below(20), `${this.name} assigned ${added.join()}`, () => {
      if (!member.isSilent) member.listener.onAssigned(this.places(member, share), true);
    });
  }

  private places({ topics }: Member, numbers: readonly number[]): readonly TopicPartition[] {
    return topics.flatMap(({ name, partitions }) =>
      numbers.filter((number) => number < partitions).map((partition) => ({ topic: name, partition })),
    );
  }
}
