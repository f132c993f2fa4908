import { setTimeout as sleep } from "node:timers/promises";
import { Admin } from "@platformatic/kafka";

const GONE_MS_MAX = 60_000;
const POLL_MS = 50;

/** Deletes those of the topics that exist, and waits until the broker does not show them any more. */
export async function deleteTopics(broker: string, isMeant: (name: string) => boolean): Promise<void> {
  const admin = newAdmin(broker);
  try {
    const find = async (): Promise<string[]> => (await admin.listTopics()).filter(isMeant);
    const found = await find();
    if (found.length === 0) return;
    await admin.deleteTopics({ topics: found });
    const deadline = Date.now() + GONE_MS_MAX;
    while ((await find()).length > 0) {
      if (Date.now() > deadline) throw new Error(`the broker did not delete ${found.join(", ")}`);
      await sleep(POLL_MS);
    }
  } finally {
    await admin.close();
  }
}

/** Event time lies in the past: with any retention the broker would delete the records. */
export async function createTopic(broker: string, topic: string, partitions: number): Promise<void> {
  const admin = newAdmin(broker);
  try {
    const configs = [
      { name: "retention.ms", value: "-1" },
      { name: "retention.bytes", value: "-1" },
    ];
    await admin.createTopics({ topics: [topic], partitions, replicas: 1, configs });
  } finally {
    await admin.close();
  }
}

function newAdmin(broker: string): Admin {
  return new Admin({ clientId: "bench", bootstrapBrokers: [broker], retries: 20, retryDelay: 100 });
}
