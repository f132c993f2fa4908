import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { RawRecord, Source } from "../../../src/ports/source.ts";
import { eventually } from "../../conformance/eventually.ts";
import { freshName } from "../../conformance/names.ts";
import { readToEnd, recordsOf } from "../../conformance/read-log.ts";
import { ensure, kill, missingFor, release, wipe } from "../launcher/launcher.ts";
import { describeWith } from "../needs.ts";
import { CLIENTS, KafkaConnections } from "./connection.ts";

/** A broker of its own: nobody else's tests are to see it die. */
const INSTANCE = "kafka-crash";
const PARTITIONS = 2;
const BATCH = 50;

const cannotLaunch = inject("kafka") === null ? null : await missingFor("kafka");

describeWith("kafka", `a broker that dies${cannotLaunch === null ? "" : ` (${cannotLaunch})`}`, () => {
  let brokers: readonly string[] = [];

  beforeAll(async () => {
    brokers = [(await ensure("kafka", { instance: INSTANCE })).address];
  });
  afterAll(async () => {
    await release("kafka", INSTANCE);
    await wipe("kafka", INSTANCE);
  });

  describe.skipIf(cannotLaunch !== null).each(CLIENTS)("with %s", (client) => {
    it("loses nothing that was acknowledged, doubles nothing, and readers and members go on", async () => {
      const connections = new KafkaConnections(brokers, client);
      const source = connections.source();
      const topic = freshName("crash");
      await source.createTopic(topic, { partitions: PARTITIONS });
      const owned = new Set<number>();
      const member = await connections.source().join(freshName("group"), [topic], {
        onAssigned: (partitions) => {
          for (const { partition } of partitions) owned.add(partition);
        },
        onRevoked: async () => owned.clear(),
        onFailed: (error) => {
          throw error;
        },
      });
      const stop = new AbortController();
      const readers = [0, 1].map((partition) => follow(source, topic, partition, stop.signal));
      let acknowledged = 0;
      const writing = (async () => {
        while (!stop.signal.aborted) {
          await source.append(topic, batchFrom(acknowledged));
          acknowledged += BATCH;
        }
      })();
      await eventually(() => expect(acknowledged).toBeGreaterThan(1000));
      await kill("kafka", INSTANCE);
      const atCrash = acknowledged;
      await ensure("kafka", { instance: INSTANCE });
      await eventually(() => expect(acknowledged).toBeGreaterThan(atCrash + 1000), 60_000);
      await eventually(() => expect([...owned].sort()).toEqual([0, 1]), 60_000);
      stop.abort();
      await writing;

      const inLog = (await Promise.all([0, 1].map((partition) => readToEnd(source, topic, partition)))).map((records) =>
        records.map(({ value }) => Number(value)),
      );
      expect(inLog.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: acknowledged }, (_, i) => i));
      for (const [partition, reader] of readers.entries()) {
        const seen = await reader;
        expect(seen.length).toBeGreaterThan(0);
        expect(seen).toEqual(inLog[partition]?.slice(0, seen.length));
        expect(seen.at(-1)).toBeGreaterThan(atCrash);
      }
      expect(connections.troubles.length).toBeGreaterThan(0);
      await member.leave();
      await connections.close();
    });
  });
});

function batchFrom(first: number): RawRecord[] {
  return Array.from({ length: BATCH }, (_, i) => ({
    key: null,
    value: Buffer.from(String(first + i)),
    timestampMs: Date.now(),
    partition: (first + i) % PARTITIONS,
  }));
}

/** Everything that a reader gets until it is told to stop. */
async function follow(source: Source, topic: string, partition: number, signal: AbortSignal): Promise<readonly number[]> {
  const reader = source.openPartition(topic, partition);
  const seen: number[] = [];
  try {
    for (let offset = 0; ; ) {
      const fetched = await reader.fetch({ offset, maxBytes: 1 << 20, waitMs: 250, signal });
      seen.push(...recordsOf(fetched.batches).map(({ value }) => Number(value)));
      offset = fetched.nextOffset;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await reader.close();
  }
  return seen;
}
