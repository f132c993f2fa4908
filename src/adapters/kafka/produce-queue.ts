import { must } from "../../assert.ts";
import type { Cluster } from "./cluster.ts";
import type { ProduceAnswer, ProducedBatch } from "./protocol/broker-connection.ts";
import { RequestMerger } from "./request-merger.ts";

/** The record batches of all producers of a connection, merged into one request a broker. */
export type ProduceQueue = RequestMerger<ProducedBatch, ProduceAnswer>;

export function openProduceQueue(cluster: Cluster): ProduceQueue {
  return new RequestMerger<ProducedBatch, ProduceAnswer>(cluster, {
    purpose: "produce",
    connectionsMax: 2,
    keyOf: ({ topic, partition }) => `${partition} ${topic}`,
    async send(connection, batches) {
      const answers = await connection.produce(batches, cluster.settings.requestTimeoutMs);
      const byPlace = new Map(answers.map((answer) => [`${answer.partition} ${answer.topic}`, answer]));
      return batches.map(({ topic, partition }) => must(byPlace.get(`${partition} ${topic}`), `answer for ${topic}-${partition}`));
    },
  });
}
