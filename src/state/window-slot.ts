import type { GroupKeys } from "./group-keys.ts";

const GROUPS_FIRST = 64;

/**
 * The groups of one window (or of a statement without windows): accumulators side by side in one Float64Array, in the
 * order in which the groups were first seen. That order is a function of the log, so finals leave in it.
 */
export class WindowSlot {
  readonly startMs: number;
  readonly endMs: number;
  /** `width` float64 cells a group. */
  cells: Float64Array;
  keys = new Int32Array(GROUPS_FIRST);
  /** Of the last record that changed the group: version (µs), offset, event time (ms). */
  versions = new Float64Array(GROUPS_FIRST);
  offsets = new Float64Array(GROUPS_FIRST);
  times = new Float64Array(GROUPS_FIRST);
  count = 0;
  dirtyCount = 0;
  /** Indexes of the groups touched since the last barrier, in the order of their first touch. */
  dirty = new Int32Array(GROUPS_FIRST);
  private isDirty = new Uint8Array(GROUPS_FIRST);
  private groupOfKey: Int32Array;
  private readonly initial: Float64Array;
  private readonly dictionary: GroupKeys;
  private readonly onDirty: () => void;

  constructor(startMs: number, endMs: number, initial: Float64Array, dictionary: GroupKeys, onDirty: () => void) {
    this.startMs = startMs;
    this.endMs = endMs;
    this.initial = initial;
    this.dictionary = dictionary;
    this.onDirty = onDirty;
    this.cells = new Float64Array(GROUPS_FIRST * initial.length);
    this.groupOfKey = new Int32Array(dictionary.capacity).fill(-1);
  }

  get byteLength(): number {
    return this.cells.byteLength + this.keys.length * 37 + this.groupOfKey.byteLength;
  }

  groupOf(keyId: number): number {
    if (keyId >= this.groupOfKey.length) this.growIndex();
    const group = this.groupOfKey[keyId] as number;
    return group >= 0 ? group : this.add(keyId);
  }

  touch(group: number, version: number, offset: number, timeMs: number): void {
    this.versions[group] = version;
    this.offsets[group] = offset;
    this.times[group] = timeMs;
    if (this.isDirty[group] === 0) {
      this.isDirty[group] = 1;
      this.dirty[this.dirtyCount++] = group;
      this.onDirty();
    }
  }

  /** The dirty groups by rising index: the order in which a restore must meet new ones. */
  dirtyByIndex(): Int32Array {
    return this.dirty.slice(0, this.dirtyCount).sort();
  }

  clean(): void {
    for (let i = 0; i < this.dirtyCount; i++) this.isDirty[this.dirty[i] as number] = 0;
    this.dirtyCount = 0;
  }

  private add(keyId: number): number {
    const group = this.count++;
    if (group === this.keys.length) this.grow();
    this.keys[group] = keyId;
    this.groupOfKey[keyId] = group;
    this.cells.set(this.initial, group * this.initial.length);
    this.dictionary.retain(keyId);
    return group;
  }

  private growIndex(): void {
    const larger = new Int32Array(this.dictionary.capacity).fill(-1);
    larger.set(this.groupOfKey);
    this.groupOfKey = larger;
  }

  private grow(): void {
    const size = this.keys.length * 2;
    this.keys = grown(this.keys, new Int32Array(size));
    this.dirty = grown(this.dirty, new Int32Array(size));
    this.versions = grown(this.versions, new Float64Array(size));
    this.offsets = grown(this.offsets, new Float64Array(size));
    this.times = grown(this.times, new Float64Array(size));
    this.isDirty = grown(this.isDirty, new Uint8Array(size));
    this.cells = grown(this.cells, new Float64Array(size * this.initial.length));
  }
}

function grown<T extends Int32Array | Float64Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
