import type { Collector } from "../functions/collector.ts";
import type { MergeCells } from "../plan/code/merge-code.ts";
import { Bound, type CountSlot } from "./count-slot.ts";
import { GroupObjects } from "./group-objects.ts";
import type { ClosingSlot } from "./grouped-state.ts";
import { instantText } from "./instant-text.ts";

/** Windows of one group of a `CountSlot`, by the numbers of their first rows among those that count. */
export interface CountResults extends ClosingSlot {
  readonly group: number;
  show(group: number, starts: readonly number[]): void;
}

/** Windows side by side: the only one that is open is the pane that takes rows. */
export class SingleCount implements CountResults {
  readonly startMs = 0;
  group = 0;
  private shown: Int32Array = new Int32Array(0);
  private first = 0;
  private readonly slot: CountSlot;

  constructor(slot: CountSlot) {
    this.slot = slot;
  }

  get cells(): Float64Array {
    return this.slot.cells;
  }

  get keys(): Int32Array {
    return this.slot.keys;
  }

  get objects(): GroupObjects | null {
    return this.slot.objects;
  }

  show(group: number, starts: readonly number[]): void {
    this.group = group;
    this.first = starts[0] ?? 0;
    this.shown = Int32Array.from(starts, () => group);
  }

  /** By the number of the group, as everything here. */
  groupsFrom(first: number): Int32Array {
    return first > this.group ? this.shown.subarray(0, 0) : this.shown;
  }

  dirtyByIndex(): Int32Array {
    return this.shown;
  }

  cell(group: number, place: number): number {
    return this.slot.cells[group * this.slot.stride + place] as number;
  }

  startOf(group: number): number {
    return this.slot.bounds[group * Bound.count + Bound.start] as number;
  }

  endOf(group: number): number {
    return this.slot.bounds[group * Bound.count + Bound.end] as number;
  }

  rowOf(group: number): number {
    return (this.slot.bases[group] as number) + this.first;
  }

  startTextOf(group: number): DataView {
    return instantText(this.startOf(group));
  }

  endTextOf(group: number): DataView {
    return instantText(this.endOf(group));
  }
}

/**
 * Windows that overlap, put together from the last pane on: each further one takes in what is behind it. So those of a group cost no more
 * than its panes, and are the same whoever asks for them.
 */
export class MergedCounts implements CountResults {
  readonly startMs = 0;
  group = 0;
  cells = new Float64Array(0);
  keys: Int32Array = new Int32Array(0);
  objects: GroupObjects | null = null;
  private starts: readonly number[] = [];
  private bounds = new Float64Array(0);
  private readonly slot: CountSlot;
  private readonly merge: MergeCells;
  private readonly collectors: readonly Collector[];

  constructor(slot: CountSlot, merge: MergeCells, collectors: readonly Collector[]) {
    this.slot = slot;
    this.merge = merge;
    this.collectors = collectors;
  }

  show(group: number, starts: readonly number[]): void {
    const { slot } = this;
    const { stride } = slot;
    this.group = group;
    this.starts = starts;
    this.cells = new Float64Array(starts.length * stride);
    this.bounds = new Float64Array(starts.length * Bound.count);
    this.keys = new Int32Array(starts.length).fill(slot.keys[group] as number);
    this.objects = this.collectors.length === 0 ? null : new GroupObjects(this.collectors);
    if (starts.length > 0) this.mergeBack();
  }

  groupsFrom(first: number): Int32Array {
    return Int32Array.from({ length: this.starts.length - first }, (_, at) => first + at);
  }

  dirtyByIndex(): Int32Array {
    return this.groupsFrom(0);
  }

  cell(index: number, place: number): number {
    return this.cells[index * this.slot.stride + place] as number;
  }

  startOf(index: number): number {
    return this.bounds[index * Bound.count + Bound.start] as number;
  }

  endOf(index: number): number {
    return this.bounds[index * Bound.count + Bound.end] as number;
  }

  rowOf(index: number): number {
    return (this.slot.bases[this.group] as number) + (this.starts[index] as number);
  }

  startTextOf(index: number): DataView {
    return instantText(this.startOf(index));
  }

  endTextOf(index: number): DataView {
    return instantText(this.endOf(index));
  }

  private mergeBack(): void {
    const { slot, starts } = this;
    const { stride, paneRows } = slot;
    const last = slot.lastPane(this.group);
    let whole: Float64Array | null = null;
    let index = starts.length - 1;
    for (let number = last; index >= 0; number--) {
      const record = slot.recordOf(this.group, number);
      if (whole !== null) {
        this.merge(record, 0, whole, 0);
        record[stride + Bound.start] = Math.min(record[stride + Bound.start] as number, whole[stride + Bound.start] as number);
        record[stride + Bound.end] = Math.max(record[stride + Bound.end] as number, whole[stride + Bound.end] as number);
      }
      whole = record;
      // Behind the places of the results: one that is whole from each pane on.
      const place = starts.length + last - number;
      if (this.objects !== null) {
        slot.mergeObjects(this.group, number, this.objects, place);
        if (number < last) this.objects.merge(place, this.objects, place - 1);
      }
      if (number * paneRows !== starts[index]) continue;
      this.cells.set(record.subarray(0, stride), index * stride);
      this.bounds.set(record.subarray(stride), index * Bound.count);
      this.objects?.merge(index, this.objects, place);
      index--;
    }
  }
}
