import { SluiceError } from "../../errors.ts";
import { encodeHeaders } from "../../model/record-headers.ts";
import type { Clock } from "../../ports/clock.ts";
import type {
  AssignmentListener,
  FetchRequest,
  FetchResult,
  GroupMembership,
  LogBounds,
  NewTopicOptions,
  PartitionReader,
  RawRecord,
  Source,
  TopicDescription,
} from "../../ports/source.ts";
import type { EmbeddedStore } from "./embedded-store.ts";
import { stopIfAborted } from "./stop-if-aborted.ts";
import type { NewRecord, TopicLog } from "./topic-log.ts";

/** How often a reader at the end looks for records of other processes; those of its own wake it at once. */
const LOOK_MS = 50;

/** The topics of one embedded connection. */
export class EmbeddedSource implements Source {
  private readonly store: EmbeddedStore;
  private readonly log: TopicLog;
  private readonly clock: Clock;

  constructor(store: EmbeddedStore, log: TopicLog, clock: Clock) {
    this.store = store;
    this.log = log;
    this.clock = clock;
  }

  describeTopic(topic: string): Promise<TopicDescription | null> {
    return this.store.read(() => this.log.describe(topic));
  }

  listTopics(): Promise<readonly string[]> {
    return this.store.read(() => this.log.list());
  }

  createTopic(topic: string, options: NewTopicOptions): Promise<void> {
    return this.store.write(() => this.log.create(topic, options.partitions, options.compacted ?? false));
  }

  deleteTopic(topic: string): Promise<void> {
    return this.store.write(() => this.log.delete(topic));
  }

  trim(topic: string, partition: number, offset: number): Promise<void> {
    return this.store.write(() => this.log.trim(topic, partition, offset));
  }

  bounds(topic: string, partition: number): Promise<LogBounds> {
    return this.store.read(() => this.log.bounds(topic, partition));
  }

  offsetAt(topic: string, partition: number, timestampMs: number): Promise<number> {
    return this.store.read(() => this.log.offsetAt(topic, partition, timestampMs));
  }

  openPartition(topic: string, partition: number): PartitionReader {
    return {
      fetch: (request) => this.fetch(topic, partition, request),
      close: () => Promise.resolve(),
    };
  }

  /** All partitions go to whoever joins; two owners of one partition are told apart by their claims in the state log. */
  async join(group: string, topics: readonly string[], listener: AssignmentListener): Promise<GroupMembership> {
    const partitions = await this.store.read(() =>
      topics.flatMap((topic) => {
        const description = this.log.describe(topic);
        if (description === null) throw new SluiceError("TOPIC_MISSING", `the topic ${topic} does not exist`, { coordinates: { topic } });
        return Array.from({ length: description.partitions }, (_, partition) => ({ topic, partition }));
      }),
    );
    let left = false;
    setImmediate(() => {
      if (!left) listener.onAssigned(partitions, true);
    });
    return {
      commit: (offsets) =>
        this.store.write(() => {
          for (const { topic, partition, offset } of offsets) this.log.commit(group, topic, partition, offset);
        }),
      leave: async () => {
        left = true;
      },
    };
  }

  async append(topic: string, records: readonly RawRecord[]): Promise<void> {
    if (records.length > 0) await this.store.write(() => this.log.append(topic, newRecords(records)));
  }

  private async fetch(topic: string, partition: number, request: FetchRequest): Promise<FetchResult> {
    const deadline = this.clock.monotonic() + request.waitMs;
    for (;;) {
      stopIfAborted(request.signal, topic, partition);
      const result = await this.store.read(() => this.log.read(topic, partition, request.offset, request.maxBytes));
      stopIfAborted(request.signal, topic, partition);
      const leftMs = deadline - this.clock.monotonic();
      if (result.batches.length > 0 || leftMs <= 0) return result;
      await this.sleepUntilWrite(Math.min(leftMs, LOOK_MS), request.signal);
    }
  }

  private async sleepUntilWrite(ms: number, signal: AbortSignal): Promise<void> {
    const awake = new AbortController();
    const wake = (): void => awake.abort();
    const unsubscribe = this.store.onWrite(wake);
    signal.addEventListener("abort", wake, { once: true });
    await this.clock.sleep(ms, awake.signal);
    signal.removeEventListener("abort", wake);
    unsubscribe();
  }
}

function* newRecords(records: readonly RawRecord[]): Iterable<NewRecord> {
  for (const { key, value, timestampMs, headers, partition } of records) {
    const block = headers === undefined || headers.length === 0 ? null : encodeHeaders(headers);
    yield { key, value, timestampMs, headers: block, partition: partition ?? null };
  }
}
