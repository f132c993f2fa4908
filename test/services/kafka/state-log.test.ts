import { afterAll, describe, expect, it } from "vitest";
import { stateTopic } from "../../../src/adapters/kafka/kafka-state-log.ts";
import { must } from "../../../src/assert.ts";
import { LIMITS } from "../../../src/limits.ts";
import type { StateLog } from "../../../src/ports/state-log.ts";
import { eventually } from "../../conformance/eventually.ts";
import { freshName } from "../../conformance/names.ts";
import { readToEnd } from "../../conformance/read-log.ts";
import { describeWith } from "../needs.ts";
import { ClusterAdmin } from "./cluster-admin.ts";
import { CLIENTS, KafkaConnections } from "./connection.ts";

describeWith("kafka", "the state log on Kafka", ({ brokers }) => {
  const admin = new ClusterAdmin(brokers);
  afterAll(() => admin.close());

  describe.each(CLIENTS)("with %s", (client) => {
    const connections = new KafkaConnections(brokers, client);
    const source = connections.source();
    afterAll(() => connections.close());

    const open = (pipeline: string, partitions = 1): Promise<StateLog> =>
      must(connections.open().openStateLog(pipeline, partitions), "state log");

    const blob = (value: string): Buffer => Buffer.from(value.padEnd(1000, "."));

    it("is a compacted topic, with more partitions when the source has more", async () => {
      const pipeline = freshName("grows");
      const topic = stateTopic(pipeline);
      await open(pipeline, 1);
      expect(await source.describeTopic(topic)).toMatchObject({ partitions: 1, compacted: true });
      const log = await open(pipeline, 3);
      expect(await source.describeTopic(topic)).toMatchObject({ partitions: 3, compacted: true });
      const { generation } = await log.claim(2, "owner");
      await log.append(2, generation, [{ key: "a", value: blob("1") }]);
      expect((await source.bounds(topic, 2)).endOffset).toBe(2);
    });

    it("refuses a topic whose records are deleted by age", async () => {
      const pipeline = freshName("deleted");
      await admin.createNamed(stateTopic(pipeline));
      await expect(open(pipeline)).rejects.toMatchObject({ code: "TARGET_MISMATCH" });
    });

    it("restores after compaction what it restored before", async () => {
      const pipeline = freshName("compaction");
      const topic = stateTopic(pipeline);
      // Closes and compacts its segments as soon as it may.
      await admin.createNamed(topic, {
        "cleanup.policy": "compact",
        "segment.ms": "100",
        "min.cleanable.dirty.ratio": "0.001",
        "delete.retention.ms": "0",
      });
      const log = await open(pipeline);
      let generation = 0;
      for (let round = 0; round < 20; round++) {
        if (round % 5 === 0) ({ generation } = await log.claim(0, "owner"));
        await log.append(0, generation, [
          { key: `blob|${round % 4}`, value: blob(`round ${round}`) },
          { key: `kept|${round}`, value: blob(`kept ${round}`) },
          { key: `gone|${round}`, value: blob("gone") },
          ...(round > 0 ? [{ key: `gone|${round - 1}`, value: null }] : []),
        ]);
      }
      const contentOf = async (): Promise<Record<string, string>> => {
        const { records } = await (await open(pipeline)).claim(0, freshName("reader"));
        const content = new Map<string, string>();
        for (const { key, value } of records) {
          if (value === null) content.delete(key);
          else if (!key.startsWith("claim|")) content.set(key, value.toString());
        }
        return Object.fromEntries([...content].sort());
      };
      const before = await contentOf();
      expect(Object.keys(before).length).toBe(25);
      await eventually(async () => {
        // A segment is closed by the first record that comes after its time.
        await contentOf();
        const left = await readToEnd(source, topic);
        expect(left.filter(({ key }) => key?.startsWith("gone|")).length).toBeLessThan(5);
        expect(left.filter(({ key }) => key?.startsWith("blob|")).length).toBe(4);
      }, 30_000);
      const left = await readToEnd(source, topic);
      // The first claim; the compaction may have begun before all was written.
      expect(left[0]?.offset).toBeGreaterThan(0);
      expect(await contentOf()).toEqual(before);
    });

    it("fences an owner at its next write, also when others wrote a lot in between", async () => {
      const pipeline = freshName("fenced");
      const [zombie, owner] = [await open(pipeline), await open(pipeline)];
      const old = await zombie.claim(0, "zombie");
      const current = await owner.claim(0, "owner");
      for (let i = 0; i < 50; i++) await owner.append(0, current.generation, [{ key: `${i}`, value: Buffer.alloc(50_000) }]);
      const late = zombie.append(0, old.generation, [{ key: "late", value: null }]);
      await expect(late).rejects.toMatchObject({ code: "STATE_FENCED", message: expect.stringContaining(`${current.generation}`) });
      await expect(zombie.append(0, old.generation, [])).rejects.toMatchObject({ code: "STATE_FENCED" });
      await owner.append(0, current.generation, [{ key: "goes on", value: Buffer.alloc(0) }]);
    });

    it("confirms an owner until another one claims, whatever lies between", async () => {
      const pipeline = freshName("confirmed");
      const [zombie, owner] = [await open(pipeline), await open(pipeline)];
      const old = await zombie.claim(0, "zombie");
      const large = Array.from({ length: 3 }, (_, i) => ({ key: `${i}`, value: Buffer.alloc(LIMITS.stateChunkBytesMax) }));
      await zombie.append(0, old.generation, large);
      await zombie.confirm?.(0, old.generation);
      await owner.claim(0, "owner");
      await expect(zombie.confirm?.(0, old.generation)).rejects.toMatchObject({ code: "STATE_FENCED" });
    });

    it("notices a claim that came between the requests of a large append", async () => {
      const pipeline = freshName("between");
      const [zombie, owner] = [await open(pipeline), await open(pipeline)];
      const old = await zombie.claim(0, "zombie");
      const large = Array.from({ length: 20 }, (_, i) => ({ key: `${i}`, value: Buffer.alloc(LIMITS.stateChunkBytesMax) }));
      const [appended] = await Promise.allSettled([zombie.append(0, old.generation, large), owner.claim(0, "owner")]);
      const after = zombie.append(0, old.generation, [{ key: "after", value: null }]);
      const outcomes = [appended, ...(await Promise.allSettled([after]))].map((outcome) => outcome.status);
      expect(outcomes).toContain("rejected");
    });

    it("keeps pipelines apart whose names have letters that topics cannot have", async () => {
      const name = freshName("ключ");
      const [one, two] = [await open(`${name} a`), await open(`${name}/a`)];
      const { generation } = await one.claim(0, "owner");
      await one.append(0, generation, [{ key: "a", value: blob("1") }]);
      expect((await two.claim(0, "owner")).records).toEqual([]);
    });
  });
});
