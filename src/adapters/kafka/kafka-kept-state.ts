import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { KeptState, StateRecord } from "../../ports/state-log.ts";
import type { Cluster } from "./cluster.ts";
import type { FetchQueue } from "./fetch-queue.ts";
import { READ_WAIT_MS, stateRecords, stateTopic } from "./kafka-state-log.ts";
import { KafkaPartitionReader } from "./partition-reader.ts";
import { deleteTopic, describeTopic, logBounds } from "./topics.ts";

/** What the state topics of one cluster hold. */
export class KafkaKeptState implements KeptState {
  private readonly cluster: Cluster;
  private readonly fetches: FetchQueue;

  constructor(cluster: Cluster, fetches: FetchQueue) {
    this.cluster = cluster;
    this.fetches = fetches;
  }

  async read(pipeline: string): Promise<readonly (readonly StateRecord[])[] | null> {
    const topic = await describeTopic(this.cluster, stateTopic(pipeline));
    if (topic === null) return null;
    return Promise.all(Array.from({ length: topic.partitions }, (_, partition) => this.partition(topic.name, partition)));
  }

  async drop(pipeline: string): Promise<boolean> {
    try {
      await deleteTopic(this.cluster, stateTopic(pipeline));
      return true;
    } catch (error) {
      if (error instanceof SluiceError && error.code === "TOPIC_MISSING") return false;
      throw error;
    }
  }

  /** What compaction has left up to the end that there is now. */
  private async partition(topic: string, partition: number): Promise<readonly StateRecord[]> {
    const { startOffset, endOffset } = await logBounds(this.cluster, topic, partition);
    const reader = new KafkaPartitionReader(this.cluster, this.fetches, topic, partition);
    const records: StateRecord[] = [];
    try {
      for (let offset = startOffset; offset < endOffset; ) {
        const { batches, nextOffset } = await reader.fetch({
          offset,
          maxBytes: LIMITS.fetchBytesMax,
          waitMs: READ_WAIT_MS,
          signal: this.cluster.closed,
        });
        for (const slices of batches) records.push(...stateRecords(slices, endOffset));
        offset = nextOffset;
      }
    } finally {
      await reader.close();
    }
    return records;
  }
}
