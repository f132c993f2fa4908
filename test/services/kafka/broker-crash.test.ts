import { afterAll, beforeAll, expect, inject, it } from "vitest";
import type { GroupMembership, RawRecord, Source } from "../../../src/ports/source.ts";
import { eventually } from "../../conformance/eventually.ts";
import { freshName } from "../../conformance/names.ts";
import { readToEnd, recordsOf } from "../../conformance/read-log.ts";
import { ensure, kill, missingFor, release, wipe } from "../launcher/launcher.ts";
import { describeWith } from "../needs.ts";
import { CLIENTS, type Client, KafkaConnections } from "./connection.ts";

/** A broker of its own: nobody else's tests are to see it die. */
const INSTANCE = "kafka-crash";
const PARTITIONS = 2;
const PARTITION_NUMBERS = [0, 1];
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

  it.skipIf(cannotLaunch !== null)("loses nothing that was acknowledged, doubles nothing, and readers and members go on", async () => {
    const works = await Promise.all(CLIENTS.map((client) => Work.begin(brokers, client)));
    for (const work of works) await eventually(() => expect(work.acknowledged).toBeGreaterThan(1000));
    await kill("kafka", INSTANCE);
    const atCrash = works.map((work) => work.acknowledged);
    await ensure("kafka", { instance: INSTANCE });
    for (const [i, work] of works.entries()) {
      await eventually(() => expect(work.acknowledged).toBeGreaterThan((atCrash[i] as number) + 1000), 60_000);
      await eventually(() => expect([...work.owned].sort()).toEqual([0, 1]), 60_000);
      for (const seen of work.seen) await eventually(() => expect(seen.at(-1)).toBeGreaterThan(atCrash[i] as number), 60_000);
      await work.end();
      expect(work.inLog.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: work.acknowledged }, (_, n) => n));
      for (const [partition, seen] of work.seen.entries()) {
        expect(seen).toEqual(work.inLog[partition]?.slice(0, seen.length));
      }
      expect(work.connections.troubles.length).toBeGreaterThan(0);
    }
  });
});

/** Writes to a topic without end, reads it at the same time, and is the member of a group. */
class Work {
  readonly connections: KafkaConnections;
  readonly owned = new Set<number>();
  /** Numbers up to here are written for sure. */
  acknowledged = 0;
  /** What readers got so far, and in the end all there is, by partition. */
  readonly seen: readonly number[][] = PARTITION_NUMBERS.map(() => []);
  inLog: readonly (readonly number[])[] = [];
  private readonly topic = freshName("crash");
  private readonly stop = new AbortController();
  private readonly source: Source;
  private parts: readonly Promise<unknown>[] = [];
  private member: GroupMembership | null = null;

  private constructor(brokers: readonly string[], client: Client) {
    this.connections = new KafkaConnections(brokers, client);
    this.source = this.connections.source();
  }

  static async begin(brokers: readonly string[], client: Client): Promise<Work> {
    const work = new Work(brokers, client);
    await work.source.createTopic(work.topic, { partitions: PARTITIONS });
    work.member = await work.connections.source().join(freshName("group"), [work.topic], {
      onAssigned: (partitions) => {
        for (const { partition } of partitions) work.owned.add(partition);
      },
      onRevoked: async (partitions) => {
        for (const { partition } of partitions) work.owned.delete(partition);
      },
      onFailed: (error) => {
        throw error;
      },
    });
    work.parts = [work.write(), ...PARTITION_NUMBERS.map((partition) => work.follow(partition))];
    return work;
  }

  async end(): Promise<void> {
    this.stop.abort();
    await Promise.all(this.parts);
    const logs = PARTITION_NUMBERS.map((partition) => readToEnd(this.source, this.topic, partition));
    this.inLog = (await Promise.all(logs)).map((records) => records.map(({ value }) => Number(value)));
    await this.member?.leave();
    await this.connections.close();
  }

  private async write(): Promise<void> {
    while (!this.stop.signal.aborted) {
      await this.source.append(this.topic, batchFrom(this.acknowledged));
      this.acknowledged += BATCH;
    }
  }

  private async follow(partition: number): Promise<void> {
    const reader = this.source.openPartition(this.topic, partition);
    const { signal } = this.stop;
    try {
      for (let offset = 0; ; ) {
        const fetched = await reader.fetch({ offset, maxBytes: 1 << 20, waitMs: 250, signal });
        this.seen[partition]?.push(...recordsOf(fetched.batches).map(({ value }) => Number(value)));
        offset = fetched.nextOffset;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await reader.close();
    }
  }
}

function batchFrom(first: number): RawRecord[] {
  return Array.from({ length: BATCH }, (_, i) => ({
    key: null,
    value: Buffer.from(String(first + i)),
    timestampMs: Date.now(),
    partition: (first + i) % PARTITIONS,
  }));
}
