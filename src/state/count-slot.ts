import type { Collector } from "../functions/collector.ts";
import type { GroupSlot } from "../plan/code/task.ts";
import { CountPanes } from "./count-panes.ts";
import { GroupIndex } from "./group-index.ts";
import type { GroupKeys } from "./group-keys.ts";
import { GroupObjects } from "./group-objects.ts";

const GROUPS_FIRST = 16;

/** What stands behind the cells of a pane's record: the smallest and the largest event time of its rows. */
export const Bound = { start: 0, end: 1, count: 2 } as const;

export interface CountSlotOptions {
  /** Rows of a pane. */
  readonly paneRows: number;
  /** The record of a new pane. */
  readonly initial: Float64Array;
  readonly keys: GroupKeys;
  readonly collectors: readonly Collector[];
}

/**
 * Groups whose rows are numbered, each with the pane that takes its next row and those before it that are still needed. A group stays for
 * ever: its numbers are in ids.
 */
export class CountSlot implements GroupSlot {
  readonly startMs = Number.NEGATIVE_INFINITY;
  readonly endMs = Number.POSITIVE_INFINITY;
  /** Of the panes that take rows. */
  cells: Float64Array;
  keys = new Int32Array(GROUPS_FIRST);
  readonly objects: GroupObjects | null;
  count = 0;
  dirtyFlags = new Uint8Array(GROUPS_FIRST);
  dirtyCount = 0;
  private dirty = new Int32Array(GROUPS_FIRST);
  /** By group: the number of its first row that counts. */
  bases = new Float64Array(GROUPS_FIRST);
  /** Its rows from there on. */
  rows = new Float64Array(GROUPS_FIRST);
  /** `Bound`s of the panes that take rows. */
  bounds = new Float64Array(GROUPS_FIRST * Bound.count);
  /** Its full panes that are needed; null: none ever was. */
  readonly panes: (CountPanes | null)[] = [];
  /** The number of the first pane that no delta has. */
  unsaved = new Float64Array(GROUPS_FIRST);
  /** Of full panes. */
  readonly paneObjects: GroupObjects | null;
  private readonly freePlaces: number[] = [];
  private places = 0;
  private paneBytes = 0;
  private readonly index: GroupIndex;
  private readonly options: CountSlotOptions;

  constructor(options: CountSlotOptions) {
    const { initial, keys, collectors } = options;
    this.options = options;
    this.cells = new Float64Array(GROUPS_FIRST * initial.length);
    this.objects = collectors.length === 0 ? null : new GroupObjects(collectors);
    this.paneObjects = collectors.length === 0 ? null : new GroupObjects(collectors);
    this.index = new GroupIndex(keys);
  }

  get stride(): number {
    return this.options.initial.length;
  }

  get paneRows(): number {
    return this.options.paneRows;
  }

  get byteLength(): number {
    const columns = this.keys.length * (4 + 1 + 4 + 8 * (3 + Bound.count));
    const objects = (this.objects?.byteLength ?? 0) + (this.paneObjects?.byteLength ?? 0);
    return this.cells.byteLength + columns + this.index.byteLength + objects + this.paneBytes;
  }

  groupOf(keyId: number): number {
    const group = this.index.find(keyId, this.keys);
    return group >= 0 ? group : this.add(keyId);
  }

  /** The number of the row among those of its group that count, from 1. */
  take(group: number, timeMs: number): number {
    const at = group * Bound.count;
    if (!(timeMs >= (this.bounds[at + Bound.start] as number))) this.bounds[at + Bound.start] = timeMs;
    if (!(timeMs <= (this.bounds[at + Bound.end] as number))) this.bounds[at + Bound.end] = timeMs;
    const rows = (this.rows[group] as number) + 1;
    this.rows[group] = rows;
    return rows;
  }

  markDirty(group: number): number {
    this.dirtyFlags[group] = 1;
    this.dirty[this.dirtyCount++] = group;
    return this.dirtyCount;
  }

  dirtyByIndex(): Int32Array {
    return this.dirty.slice(0, this.dirtyCount).sort();
  }

  clean(): void {
    for (let at = 0; at < this.dirtyCount; at++) this.dirtyFlags[this.dirty[at] as number] = 0;
    this.dirtyCount = 0;
  }

  /** The pane that takes rows is full: it is kept if rows from `needed` on are, and another one begins. */
  shift(group: number, needed: number): void {
    const { paneRows } = this.options;
    const rows = this.rows[group] as number;
    if (needed < rows) this.keep(group, rows / paneRows - 1);
    this.trim(group, Math.floor(needed / paneRows));
    this.renew(group);
  }

