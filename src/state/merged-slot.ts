import type { Collector } from "../functions/collector.ts";
import type { TimeSpan } from "../model/time-grid.ts";
import type { MergeCells } from "../plan/code/merge-code.ts";
import { GroupObjects } from "./group-objects.ts";
import type { ClosingSlot } from "./grouped-state.ts";
import { instantText } from "./instant-text.ts";
import type { WindowSlot } from "./window-slot.ts";

export interface MergeOptions {
  readonly merge: MergeCells;
  readonly collectors: readonly Collector[];
  /** Length of a record. */
  readonly stride: number;
  /** Rows that never change: one that a pane had at the last barrier is not made again. */
  readonly distinct: boolean;
  /** -1 for each key id, and left so. */
  readonly places: Int32Array;
}

const NONE = new Int32Array(0);

/**
 * What the panes of a window give together, made when it is asked for: all groups, or those that changed since the last barrier. They come
 * by the pane in which they are first, then as they came there; their parts are put together in order of time.
 */
export class MergedSlot implements ClosingSlot {
  readonly startMs: number;
  readonly endMs: number;
  cells = new Float64Array(0);
  keys: Int32Array = NONE;
  objects: GroupObjects | null = null;
  private isWhole = false;
  private readonly panes: readonly WindowSlot[];
  private readonly options: MergeOptions;
  private texts: { readonly start: DataView; readonly end: DataView } | null = null;

  constructor({ startMs, endMs }: TimeSpan, panes: readonly WindowSlot[], options: MergeOptions) {
    this.startMs = startMs;
    this.endMs = endMs;
    this.panes = panes;
    this.options = options;
  }

  get byteLength(): number {
    return this.cells.byteLength + this.keys.byteLength + (this.objects?.byteLength ?? 0);
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

  groupsFrom(first: number): Int32Array {
    if (!this.isWhole) this.make(this.allKeys());
    this.isWhole = true;
    return Int32Array.from({ length: this.keys.length - first }, (_, at) => first + at);
  }

  dirtyByIndex(): Int32Array {
    this.make(this.dirtyKeys());
    this.isWhole = false;
    return this.keys.map((_, group) => group);
  }

  cell(group: number, place: number): number {
    return this.cells[group * this.options.stride + place] as number;
  }

  private make(keys: Int32Array): void {
    this.keys = keys;
    this.mergeRecords();
    for (const keyId of this.keys) this.options.places[keyId] = -1;
  }

  /** Gives each key its place. */
  private allKeys(): Int32Array {
    const { places } = this.options;
    let keys = new Int32Array(Math.max(0, ...this.panes.map(({ count }) => count)));
    let count = 0;
    for (const pane of this.panes) {
      for (let group = 0; group < pane.count; group++) {
        const keyId = pane.keys[group] as number;
        if (places[keyId] !== -1) continue;
        if (count === keys.length) keys = doubled(keys);
        places[keyId] = count;
        keys[count++] = keyId;
      }
    }
    return keys.slice(0, count);
  }

  private dirtyKeys(): Int32Array {
    const { places, distinct } = this.options;
    const keys: number[] = [];
    for (const pane of this.panes) {
      if (pane.dirtyCount === 0) continue;
      for (const group of pane.dirtyByIndex()) {
        const keyId = pane.keys[group] as number;
        if (places[keyId] !== -1 || (distinct && this.panes.some((other) => isKept(other, keyId)))) continue;
        places[keyId] = keys.length;
        keys.push(keyId);
      }
    }
    return Int32Array.from(keys);
  }

  private mergeRecords(): void {
    const { keys, panes } = this;
    const { stride, collectors } = this.options;
    this.cells = new Float64Array(keys.length * stride);
    this.objects = collectors.length === 0 ? null : new GroupObjects(collectors);
    const begun = new Uint8Array(keys.length);
    for (const pane of panes) {
      const isFew = keys.length * 2 < pane.count;
      this.mergePane(pane, begun, isFew ? keys.length : pane.count, isFew);
    }
  }

  /** Takes in so many groups of a pane: those of the keys where these are few, else all that the pane has. */
  private mergePane(pane: WindowSlot, begun: Uint8Array, count: number, byKey: boolean): void {
    const { cells, keys, objects } = this;
    const { stride, places, merge } = this.options;
    const { cells: others, keys: otherKeys } = pane;
    for (let at = 0; at < count; at++) {
      const place = byKey ? at : (places[otherKeys[at] as number] as number);
      const group = byKey ? pane.find(keys[at] as number) : at;
      if (group < 0 || place < 0) continue;
      const [to, from] = [place * stride, group * stride];
      if (begun[place] === 1) merge(cells, to, others, from);
      else {
        begun[place] = 1;
        for (let cell = 0; cell < stride; cell++) cells[to + cell] = others[from + cell] as number;
      }
      if (objects !== null && pane.objects !== null) objects.merge(place, pane.objects, group);
    }
  }

  private boundTexts(): { readonly start: DataView; readonly end: DataView } {
    this.texts ??= { start: instantText(this.startMs), end: instantText(this.endMs) };
    return this.texts;
  }
}

/** Whether a pane had the group at the last barrier. */
function isKept(pane: WindowSlot, keyId: number): boolean {
  const group = pane.find(keyId);
  return group >= 0 && pane.dirtyFlags[group] === 0;
}

function doubled(keys: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(keys.length * 2, 16));
  larger.set(keys);
  return larger;
}
