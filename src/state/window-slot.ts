import type { GroupSlot } from "../plan/code/task.ts";
import { GroupIndex } from "./group-index.ts";
import type { GroupKeys } from "./group-keys.ts";
import type { GroupObjects } from "./group-objects.ts";
import type { ClosingSlot } from "./grouped-state.ts";
import { instantText } from "./instant-text.ts";
import type { Pane } from "./pane-runs.ts";

const GROUPS_FIRST = 16;

/**
 * The groups of one window or pane (or of a statement without windows): their records side by side in one Float64Array, in the
 * order in which the groups were first seen. That order is a function of the log, so finals leave in it.
 */
export class WindowSlot implements GroupSlot, ClosingSlot, Pane {
  readonly startMs: number;
  readonly endMs: number;
  /** Of each group, by `Cell`: version (µs), offset, event time (ms) of the last record that changed it, its accumulators. */
  cells: Float64Array;
  keys: Int32Array;
  /** The states of aggregates that are objects; null: there are none. */
  readonly objects: GroupObjects | null;
  count = 0;
  readonly groups = null;
  /** By the state's own count: when rows could be put in last. */
  usedAt = 0;
  dirtyCount = 0;
  dirtyFlags: Uint8Array;
  /** Groups touched since the last barrier, in the order of their first touch. */
  private dirty: Int32Array;
  /** Groups that were dirty, and are to be in the next delta all the same. */
  asideCount = 0;
  private aside: Int32Array = new Int32Array(0);
  private asideFlags = new Uint8Array(0);
  private readonly index: GroupIndex;
  private readonly initial: Float64Array;
  private readonly dictionary: GroupKeys;
  private readonly onDirty: () => number;
  /** What `touch` has read: without a use of it the reading would be left out. */
  touched = 0;
  private texts: { readonly start: DataView; readonly end: DataView } | null = null;

  /**
   * `initial`: the record of a new group. `groupsExpected`: as many as a window had lately, or 0. `onDirty` gives the number of dirty
   * groups in all windows, this one included.
   */
  constructor(
    startMs: number,
    endMs: number,
    initial: Float64Array,
    dictionary: GroupKeys,
    groupsExpected: number,
    objects: GroupObjects | null,
    onDirty: () => number,
  ) {
    this.startMs = startMs;
    this.endMs = endMs;
    this.initial = initial;
    this.dictionary = dictionary;
    this.onDirty = onDirty;
    this.objects = objects;
    const groups = Math.max(GROUPS_FIRST, groupsExpected);
    this.cells = new Float64Array(groups * initial.length);
    this.keys = new Int32Array(groups);
    this.dirty = new Int32Array(groups);
    this.dirtyFlags = new Uint8Array(groups);
    this.index = new GroupIndex(dictionary);
  }

  get byteLength(): number {
    return this.cells.byteLength + this.keys.length * 9 + this.aside.length * 5 + this.index.byteLength + (this.objects?.byteLength ?? 0);
  }

  startOf(): number {
    return this.startMs;
  }

  endOf(): number {
    return this.endMs;
  }

  startTextOf(): DataView {
    return this.boundTexts().start;
  }

  endTextOf(): DataView {
    return this.boundTexts().end;
  }

  groupOf(keyId: number): number {
    const group = this.find(keyId);
    return group >= 0 ? group : this.add(keyId);
  }

  /** -1: there is none. */
  find(keyId: number): number {
    return this.index.find(keyId, this.keys);
  }

  /**
   * Reads both ends of the records of the groups of keys [from, to), and nothing else: here the misses of the processor's cache do not
   * wait for each other, in the loop that then takes the rows they would.
   */
  touch(keyIds: Int32Array, from: number, to: number): void {
    const { index, cells, dirtyFlags } = this;
    const stride = this.initial.length;
    let sum = 0;
    for (let row = from; row < to; row++) {
      const group = index.findAtOnce(keyIds[row] as number);
      if (group < 0) continue;
      const at = group * stride;
      sum += (cells[at] as number) + (cells[at + stride - 1] as number) + (dirtyFlags[group] as number);
    }
    this.touched = sum;
  }

