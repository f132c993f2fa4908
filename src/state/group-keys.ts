import type { ByteWriter } from "../model/byte-writer.ts";
import { type ColumnDictionary, Tag } from "../model/column-batch.ts";
import { dataViewOf } from "../model/copy-bytes.ts";
import { parseJson } from "../model/exact-number.ts";

const ENTRIES_FIRST = 256;
/** Where an entry's text begins and ends in the arena (-1: it is free), its hash, and how many windows use it. */
const Part = { start: 0, end: 1, hash: 2, uses: 3 } as const;
const ENTRY_INTS = 4;
const PLACE_INTS = 2;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Arena bytes that may lie unused before the rest is moved together. */
const GARBAGE_BYTES_MIN = 1 << 16;

/**
 * Grouping keys as canonical JSON text, each with a small integer id. A key is kept while some window uses it; ids of
 * keys that went are given again. Ids are local: what is written down is the text.
 */
export class GroupKeys {
  /** How many grouping expressions a key is made of. */
  private readonly parts: number;
  private arena = Buffer.allocUnsafeSlow(16 * ENTRIES_FIRST);
  private arenaUsed = 0;
  private garbageBytes = 0;
  /** Of each entry, by `Part`; side by side, because with many keys every other place is another miss of the processor's cache. */
  private entries = new Int32Array(ENTRIES_FIRST * ENTRY_INTS);
  private entryCount = 0;
  private free: number[] = [];
  private live = 0;
  /** Open addressing, linear probing: hash, then entry + 1 or 0 for an empty place. At most half full. */
  private table = new Int32Array(ENTRIES_FIRST * 2 * PLACE_INTS);
  private idsByDictionary = new Int32Array(0);
  private dictionary: ColumnDictionary | null = null;
  private dictionaryEpoch = 0;
  private hasReleased = false;
  /** Scratch of `lookUp`, by row. */
  private found = new Int32Array(0);
  private hashes = new Int32Array(0);

  constructor(parts: number) {
    this.parts = parts;
  }

  /** Keys in use. */
  get count(): number {
    return this.live;
  }

  /** Ids are below this. */
  get capacity(): number {
    return this.entries.length / ENTRY_INTS;
  }

  get byteLength(): number {
    return this.arena.length + (this.entries.length + this.table.length + this.idsByDictionary.length) * 4;
  }

  /**
   * The key ids of the plain strings in rows [from, to) of a column that is the only grouping value, -1 where there is none yet;
   * the array is the same one each time. With many keys each step of a look-up is a miss of the processor's cache. Taken step by step for
   * all rows, the misses of a step do not wait for each other: a third of the time of `intern` row by row.
   */
  lookUp(bytes: Uint8Array, tags: Uint8Array, starts: Int32Array, ends: Int32Array, from: number, to: number): Int32Array {
    if (this.found.length < to) {
      this.found = new Int32Array(to * 2);
      this.hashes = new Int32Array(to * 2);
    }
    const { found, hashes, table, entries } = this;
    for (let row = from; row < to; row++) {
      if (tags[row] === Tag.string) hashes[row] = hashOf(bytes, (starts[row] as number) - 1, (ends[row] as number) + 1);
    }
    const mask = table.length - PLACE_INTS;
    for (let row = from; row < to; row++) {
      const hash = hashes[row] as number;
      let place = homeOf(hash) & mask;
      while (table[place] !== hash && table[place + 1] !== 0) place = (place + PLACE_INTS) & mask;
      found[row] = tags[row] === Tag.string ? (table[place + 1] as number) - 1 : -1;
    }
    const places = hashes;
    for (let row = from; row < to; row++) {
      const entry = found[row] as number;
      if (entry < 0) continue;
      const start = entries[entry * ENTRY_INTS + Part.start] as number;
      const length = (entries[entry * ENTRY_INTS + Part.end] as number) - start;
      if (length === (ends[row] as number) - (starts[row] as number) + 2) places[row] = start;
      else found[row] = -1;
    }
    const [arena, given] = [dataViewOf(this.arena), dataViewOf(bytes)];
    for (let row = from; row < to; row++) {
      if ((found[row] as number) < 0) continue;
      const start = (starts[row] as number) - 1;
      if (!isSame(arena, places[row] as number, given, start, (ends[row] as number) + 1 - start)) found[row] = -1;
    }
    return found;
  }

