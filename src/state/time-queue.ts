import type { RowStore } from "./row-store.ts";

/** Extras of rows that are in a queue. `arrival`: rising in the order in which the rows came. */
export const RowExtra = { timeMs: 0, arrival: 1 } as const;

const ROWS_FIRST = 256;
const ROW_BYTES = 12;

/** Rows with their times beside them: what a comparison reads lies together, not where the rows are kept. */
interface Rows {
  readonly ids: Int32Array;
  readonly times: Float64Array;
}

/**
 * Rows by time, those of one time in the order of their arrival. Streams come nearly in order: a row that is not older than the last one
 * goes to the end of a ring, and only others into a heap.
 */
export class TimeQueue {
  private readonly store: RowStore;
  private ring = makeRows(ROWS_FIRST);
  private first = 0;
  private ringCount = 0;
  private heap = makeRows(ROWS_FIRST);
  private heapCount = 0;
  private lastTimeMs = Number.NEGATIVE_INFINITY;

  constructor(store: RowStore) {
    this.store = store;
  }

  get count(): number {
    return this.ringCount + this.heapCount;
  }

  get byteLength(): number {
    return (this.ring.ids.length + this.heap.ids.length) * ROW_BYTES;
  }

  /** The time of the first row; infinite: there is none. */
  get firstTimeMs(): number {
    const ofRing = this.ringCount === 0 ? Number.POSITIVE_INFINITY : (this.ring.times[this.first] as number);
    return this.heapCount === 0 ? ofRing : Math.min(ofRing, this.heap.times[0] as number);
  }

  push(rowId: number): void {
    const timeMs = (this.store.extras[RowExtra.timeMs] as Float64Array)[rowId] as number;
    if (this.ringCount > 0 && timeMs < this.lastTimeMs) this.pushHeap(rowId, timeMs);
    else {
      this.lastTimeMs = timeMs;
      if (this.ringCount === this.ring.ids.length) this.growRing();
      const at = (this.first + this.ringCount++) & (this.ring.ids.length - 1);
      this.ring.ids[at] = rowId;
      this.ring.times[at] = timeMs;
    }
  }

  /** The first row; -1: there is none. */
  peek(): number {
    if (this.count === 0) return -1;
    return (this.isHeapFirst() ? this.heap.ids[0] : this.ring.ids[this.first]) as number;
  }

  /** Takes the row out that `peek` gave. */
  shift(): void {
    if (this.isHeapFirst()) this.shiftHeap();
    else {
      this.first = (this.first + 1) & (this.ring.ids.length - 1);
      this.ringCount--;
    }
  }

  /** All rows, so that pushing them in this order makes much the same queue. */
  *all(): Iterable<number> {
    for (let i = 0; i < this.ringCount; i++) yield this.ring.ids[(this.first + i) & (this.ring.ids.length - 1)] as number;
    for (let i = 0; i < this.heapCount; i++) yield this.heap.ids[i] as number;
  }

  private isHeapFirst(): boolean {
    const { ring, heap, first } = this;
    if (this.heapCount === 0 || this.ringCount === 0) return this.heapCount > 0;
    return this.isBefore(heap.ids[0] as number, heap.times[0] as number, ring.ids[first] as number, ring.times[first] as number);
  }

  private isBefore(rowId: number, timeMs: number, otherId: number, otherMs: number): boolean {
    return timeMs < otherMs || (timeMs === otherMs && this.arrivalOf(rowId) < this.arrivalOf(otherId));
  }

  private arrivalOf(rowId: number): number {
    return (this.store.extras[RowExtra.arrival] as Float64Array)[rowId] as number;
  }

  private pushHeap(rowId: number, timeMs: number): void {
    if (this.heapCount === this.heap.ids.length) this.growHeap();
    const { ids, times } = this.heap;
    let at = this.heapCount++;
    for (let parent = (at - 1) >> 1; at > 0; parent = (at - 1) >> 1) {
      if (!this.isBefore(rowId, timeMs, ids[parent] as number, times[parent] as number)) break;
      ids[at] = ids[parent] as number;
      times[at] = times[parent] as number;
      at = parent;
    }
    ids[at] = rowId;
    times[at] = timeMs;
  }

  private shiftHeap(): void {
    const { ids, times } = this.heap;
    const count = --this.heapCount;
    const [last, lastMs] = [ids[count] as number, times[count] as number];
    let at = 0;
    for (let child = 1; child < count; child = 2 * at + 1) {
      const next = child + 1;
      if (next < count && this.isBefore(ids[next] as number, times[next] as number, ids[child] as number, times[child] as number)) child++;
      if (this.isBefore(last, lastMs, ids[child] as number, times[child] as number)) break;
      ids[at] = ids[child] as number;
      times[at] = times[child] as number;
      at = child;
    }
    ids[at] = last;
    times[at] = lastMs;
  }

  private growHeap(): void {
    const larger = makeRows(this.heap.ids.length * 2);
    larger.ids.set(this.heap.ids);
    larger.times.set(this.heap.times);
    this.heap = larger;
  }

  private growRing(): void {
    const { ring, first } = this;
    const larger = makeRows(ring.ids.length * 2);
    const turned = ring.ids.length - first;
    larger.ids.set(ring.ids.subarray(first));
    larger.ids.set(ring.ids.subarray(0, first), turned);
    larger.times.set(ring.times.subarray(first));
    larger.times.set(ring.times.subarray(0, first), turned);
    this.ring = larger;
    this.first = 0;
  }
}

function makeRows(count: number): Rows {
  return { ids: new Int32Array(count), times: new Float64Array(count) };
}
