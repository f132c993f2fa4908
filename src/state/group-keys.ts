import type { ByteWriter } from "../model/byte-writer.ts";
import type { ColumnDictionary } from "../model/column-batch.ts";
import { parseJson } from "../model/exact-number.ts";

const ENTRIES_FIRST = 256;
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
  private starts = new Int32Array(ENTRIES_FIRST);
  private ends = new Int32Array(ENTRIES_FIRST);
  private hashes = new Int32Array(ENTRIES_FIRST);
  private uses = new Int32Array(ENTRIES_FIRST);
  private entries = 0;
  private free: number[] = [];
  private live = 0;
  /** Open addressing, linear probing: entry + 1, 0 is empty. At most half full. */
  private table = new Int32Array(ENTRIES_FIRST * 2);
  private idsByDictionary = new Int32Array(0);
  private dictionary: ColumnDictionary | null = null;
  private dictionaryEpoch = 0;
  private hasReleased = false;

  constructor(parts: number) {
    this.parts = parts;
  }

  /** Keys in use. */
  get count(): number {
    return this.live;
  }

  /** Ids are below this. */
  get capacity(): number {
    return this.starts.length;
  }

  get byteLength(): number {
    return this.arena.length + this.starts.length * 16 + this.table.length * 4 + this.idsByDictionary.length * 4;
  }

  intern(bytes: Uint8Array, start: number, end: number): number {
    let hash = -2128831035;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 16777619);
    const mask = this.table.length - 1;
    let place = spread(hash) & mask;
    for (let held = this.table[place] as number; held !== 0; held = this.table[place] as number) {
      const entry = held - 1;
      if (this.hashes[entry] === hash && this.equals(entry, bytes, start, end)) return entry;
      place = (place + 1) & mask;
    }
    return this.insert(place, hash, bytes, start, end);
  }

  retain(keyId: number): void {
    this.uses[keyId] = (this.uses[keyId] as number) + 1;
  }

  /** `sweep` follows, once for many keys. */
  release(keyId: number): void {
    const uses = (this.uses[keyId] as number) - 1;
    this.uses[keyId] = uses;
    if (uses > 0) return;
    this.hasReleased = true;
    this.remove(keyId);
    this.garbageBytes += (this.ends[keyId] as number) - (this.starts[keyId] as number);
    this.starts[keyId] = -1;
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
    writer.bytes(this.arena, this.starts[keyId], this.ends[keyId]);
  }

  /** Writes the string that a key is made of; false: it is none, or has escapes. */
  writePlainString(keyId: number, writer: ByteWriter, quoted: boolean): boolean {
    const { arena } = this;
    const start = this.starts[keyId] as number;
    const end = this.ends[keyId] as number;
    if (arena[start] !== QUOTE) return false;
    for (let at = start + 1; at < end; at++) if (arena[at] === BACKSLASH) return false;
    if (quoted) writer.bytes(arena, start, end);
    else writer.bytes(arena, start + 1, end - 1);
    return true;
  }

  /** Bytes of the canonical text. */
  lengthOf(keyId: number): number {
    return (this.ends[keyId] as number) - (this.starts[keyId] as number);
  }

  /** Copies the canonical text and gives the place behind it. */
  copyText(keyId: number, target: Uint8Array, at: number): number {
    const { arena } = this;
    const end = this.ends[keyId] as number;
    let to = at;
    for (let from = this.starts[keyId] as number; from < end; from++) target[to++] = arena[from] as number;
    return to;
  }

  /** The canonical JSON text of a key. */
  textOf(keyId: number): Buffer {
    return this.arena.subarray(this.starts[keyId], this.ends[keyId]);
  }

  valuesOf(keyId: number): readonly unknown[] {
    if (this.parts === 0) return [];
    const value = parseJson(this.arena.toString("utf8", this.starts[keyId], this.ends[keyId]));
    return this.parts === 1 ? [value] : (value as unknown[]);
  }

  private equals(entry: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = this.starts[entry] as number;
    const length = end - start;
    if ((this.ends[entry] as number) - from !== length) return false;
    const { arena } = this;
    for (let i = 0; i < length; i++) if (arena[from + i] !== bytes[start + i]) return false;
    return true;
  }

  private insert(place: number, hash: number, bytes: Uint8Array, start: number, end: number): number {
    const entry = this.free.pop() ?? this.entries++;
    if (entry === this.starts.length) this.growEntries();
    const length = end - start;
    if (this.arenaUsed + length > this.arena.length) this.growArena(length);
    this.arena.set(bytes.subarray(start, end), this.arenaUsed);
    this.starts[entry] = this.arenaUsed;
    this.arenaUsed += length;
    this.ends[entry] = this.arenaUsed;
    this.hashes[entry] = hash;
    this.uses[entry] = 0;
    this.table[place] = entry + 1;
    this.live++;
    if (this.live * 2 > this.table.length) this.rehash(this.table.length * 2);
    return entry;
  }

  private growEntries(): void {
    const size = this.starts.length * 2;
    for (const name of ["starts", "ends", "hashes", "uses"] as const) {
      const larger = new Int32Array(size);
      larger.set(this[name]);
      this[name] = larger;
    }
  }

  private growArena(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.arena.length * 2, this.arenaUsed + bytes));
    this.arena.copy(larger, 0, 0, this.arenaUsed);
    this.arena = larger;
  }

  private rehash(size: number): void {
    const table = new Int32Array(size);
    const mask = size - 1;
    for (let entry = 0; entry < this.entries; entry++) {
      if ((this.starts[entry] as number) < 0) continue;
      let place = spread(this.hashes[entry] as number) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = entry + 1;
    }
    this.table = table;
  }

  /** Takes an entry out of the table; those that were put behind it for want of its place move up. */
  private remove(entry: number): void {
    const { table, hashes } = this;
    const mask = table.length - 1;
    let hole = spread(hashes[entry] as number) & mask;
    while (table[hole] !== entry + 1) hole = (hole + 1) & mask;
    for (let next = (hole + 1) & mask; table[next] !== 0; next = (next + 1) & mask) {
      const home = spread(hashes[(table[next] as number) - 1] as number) & mask;
      if (((next - home) & mask) < ((next - hole) & mask)) continue;
      table[hole] = table[next] as number;
      hole = next;
    }
    table[hole] = 0;
  }

  private compact(): void {
    const arena = Buffer.allocUnsafeSlow(Math.max(this.arenaUsed - this.garbageBytes, 1024) * 2);
    let used = 0;
    for (let entry = 0; entry < this.entries; entry++) {
      const start = this.starts[entry] as number;
      if (start < 0) continue;
      const end = this.ends[entry] as number;
      this.arena.copy(arena, used, start, end);
      this.starts[entry] = used;
      used += end - start;
      this.ends[entry] = used;
    }
    this.arena = arena;
    this.arenaUsed = used;
    this.garbageBytes = 0;
  }
}

const NO_IDS = new Int32Array(0);

function spread(hash: number): number {
  return hash ^ (hash >>> 15);
}
