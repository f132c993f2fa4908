import type { TimeSpan } from "../model/time-grid.ts";
import type { Part } from "./merge-parts.ts";
import type { Pane } from "./pane-runs.ts";
import type { WindowSlot } from "./window-slot.ts";

export interface DirtyOptions {
  readonly merge: (parts: readonly Part[]) => Part;
  /** The parts of a window that has these panes. */
  readonly partsOf: (panes: readonly Pane[], window: TimeSpan) => readonly Part[];
  /** Rows that never change: one that a pane had at the last barrier is not made again. */
  readonly distinct: boolean;
  /** -1 for each key id, and left so. */
  readonly places: Int32Array;
}

/** A pane's groups of the keys that are dirty in any pane. */
interface DirtyPane extends Pane {
  readonly slot: WindowSlot;
  readonly groups: Int32Array;
  /** Of these the dirty ones, in order. */
  readonly dirty: Int32Array;
}

/** Panes with nothing in them but the groups that have changed since the last barrier: from these, windows are made as from whole ones. */
export class DirtyPanes {
  private readonly options: DirtyOptions;
  private readonly panes: readonly DirtyPane[];

  /** `panes`: in order of time. */
  constructor(panes: readonly WindowSlot[], options: DirtyOptions) {
    this.options = options;
    const { places } = options;
    const keys: number[] = [];
    const dirty = panes.map((slot) => (slot.dirtyCount === 0 ? NONE : slot.dirtyByIndex()));
    for (const [at, slot] of panes.entries()) {
      for (const group of dirty[at] as Int32Array) {
        const keyId = slot.keys[group] as number;
        if (places[keyId] !== -1) continue;
        places[keyId] = 0;
        keys.push(keyId);
      }
    }
    this.panes = panes.map((slot, at) => dirtyPane(slot, dirty[at] as Int32Array, keys, places)).filter(({ groups }) => groups.length > 0);
    for (const keyId of keys) places[keyId] = -1;
  }

  /** What a window has, and which of it has changed, in its order. */
  of(window: TimeSpan): { readonly part: Part; readonly groups: Int32Array } {
    const { merge, partsOf, distinct, places } = this.options;
    const panes = this.panes.filter(({ startMs }) => startMs >= window.startMs && startMs < window.endMs);
    const part = merge(partsOf(panes, window));
    for (let place = 0; place < part.count; place++) places[part.keys[place] as number] = place;
    for (const { slot, groups } of distinct ? panes : []) {
      for (const group of groups) if (slot.dirtyFlags[group] === 0) places[slot.keys[group] as number] = -1;
    }
    const changed = new Int32Array(part.count);
    let count = 0;
    for (const { slot, dirty } of panes) {
      for (const group of dirty) {
        const keyId = slot.keys[group] as number;
        const place = places[keyId] as number;
        if (place < 0) continue;
        changed[count++] = place;
        places[keyId] = -1;
      }
    }
    for (const keyId of part.keys) places[keyId] = -1;
    // Where a full barrier cuts what leaves, it goes on behind a group: they have to rise.
    return { part, groups: changed.subarray(0, count).sort() };
  }
}

const NONE = new Int32Array(0);

function dirtyPane(slot: WindowSlot, dirty: Int32Array, dirtyKeys: readonly number[], places: Int32Array): DirtyPane {
  const isFew = dirtyKeys.length * 2 < slot.count;
  const groups = new Int32Array(isFew ? dirtyKeys.length : slot.count);
  let count = 0;
  if (isFew) {
    for (const keyId of dirtyKeys) {
      const group = slot.find(keyId);
      if (group >= 0) groups[count++] = group;
    }
  } else {
    for (let group = 0; group < slot.count; group++) if (places[slot.keys[group] as number] === 0) groups[count++] = group;
  }
  const { startMs, keys, cells, objects } = slot;
  return { slot, startMs, usedAt: 0, keys, cells, objects, count: slot.count, groups: groups.subarray(0, count), dirty };
}
