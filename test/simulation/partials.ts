import type { SimTopic } from "./sim-log.ts";

const GROUP = 1;
/** Kind, partition of the source, start of the pane, first window; then how many numbers: version and offset are the first two. */
const AT = { kind: 0, numbers: 29, offset: 41 } as const;

/**
 * The state at a cursor is a function of the log: whoever tells what a partition has of a group up to an offset, before or after a crash,
 * or as a zombie, tells the same, byte for byte. Looks at a topic between the two stages of a statement that is repartitioned.
 */
export function partialFindings({ name, partitions }: SimTopic): readonly string[] {
  return partitions.flatMap(({ records }) => {
    const told = new Map<string, Buffer>();
    return records.flatMap(({ key, value, offset }) => {
      if (value === null || value[AT.kind] !== GROUP) return [];
      const place = `${key?.toString("latin1")} ${value.toString("latin1", AT.kind, AT.numbers)} ${value.readDoubleLE(AT.offset)}`;
      const before = told.get(place) ?? value;
      told.set(place, before);
      return before.equals(value) ? [] : [`${name}: the record at ${offset} tells something else of what was told before`];
    });
  });
}
