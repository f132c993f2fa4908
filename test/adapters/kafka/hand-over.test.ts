import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignPartitions } from "../../../src/adapters/kafka/group/assign-partitions.ts";
import type { Assignment, Subscription } from "../../../src/adapters/kafka/group/consumer-protocol.ts";
import { handOver, withoutLost } from "../../../src/adapters/kafka/group/hand-over.ts";
import { partitionName } from "../../../src/model/partition-name.ts";
import type { TopicPartition } from "../../../src/ports/source.ts";

const placesOf = (places: readonly TopicPartition[]): string[] => places.map(partitionName).sort();

const readings = (...numbers: readonly number[]): TopicPartition[] => numbers.map((partition) => ({ topic: "readings", partition }));

const subscribed = (owned: readonly TopicPartition[], generation: number | null = 1): Subscription => ({
  topics: ["readings"],
  owned,
  generation,
});

/** What the leader gives. */
function shareOut(members: ReadonlyMap<string, Subscription>, counts: ReadonlyMap<string, number>): ReadonlyMap<string, Assignment> {
  const settled = withoutLost(members);
  return handOver(assignPartitions(settled, counts), settled);
}

const group = fc.record({
  topics: fc.constantFrom(["readings"], ["readings", "metadata"]),
  count: fc.integer({ min: 1, max: 10 }),
  before: fc.array(fc.integer({ min: -1, max: 5 }), { minLength: 10, maxLength: 10 }),
  members: fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 1 }),
});

interface Group {
  readonly topics: readonly string[];
  readonly count: number;
  /** Who has each number, of members that may have gone since; -1: nobody. */
  readonly before: readonly number[];
  readonly members: readonly number[];
}

/** What a member has kept at the end of what it had before. */
const keptBy = (member: string, before: ReadonlyMap<string, Subscription>, after: readonly TopicPartition[] = []): string[] => {
  const had = placesOf(before.get(member)?.owned ?? []);
  return placesOf(after).filter((place) => had.includes(place));
};

function endsInTwoRounds({ topics, count, before, members }: Group): void {
  const counts = new Map(topics.map((topic) => [topic, count]));
  const numbers = Array.from({ length: count }, (_, number) => number);
  const placesAt = (given: readonly number[]): TopicPartition[] =>
    topics.flatMap((topic) => given.map((partition) => ({ topic, partition })));
  const ownedBy = (member: number): Subscription => ({
    topics,
    owned: placesAt(numbers.filter((number) => before[number] === member)),
    generation: 1,
  });
  const atFirst = new Map(members.map((member) => [`member ${member}`, ownedBy(member)]));
  const wanted = assignPartitions(atFirst, counts);
  let now: ReadonlyMap<string, Subscription> = atFirst;
  let isWhole = false;
  for (let round = 1; round <= 2; round++) {
    const given = shareOut(now, counts);
    isWhole = [...given.values()].every((assignment) => assignment.isWhole);
    for (const [member, { partitions }] of given) {
      const others = [...now].filter(([other]) => other !== member).flatMap(([, { owned }]) => placesOf(owned));
      expect(placesOf(partitions).filter((place) => others.includes(place))).toEqual([]);
      if (round === 2) expect(placesOf(partitions)).toEqual(expect.arrayContaining(placesOf(now.get(member)?.owned ?? [])));
    }
    now = new Map([...given].map(([member, { partitions }]) => [member, { topics, owned: partitions, generation: round + 1 }]));
  }
  expect(isWhole).toBe(true);
  expect([...now.values()].flatMap(({ owned }) => placesOf(owned)).sort()).toEqual(placesOf(placesAt(numbers)));
  // Which of the free numbers a member gets may differ from what one round would have given it: what it got meanwhile counts as its own.
  for (const [member, { owned }] of now) {
    expect(owned.length).toBe(wanted.get(member)?.length);
    expect(keptBy(member, atFirst, owned)).toEqual(keptBy(member, atFirst, wanted.get(member)));
  }
}

describe("handing partitions over", () => {
  it("gives nobody what another one has, moves no more than it must, and comes to an end in the round after the next", () => {
    fc.assert(fc.property(group, endsInTwoRounds), {
      numRuns: 1000,
      examples: [[{ topics: ["readings"], count: 8, before: [0, 0, 0, 0, 0, 0, 0, -1, 0, 0], members: [0, 1, 2] }]],
    });
  });

  it("waits for a partition that another one still has, and says so", () => {
    const members = new Map([
      ["new", subscribed([])],
      ["old", subscribed(readings(0, 1))],
    ]);
    const given = shareOut(members, new Map([["readings", 2]]));
    expect(given.get("old")).toEqual({ partitions: readings(0), isWhole: true });
    expect(given.get("new")).toEqual({ partitions: [], isWhole: false });
  });

  it("waits with all topics of a number for the one that another still has", () => {
    const topics = ["readings", "metadata"];
    const members = new Map([
      ["new", { topics, owned: [], generation: 1 }],
      ["old", { topics, owned: readings(0, 1), generation: 1 }],
    ]);
    const counts = new Map(topics.map((topic) => [topic, 2]));
    expect(shareOut(members, counts).get("new")).toEqual({ partitions: [], isWhole: false });
  });

  it("believes of two that say they have a partition the one who was given it later", () => {
    const members = new Map([
      ["a stood still", subscribed(readings(0), 3)],
      ["b took over", subscribed(readings(0), 4)],
    ]);
    const given = shareOut(members, new Map([["readings", 1]]));
    expect(given.get("b took over")).toEqual({ partitions: readings(0), isWhole: true });
    expect(given.get("a stood still")).toEqual({ partitions: [], isWhole: true });
  });

  it("waits for nobody who has given everything up before, as earlier releases do", () => {
    const members = new Map([
      ["new", subscribed([])],
      ["old", subscribed(readings(0, 1), null)],
    ]);
    const given = shareOut(members, new Map([["readings", 2]]));
    expect([given.get("old"), given.get("new")]).toEqual([
      { partitions: readings(0), isWhole: true },
      { partitions: readings(1), isWhole: true },
    ]);
  });
});
