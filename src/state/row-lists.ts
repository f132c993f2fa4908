import type { RowStore } from "./row-store.ts";

const FIRST = 256;
const NONE = -1;

/** The rows of each key, in the order of their arrival. */
export class RowLists {
  private readonly arrivals: () => Float64Array;
  private heads = new Int32Array(FIRST).fill(NONE);
  private tails = new Int32Array(FIRST).fill(NONE);
  private following = new Int32Array(FIRST);
  private preceding = new Int32Array(FIRST);

  /** `arrival`: which extra of the rows says when they came. */
  constructor(store: RowStore, arrival: number) {
    this.arrivals = () => store.extras[arrival] as Float64Array;
  }

  get byteLength(): number {
    return (this.heads.length + this.following.length) * 2 * 4;
  }

  /** -1: there is none. */
  firstOf(keyId: number): number {
    return keyId < this.heads.length ? (this.heads[keyId] as number) : NONE;
  }

  /** The next row of the same key; -1: there is none. */
  after(rowId: number): number {
    return this.following[rowId] as number;
  }

  /** Behind those that came before; nearly always that is the end. */
  insert(keyId: number, rowId: number): void {
    if (keyId >= this.heads.length) {
      this.heads = longer(this.heads, keyId);
      this.tails = longer(this.tails, keyId);
    }
    if (rowId >= this.following.length) {
      this.following = longer(this.following, rowId);
      this.preceding = longer(this.preceding, rowId);
    }
    const arrivals = this.arrivals();
    const arrival = arrivals[rowId] as number;
    let before = this.tails[keyId] as number;
    while (before !== NONE && (arrivals[before] as number) > arrival) before = this.preceding[before] as number;
    const next = before === NONE ? (this.heads[keyId] as number) : (this.following[before] as number);
    this.link(keyId, before, rowId);
    this.link(keyId, rowId, next);
  }

  remove(keyId: number, rowId: number): void {
    this.link(keyId, this.preceding[rowId] as number, this.following[rowId] as number);
  }

  private link(keyId: number, before: number, next: number): void {
    if (before === NONE) this.heads[keyId] = next;
    else this.following[before] = next;
    if (next === NONE) this.tails[keyId] = before;
    else this.preceding[next] = before;
  }
}

function longer(values: Int32Array, index: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(values.length * 2, index + 1)).fill(NONE);
  larger.set(values);
  return larger;
}
