import { must } from "../../assert.ts";
import { LIMITS } from "../../limits.ts";
import { partitionName } from "../../model/partition-name.ts";
import type { Cluster } from "./cluster.ts";
import type { BrokerConnection, FetchedFrom, FetchedPartition } from "./protocol/broker-connection.ts";
import { RequestMerger } from "./request-merger.ts";

export interface WantedFetch extends FetchedFrom {
  /** 0: there is something to be read, as far as is known. */
  readonly waitMs: number;
}

/** Where there is nothing to wait for: the broker prepares answers while others are on their way. */
const READING = { purpose: "read", connectionsMax: 4, itemsMax: LIMITS.fetchPartitionsMax };

/** Readers at the end of their logs wait together; who comes later need not wait for their answer. Only as many are opened as it takes. */
const WAITING = { purpose: "wait", connectionsMax: 8 };

/** The fetches of all partition readers of a connection. Those that read on and those that wait go different ways. */
export class FetchQueue {
  private readonly reading: RequestMerger<WantedFetch, FetchedPartition>;
  private readonly waiting: RequestMerger<WantedFetch, FetchedPartition>;
  private readers = 0;

  constructor(cluster: Cluster) {
    this.reading = new RequestMerger<WantedFetch, FetchedPartition>(cluster, { ...READING, keyOf: partitionName, send });
    this.waiting = new RequestMerger<WantedFetch, FetchedPartition>(cluster, { ...WAITING, keyOf: partitionName, send });
  }

  /** A reader more, which has up to two fetches in memory: one that is worked off, and the next. */
  join(): void {
    this.readers++;
  }

  leave(): void {
    this.readers--;
  }

  /**
   * What the leader `node` has of the partition. A broker gives a record batch larger than `maxBytes` only to the first
   * partition of a request: whoever got nothing although there is more asks again, in front.
   */
  async fetch(node: number, request: WantedFetch): Promise<FetchedPartition> {
    const shareBytes = Math.max(LIMITS.fetchBytesMin, Math.floor(LIMITS.fetchedBytesMax / (2 * this.readers)));
    const wanted = { ...request, maxBytes: Math.min(request.maxBytes, shareBytes) };
    const answer = await (wanted.waitMs === 0 ? this.reading : this.waiting).submit(node, wanted);
    const passedOver = answer.errorCode === 0 && answer.bytes.length === 0 && answer.lastStableOffset > wanted.offset;
    return passedOver ? this.reading.submit(node, { ...wanted, waitMs: 0 }, true) : answer;
  }
}

/** On the last connection that was free a fetch does not wait for long: whoever comes now has to wait for it. */
async function send(
  connection: BrokerConnection,
  partitions: readonly WantedFetch[],
  isLastFree: boolean,
): Promise<readonly FetchedPartition[]> {
  const wantedBytes = partitions.reduce((sum, { maxBytes }) => sum + maxBytes, 0);
  const waitMsMax = isLastFree ? LIMITS.fetchWaitMs : Number.POSITIVE_INFINITY;
  const answers = await connection.fetch({
    waitMs: Math.min(waitMsMax, ...partitions.map(({ waitMs }) => waitMs)),
    maxBytes: Math.min(wantedBytes, LIMITS.fetchResponseBytesMax),
    partitions,
  });
  const byPlace = new Map(answers.map((answer) => [partitionName(answer), answer]));
  return partitions.map((wanted) => must(byPlace.get(partitionName(wanted)), `answer for ${wanted.topic}-${wanted.partition}`));
}
