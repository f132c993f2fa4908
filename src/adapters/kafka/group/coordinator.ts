import type { Cluster } from "../cluster.ts";
import { type Answer, type BrokerAddress, type BrokerConnection, CoordinatorKind } from "../protocol/broker-connection.ts";
import { expectNone, KafkaAnswerError, KafkaError } from "../protocol/error-code.ts";

/** Requests that wait for other members, and those that must not wait behind them. */
export type Lane = "gathering" | "heartbeat";

const MOVED: ReadonlySet<number> = new Set([KafkaError.coordinatorLoading, KafkaError.coordinatorNotAvailable, KafkaError.notCoordinator]);

let members = 0;

/** The broker that keeps one group, as one of its members sees it. */
export class Coordinator {
  private readonly cluster: Cluster;
  private readonly group: string;
  private readonly member = members++;
  private address: BrokerAddress | null = null;

  constructor(cluster: Cluster, group: string) {
    this.cluster = cluster;
    this.group = group;
  }

  /** Rejects with CONNECTION_FAILED where the broker cannot be reached or another one keeps the group; the next try asks anew. */
  async ask<Result extends Answer>(lane: Lane, request: (broker: BrokerConnection) => Promise<Result>): Promise<Result> {
    try {
      const answer = await request(await this.connection(lane));
      if (MOVED.has(answer.errorCode)) throw new KafkaAnswerError(answer.errorCode, `group ${this.group}`);
      return answer;
    } catch (error) {
      this.address = null;
      throw error;
    }
  }

  /** What is under way rejects. */
  close(): void {
    for (const lane of ["gathering", "heartbeat"] as const) this.cluster.disconnect(this.purpose(lane));
  }

  private async connection(lane: Lane): Promise<BrokerConnection> {
    const { requestTimeoutMs, rebalanceTimeoutMs, sessionTimeoutMs } = this.cluster.settings;
    this.address ??= await this.find();
    const timeoutMs = lane === "gathering" ? requestTimeoutMs + rebalanceTimeoutMs : Math.min(requestTimeoutMs, sessionTimeoutMs / 2);
    return this.cluster.connect(this.address, this.purpose(lane), timeoutMs);
  }

  private async find(): Promise<BrokerAddress> {
    const answer = await (await this.cluster.anyBroker()).findCoordinator(CoordinatorKind.group, this.group);
    expectNone(answer.errorCode, `coordinator of group ${this.group}`, answer.message);
    return answer.address;
  }

  private purpose(lane: Lane): string {
    return `${lane} of member ${this.member}`;
  }
}
