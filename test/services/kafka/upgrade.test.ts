import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { openEmbedded } from "../../../src/adapters/embedded/open-embedded.ts";
import { stateTopic } from "../../../src/adapters/kafka/kafka-state-log.ts";
import { systemClock } from "../../../src/adapters/system-clock.ts";
import { must } from "../../../src/assert.ts";
import type { StateRecord } from "../../../src/ports/state-log.ts";
import { Journal } from "../../../src/state/journal/journal.ts";
import { freshName } from "../../conformance/names.ts";
import { scratch } from "../../support/scratch.ts";
import { pipelines } from "../../upgrade/workload.ts";
import { describeWith } from "../needs.ts";
import { ClusterAdmin } from "./cluster-admin.ts";
import { CLIENTS, KafkaConnections } from "./connection.ts";

const KEPT = fileURLToPath(new URL("../../upgrade/kept/", import.meta.url));

describeWith("kafka", "state that the release before wrote, in a topic", ({ brokers }) => {
  const admin = new ClusterAdmin(brokers);
  const made: string[] = [];
  afterAll(async () => {
    for (const topic of made) await admin.deleteTopic(topic);
    await admin.close();
  });

  it.each(CLIENTS)("is restored as from where it was written, by %s", async (client) => {
    const folder = scratch();
    cpSync(KEPT, folder, { recursive: true });
    const embedded = openEmbedded({ name: "topics", kind: "embedded", as: "kafka", settings: {} }, folder, systemClock);
    const connections = new KafkaConnections(brokers, client);
    const source = connections.source();
    for (const name of pipelines("topics").keys()) {
      const kept = must(await embedded.keptState.read(name), join(folder, name));
      const pipeline = freshName(`upgraded-${name}`);
      const topic = stateTopic(pipeline);
      made.push(topic);
      await admin.createNamed(topic, { "cleanup.policy": "compact" }, kept.length);
      for (const [partition, records] of kept.entries()) {
        await source.append(
          topic,
          inPlace(records).map(({ key, value }) => ({ key: Buffer.from(key), value, timestampMs: 0, partition })),
        );
        const fromTopic = await Journal.open(must(await connections.open().openStateLog(pipeline, kept.length)), partition, "test");
        const fromStore = await Journal.open(await embedded.openStateLog(name), partition, "test");
        expect([name, partition, fromTopic.restored.size]).toEqual([name, partition, fromStore.restored.size]);
        expect(fromTopic.restored.size).toBeGreaterThan(0);
        expect(fromTopic.restored).toEqual(fromStore.restored);
        expect(fromTopic.notes).toEqual(fromStore.notes);
        expect([...fromTopic.damaged]).toEqual([]);
      }
    }
    await connections.close();
    await embedded.close();
  });
});

/** Each record at the offset that was its position: generations are positions. What lies between belongs to nobody. */
function inPlace(records: readonly StateRecord[]): readonly { readonly key: string; readonly value: Buffer | null }[] {
  const end = (records.at(-1)?.position ?? -1) + 1;
  const byPosition = new Map(records.map((record) => [record.position, record]));
  return Array.from({ length: end }, (_, position) => byPosition.get(position) ?? { key: `nobody|${position}`, value: Buffer.alloc(0) });
}