  intern(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashOf(bytes, start, end);
    const { table } = this;
    const mask = table.length - PLACE_INTS;
    let place = homeOf(hash) & mask;
    for (let held = table[place + 1] as number; held !== 0; held = table[place + 1] as number) {
      if (table[place] === hash && this.equals(held - 1, bytes, start, end)) return held - 1;
      place = (place + PLACE_INTS) & mask;
    }
    return this.insert(place, hash, bytes, start, end);
  }

  retain(keyId: number): void {
    const at = keyId * ENTRY_INTS + Part.uses;
    this.entries[at] = (this.entries[at] as number) + 1;
  }

  /** `sweep` follows, once for many keys. */
  release(keyId: number): void {
    const { entries } = this;
    const at = keyId * ENTRY_INTS;
    const uses = (entries[at + Part.uses] as number) - 1;
    entries[at + Part.uses] = uses;
    if (uses > 0) return;
    this.hasReleased = true;
    this.remove(keyId);
    this.garbageBytes += this.lengthOf(keyId);
    entries[at + Part.start] = -1;
    this.free.push(keyId);
    this.live--;
  }

  /** After releases: no id of a key that nobody uses is given any more. */
  sweep(): void {
    if (!this.hasReleased) return;
    this.hasReleased = false;
    this.idsByDictionary.fill(-1);
    if (this.garbageBytes > GARBAGE_BYTES_MIN && this.garbageBytes * 2 > this.arenaUsed) this.compact();
  }

  /**
   * Key ids by the ids of a dictionary whose strings are the only grouping value; -1: not known yet, to be filled in by the
   * caller. Valid until the next call; what is not is forgotten when the dictionary begins anew, and at `sweep`.
   */
  idsBy(dictionary: ColumnDictionary | null): Int32Array {
    if (dictionary === null) return NO_IDS;
    if (this.dictionary !== dictionary || this.dictionaryEpoch !== dictionary.epoch) {
      this.dictionary = dictionary;
      this.dictionaryEpoch = dictionary.epoch;
      this.idsByDictionary.fill(-1);
    }
    if (this.idsByDictionary.length < dictionary.size) {
      const larger = new Int32Array(Math.max(dictionary.size, this.idsByDictionary.length * 2)).fill(-1);
      larger.set(this.idsByDictionary);
      this.idsByDictionary = larger;
    }
    return this.idsByDictionary;
  }

  /** Writes the canonical JSON text of a key. */
  writeText(keyId: number, writer: ByteWriter): void {
    writer.bytes(this.arena, this.startOf(keyId), this.endOf(keyId));
  }

  /** Writes the string that a key is made of; false: it is none, or has escapes. */
  writePlainString(keyId: number, writer: ByteWriter, quoted: boolean): boolean {
    const { arena } = this;
    const start = this.startOf(keyId);
    const end = this.endOf(keyId);
    if (arena[start] !== QUOTE) return false;
    for (let at = start + 1; at < end; at++) if (arena[at] === BACKSLASH) return false;
    if (quoted) writer.bytes(arena, start, end);
    else writer.bytes(arena, start + 1, end - 1);
    return true;
  }

  /** Bytes of the canonical text. */
  lengthOf(keyId: number): number {
    return this.endOf(keyId) - this.startOf(keyId);
  }

  /** Copies the canonical text and gives the place behind it. */
  copyText(keyId: number, target: Uint8Array, at: number): number {
    const { arena } = this;
    const end = this.endOf(keyId);
    let to = at;
    for (let from = this.startOf(keyId); from < end; from++) target[to++] = arena[from] as number;
    return to;
  }

  /** The canonical JSON text of a key. */
  textOf(keyId: number): Buffer {
    return this.arena.subarray(this.startOf(keyId), this.endOf(keyId));
  }

  valuesOf(keyId: number): readonly unknown[] {
    if (this.parts === 0) return [];
    const value = parseJson(this.arena.toString("utf8", this.startOf(keyId), this.endOf(keyId)));
    return this.parts === 1 ? [value] : (value as unknown[]);
  }

  private startOf(entry: number): number {
    return this.entries[entry * ENTRY_INTS + Part.start] as number;
  }

  private endOf(entry: number): number {
    return this.entries[entry * ENTRY_INTS + Part.end] as number;
  }

