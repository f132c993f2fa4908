import type { Collector } from "../functions/collector.ts";
import type { MergeCells } from "../plan/code/merge-code.ts";
import { GroupObjects } from "./group-objects.ts";

/** Groups with their records side by side: of some, or put together from several. */
export interface Part {
  /** By group. */
  readonly keys: Int32Array;
  readonly cells: Float64Array;
  readonly objects: GroupObjects | null;
  /** How many groups there are. */
  readonly count: number;
  /** The groups that belong to it; null: all. */
  readonly groups: Int32Array | null;
}

export interface MergeOptions {
  readonly merge: MergeCells;
  readonly collectors: readonly Collector[];
  /** Length of a record. */
  readonly stride: number;
}

/**
 * Puts parts together in the order given. Groups come by the part in which they are first, then as they came there. `places`: -1 for each
 * key id, and left so.
 */
export function mergeParts(parts: readonly Part[], { merge, collectors, stride }: MergeOptions, places: Int32Array): Part {
  const objects = collectors.length === 0 ? null : new GroupObjects(collectors);
  let capacity = Math.max(0, ...parts.map(sizeOf));
  let keys = new Int32Array(capacity);
  let cells = new Float64Array(capacity * stride);
  let count = 0;
  for (const part of parts) {
    const { groups, keys: otherKeys, cells: others } = part;
    for (let at = 0, size = sizeOf(part); at < size; at++) {
      const group = groups === null ? at : (groups[at] as number);
      const keyId = otherKeys[group] as number;
      const from = group * stride;
      let place = places[keyId] as number;
      if (place >= 0) merge(cells, place * stride, others, from);
      else {
        if (count === capacity) {
          capacity = Math.ceil(capacity * GROWTH) + 1;
          keys = grown(keys, new Int32Array(capacity));
          cells = grown(cells, new Float64Array(capacity * stride));
        }
        place = count++;
        places[keyId] = place;
        keys[place] = keyId;
        for (let cell = 0, to = place * stride; cell < stride; cell++) cells[to + cell] = others[from + cell] as number;
      }
      if (objects !== null && part.objects !== null) objects.merge(place, part.objects, group);
    }
  }
  for (let place = 0; place < count; place++) places[keys[place] as number] = -1;
  return { keys: keys.subarray(0, count), cells: cells.subarray(0, count * stride), objects, count, groups: null };
}

/** What a part that was put together takes. */
export function partBytes({ keys, cells, objects }: Part): number {
  return keys.buffer.byteLength + cells.buffer.byteLength + (objects?.byteLength ?? 0);
}

/** Parts that follow each other have much the same groups. */
const GROWTH = 1.25;

function sizeOf({ groups, count }: Part): number {
  return groups === null ? count : groups.length;
}

function grown<T extends Int32Array | Float64Array>(old: Int32Array | Float64Array, larger: T): T {
  larger.set(old);
  return larger;
}
