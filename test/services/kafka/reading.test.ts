import { afterAll, describe, expect, it } from "vitest";
import { must } from "../../../src/assert.ts";
import { LIMITS } from "../../../src/limits.ts";
import type { FetchResult } from "../../../src/ports/source.ts";
import { eventually } from "../../conformance/eventually.ts";
import { freshName } from "../../conformance/names.ts";
import { type LogRecord, readToEnd, recordsOf } from "../../conformance/read-log.ts";
import { plain } from "../../conformance/source-suite.ts";
import { describeWith } from "../needs.ts";
import { ClusterAdmin } from "./cluster-admin.ts";
import { CLIENTS, KafkaConnections } from "./connection.ts";

/** Lets what is under way in this process go on. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

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

    it("lets nobody wait for others that wait for long", async () => {
      const WAITING = 12;
      const topic = await admin.createTopic("long-waits", {}, WAITING + 1);
      // What it leaves under way keeps its connections busy for a while.
      const own = new KafkaConnections(brokers, client);
      const readers = Array.from({ length: WAITING + 1 }, (_, partition) => own.source().openPartition(topic, partition));
      const signal = AbortSignal.timeout(60_000);
      const fetch = (partition: number, waitMs: number): Promise<FetchResult> =>
        must(readers[partition]).fetch({ offset: 0, maxBytes: 1 << 20, waitMs, signal });
      // From here on they know that there is nothing to be read.
      await Promise.all(readers.map((_, partition) => fetch(partition, 0)));
      const waiting = Array.from({ length: WAITING }, async (_, partition) => {
        await turns(10 * partition);
        return fetch(partition, 20_000);
      });
      await turns(10 * (WAITING + 1));
      const startMs = performance.now();
      await fetch(WAITING, 100);
      expect(performance.now() - startMs).toBeLessThan(2_500);
      for (const reader of readers) await reader.close();
      await Promise.allSettled(waiting);
      await own.close();
    });

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

      it("tells apart transactions that were given up and others whose records lie between theirs", async () => {
        const topic = await admin.createTopic("interleaved");
        const producers = Array.from({ length: 3 }, () => admin.producer({ idempotent: true, transactionalId: freshName("transaction") }));
        const expected: string[] = [];
        let offsets = 0;
        for (let round = 0; round < 3; round++) {
          const transactions = await Promise.all(producers.map((producer) => producer.beginTransaction()));
          for (let i = 0; i < 4; i++) {
            for (const [who, transaction] of transactions.entries()) {
              const value = `round ${round}, record ${i} of ${who}`;
              await transaction.send({ messages: [{ topic, key: "k", value }] });
              if (who !== round) expected.push(value);
            }
            await source.append(topic, [plain(`plain ${round} ${i}`)]);
            expected.push(`plain ${round} ${i}`);
          }
          for (const [who, transaction] of transactions.entries()) await (who === round ? transaction.abort() : transaction.commit());
          offsets += 4 * (producers.length + 1) + producers.length;
        }
        await untilEnd(topic, offsets);
        expect(await valuesOf(topic)).toEqual(expected);
        expect((await readToEnd(source, topic, 0, 0, 1)).map(({ value }) => value)).toEqual(expected);
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

    it("does not let a partition with records wait for many without, each of which asked at another time", async () => {
      const topic = await admin.createTopic("crowd", {}, 8);
      for (let i = 0; i < 150; i++) await source.append(topic, [{ ...plain(`${i}`), partition: 7 }]);
      const stop = new AbortController();
      const idle: Promise<unknown>[] = [];
      for (let partition = 0; partition < 7; partition++) {
        const reader = source.openPartition(topic, partition);
        await reader.fetch({ offset: 0, maxBytes: 1, waitMs: 0, signal: stop.signal });
        idle.push(reader.fetch({ offset: 0, maxBytes: 1, waitMs: 60_000, signal: stop.signal }).catch(() => null));
        await turns(20);
      }
      const reader = source.openPartition(topic, 7);
      const tookMs: number[] = [];
      for (let offset = 0; offset < 150; offset++) {
        const began = performance.now();
        const fetched = await reader.fetch({ offset, maxBytes: 1, waitMs: 30_000, signal: AbortSignal.timeout(60_000) });
        tookMs.push(performance.now() - began);
        expect(fetched.nextOffset).toBe(offset + 1);
        // As if it were worked off: by then the others have all asked again.
        await turns(20);
      }
      // Each wait for a connection would take up to a second. A busy machine makes a few slow, and not half of them.
      expect(tookMs.sort((a, b) => a - b)[75]).toBeLessThan(300);
      stop.abort();
      await Promise.all(idle);
    });

    it("reads smaller pieces while there are many readers", async () => {
      const topic = await admin.createTopic("pieces");
      for (let i = 0; i < 40; i++) await source.append(topic, [plain("x".repeat(20_000))]);
      const recordsFetched = async (): Promise<number> => {
        const reader = source.openPartition(topic, 0);
        const { batches } = await reader.fetch({ offset: 0, maxBytes: 1 << 20, waitMs: 1000, signal: AbortSignal.timeout(30_000) });
        await reader.close();
        return recordsOf(batches).length;
      };
      expect(await recordsFetched()).toBe(40);
      const others = Array.from({ length: 320 }, () => source.openPartition(topic, 0));
      expect(await recordsFetched()).toBe(Math.floor(LIMITS.fetchedBytesMax / (2 * 321) / 20_000));
      for (const other of others) await other.close();
      expect(await recordsFetched()).toBe(40);
    });

    it("gives up several fetches under way at once, and the next readers get what is theirs", async () => {
      const topic = await admin.createTopic("stopped", {}, 6);
      const values = [0, 1, 2, 3, 4, 5].map((partition) => `${partition}`.repeat(400_000));
      await source.append(
        topic,
        values.map((value, partition) => ({ ...plain(value), partition })),
      );
      for (let round = 0; round < 5; round++) {
        const stop = new AbortController();
        const fetches = values.map((_, partition) =>
          source.openPartition(topic, partition).fetch({ offset: 0, maxBytes: 1 << 20, waitMs: 1000, signal: stop.signal }),
        );
        const outcomes = Promise.allSettled(fetches);
        await turns(round);
        stop.abort();
        for (const outcome of await outcomes) {
          if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "STOPPED" });
        }
        const read = await Promise.all(values.map((_, partition) => valuesOf(topic, partition)));
        expect(read).toEqual(values.map((value) => [value]));
      }
    });

    it("overwrites what was released, and nothing else", async () => {
      const topic = await admin.createTopic("released", {}, 3);
      const textOf = (partition: number, i: number): string => `${partition}-${i} `.repeat(200);
      for (const partition of [0, 1, 2]) {
        for (let i = 0; i < 400; i += 20) {
          await source.append(
            topic,
            Array.from({ length: 20 }, (_, k) => ({ ...plain(textOf(partition, i + k)), partition })),
          );
        }
      }
      const signal = AbortSignal.timeout(60_000);
      const memory = new Set<ArrayBufferLike>();
      let fetches = 0;
      const reads = [0, 1, 2].map(async (partition) => {
        const reader = source.openPartition(topic, partition);
        // Partition 0 keeps all that it got; 1 releases at once, 2 with the next fetch under way.
        const kept: FetchResult[] = [];
        const records: LogRecord[] = [];
        let ahead = reader.fetch({ offset: 0, maxBytes: 100_000, waitMs: 1000, signal });
        for (let next = 0; next < 400; ) {
          const result = await ahead;
          next = result.nextOffset;
          if (partition === 1) records.push(...recordsOf(result.batches));
          if (partition === 1) result.release?.();
          if (next < 400) ahead = reader.fetch({ offset: next, maxBytes: 100_000, waitMs: 1000, signal });
          if (partition === 2) records.push(...recordsOf(result.batches));
          if (partition === 2) result.release?.();
          if (partition === 0) kept.push(result);
          for (const slices of result.batches) memory.add(slices.bytes.buffer);
          fetches++;
        }
        records.push(...recordsOf(kept.flatMap(({ batches }) => batches)));
        expect(records.map(({ value }) => value)).toEqual(Array.from({ length: 400 }, (_, i) => textOf(partition, i)));
      });
      await Promise.all(reads);
      expect(memory.size).toBeLessThan(fetches / 2);
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
