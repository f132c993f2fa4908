import type { RowStore } from "./row-store.ts";

/** Extras of rows that are in a queue. `arrival`: rising in the order in which the rows came. */
export const RowExtra = { timeMs: 0, arrival: 1 } as const;

const ROWS_FIRST = 256;

/**
 * Rows by time, those of one time in the order of their arrival. Streams come nearly in order: a row that is not older than the last one
 * goes to the end of a ring, and only others into a heap.
 */
export class TimeQueue {
  private readonly store: RowStore;
  private ring = new Int32Array(ROWS_FIRST);
  private first = 0;
  private ringCount = 0;
  private heap = new Int32Array(ROWS_FIRST);
  private heapCount = 0;
  private lastTimeMs = Number.NEGATIVE_INFINITY;

  constructor(store: RowStore) {
    this.store = store;
  }

  get count(): number {
    return this.ringCount + this.heapCount;
  }

  get byteLength(): number {
    return (this.ring.length + this.heap.length) * 4;
  }

  push(rowId: number): void {
    const time = this.timeOf(rowId);
    if (this.ringCount > 0 && time < this.lastTimeMs) this.pushHeap(rowId);
    else {
      this.lastTimeMs = time;
      if (this.ringCount === this.ring.length) this.growRing();
      this.ring[(this.first + this.ringCount++) & (this.ring.length - 1)] = rowId;
    }
  }

  /** The first row; -1: there is none. */
  peek(): number {
    if (this.heapCount === 0) return this.ringCount === 0 ? -1 : (this.ring[this.first] as number);
    const top = this.heap[0] as number;
    if (this.ringCount === 0) return top;
    const head = this.ring[this.first] as number;
    return this.isBefore(top, head) ? top : head;
  }

  /** Takes the row out that `peek` gave. */
  shift(): void {
    if (this.heapCount > 0 && this.peek() === this.heap[0]) this.shiftHeap();
    else {
      this.first = (this.first + 1) & (this.ring.length - 1);
      this.ringCount--;
    }
  }

  /** All rows, so that pushing them in this order makes much the same queue. */
  *all(): Iterable<number> {
    for (let i = 0; i < this.ringCount; i++) yield this.ring[(this.first + i) & (this.ring.length - 1)] as number;
    for (let i = 0; i < this.heapCount; i++) yield this.heap[i] as number;
  }

  isBefore(a: number, b: number): boolean {
    const difference = this.timeOf(a) - this.timeOf(b);
    return difference < 0 || (difference === 0 && this.arrivalOf(a) < this.arrivalOf(b));
  }

  private timeOf(rowId: number): number {
    return (this.store.extras[RowExtra.timeMs] as Float64Array)[rowId] as number;
  }

  private arrivalOf(rowId: number): number {
    return (this.store.extras[RowExtra.arrival] as Float64Array)[rowId] as number;
  }

  private pushHeap(rowId: number): void {
    if (this.heapCount === this.heap.length) {
      const larger = new Int32Array(this.heap.length * 2);
      larger.set(this.heap);
      this.heap = larger;
    }
    const { heap } = this;
    let at = this.heapCount++;
    for (let parent = (at - 1) >> 1; at > 0 && this.isBefore(rowId, heap[parent] as number); parent = (at - 1) >> 1) {
      heap[at] = heap[parent] as number;
      at = parent;
    }
    heap[at] = rowId;
  }

  private shiftHeap(): void {
    const { heap } = this;
    const last = heap[--this.heapCount] as number;
    let at = 0;
    for (let child = 1; child < this.heapCount; child = 2 * at + 1) {
      if (child + 1 < this.heapCount && this.isBefore(heap[child + 1] as number, heap[child] as number)) child++;
      if (this.isBefore(last, heap[child] as number)) break;
      heap[at] = heap[child] as number;
      at = child;
    }
    heap[at] = last;
  }

  private growRing(): void {
    const { ring, first } = this;
    const larger = new Int32Array(ring.length * 2);
    larger.set(ring.subarray(first));
    larger.set(ring.subarray(0, first), ring.length - first);
    this.ring = larger;
    this.first = 0;
  }
}
