import type { GroupKeys } from "./group-keys.ts";

/** Up to so many keys an array of all of them is as small as anything else. */
const DENSE_KEYS = 1024;
/** A window with less than this share of the keys is looked up by hash. */
const DENSE_SHARE = 1 / 4;
const TABLE_FIRST = 128;
const NONE = new Int32Array(0);

/**
 * The group of a key within one window: an array by key id where the window has many of the keys, else a hash table, so
 * that many open windows with few groups each do not pay for all keys.
 */
export class GroupIndex {
  private readonly dictionary: GroupKeys;
  /** By key id, -1: no group. Empty where the table is used. */
  private dense = NONE;
  /** Open addressing: group + 1, 0 is empty; at most half full. Empty where the array is used. */
  private table = NONE;
  private count = 0;

  constructor(dictionary: GroupKeys) {
    this.dictionary = dictionary;
  }

  get byteLength(): number {
    return this.dense.byteLength + this.table.byteLength;
  }

  /** -1: none. `keys` are the keys of the groups. */
  find(keyId: number, keys: Int32Array): number {
    const { dense } = this;
    return keyId < dense.length ? (dense[keyId] as number) : this.search(keyId, keys);
  }

  /** As `find`, but -1 also where it takes a search. */
  findAtOnce(keyId: number): number {
    const { dense } = this;
    return keyId >= 0 && keyId < dense.length ? (dense[keyId] as number) : -1;
  }

  /** `keys` has the new group already. */
  add(keyId: number, group: number, keys: Int32Array): void {
    this.count = group + 1;
    if (keyId < this.dense.length) this.dense[keyId] = group;
    else if (this.count * 2 > this.table.length) this.layOut(keys);
    else this.put(keyId, group);
  }

  private search(keyId: number, keys: Int32Array): number {
    const { table } = this;
    if (table.length === 0) return -1;
    const mask = table.length - 1;
    let place = spread(keyId) & mask;
    for (let held = table[place] as number; held !== 0; held = table[place] as number) {
      if (keys[held - 1] === keyId) return held - 1;
      place = (place + 1) & mask;
    }
    return -1;
  }

  private put(keyId: number, group: number): void {
    const { table } = this;
    const mask = table.length - 1;
    let place = spread(keyId) & mask;
    while (table[place] !== 0) place = (place + 1) & mask;
    table[place] = group + 1;
  }

  private layOut(keys: Int32Array): void {
    const { count } = this;
    const { capacity } = this.dictionary;
    const isDense = capacity <= DENSE_KEYS || count >= capacity * DENSE_SHARE;
    this.dense = isDense ? new Int32Array(capacity).fill(-1) : NONE;
    this.table = isDense ? NONE : new Int32Array(Math.max(TABLE_FIRST, 2 ** Math.ceil(Math.log2(count * 4))));
    for (let group = 0; group < count; group++) {
      if (isDense) this.dense[keys[group] as number] = group;
      else this.put(keys[group] as number, group);
    }
  }
}

/** Neighbouring ids far apart. */
function spread(keyId: number): number {
  const mixed = Math.imul(keyId, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
