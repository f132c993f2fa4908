import { afterAll, describe, expect, it } from "vitest";
import { eventually } from "../../conformance/eventually.ts";
import { freshName } from "../../conformance/names.ts";
import { readToEnd, recordsOf } from "../../conformance/read-log.ts";
import { plain } from "../../conformance/source-suite.ts";
import { describeWith } from "../needs.ts";
import { ClusterAdmin } from "./cluster-admin.ts";
import { CLIENTS, KafkaConnections } from "./connection.ts";

const CODECS = ["gzip", "snappy", "lz4", "zstd"] as const;

describeWith("kafka", "reading from Kafka", ({ brokers }) => {
  const admin = new ClusterAdmin(brokers);
  afterAll(() => admin.close());

  describe.each(CLIENTS)("with %s", (client) => {
    const connections = new KafkaConnections(brokers, client);
    const source = connections.source();
    afterAll(() => connections.close());

    const valuesOf = async (topic: string, partition = 0): Promise<(string | null)[]> =>
      (await readToEnd(source, topic, partition)).map(({ value }) => value);

    describe("transactions", () => {
      /** Kafka answers a commit before its markers are in the log. */
      const untilEnd = (topic: string, endOffset: number): Promise<void> =>
        eventually(async () => expect(await source.bounds(topic, 0)).toEqual({ startOffset: 0, endOffset }));

      const transact = async (topic: string, values: readonly string[], end: "commit" | "abort"): Promise<void> => {
        const producer = admin.producer({ idempotent: true, transactionalId: freshName("transaction") });
        const transaction = await producer.beginTransaction();
        for (const value of values) await transaction.send({ messages: [{ topic, key: "k", value }] });
        await transaction[end]();
      };

      it("ends at the end of a log whose last offset is a marker", async () => {
        const topic = await admin.createTopic("marker");
        await transact(topic, ["a", "b"], "commit");
        await untilEnd(topic, 3);
        expect(await valuesOf(topic)).toEqual(["a", "b"]);
        const reader = source.openPartition(topic, 0);
        const signal = AbortSignal.timeout(30_000);
        expect((await reader.fetch({ offset: 0, maxBytes: 1 << 20, waitMs: 0, signal })).nextOffset).toBe(3);
        // Asked for the marker itself there is no record, but the log goes on behind it.
        const marker = await reader.fetch({ offset: 2, maxBytes: 1 << 20, waitMs: 0, signal });
        expect(marker).toMatchObject({ batches: [], nextOffset: 3 });
        await reader.close();
      });

      it("leaves out what was aborted, also where nothing else is left", async () => {
        const topic = await admin.createTopic("aborted");
        await transact(topic, ["no"], "abort");
        await untilEnd(topic, 2);
        expect(await valuesOf(topic)).toEqual([]);
        await source.append(topic, [plain("between")]);
        await transact(topic, ["yes"], "commit");
        await transact(topic, ["no", "never"], "abort");
        await untilEnd(topic, 8);
        expect(await valuesOf(topic)).toEqual(["between", "yes"]);
      });

      it("gives nothing of an open transaction, nor what lies behind it", async () => {
        const topic = await admin.createTopic("open");
        await source.append(topic, [plain("before")]);
        const producer = admin.producer({ idempotent: true, transactionalId: freshName("transaction") });
        const transaction = await producer.beginTransaction();
        await transaction.send({ messages: [{ topic, key: "k", value: "inside" }] });
        await source.append(topic, [plain("behind")]);
        expect((await source.bounds(topic, 0)).endOffset).toBe(1);
        expect(await valuesOf(topic)).toEqual(["before"]);
        const reader = source.openPartition(topic, 0);
        const waiting = await reader.fetch({ offset: 1, maxBytes: 1 << 20, waitMs: 50, signal: AbortSignal.timeout(30_000) });
        expect(waiting).toMatchObject({ batches: [], nextOffset: 1, bounds: { endOffset: 1 } });
        await transaction.commit();
        await untilEnd(topic, 4);
        expect(await valuesOf(topic)).toEqual(["before", "inside", "behind"]);
        await reader.close();
      });
    });

    it.each(CODECS)("reads what is compressed with %s by Java and by a client", async (codec) => {
      const values = Array.from({ length: 2000 }, (_, i) => `{"device":"device-${i % 7}","reading":${i}}`);
      const byBroker = await admin.createTopic("compressed", { "compression.type": codec });
      await source.append(
        byBroker,
        values.map((value) => plain(value)),
      );
      expect(await valuesOf(byBroker)).toEqual(values);
      const byClient = await admin.createTopic("compressed");
      const messages = values.map((value) => ({ topic: byClient, key: "k", value, partition: 0 }));
      await admin.producer().send({ messages, compression: codec });
      expect(await valuesOf(byClient)).toEqual(values);
    });

    it("gives every partition its large batch, although they are fetched together", async () => {
      const topic = await admin.createTopic("large", {}, 3);
      const large = "x".repeat(500_000);
      for (const partition of [0, 1, 2]) await source.append(topic, [{ ...plain(large), partition }]);
      const reads = [0, 1, 2].map(async (partition) => {
        const reader = source.openPartition(topic, partition);
        const { batches } = await reader.fetch({ offset: 0, maxBytes: 1, waitMs: 10_000, signal: AbortSignal.timeout(30_000) });
        await reader.close();
        return recordsOf(batches).map(({ value }) => value?.length);
      });
      expect(await Promise.all(reads)).toEqual([[500_000], [500_000], [500_000]]);
    });

    it("does not let a partition with records wait for one without", async () => {
      const topic = await admin.createTopic("busy", {}, 2);
      const readers = [0, 1].map((partition) => source.openPartition(topic, partition));
      const signal = AbortSignal.timeout(60_000);
      const stop = new AbortController();
      const idle = readers[0]?.fetch({ offset: 0, maxBytes: 1 << 20, waitMs: 30_000, signal: stop.signal });
      const began = performance.now();
      for (let offset = 0; offset < 20; offset++) {
        await source.append(topic, [{ ...plain(`${offset}`), partition: 1 }]);
        const fetched = await readers[1]?.fetch({ offset, maxBytes: 1 << 20, waitMs: 5000, signal });
        expect(fetched?.nextOffset).toBe(offset + 1);
      }
      expect(performance.now() - began).toBeLessThan(5000);
      stop.abort();
      await expect(idle).rejects.toMatchObject({ code: "STOPPED" });
    });

    it("says where the log is when the offset has been deleted", async () => {
      const topic = await admin.createTopic("trimmed");
      await source.append(topic, [plain("a"), plain("b"), plain("c")]);
      await admin.deleteRecords(topic, 2);
      const reader = source.openPartition(topic, 0);
      const request = { maxBytes: 1 << 20, waitMs: 0, signal: AbortSignal.timeout(30_000) };
      const refused = expect(reader.fetch({ ...request, offset: 1 })).rejects;
      await refused.toMatchObject({ code: "OFFSET_OUT_OF_RANGE", message: expect.stringContaining("from 2 to 3") });
      expect((await reader.fetch({ ...request, offset: 2 })).bounds).toEqual({ startOffset: 2, endOffset: 3 });
      await reader.close();
    });

    it("notices that a topic was deleted and created again, or is gone", async () => {
      const topic = await admin.createTopic("again");
      await source.append(topic, [plain("first")]);
      const before = await source.describeTopic(topic);
      const reader = source.openPartition(topic, 0);
      const request = { maxBytes: 1 << 20, waitMs: 0, signal: AbortSignal.timeout(60_000) };
      await reader.fetch({ ...request, offset: 0 });
      await admin.deleteTopic(topic);
      // The broker answers before its logs are gone.
      await eventually(() => expect(reader.fetch({ ...request, offset: 1 })).rejects.toMatchObject({ code: "TOPIC_MISSING" }));
      await admin.createNamed(topic);
      await source.append(topic, [plain("second")]);
      const after = await source.describeTopic(topic);
      if (client === "kafkajs") {
        expect([before?.id, after?.id]).toEqual([null, null]);
      } else {
        expect(after?.id).not.toBe(before?.id);
        await expect(reader.fetch({ ...request, offset: 0 })).rejects.toMatchObject({ code: "LOG_CHANGED" });
      }
      expect(await valuesOf(topic)).toEqual(["second"]);
      await reader.close();
    });
  });
});
