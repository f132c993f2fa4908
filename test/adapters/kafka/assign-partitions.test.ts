import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignPartitions } from "../../../src/adapters/kafka/group/assign-partitions.ts";
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from "../../../src/adapters/kafka/group/consumer-protocol.ts";
import type { TopicPartition } from "../../../src/ports/source.ts";

const TOPICS = ["readings", "metadata", "alarms"];

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
        const subscriptions = new Map(Object.entries(members).map(([id, before]) => [id, { topics: TOPICS, owned: before }]));
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
          Array.from({ length: before }, (_, i) => [`member ${i}`, { topics: ["readings"], owned: [] as readonly TopicPartition[] }]),
        );
        const first = assignPartitions(members, partitionsOf);
        for (const [id, given] of first) members.set(id, { topics: ["readings"], owned: given });
        expect(assignPartitions(members, partitionsOf)).toEqual(first);
        members.set("member new", { topics: ["readings"], owned: [] });
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
      ["old", { topics: ["readings"], owned: [] }],
      ["new", { topics: ["readings", "alarms"], owned: [] }],
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
      fc.property(fc.uniqueArray(fc.string()), owned, (topics, partitions) => {
        const decoded = decodeSubscription(encodeSubscription({ topics, owned: partitions }));
        expect(decoded.topics).toEqual(topics);
        expect(placesOf(decoded.owned).sort()).toEqual(placesOf(partitions).sort());
        expect(placesOf(decodeAssignment(encodeAssignment(partitions))).sort()).toEqual(placesOf(partitions).sort());
      }),
    );
  });

  it("may be nothing", () => {
    expect(decodeAssignment(Buffer.alloc(0))).toEqual([]);
  });
});
