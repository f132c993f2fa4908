import { SluiceError } from "../../errors.ts";
import { LIMITS } from "../../limits.ts";
import type { FetchRequest, FetchResult, PartitionReader } from "../../ports/source.ts";
import { type AbortedTransaction, walkRecordBatches } from "../codecs/record-batch-reader.ts";
import { SpareColumns } from "../codecs/slices-columns.ts";
import { type Cluster, stopIfAborted } from "./cluster.ts";
import { decompress } from "./decompress.ts";
import type { FetchQueue } from "./fetch-queue.ts";
import type { FetchedPartition } from "./protocol/broker-connection.ts";
import { KafkaAnswerError, KafkaError } from "./protocol/error-code.ts";
import { logBounds } from "./topics.ts";

/** One request waits no longer than this: one that was given up keeps its connection until it is answered. */
const WAIT_MS_MAX = LIMITS.restMs + LIMITS.fetchWaitMs;

/** A topic that was there cannot be missing for long: it has been deleted. */
const MISSING_TRIES_MAX = 5;

/** Reads one partition, independently of groups and of other readers. */
export class KafkaPartitionReader implements PartitionReader {
  private readonly cluster: Cluster;
  private readonly queue: FetchQueue;
  private readonly topic: string;
  private readonly partition: number;
  private readonly closing = new AbortController();
  private readonly spare = new SpareColumns();
  /** Of the log, as far as is known: before it there is nothing to wait for. */
  private endOffset = Number.POSITIVE_INFINITY;
  /** The topic that the first fetch met (null: none yet, or the client does not show it); another one of that name is another log. */
  private topicId: string | null = null;

  constructor(cluster: Cluster, queue: FetchQueue, topic: string, partition: number) {
    this.cluster = cluster;
    this.queue = queue;
    this.topic = topic;
    this.partition = partition;
    queue.join();
  }

  /** As the port says; also rejects with TOPIC_MISSING, and with LOG_CHANGED when the topic was created again meanwhile. */
  async fetch(request: FetchRequest): Promise<FetchResult> {
    const signal = AbortSignal.any([request.signal, this.closing.signal]);
    const { clock, settings } = this.cluster;
    const deadline = clock.monotonic() + request.waitMs;
    const waitMsMax = Math.min(WAIT_MS_MAX, settings.requestTimeoutMs / 2);
    for (;;) {
      const leftMs = Math.ceil(Math.min(Math.max(0, deadline - clock.monotonic()), waitMsMax));
      const waitMs = request.offset < this.endOffset ? 0 : leftMs;
      const fetched = await orStopped(this.fetchOnce({ ...request, waitMs }, signal), signal);
      const result = this.unpack(fetched, request.offset);
      const nothing = result.batches.length === 0 && result.nextOffset === request.offset;
      if (!nothing || clock.monotonic() >= deadline) return result;
    }
  }

  async close(): Promise<void> {
    if (!this.closing.signal.aborted) this.queue.leave();
    this.closing.abort();
  }

  /** An answer without error, from whoever leads the partition. */
  private async fetchOnce(request: FetchRequest, signal: AbortSignal): Promise<FetchedPartition> {
    let missing = 0;
    const attempt = async (): Promise<FetchedPartition> => {
      const { node, id } = await this.leader().catch((error: unknown) => {
        if (!(error instanceof SluiceError) || error.code !== "TOPIC_MISSING" || ++missing >= MISSING_TRIES_MAX) throw error;
        throw new SluiceError("CONNECTION_FAILED", error.message, { cause: error });
      });
      const { topic, partition } = this;
      const { offset, maxBytes, waitMs } = request;
      try {
        const fetched = await this.queue.fetch(node, { topic, topicId: id, partition, offset, maxBytes, waitMs });
        if (fetched.errorCode === KafkaError.none) {
          this.topicId = id;
          return fetched;
        }
        throw await this.refusal(fetched, offset);
      } catch (error) {
        if (error instanceof SluiceError && error.retryable) this.cluster.forgetTopic(topic);
        throw error;
      }
    };
    return this.cluster.retrying(attempt, signal, "endless");
  }

  private async leader(): Promise<{ readonly node: number; readonly id: string | null }> {
    const { topic, node } = await this.cluster.leader(this.topic, this.partition);
    if (this.topicId !== null && topic.id !== this.topicId) {
      const message = `topic ${this.topic} was deleted and created again: it is another log (id ${topic.id} instead of ${this.topicId})`;
      throw new SluiceError("LOG_CHANGED", message, { coordinates: { topic: this.topic, partition: this.partition } });
    }
    return { node, id: topic.id };
  }

  private async refusal(fetched: FetchedPartition, offset: number): Promise<SluiceError> {
    const { topic, partition } = this;
    const place = `${topic}-${partition}`;
    const coordinates = { topic, partition, offset };
    switch (fetched.errorCode) {
      case KafkaError.offsetOutOfRange: {
        const { startOffset, endOffset } = await logBounds(this.cluster, topic, partition);
        const message = `${place} has no offset ${offset}: its log is from ${startOffset} to ${endOffset}`;
        return new SluiceError("OFFSET_OUT_OF_RANGE", message, { coordinates });
      }
      case KafkaError.corruptMessage:
        return new SluiceError("LOG_CORRUPT", `${place}: the broker finds its log broken at offset ${offset}`, { coordinates });
      default:
        return new KafkaAnswerError(fetched.errorCode, `fetch of ${place} at offset ${offset}`);
    }
  }

  private unpack(fetched: FetchedPartition, fromOffset: number): FetchResult {
    const abortedTransactions: readonly AbortedTransaction[] = fetched.abortedTransactions.toSorted(
      (a, b) => a.firstOffset - b.firstOffset,
    );
    const { topic, partition, spare } = this;
    const { bytes, startOffset, lastStableOffset: endOffset } = fetched;
    this.endOffset = endOffset;
    const all = { topic, partition, bytes, start: 0, end: bytes.length, fromOffset, abortedTransactions, decompress, spare };
    const { batches, nextOffset } = walkRecordBatches(all);
    const result = { batches, nextOffset, bounds: { startOffset, endOffset } };
    const isInPlace = batches.some((slices) => slices.bytes === bytes);
    if (!isInPlace) fetched.release();
    if (batches.length === 0) return result;
    const release = once(() => {
      for (const slices of batches) spare.giveBack(slices);
      if (isInPlace) fetched.release();
    });
    return { ...result, release };
  }
}

function once(action: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    action();
  };
}

/** As `work`, but rejects with STOPPED as soon as `signal` is aborted, whatever an answer may take. */
async function orStopped<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  stopIfAborted(signal);
  const stop = Promise.withResolvers<never>();
  const onAbort = (): void => stop.reject(new SluiceError("STOPPED", "the fetch was given up"));
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([work, stop.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
