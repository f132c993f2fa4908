import { Counting, into, judge, named, WHERE, type Where } from "./statement-parts.ts";
import type { Maker, Met, TargetKind } from "./workload.ts";

/** The first rows of each device by their value; a row that comes moves others on, and the last of them leaves. */
export const ranking: Maker = (random, name) => {
  const target = random.pick<TargetKind>(["index", "table"]);
  const where = random.pick<Where>(["none", "v", "tag"]);
  const most = 1 + random.below(4);
  const isFalling = random.chance(0.5);
  // By its place, or by itself: then those that leave are deleted.
  const id = random.pick(["device, place", "device, at"]);
  return {
    ...named(name),
    target,
    hasKeyIds: true,
    isStream: false,
    isChained: false,
    sql: `INSERT INTO ${into(target, name)} SELECT device, place, at, v FROM (SELECT device, v, _offset AS at,
      ROW_NUMBER() OVER (PARTITION BY device ORDER BY v${isFalling ? " DESC" : ""}) AS place FROM untimed ${WHERE[where]})
      WHERE place <= ${most} PK ${id};`,
    expect: (met) => {
      const counting = new Counting();
      const devices = new Map<string, Met[]>();
      for (const item of met("readings").flat()) {
        if (!counting.add(judge(item, where), item)) continue;
        devices.set(item.device, [...(devices.get(item.device) ?? []), item]);
      }
      const documents = [...devices].flatMap(([device, items]) =>
        items
          .toSorted((left, right) => byValue(left, right, isFalling))
          .slice(0, most)
          .map(({ v, offset }, index) => ({ device, place: index + 1, at: offset, v })),
      );
      return counting.of(documents);
    },
  };
};

/** Null is last; of equal ones the first that came is. */
function byValue(left: Met, right: Met, isFalling: boolean): number {
  if (left.v === right.v) return left.offset - right.offset;
  if (left.v === null || right.v === null) return left.v === null ? 1 : -1;
  return ((left.v as number) - (right.v as number)) * (isFalling ? -1 : 1);
}
