import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { Clock } from "../../ports/clock.ts";
import type { TroubleListener } from "../../ports/connection.ts";
import type { Random } from "../../ports/random.ts";
import type { BrokerAddress, BrokerConnection, ConnectBroker, MetadataAnswer } from "./protocol/broker-connection.ts";
import { expectNone, KafkaError } from "./protocol/error-code.ts";
import type { KafkaSettings } from "./settings.ts";

export interface KafkaEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly onTrouble: TroubleListener;
}

/** What is known of a topic; kept until something shows that it is not so any more. */
export interface KnownTopic {
  readonly name: string;
  readonly id: string | null;
  /** Leader's node by partition; -1 while there is none. */
  readonly leaders: readonly number[];
}

/** A topic with an illegal name is not there. */
const ABSENT: ReadonlySet<number> = new Set([KafkaError.unknownTopicOrPartition, KafkaError.invalidTopic]);

const FIRST_PAUSE_MS = 50;
const PAUSE_MS_MAX = 2_000;
const CONTROL = "control";

/** The brokers of one connection: who leads what, and open connections by purpose, each of which answers in order. */
/** For how long is tried again: for `requestTimeoutMs`, or until the connection is closed. */
export type Patience = "requestTimeout" | "endless";

export class Cluster {
  readonly name: string;
  readonly settings: KafkaSettings;
  readonly clock: Clock;
  private readonly environment: KafkaEnvironment;
  private readonly connectBroker: ConnectBroker;
  private readonly connections = new Map<string, Promise<BrokerConnection>>();
  private readonly topics = new Map<string, KnownTopic>();
  private nodes = new Map<number, BrokerAddress>();
  private readonly closing = new AbortController();
  /** Aborted when the connection is closed. */
  readonly closed: AbortSignal = this.closing.signal;

  constructor(name: string, settings: KafkaSettings, connectBroker: ConnectBroker, environment: KafkaEnvironment) {
    this.name = name;
    this.settings = settings;
    this.connectBroker = connectBroker;
    this.environment = environment;
    this.clock = environment.clock;
  }

  /** Fresh metadata of these topics, or of all. */
  async metadata(topics: readonly string[] | null): Promise<MetadataAnswer> {
    const answer = await (await this.anyBroker()).metadata(topics);
    if (answer.brokers.length > 0) this.nodes = new Map(answer.brokers.map(({ node, host, port }) => [node, { host, port }]));
    return answer;
  }

  /** null where there is no such topic; asks anew unless it is known. */
  async topic(name: string): Promise<KnownTopic | null> {
    const known = this.topics.get(name);
    if (known !== undefined) return known;
    const { topics } = await this.metadata([name]);
    const found = topics.find((topic) => topic.name === name);
    if (found === undefined || ABSENT.has(found.errorCode)) return null;
    // A partition without a leader makes the topic's answer an error; who asks for that partition will see.
    if (found.errorCode !== KafkaError.leaderNotAvailable) expectNone(found.errorCode, `topic ${name}`);
    const topic = { name, id: found.id, leaders: found.leaders };
    this.topics.set(name, topic);
    return topic;
  }

  /** The next use of the topic asks the brokers again. */
  forgetTopic(name: string): void {
    this.topics.delete(name);
  }

  /** The topic and its partition's leader. Rejects with TOPIC_MISSING, or CONNECTION_FAILED while there is no leader. */
  async leader(name: string, partition: number): Promise<{ readonly topic: KnownTopic; readonly node: number }> {
    const topic = await this.topic(name);
    const node = topic?.leaders[partition];
    if (topic === null || node === undefined) {
      this.forgetTopic(name);
      const what = topic === null ? `there is no topic ${name}` : `topic ${name} has no partition ${partition}`;
      throw new SluiceError("TOPIC_MISSING", what, { coordinates: { topic: name, partition } });
    }
    if (node < 0 || !this.nodes.has(node)) {
      this.forgetTopic(name);
      throw new SluiceError("CONNECTION_FAILED", `${name}-${partition} has no leader at the moment`);
    }
    return { topic, node };
  }