  private equals(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.startOf(entry);
    const length = end - start;
    if (this.endOf(entry) - from !== length) return false;
    const { arena } = this;
    for (let i = 0; i < length; i++) if (arena[from + i] !== bytes[start + i]) return false;
    return true;
  }

  private insert(place: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const entry = this.free.pop() ?? this.entryCount++;
    if (entry === this.capacity) this.growEntries();
    const length = end - start;
    if (this.arenaUsed + length > this.arena.length) this.growArena(length);
    this.arena.set(bytes.subarray(start, end), this.arenaUsed);
    const { entries, table } = this;
    const at = entry * ENTRY_INTS;
    entries[at + Part.start] = this.arenaUsed;
    this.arenaUsed += length;
    entries[at + Part.end] = this.arenaUsed;
    entries[at + Part.hash] = hash;
    entries[at + Part.uses] = 0;
    table[place] = hash;
    table[place + 1] = entry + 1;
    this.live++;
    if (this.live * 2 * PLACE_INTS > table.length) this.rehash(table.length * 2);
    return entry;
  }

  private growEntries(): void {
    const larger = new Int32Array(this.entries.length * 2);
    larger.set(this.entries);
    this.entries = larger;
  }

  private growArena(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.arena.length * 2, this.arenaUsed + bytes));
    this.arena.copy(larger, 0, 0, this.arenaUsed);
    this.arena = larger;
  }

  private rehash(size: number): void {
    const { entries } = this;
    const table = new Int32Array(size);
    const mask = size - PLACE_INTS;
    for (let entry = 0; entry < this.entryCount; entry++) {
      if ((entries[entry * ENTRY_INTS + Part.start] as number) < 0) continue;
      const hash = entries[entry * ENTRY_INTS + Part.hash] as number;
      let place = homeOf(hash) & mask;
      while (table[place + 1] !== 0) place = (place + PLACE_INTS) & mask;
      table[place] = hash;
      table[place + 1] = entry + 1;
    }
    this.table = table;
  }

  /** Takes an entry out of the table; those that were put behind it for want of its place move up. */
  private remove(entry: number): void {
    const { table } = this;
    const mask = table.length - PLACE_INTS;
    let hole = homeOf(this.entries[entry * ENTRY_INTS + Part.hash] as number) & mask;
    while (table[hole + 1] !== entry + 1) hole = (hole + PLACE_INTS) & mask;
    for (let next = (hole + PLACE_INTS) & mask; table[next + 1] !== 0; next = (next + PLACE_INTS) & mask) {
      const home = homeOf(table[next] as number) & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      table[hole] = table[next] as number;
      table[hole + 1] = table[next + 1] as number;
      hole = next;
    }
    table[hole + 1] = 0;
  }

  private compact(): void {
    const arena = Buffer.allocUnsafeSlow(Math.max(this.arenaUsed - this.garbageBytes, 1024) * 2);
    let used = 0;
    for (let entry = 0; entry < this.entryCount; entry++) {
      const [start, end] = [this.startOf(entry), this.endOf(entry)];
      if (start < 0) continue;
      this.arena.copy(arena, used, start, end);
      this.entries[entry * ENTRY_INTS + Part.start] = used;
      used += end - start;
      this.entries[entry * ENTRY_INTS + Part.end] = used;
    }
    this.arena = arena;
    this.arenaUsed = used;
    this.garbageBytes = 0;
  }
}

const NO_IDS = new Int32Array(0);

/** Four bytes at a time, because each step waits for the one before. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = -2128831035;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    const four =
      (bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16) | ((bytes[i + 3] as number) << 24);
    hash = Math.imul(hash ^ four, 16777619);
    hash ^= hash >>> 15;
  }
  for (; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 16777619);
  return hash;
}

function isSame(left: DataView, leftStart: number, right: DataView, rightStart: number, length: number): boolean {
  let i = 0;
  for (; i + 4 <= length; i += 4) if (left.getInt32(leftStart + i) !== right.getInt32(rightStart + i)) return false;
  for (; i < length; i++) if (left.getInt8(leftStart + i) !== right.getInt8(rightStart + i)) return false;
  return true;
}

/** Where a hash is looked for first; places are pairs. */
function homeOf(hash: number): number {
  return (hash ^ (hash >>> 15)) << 1;
}
