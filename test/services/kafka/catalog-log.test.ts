import { afterAll, expect, it } from "vitest";
import type { CatalogLog } from "../../../src/ports/catalog-log.ts";
import { catalogLogSuite, entry, openCatalog } from "../../conformance/catalog-log-suite.ts";
import { eventually } from "../../conformance/eventually.ts";
import { freshName } from "../../conformance/names.ts";
import { describeWith } from "../needs.ts";
import { ClusterAdmin } from "./cluster-admin.ts";
import { CLIENTS, KafkaConnections } from "./connection.ts";

describeWith("kafka", "a catalog in a topic", ({ brokers }) => {
  const admin = new ClusterAdmin(brokers);
  const connections = new KafkaConnections(brokers, "platformatic");
  const topics: string[] = [];
  const freshTopic = (): string => {
    const topic = freshName("catalog");
    topics.push(topic);
    return topic;
  };
  const newLog = (topic: string): CatalogLog => connections.open().catalogLog?.(topic) as CatalogLog;
  afterAll(async () => {
    await connections.close();
    for (const topic of topics) await admin.deleteTopic(topic).catch(() => {});
    await admin.close();
  });

  for (const client of CLIENTS) {
    catalogLogSuite(
      `Kafka by ${client}`,
      () => {
        const ours = new KafkaConnections(brokers, client);
        const topic = freshTopic();
        return { newLog: () => ours.open().catalogLog?.(topic) as CatalogLog, close: () => ours.close() };
      },
      { isShared: true },
    );
  }

  it("passes over what is no catalog, tells where it stands, and keeps the version before", async () => {
    const topic = freshTopic();
    const first = await openCatalog(newLog(topic));
    await first.append([entry("a", "1")]);
    const producer = admin.producer();
    await producer.send({ messages: [{ topic, key: "x", value: "garbage" }] });
    await first.append([entry("b", "2")]);
    await producer.send({ messages: [{ topic, key: "y", value: '00000000 [3,["pipeline|hot","{}"]]' }] });
    await first.log.close();
    const { entries, damages, log } = await openCatalog(newLog(topic));
    expect(Object.fromEntries(entries)).toEqual({ a: "1", b: "2" });
    expect(damages).toMatchObject([
      { place: `${topic}-0, offset 1`, problem: "is no line of a catalog" },
      { place: `${topic}-0, offset 3`, problem: "fails its checksum; it spoke of pipeline|hot" },
    ]);
    await log.close();
  });

  it("keeps ten versions and removes those before", async () => {
    const topic = freshTopic();
    const { append, log, generation } = await openCatalog(newLog(topic));
    expect(generation).toBe(0);
    for (let change = 1; change <= 30; change++) await append([entry("a", String(change))]);
    await log.close();
    const source = connections.source();
    const reader = source.openPartition(topic, 0);
    const live = new Set<string>();
    const { endOffset } = await source.bounds(topic, 0);
    for (let offset = 0; offset < endOffset; ) {
      const { batches, nextOffset } = await reader.fetch({ offset, maxBytes: 1 << 20, waitMs: 100, signal: new AbortController().signal });
      for (const { count, bytes, keyStarts, keyEnds, valueStarts } of batches) {
        for (let row = 0; row < count; row++) {
          const key = bytes.toString("utf8", keyStarts[row], keyEnds[row]);
          if ((valueStarts[row] as number) < 0) live.delete(key);
          else live.add(key);
        }
      }
      offset = nextOffset;
    }
    await reader.close();
    expect(live.size).toBe(11);
    const again = await openCatalog(newLog(topic));
    expect([again.generation, again.entries.get("a")]).toEqual([30, "30"]);
    await again.log.close();
  });

  it("says so when the topic was deleted and made again under it", async () => {
    const topic = freshTopic();
    const log = newLog(topic);
    let failure: Error | null = null;
    await log.open({
      onChange: () => {},
      onFailed: (error) => {
        failure = error;
      },
    });
    await log.append({ generation: 1, entries: [entry("a", "1")] });
    await admin.deleteTopic(topic);
    await eventually(() => admin.createNamed(topic, { "cleanup.policy": "compact" }));
    await eventually(() => expect(failure).toMatchObject({ code: "STORE_UNUSABLE" }), 30_000);
    await expect(log.append({ generation: 2, entries: [entry("a", "2")] })).rejects.toMatchObject({ code: "STORE_UNUSABLE" });
    await log.close();
  });

  it("refuses a topic that is not compacted", async () => {
    const topic = await admin.createTopic("catalog", { "cleanup.policy": "delete" });
    topics.push(topic);
    await expect(openCatalog(newLog(topic))).rejects.toMatchObject({ code: "TARGET_MISMATCH" });
  });
});