  markDirty(group: number): number {
    this.dirtyFlags[group] = 1;
    this.dirty[this.dirtyCount++] = group;
    return this.onDirty();
  }

  /** What stands at a place (`Cell`) of a group's record. */
  cell(group: number, place: number): number {
    return this.cells[group * this.initial.length + place] as number;
  }

  /** The dirty groups by rising index: the order in which a restore must meet new ones. */
  dirtyByIndex(): Int32Array {
    const { dirtyCount, count, dirtyFlags } = this;
    // Sorting a few is cheaper than looking at all, looking at all cheaper than sorting many.
    if (dirtyCount * 16 < count) return this.dirty.slice(0, dirtyCount).sort();
    const groups = new Int32Array(dirtyCount);
    let found = 0;
    for (let group = 0; group < count; group++) if (dirtyFlags[group] === 1) groups[found++] = group;
    return groups;
  }

  /** What is dirty has been told of. Gives how many groups are set aside for the first time since the last delta. */
  setAside(): number {
    const { dirty, dirtyFlags, asideCount } = this;
    if (this.asideFlags.length < this.keys.length) this.growAside();
    const { aside, asideFlags } = this;
    for (let at = 0; at < this.dirtyCount; at++) {
      const group = dirty[at] as number;
      dirtyFlags[group] = 0;
      if (asideFlags[group] === 1) continue;
      asideFlags[group] = 1;
      aside[this.asideCount++] = group;
    }
    this.dirtyCount = 0;
    return this.asideCount - asideCount;
  }

  /** Those that are dirty or set aside, in the same order. */
  changedByIndex(): Int32Array {
    const { asideCount, asideFlags, count, dirtyCount, dirtyFlags } = this;
    if (asideCount === 0) return this.dirtyByIndex();
    if ((dirtyCount + asideCount) * 16 < count) {
      const dirty = this.dirty.subarray(0, dirtyCount).filter((group) => asideFlags[group] !== 1);
      const groups = new Int32Array(asideCount + dirty.length);
      groups.set(this.aside.subarray(0, asideCount));
      groups.set(dirty, asideCount);
      return groups.sort();
    }
    const groups = new Int32Array(dirtyCount + asideCount);
    let found = 0;
    for (let group = 0; group < count; group++) {
      if (dirtyFlags[group] === 1 || asideFlags[group] === 1) groups[found++] = group;
    }
    return groups.subarray(0, found);
  }

  /** All groups from `first` on. */
  groupsFrom(first: number): Int32Array {
    const groups = new Int32Array(this.count - first);
    for (let at = 0; at < groups.length; at++) groups[at] = first + at;
    return groups;
  }

  clean(): void {
    for (let i = 0; i < this.dirtyCount; i++) this.dirtyFlags[this.dirty[i] as number] = 0;
    this.dirtyCount = 0;
    for (let i = 0; i < this.asideCount; i++) this.asideFlags[this.aside[i] as number] = 0;
    this.asideCount = 0;
  }

  private add(keyId: number): number {
    const group = this.count++;
    if (group === this.keys.length) this.grow();
    this.keys[group] = keyId;
    this.cells.set(this.initial, group * this.initial.length);
    this.dictionary.retain(keyId);
    this.index.add(keyId, group, this.keys);
    return group;
  }

  private grow(): void {
    const size = this.keys.length * 2;
    this.keys = grown(this.keys, new Int32Array(size));
    this.dirty = grown(this.dirty, new Int32Array(size));
    this.dirtyFlags = grown(this.dirtyFlags, new Uint8Array(size));
    this.cells = grown(this.cells, new Float64Array(size * this.initial.length));
  }

  private growAside(): void {
    const size = this.keys.length;
    this.aside = grown(this.aside, new Int32Array(size));
    this.asideFlags = grown(this.asideFlags, new Uint8Array(size));
  }

  /** Made once a window, not once a row. */
  private boundTexts(): { readonly start: DataView; readonly end: DataView } {
    this.texts ??= { start: instantText(this.startMs), end: instantText(this.endMs) };
    return this.texts;
  }
}

function grown<T extends Int32Array | Float64Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
