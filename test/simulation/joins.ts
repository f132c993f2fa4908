import type { FoundRow } from "../../src/ports/lookup.ts";
import type { SeededRandom } from "../property/random.ts";
import { Counting, type Document, into, judge, named } from "./statement-parts.ts";
import type { Maker, Met, TargetKind } from "./workload.ts";

/** Rows that have no key of their own, in a target that takes such. */
function headOf(random: SeededRandom, name: string) {
  const target = random.pick<TargetKind>(["index", "topic"]);
  return { ...named(name), target, hasKeyIds: false, isStream: true, isChained: false };
}

/**
 * Pairs of records that are near to each other in time, one by its timestamp and one by its event time. Nothing is late, and nothing
 * leaves before the end: so it does not matter in which order the two are merged.
 */
export const near: Maker = (random, name) => {
  const head = headOf(random, name);
  const [beforeMs, afterMs] = [random.pick([0, 100, 300]), random.pick([50, 100, 300])];
  const isLeft = random.chance(0.5);
  return {
    ...head,
    isJoined: true,
    sql: `INSERT INTO ${into(head.target, name)} SELECT l.device AS device, l.tag AS a, r.tag AS b, r.time AS at
      FROM untimed AS l ${isLeft ? "LEFT" : "INNER"} JOIN timed AS r WITHIN (${beforeMs} MILLISECONDS, ${afterMs} MILLISECONDS)
      GRACE PERIOD 1 HOUR ON l.device = r.device;`,
    expect: (met) => {
      const counting = new Counting();
      const documents: Document[] = [];
      for (const items of met("readings")) {
        const lefts = items.filter((item) => counting.add(judge(item, "none", false), item));
        const isRight = (item: Met): boolean => counting.add(item.time === undefined ? "deadLettered" : judge(item, "none", false), item);
        const rights = items.filter(isRight);
        for (const left of lefts) {
          const isMatch = ({ device, time }: Met): boolean =>
            device === left.device && (time as number) >= left.timestampMs - beforeMs && (time as number) <= left.timestampMs + afterMs;
          const matches = rights.filter(isMatch);
          const { device, tag: a } = left;
          documents.push(...matches.map(({ tag: b, time }) => ({ device, a, b, at: new Date(time as number).toISOString() })));
          if (isLeft && matches.length === 0) documents.push({ device, a, b: null, at: null });
        }
      }
      // One record may be the dead letter of both sides.
      return { ...counting.of(documents), dead: null };
    },
  };
};

/** With the row of a table that is there before anything is read. */
export const enriched: Maker = (random, name) => {
  const head = headOf(random, name);
  const isLeft = random.chance(0.5);
  return {
    ...head,
    isJoined: true,
    sql: `INSERT INTO ${into(head.target, name)} SELECT l.device AS device, l.tag AS a, t.tag AS label
      FROM untimed AS l ${isLeft ? "LEFT" : "INNER"} JOIN labels AS t ON l.device = t.device;`,
    expect: (met) => {
      const counting = new Counting();
      const labels = new Map<string, string | null>();
      for (const item of met("labels").flat()) {
        counting.add("applied", item);
        if (item.text === null) labels.delete(item.device);
        else labels.set(item.device, item.tag);
      }
      const documents = met("readings")
        .flat()
        .flatMap((item): Document[] => {
          const verdict = judge(item, "none", false);
          const isIn = isLeft || labels.has(item.device);
          if (!counting.add(verdict === "applied" && !isIn ? "filtered" : verdict, item)) return [];
          return [{ device: item.device, a: item.tag, label: labels.get(item.device) ?? null }];
        });
      return counting.of(documents);
    },
  };
};

const ROOMS = new Map([
  ["a", "attic"],
  ["c", "cellar"],
  ["café", "hall"],
  ["refused", "yard"],
]);
export const ROOMS_TABLE = "ks.rooms";

/** The rows of keys, each a JSON text. */
export function roomsOf(keys: readonly string[]): readonly FoundRow[] {
  return keys.map((key) => {
    const device = JSON.parse(key) as string;
    const room = ROOMS.get(device);
    return room === undefined ? null : Buffer.from(JSON.stringify({ device, room }));
  });
}

/** With what another store has of the device, which may not answer for a while. */
export const lookedUp: Maker = (random, name) => {
  const head = headOf(random, name);
  const isLeft = random.chance(0.5);
  return {
    ...head,
    sql: `INSERT INTO ${into(head.target, name)} SELECT l.device AS device, l.tag AS a, d.room AS room
      FROM untimed AS l ${isLeft ? "LEFT" : "INNER"} JOIN cassandra.${ROOMS_TABLE} AS d ON l.device = d.device;`,
    expect: (met) => {
      const counting = new Counting();
      const documents = met("readings")
        .flat()
        .flatMap((item): Document[] => {
          const verdict = judge(item, "none", false);
          const room = ROOMS.get(item.device) ?? null;
          if (!counting.add(verdict === "applied" && room === null && !isLeft ? "filtered" : verdict, item)) return [];
          return [{ device: item.device, a: item.tag, room }];
        });
      return counting.of(documents);
    },
  };
};