  /** The number of the last pane that has rows. */
  lastPane(group: number): number {
    return Math.ceil((this.rows[group] as number) / this.paneRows) - 1;
  }

  /** A copy of the record of a pane, and its bounds. */
  recordOf(group: number, number: number): Float64Array {
    const kept = this.keptPane(group, number);
    if (kept !== null) return kept.recordOf(number).slice();
    const record = new Float64Array(this.stride + Bound.count);
    record.set(this.cells.subarray(group * this.stride, (group + 1) * this.stride));
    record.set(this.bounds.subarray(group * Bound.count, (group + 1) * Bound.count), this.stride);
    return record;
  }

  /** Takes the states of a pane that are objects into others. */
  mergeObjects(group: number, number: number, into: GroupObjects, place: number): void {
    const kept = this.keptPane(group, number);
    if (kept === null) {
      if (this.objects !== null) into.merge(place, this.objects, group);
    } else if (this.paneObjects !== null) into.merge(place, this.paneObjects, kept.placeOf(number));
  }

  /** What counts begins so many rows later, with nothing. */
  restart(group: number, rows: number): void {
    this.bases[group] = (this.bases[group] as number) + rows;
    this.rows[group] = 0;
    this.unsaved[group] = 0;
    this.forget(group);
    this.renew(group);
  }

  /** Room for a full pane, which is filled in at once. */
  addPane(group: number, number: number): { readonly record: Float64Array; readonly place: number } {
    const width = this.options.initial.length + Bound.count;
    const panes = this.panes[group] ?? new CountPanes(width, number);
    const before = this.panes[group] === panes ? panes.byteLength : 0;
    this.panes[group] = panes;
    if (panes.end !== number) this.trim(group, Number.POSITIVE_INFINITY);
    if (panes.first === panes.end) {
      panes.first = number;
      panes.end = number;
    }
    const place = this.paneObjects === null ? -1 : (this.freePlaces.pop() ?? this.places++);
    const record = panes.push(place);
    this.paneBytes += panes.byteLength - before;
    return { record, place };
  }

  /** Panes before that number go. */
  trim(group: number, first: number): void {
    const panes = this.panes[group] ?? null;
    if (panes === null) return;
    for (; panes.first < Math.min(first, panes.end); panes.first++) {
      if (this.paneObjects === null) continue;
      const place = panes.placeOf(panes.first);
      this.paneObjects.clear(place);
      this.freePlaces.push(place);
    }
  }

  /** null: the pane takes rows still. */
  private keptPane(group: number, number: number): CountPanes | null {
    const panes = this.panes[group] ?? null;
    return panes !== null && number < panes.end ? panes : null;
  }

  private forget(group: number): void {
    this.trim(group, Number.POSITIVE_INFINITY);
    this.paneBytes -= this.panes[group]?.byteLength ?? 0;
    this.panes[group] = null;
  }

  private keep(group: number, number: number): void {
    const stride = this.options.initial.length;
    const { record, place } = this.addPane(group, number);
    record.set(this.cells.subarray(group * stride, (group + 1) * stride));
    record.set(this.bounds.subarray(group * Bound.count, (group + 1) * Bound.count), stride);
    if (this.objects !== null) this.paneObjects?.merge(place, this.objects, group);
  }

  private renew(group: number): void {
    this.cells.set(this.options.initial, group * this.options.initial.length);
    this.bounds.fill(Number.NaN, group * Bound.count, (group + 1) * Bound.count);
    this.objects?.clear(group);
  }

  private add(keyId: number): number {
    const { keys, initial } = this.options;
    const group = this.count++;
    if (group === this.keys.length) this.grow();
    this.keys[group] = keyId;
    this.cells.set(initial, group * initial.length);
    this.bounds.fill(Number.NaN, group * Bound.count, (group + 1) * Bound.count);
    this.panes[group] = null;
    keys.retain(keyId);
    this.index.add(keyId, group, this.keys);
    return group;
  }

  private grow(): void {
    const size = this.keys.length * 2;
    this.keys = grown(this.keys, new Int32Array(size));
    this.dirty = grown(this.dirty, new Int32Array(size));
    this.dirtyFlags = grown(this.dirtyFlags, new Uint8Array(size));
    this.bases = grown(this.bases, new Float64Array(size));
    this.rows = grown(this.rows, new Float64Array(size));
    this.unsaved = grown(this.unsaved, new Float64Array(size));
    this.bounds = grown(this.bounds, new Float64Array(size * Bound.count));
    this.cells = grown(this.cells, new Float64Array(size * this.options.initial.length));
  }
}

function grown<T extends Int32Array | Float64Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
