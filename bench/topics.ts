import { setTimeout as sleep } from "node:timers/promises";
import { Admin } from "@platformatic/kafka";

const WAIT_MS_MAX = 60_000;
const POLL_MS = 50;

/** Deletes those of the topics that exist, and waits until the broker does not show them any more. */
export async function deleteTopics(broker: string, isMeant: (name: string) => boolean): Promise<void> {
  const admin = newAdmin(broker);
  try {
    const find = async (): Promise<string[]> => (await admin.listTopics()).filter(isMeant);
    const found = await find();
    if (found.length === 0) return;
    await admin.deleteTopics({ topics: found });
    await until(`the broker did not delete ${found.join(", ")}`, async () => (await find()).length === 0);
  } finally {
    await admin.close();
  }
}

/** Event time lies in the past: with any retention the broker would delete the records. */
export async function createTopics(broker: string, names: readonly string[], partitions: number): Promise<void> {
  const admin = newAdmin(broker);
  try {
    const configs = [
      { name: "retention.ms", value: "-1" },
      { name: "retention.bytes", value: "-1" },
    ];
    await admin.createTopics({ topics: [...names], partitions, replicas: 1, configs });
    // The broker answers before it knows the topics itself.
    await until(`the broker has not made ${names.join(", ")}`, async () => {
      const { topics } = await admin.metadata({ topics: [...names], forceUpdate: true });
      return names.every((name) => topics.get(name)?.partitions.filter(({ leader }) => leader >= 0).length === partitions);
    });
  } finally {
    await admin.close();
  }
}

async function until(problem: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WAIT_MS_MAX;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(problem);
    await sleep(POLL_MS);
  }
}

function newAdmin(broker: string): Admin {
  return new Admin({ clientId: "bench", bootstrapBrokers: [broker], retries: 20, retryDelay: 100 });
}
