import type { Finding } from "../../ports/connection.ts";
import type { Cluster } from "./cluster.ts";
import { mayCreateTopics } from "./topics.ts";

/** The brokers answer, understand the requests that are used here, and let topics be created. */
export async function diagnose(cluster: Cluster): Promise<readonly Finding[]> {
  const { settings } = cluster;
  const addresses = settings.brokers.map(({ host, port }) => `${host}:${port}`).join(", ");
  try {
    const { brokers, topics } = await cluster.metadata(null);
    const visible = topics.filter((topic) => !topic.internal).length;
    const detail = `${brokers.length} ${brokers.length === 1 ? "broker" : "brokers"}, ${visible} topics, by ${settings.client}`;
    return [{ check: "brokers answer", ok: true, detail, advice: null }, await creation(cluster)];
  } catch (error) {
    const advice = `check brokers (${addresses}), tls and sasl in sluice.yaml; Kafka must be 3.2 or newer (2.3 with client: kafkajs)`;
    return [{ check: "brokers answer", ok: false, detail: messageOf(error), advice }];
  }
}

async function creation(cluster: Cluster): Promise<Finding> {
  const check = "topics may be created";
  try {
    const refusal = await mayCreateTopics(cluster);
    if (refusal === null) return { check, ok: true, detail: "the state of a pipeline is kept in a topic of its own", advice: null };
    const advice = "grant Create on the cluster, or create target topics and sluice.<pipeline>.state (compacted) by hand";
    return { check, ok: false, detail: refusal.message, advice };
  } catch (error) {
    return { check, ok: false, detail: messageOf(error), advice: "see whether the cluster has a controller" };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
