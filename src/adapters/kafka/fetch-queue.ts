import { must } from "../../assert.ts";
import { LIMITS } from "../../limits.ts";
import type { Cluster } from "./cluster.ts";
import type { FetchedFrom, FetchedPartition } from "./protocol/broker-connection.ts";
import { RequestMerger } from "./request-merger.ts";

export interface WantedFetch extends FetchedFrom {
  readonly waitMs: number;
}

/** Readers behind the log's end need not wait for those that wait at it. */
const CONNECTIONS_MAX = 4;

/** The fetches of all partition readers of a connection. */
export class FetchQueue {
  private readonly merger: RequestMerger<WantedFetch, FetchedPartition>;

  constructor(cluster: Cluster) {
    this.merger = new RequestMerger<WantedFetch, FetchedPartition>(cluster, {
      purpose: "fetch",
      connectionsMax: CONNECTIONS_MAX,
      keyOf: ({ topic, partition }) => `${partition} ${topic}`,
      async send(connection, partitions) {
        const answers = await connection.fetch({
          waitMs: Math.min(...partitions.map(({ waitMs }) => waitMs)),
          maxBytes: Math.min(
            partitions.reduce((sum, { maxBytes }) => sum + maxBytes, 0),
            LIMITS.fetchResponseBytesMax,
          ),
          partitions,
        });
        const byPlace = new Map(answers.map((answer) => [`${answer.partition} ${answer.topic}`, answer]));
        return partitions.map(({ topic, partition }) => must(byPlace.get(`${partition} ${topic}`), `answer for ${topic}-${partition}`));
      },
    });
  }

  /**
   * What the leader `node` has of the partition. A broker gives a record batch larger than `maxBytes` only to the first
   * partition of a request: whoever got nothing although there is more asks again, in front.
   */
  async fetch(node: number, wanted: WantedFetch): Promise<FetchedPartition> {
    const answer = await this.merger.submit(node, wanted);
    const passedOver = answer.errorCode === 0 && answer.bytes.length === 0 && answer.lastStableOffset > wanted.offset;
    return passedOver ? this.merger.submit(node, { ...wanted, waitMs: 0 }, true) : answer;
  }
}
