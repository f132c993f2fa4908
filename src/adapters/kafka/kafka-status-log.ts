import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import { MadeOnce } from "../../made-once.ts";
import { nextTickMs } from "../../next-tick-ms.ts";
import type { StatusEntry, StatusLog, StatusRecord } from "../../ports/status-log.ts";
import type { Cluster } from "./cluster.ts";
import { compressionBy } from "./compress.ts";
import type { FetchQueue } from "./fetch-queue.ts";
import { compactedSettings, stateRecords } from "./kafka-state-log.ts";
import { PartitionProducer } from "./partition-producer.ts";
import { KafkaPartitionReader } from "./partition-reader.ts";
import type { ProduceQueue } from "./produce-queue.ts";
import { outgoingRecords } from "./raw-records.ts";
import { describeTopic, logBounds, makeTopic } from "./topics.ts";

const PARTITION = 0;

/** Only closed segments are compacted, and whoever joins reads all that is left. */
const SEGMENT_BYTES = 4 << 20;

/** How servers stand, in a compacted topic of one partition. Its brokers stamp the records: no server's clock is asked. */
export class KafkaStatusLog implements StatusLog {
  private readonly cluster: Cluster;
  private readonly fetches: FetchQueue;
  private readonly topic: string;
  private readonly producer: PartitionProducer;
  private readonly prepared = new MadeOnce(() => this.prepareTopic());

  constructor(cluster: Cluster, fetches: FetchQueue, produces: ProduceQueue, topic: string) {
    this.cluster = cluster;
    this.fetches = fetches;
    this.topic = topic;
    this.producer = new PartitionProducer(cluster, produces, topic, PARTITION, { compression: compressionBy("zstd") });
  }

  /** Makes the topic where it is missing. */
  async follow(onRecords: (records: readonly StatusRecord[]) => void, signal: AbortSignal): Promise<void> {
    // It may have been deleted since.
    this.prepared.forget();
    await this.located(() => this.prepared.get());
    const reader = new KafkaPartitionReader(this.cluster, this.fetches, this.topic, PARTITION);
    try {
      let { startOffset: offset } = await logBounds(this.cluster, this.topic, PARTITION);
      const { clock } = this.cluster;
      while (!signal.aborted) {
        // At the same moments as whatever else reads by this connection and has nothing to do.
        const waitMs = nextTickMs(clock.monotonic(), LIMITS.restMs);
        const { batches, nextOffset } = await reader.fetch({ offset, maxBytes: LIMITS.fetchBytesMax, waitMs, signal });
        for (const slices of batches) {
          const records = stateRecords(slices, Number.POSITIVE_INFINITY).map(({ key, value }, row) => ({
            key,
            value: value?.toString() ?? null,
            timestampMs: slices.timestampsMs[row] as number,
          }));
          onRecords(records);
        }
        offset = nextOffset;
      }
    } catch (error) {
      if (!signal.aborted) throw this.unusable(error);
    } finally {
      await reader.close();
    }
  }

  async append(entries: readonly StatusEntry[]): Promise<ReadonlyMap<string, string>> {
    const timestampMs = this.cluster.clock.now();
    const records = entries.map(({ key, value }) => ({
      key: Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      timestampMs,
    }));
    await this.located(() => this.prepared.get());
    const { rejected, unknown } = await this.located(() => this.producer.send(outgoingRecords(records)));
    if (unknown !== null) throw unknown.error;
    return new Map([...rejected].map(([index, why]) => [entries[index]?.key ?? "", why]));
  }

  private async prepareTopic(): Promise<void> {
    const { cluster, topic } = this;
    if ((await describeTopic(cluster, topic)) === null) {
      const settings = {
        ...compactedSettings(cluster.settings.replication),
        "segment.bytes": String(SEGMENT_BYTES),
        "max.message.bytes": String(LIMITS.statusBytesMax),
        "message.timestamp.type": "LogAppendTime",
      };
      await makeTopic(cluster, topic, { partitions: 1, settings });
    }
    if ((await describeTopic(cluster, topic))?.compacted !== false) return;
    throw new SluiceError("TARGET_MISMATCH", `topic ${topic} is not compacted, but how a pipeline stands must not be deleted by age`, {
      hint: `kafka-configs --alter --entity-type topics --entity-name ${topic} --add-config cleanup.policy=compact`,
    });
  }

  private async located<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.unusable(error);
    }
  }

  /** What may pass stays what it is. */
  private unusable(error: unknown): SluiceError {
    if (error instanceof SluiceError && (error.retryable || error.code === "TARGET_MISMATCH")) return error;
    return new SluiceError("STORE_UNUSABLE", `${this.topic}: ${(error as Error).message}`, { cause: error });
  }
}