  /** An open connection for one purpose: its requests wait for each other. */
  async connectionTo(node: number, purpose: string): Promise<BrokerConnection> {
    const address = this.nodes.get(node);
    if (address === undefined) throw new SluiceError("CONNECTION_FAILED", `Kafka broker ${node} is not known at the moment`);
    return this.connect(address, purpose);
  }

  async connect(address: BrokerAddress, purpose: string, requestTimeoutMs = this.settings.requestTimeoutMs): Promise<BrokerConnection> {
    if (this.closed.aborted) throw new SluiceError("STOPPED", `connection ${this.name} is closed`);
    const key = `${purpose} ${address.host}:${address.port}`;
    const known = this.connections.get(key);
    if (known !== undefined) {
      const open = await known.catch(() => null);
      if (open !== null && !open.closed) return open;
      if (this.connections.get(key) === known) this.connections.delete(key);
    }
    const opening = this.connections.get(key) ?? this.connectBroker(address, requestTimeoutMs);
    this.connections.set(key, opening);
    const connection = await opening;
    if (this.closed.aborted) connection.close();
    return connection;
  }

  /** Closes the connections of one purpose; what is under way on them rejects. */
  disconnect(purpose: string): void {
    for (const [key, opening] of this.connections) {
      if (!key.startsWith(`${purpose} `)) continue;
      this.connections.delete(key);
      void opening.then(
        (connection) => connection.close(),
        () => undefined,
      );
    }
  }

  async controller(): Promise<BrokerConnection> {
    const { controller } = await this.metadata([]);
    return this.nodes.has(controller) ? this.connectionTo(controller, CONTROL) : this.anyBroker();
  }

  /** The first broker that can be reached, of those known and those configured. */
  async anyBroker(): Promise<BrokerConnection> {
    let failure: unknown = null;
    for (const address of [...this.nodes.values(), ...this.settings.brokers]) {
      try {
        return await this.connect(address, CONTROL);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /**
   * Repeats `attempt` while it fails retryably, with growing pauses, for `requestTimeoutMs` or for as long as `patience` says.
   * Trouble is reported; rejects with STOPPED when `signal` is aborted.
   */
  async retrying<T>(attempt: () => Promise<T>, signal: AbortSignal | null = null, patience: Patience = "requestTimeout"): Promise<T> {
    const began = this.clock.monotonic();
    for (let failures = 1; ; failures++) {
      stopIfAborted(signal);
      stopIfAborted(this.closed);
      try {
        return await attempt();
      } catch (error) {
        stopIfAborted(signal);
        stopIfAborted(this.closed);
        if (!(error instanceof SluiceError) || !error.retryable) throw error;
        if (patience !== "endless" && this.clock.monotonic() - began > this.settings.requestTimeoutMs) throw error;
        if (Number.isInteger(Math.log2(failures))) this.trouble(error.message);
        await this.pause(failures, signal);
      }
    }
  }

  /** A pause before the next try, with jitter so that not all clients come back at once. */
  async pause(failures: number, signal: AbortSignal | null): Promise<void> {
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), PAUSE_MS_MAX, LIMITS.backoffMsMax);
    const signals = signal === null ? this.closed : AbortSignal.any([signal, this.closed]);
    await this.clock.sleep(longest * (0.5 + this.environment.random.next() / 2), signals);
  }

  trouble(message: string): void {
    this.environment.onTrouble(this.name, message);
  }

  async close(): Promise<void> {
    this.closing.abort();
    const open = [...this.connections.values()];
    this.connections.clear();
    for (const opening of open) (await opening.catch(() => null))?.close();
  }
}

export function stopIfAborted(signal: AbortSignal | null): void {
  if (signal?.aborted) throw new SluiceError("STOPPED", "the operation was given up");
}
