import { must } from "../../src/assert.ts";
import { SluiceError } from "../../src/errors.ts";
import type {
  AssignmentListener,
  FetchRequest,
  FetchResult,
  GroupMembership,
  PartitionReader,
  Source,
  TopicDescription,
} from "../../src/ports/source.ts";
import { type Member, SimGroup } from "./sim-group.ts";
import { cutRecords, SimTopic } from "./sim-log.ts";
import type { SimEnvironment, SimProcess } from "./sim-process.ts";

/** The topics and consumer groups of a simulation. */
export class SimBroker {
  readonly topics = new Map<string, SimTopic>();
  readonly groups = new Map<string, SimGroup>();
  private readonly env: SimEnvironment;

  constructor(env: SimEnvironment) {
    this.env = env;
  }

  create(name: string, partitions: number, compacted = false): SimTopic {
    const known = this.topics.get(name);
    if (known !== undefined) return known;
    const topic = new SimTopic(name, `id of ${name}`, partitions, compacted);
    this.topics.set(name, topic);
    return topic;
  }

  topic(name: string): SimTopic {
    const topic = this.topics.get(name);
    if (topic === undefined) throw new SluiceError("TOPIC_MISSING", `the topic ${name} does not exist`);
    return topic;
  }

  group(name: string): SimGroup {
    const group = this.groups.get(name) ?? new SimGroup(name, this.env);
    this.groups.set(name, group);
    return group;
  }

  /** The broker as one process sees it. */
  sourceOf(process: SimProcess): SimSource {
    return new SimSource(this, process, this.env);
  }
}

export class SimSource implements Source {
  private readonly broker: SimBroker;
  private readonly process: SimProcess;
  private readonly env: SimEnvironment;
  private readonly members: Member[] = [];
  private isClosed = false;

  constructor(broker: SimBroker, process: SimProcess, env: SimEnvironment) {
    this.broker = broker;
    this.process = process;
    this.env = env;
  }

  /** The memberships end with the connection. */
  close(): void {
    this.isClosed = true;
    for (const member of this.members) member.isSilent = true;
  }

  describeTopic(topic: string): Promise<TopicDescription | null> {
    return this.process.request("ask", topic, () => {
      const found = this.broker.topics.get(topic);
      return found === undefined ? null : { name: topic, id: found.id, partitions: found.partitions.length, compacted: found.compacted };
    });
  }

  listTopics(): Promise<readonly string[]> {
    return this.process.request("ask", "topics", () => [...this.broker.topics.keys()]);
  }

  createTopic(topic: string, { partitions, compacted }: { readonly partitions: number; readonly compacted?: boolean }): Promise<void> {
    return this.process.request("ask", topic, () => void this.broker.create(topic, partitions, compacted));
  }

  deleteTopic(): Promise<void> {
    return Promise.reject(new Error("no simulated pipeline deletes topics"));
  }

  trim(topic: string, partition: number, offset: number): Promise<void> {
    return this.process.request("ask", topic, () => this.broker.topic(topic).partition(partition).trim(offset));
  }

  bounds(topic: string, partition: number): Promise<{ readonly startOffset: number; readonly endOffset: number }> {
    return this.process.request("ask", topic, () => this.broker.topic(topic).partition(partition).bounds);
  }

  offsetAt(topic: string, partition: number, timestampMs: number): Promise<number> {
    return this.process.request("ask", topic, () => {
      const { records, endOffset } = this.broker.topic(topic).partition(partition);
      return records.find((record) => record.timestampMs >= timestampMs)?.offset ?? endOffset;
    });
  }

  openPartition(topic: string, partition: number): PartitionReader {
    return { fetch: (request) => this.fetch(topic, partition, request), close: () => Promise.resolve() };
  }

  async join(name: string, topics: readonly string[], listener: AssignmentListener): Promise<GroupMembership> {
    const group = this.broker.group(name);
    const described = topics.map((topic) => ({ name: topic, partitions: this.broker.topic(topic).partitions.length }));
    const member: Member = { process: this.process, topics: described, listener, own: [], hasLeft: false, isSilent: this.isClosed };
    this.members.push(member);
    await this.process.request("ask", name, () => group.join(member));
    return {
      commit: (offsets) => this.process.request("ask", name, () => this.checkCommitted(offsets)),
      leave: () => this.process.request("ask", name, () => group.leave(member)),
    };
  }

  append(): Promise<void> {
    return Promise.reject(new Error("no simulated pipeline appends raw records"));
  }

  private checkCommitted(offsets: readonly { readonly topic: string; readonly partition: number; readonly offset: number }[]): void {
    for (const { topic, partition, offset } of offsets) {
      const { endOffset } = this.broker.topic(topic).partition(partition);
      if (offset > endOffset) throw new Error(`offset ${offset} was committed of ${topic}-${partition}, which ends at ${endOffset}`);
    }
  }

  private async fetch(topic: string, partition: number, { offset, waitMs, signal }: FetchRequest): Promise<FetchResult> {
    const { process } = this;
    const found = this.broker.topic(topic).partition(partition);
    const isEmpty = await process.request("fetch", topic, () => (found.records.at(-1)?.offset ?? -1) < offset, { signal });
    if (isEmpty && waitMs > 0) await this.untilAppended(topic, partition, waitMs, signal);
    const { random } = this.env;
    return process.request(
      "fetch",
      `${topic} ${partition} ${offset}`,
      () => {
        const cut = cutRecords(this.broker.topic(topic), partition, offset, random);
        const bytes = new Set(cut.batches.map((batch) => batch.bytes));
        return {
          ...cut,
          bounds: found.bounds,
          // Nobody may look at what was released.
          release: () => {
            for (const buffer of bytes) buffer.fill(0xff);
          },
        };
      },
      { signal },
    );
  }

  private async untilAppended(topic: string, partition: number, waitMs: number, signal: AbortSignal): Promise<void> {
    const awake = new AbortController();
    const wake = (): void => awake.abort();
    const forget = must(this.broker.topics.get(topic))
      .partition(partition)
      .onAppend(() => this.process.later(0, "woken", wake));
    signal.addEventListener("abort", wake, { once: true });
    await this.process.clock.sleep(waitMs, awake.signal);
    signal.removeEventListener("abort", wake);
    forget();
  }
}
