import type { ByteWriter } from "../model/byte-writer.ts";
import { type ColumnDictionary, Tag } from "../model/column-batch.ts";
import { copyBytes, dataViewOf } from "../model/copy-bytes.ts";
import { parseJson } from "../model/exact-number.ts";
import type { PayloadWriter } from "./payload.ts";

const KEYS_FIRST = 256;
const ARENA_FIRST = 32 * KEYS_FIRST;
/** What stands before an entry's text: its id, how many windows use it, and the bytes of the text. */
const Part = { id: 0, uses: 1, length: 2 } as const;
const ENTRY_INTS = 3;
const ENTRY_BYTES = ENTRY_INTS * 4;
const PLACE_INTS = 2;
const TABLE_FIRST = KEYS_FIRST * 2 * PLACE_INTS;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Arena bytes that may lie unused before the rest is moved together. */
const GARBAGE_BYTES_MIN = 1 << 16;

/** Key ids by the ids of a dictionary. */
interface KnownIds {
  dictionary: ColumnDictionary;
  epoch: number;
  ids: Int32Array;
}

/**
 * Grouping keys as canonical JSON text, each with a small integer id. A key is kept while some window uses it; ids of
 * keys that went are given again. Ids are local: what is written down is the text.
 */
export class GroupKeys {
  /** How many grouping expressions a key is made of. */
  private readonly parts: number;
  /**
   * Entries one behind the other, each `Part` and text, up to the next multiple of four bytes: side by side, because with many keys every
   * other place is another miss of the processor's cache. Both are views of the same memory.
   */
  private arena = Buffer.allocUnsafeSlow(ARENA_FIRST);
  private ints = intsOf(this.arena);
  private view = dataViewOf(this.arena);
  private arenaUsed = 0;
  private garbageBytes = 0;
  /** Of each id: where in `ints` its entry begins; -1: the id is free. */
  private places = new Int32Array(KEYS_FIRST);
  private idCount = 0;
  private free: number[] = [];
  private live = 0;
  /** Open addressing, linear probing: hash, then an entry's place + 1 or 0 for none. At most half full. */
  private table = new Int32Array(TABLE_FIRST);
  /** By reader. */
  private readonly known = new Map<number, KnownIds>();
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
    return this.places.length;
  }

  get byteLength(): number {
    let known = 0;
    for (const { ids } of this.known.values()) known += ids.length;
    return this.arena.length + (this.places.length + this.table.length + known) * 4 + this.free.length * 8;
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
    const { found, hashes, table, ints } = this;
    const [arena, given] = [this.view, dataViewOf(bytes)];
    for (let row = from; row < to; row++) {
      if (tags[row] === Tag.string) hashes[row] = hashOf(given, (starts[row] as number) - 1, (ends[row] as number) + 1);
    }
    const mask = table.length - PLACE_INTS;
    for (let row = from; row < to; row++) found[row] = table[(homeOf(hashes[row] as number) & mask) + 1] as number;
    for (let row = from; row < to; row++) {
      const hash = hashes[row] as number;
      let at = homeOf(hash) & mask;
      while (table[at] !== hash && table[at + 1] !== 0) at = (at + PLACE_INTS) & mask;
      found[row] = tags[row] === Tag.string ? (table[at + 1] as number) - 1 : -1;
    }
    const ids = hashes;
    for (let row = from; row < to; row++) ids[row] = ints[(found[row] as number) + Part.id] as number;
    for (let row = from; row < to; row++) {
      const place = found[row] as number;
      if (place < 0) continue;
      const start = (starts[row] as number) - 1;
      const length = (ends[row] as number) + 1 - start;
      const isKnown = ints[place + Part.length] === length && isSame(arena, place * 4 + ENTRY_BYTES, given, start, length);
      found[row] = isKnown ? (ids[row] as number) : -1;
    }
    return found;
  }

  intern(bytes: Uint8Array, start: number, end: number): number {
    const given = dataViewOf(bytes);
    const hash = hashOf(given, start, end);
    const at = this.probe(hash, given, start, end);
    const held = this.table[at + 1] as number;
    return held === 0 ? this.insert(at, hash, given, start, end) : (this.ints[held - 1 + Part.id] as number);
  }

  /** The id of a key; -1: there is none. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const given = dataViewOf(bytes);
    const held = this.table[this.probe(hashOf(given, start, end), given, start, end) + 1] as number;
    return held === 0 ? -1 : (this.ints[held - 1 + Part.id] as number);
  }

  /** Where in `table` a key stands, or would. */
  private probe(hash: number, given: DataView, start: number, end: number): number {
    const { table } = this;
    const mask = table.length - PLACE_INTS;
    let at = homeOf(hash) & mask;
    for (let held = table[at + 1] as number; held !== 0; held = table[at + 1] as number) {
      if (table[at] === hash && this.holds(held - 1, given, start, end)) return at;
      at = (at + PLACE_INTS) & mask;
    }
    return at;
  }

  retain(keyId: number): void {
    const at = this.placeOf(keyId) + Part.uses;
    this.ints[at] = (this.ints[at] as number) + 1;
  }

  /** `sweep` follows, once for many keys. */
  release(keyId: number): void {
    const at = this.placeOf(keyId) + Part.uses;
    const uses = (this.ints[at] as number) - 1;
    this.ints[at] = uses;
    if (uses > 0) return;
    this.hasReleased = true;
    this.remove(keyId);
    this.garbageBytes += entryBytes(this.lengthOf(keyId));
    this.places[keyId] = -1;
    this.free.push(keyId);
    this.live--;
  }

  /** After releases: no id of a key that nobody uses is given any more. */
  sweep(): void {
    if (!this.hasReleased) return;
    this.hasReleased = false;
    for (const { ids } of this.known.values()) ids.fill(-1);
    if (this.garbageBytes > GARBAGE_BYTES_MIN && this.garbageBytes * 2 > this.arenaUsed) this.compact();
    let length = this.table.length;
    while (length > TABLE_FIRST && this.live * 16 * PLACE_INTS < length) length /= 2;
    // What is left after a burst needs less room; what comes soon after has eight times as much as it needs now.
    if (length < this.table.length) this.resizeTable(length);
  }

  /**
   * Key ids by the ids of a dictionary whose strings are the only grouping value; -1: not known yet, to be filled in by the
   * caller. Valid until the reader's next call; what is not is forgotten when the dictionary begins anew, and at `sweep`. Readers of
   * different dictionaries have different numbers, from 0.
   */
  idsBy(dictionary: ColumnDictionary | null, reader = 0): Int32Array {
    if (dictionary === null) return NO_IDS;
    const known = this.known.get(reader) ?? { dictionary, epoch: dictionary.epoch, ids: NO_IDS };
    this.known.set(reader, known);
    if (known.dictionary !== dictionary || known.epoch !== dictionary.epoch) {
      known.dictionary = dictionary;
      known.epoch = dictionary.epoch;
      known.ids.fill(-1);
    }
    if (known.ids.length < dictionary.size) {
      const larger = new Int32Array(Math.max(dictionary.size, known.ids.length * 2)).fill(-1);
      larger.set(known.ids);
      known.ids = larger;
    }
    return known.ids;
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

  /** The length of the canonical text, and the text. */
  writePayload(keyId: number, writer: PayloadWriter): void {
    const length = this.lengthOf(keyId);
    const start = this.startOf(keyId);
    writer.uint32(length);
    writer.copy(this.view, start, start + length);
  }

  /** Bytes of the canonical texts. */
  lengthsOf(keyIds: Int32Array): Int32Array {
    const { places, ints } = this;
    const lengths = keyIds.map((keyId) => places[keyId] as number);
    for (let i = 0; i < lengths.length; i++) lengths[i] = ints[(lengths[i] as number) + Part.length] as number;
    return lengths;
  }

  /** Copies the canonical texts, one behind the other. */
  copyTexts(keyIds: Int32Array, target: Uint8Array, at: number): void {
    const { places, ints } = this;
    const [from, to] = [this.view, dataViewOf(target)];
    let end = at;
    for (const keyId of keyIds) {
      const place = places[keyId] as number;
      const start = place * 4 + ENTRY_BYTES;
      end = copyBytes(to, end, from, start, start + (ints[place + Part.length] as number));
    }
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

  private placeOf(keyId: number): number {
    return this.places[keyId] as number;
  }

  private lengthOf(keyId: number): number {
    return this.ints[this.placeOf(keyId) + Part.length] as number;
  }

  /** Where the text begins in the arena. */
  private startOf(keyId: number): number {
    return this.placeOf(keyId) * 4 + ENTRY_BYTES;
  }

  private endOf(keyId: number): number {
    return this.startOf(keyId) + this.lengthOf(keyId);
  }

  private holds(place: number, given: DataView, start: number, end: number): boolean {
    const length = end - start;
    if (this.ints[place + Part.length] !== length) return false;
    return isSame(this.view, place * 4 + ENTRY_BYTES, given, start, length);
  }

  private insert(at: number, hash: number, given: DataView, start: number, end: number): number {
    const keyId = this.free.pop() ?? this.idCount++;
    if (keyId === this.capacity) this.growPlaces();
    const length = end - start;
    if (this.arenaUsed + entryBytes(length) > this.arena.length) this.growArena(entryBytes(length));
    const place = this.arenaUsed / 4;
    const { ints, table } = this;
    ints[place + Part.id] = keyId;
    ints[place + Part.uses] = 0;
    ints[place + Part.length] = length;
    copyBytes(this.view, this.arenaUsed + ENTRY_BYTES, given, start, end);
    this.arenaUsed += entryBytes(length);
    this.places[keyId] = place;
    table[at] = hash;
    table[at + 1] = place + 1;
    this.live++;
    if (this.live * 2 * PLACE_INTS > table.length) this.resizeTable(table.length * 2);
    return keyId;
  }

  private growPlaces(): void {
    const larger = new Int32Array(this.places.length * 2);
    larger.set(this.places);
    this.places = larger;
  }

  private growArena(bytes: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.arena.length * 2, this.arenaUsed + bytes));
    this.arena.copy(larger, 0, 0, this.arenaUsed);
    this.put(larger);
  }

  private put(arena: Buffer<ArrayBuffer>): void {
    this.arena = arena;
    this.ints = intsOf(arena);
    this.view = dataViewOf(arena);
  }

  private resizeTable(length: number): void {
    const old = this.table;
    const table = new Int32Array(length);
    const mask = table.length - PLACE_INTS;
    for (let from = 0; from < old.length; from += PLACE_INTS) {
      if (old[from + 1] === 0) continue;
      const hash = old[from] as number;
      let at = homeOf(hash) & mask;
      while (table[at + 1] !== 0) at = (at + PLACE_INTS) & mask;
      table[at] = hash;
      table[at + 1] = old[from + 1] as number;
    }
    this.table = table;
  }

  /** Takes a key out of the table; those that were put behind it for want of its place move up. */
  private remove(keyId: number): void {
    const { table } = this;
    const mask = table.length - PLACE_INTS;
    const held = this.placeOf(keyId) + 1;
    let hole = homeOf(hashOf(this.view, this.startOf(keyId), this.endOf(keyId))) & mask;
    while (table[hole + 1] !== held) hole = (hole + PLACE_INTS) & mask;
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
    const { arena, ints, table, places } = this;
    const smaller = Buffer.allocUnsafeSlow(Math.max((this.arenaUsed - this.garbageBytes) * 2, ARENA_FIRST));
    let used = 0;
    for (let keyId = 0; keyId < this.idCount; keyId++) {
      if (this.placeOf(keyId) < 0) continue;
      const start = this.placeOf(keyId) * 4;
      const bytes = entryBytes(this.lengthOf(keyId));
      arena.copy(smaller, used, start, start + bytes);
      places[keyId] = used / 4;
      used += bytes;
    }
    for (let at = 1; at < table.length; at += PLACE_INTS) {
      const held = table[at] as number;
      if (held !== 0) table[at] = this.placeOf(ints[held - 1 + Part.id] as number) + 1;
    }
    this.put(smaller);
    this.arenaUsed = used;
    this.garbageBytes = 0;
  }
}

const NO_IDS = new Int32Array(0);

function intsOf({ buffer, byteOffset, length }: Buffer): Int32Array {
  return new Int32Array(buffer, byteOffset, length >> 2);
}

/** Of an entry with a text of so many bytes. */
function entryBytes(textBytes: number): number {
  return (ENTRY_BYTES + textBytes + 3) & ~3;
}

/** Four bytes at a time, because each step waits for the one before. */
function hashOf(bytes: DataView, start: number, end: number): number {
  let hash = -2128831035;
  let i = start;
  for (; i + 4 <= end; i += 4) {
    hash = Math.imul(hash ^ bytes.getInt32(i, true), 16777619);
    hash ^= hash >>> 15;
  }
  for (; i < end; i++) hash = Math.imul(hash ^ bytes.getUint8(i), 16777619);
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
