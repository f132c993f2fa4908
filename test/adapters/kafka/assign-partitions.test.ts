import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignPartitions } from "../../../src/adapters/kafka/group/assign-partitions.ts";
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
  type Subscription,
} from "../../../src/adapters/kafka/group/consumer-protocol.ts";
import type { TopicPartition } from "../../../src/ports/source.ts";

const TOPICS = ["readings", "metadata", "alarms"];

const OF_READINGS = { topics: ["readings"], generation: 1 };

const topicPartition = fc.record({ topic: fc.constantFrom(...TOPICS), partition: fc.nat(12) });
const owned = fc.array(topicPartition, { maxLength: 8 });
const group = fc.record({
  members: fc.dictionary(fc.string({ minLength: 1 }), owned, { minKeys: 1, maxKeys: 6 }),
  counts: fc.tuple(fc.nat(12), fc.nat(12), fc.nat(12)),
});

const placesOf = (partitions: readonly TopicPartition[]): string[] => partitions.map(({ topic, partition }) => `${topic}/${partition}`);

describe("sharing out partitions", () => {
  it("gives each partition one owner, a number of all topics to one member, and equal shares", () => {
    fc.assert(
      fc.property(group, ({ members, counts }) => {
        const partitionsOf = new Map(TOPICS.map((topic, i) => [topic, counts[i] as number]));
        const subscriptions = new Map(
          Object.entries(members).map(([id, before]) => [id, { topics: TOPICS, owned: before, generation: 1 }]),
        );
        const assigned = assignPartitions(subscriptions, partitionsOf);
        expect([...assigned.keys()].sort()).toEqual(Object.keys(members).sort());
        const all = [...assigned.values()].flat();
        const expected = TOPICS.flatMap((topic) =>
          Array.from({ length: partitionsOf.get(topic) as number }, (_, partition) => ({ topic, partition })),
        );
        expect(placesOf(all).sort()).toEqual(placesOf(expected).sort());
        const numbers = [...assigned.values()].map((given) => new Set(given.map(({ partition }) => partition)));
        const total = numbers.reduce((sum, each) => sum + each.size, 0);
        expect(total).toBe(Math.max(...counts));
        expect(Math.max(...numbers.map(({ size }) => size)) - Math.min(...numbers.map(({ size }) => size))).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("moves no number that can stay", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 5 }), (count, before) => {
        const partitionsOf = new Map([["readings", count]]);
        const members = new Map(
          Array.from({ length: before }, (_, i): [string, Subscription] => [`member ${i}`, { ...OF_READINGS, owned: [] }]),
        );
        const first = assignPartitions(members, partitionsOf);
        for (const [id, given] of first) members.set(id, { ...OF_READINGS, owned: given });
        expect(assignPartitions(members, partitionsOf)).toEqual(first);
        members.set("member new", { ...OF_READINGS, owned: [] });
        const second = assignPartitions(members, partitionsOf);
        const moved = [...first].flatMap(([id, given]) => {
          const kept = new Set(placesOf(second.get(id) ?? []));
          return placesOf(given).filter((place) => !kept.has(place));
        });
        expect(moved.length).toBe(second.get("member new")?.length);
      }),
    );
  });

  it("gives a topic of two kinds of members to one of them", () => {
    const members = new Map([
      ["old", { ...OF_READINGS, owned: [] }],
      ["new", { ...OF_READINGS, topics: ["readings", "alarms"], owned: [] }],
    ]);
    const partitionsOf = new Map([
      ["readings", 3],
      ["alarms", 2],
    ]);
    const all = [...assignPartitions(members, partitionsOf).values()].flat();
    expect(placesOf(all).sort()).toEqual(["alarms/0", "alarms/1", "readings/0", "readings/1", "readings/2"]);
  });
});

describe("what members send each other", () => {
  it("comes back as it was", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string()),
        owned,
        fc.option(fc.integer({ min: -1 })),
        fc.boolean(),
        (topics, partitions, generation, isWhole) => {
          const decoded = decodeSubscription(encodeSubscription({ topics, owned: partitions, generation }));
          expect(decoded.topics).toEqual(topics);
          expect(decoded.generation).toBe(generation);
          expect(placesOf(decoded.owned).sort()).toEqual(placesOf(partitions).sort());
          const given = decodeAssignment(encodeAssignment({ partitions, isWhole }));
          expect(placesOf(given.partitions).sort()).toEqual(placesOf(partitions).sort());
          expect(given.isWhole).toBe(isWhole);
        },
      ),
    );
  });

  it("may be nothing", () => {
    expect(decodeAssignment(Buffer.alloc(0))).toEqual({ partitions: [], isWhole: true });
  });

  it("is understood from a member of an earlier release, which gives up everything first", () => {
    const eager = encodeSubscription({ topics: ["readings"], owned: [{ topic: "readings", partition: 3 }], generation: null });
    expect(eager.readInt16BE(0)).toBe(1);
    expect(decodeSubscription(eager)).toEqual({ topics: ["readings"], owned: [{ topic: "readings", partition: 3 }], generation: null });
  });
});
