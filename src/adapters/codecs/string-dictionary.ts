import { LIMITS } from "../../limits.ts";
import type { ColumnDictionary } from "../../model/column-batch.ts";

const SLOTS_FIRST = 2048;
const ARENA_BYTES_FIRST = 32 << 10;
/** A slot holds: hash, id + 1 (0: free), where its bytes begin in the arena, how many they are. */
const SLOT_INTS = 4;
/** A dictionary is worth its keep when each entry was looked up that often. */
const ROWS_PER_ENTRY_MIN = 8;
/** Odd, so that no bit of the hash is lost. */
const HASH_FACTOR = 0x2c1b3c6d;

let lastEpoch = 0;

/**
 * Gives equal strings of bytes equal numbers: open addressing over hashes, bytes compared in an arena of its own.
 * Full, it begins anew in the next epoch, or rests for a while where its entries hardly repeat. Either happens between
 * batches only, so that the ids of one batch are all of one epoch; no two dictionaries have an epoch in common.
 */
export class StringDictionary implements ColumnDictionary {
  epoch = ++lastEpoch;
  size = 0;
  private slots = new Int32Array(SLOTS_FIRST * SLOT_INTS);
  private slotMask = SLOTS_FIRST - 1;
  private arena: Buffer = Buffer.alloc(ARENA_BYTES_FIRST);
  private arenaView: DataView = viewOf(this.arena);
  private arenaEnd = 0;
  private bytes: Buffer = this.arena;
  private view: DataView = this.arenaView;
  private rowsServed = 0;
  private rowsToRest = 0;

  /** A batch of that many rows begins, whose strings are in `bytes`, seen by `view`. False: they get no ids. */
  beginBatch(bytes: Buffer, view: DataView, rows: number): boolean {
    this.bytes = bytes;
    this.view = view;
    if (this.rowsToRest > 0) {
      this.rowsToRest -= rows;
      return false;
    }
    if (this.size > LIMITS.dictionaryEntriesMax || this.arenaEnd > LIMITS.dictionaryBytesMax) {
      if (this.rowsServed < this.size * ROWS_PER_ENTRY_MIN) this.rowsToRest = LIMITS.dictionaryRestRows;
      this.clear();
      if (this.rowsToRest > 0) return false;
    }
    this.rowsServed += rows;
    return true;
  }

  /** The id of the string at `[start, end)` of the batch's bytes. */
  idOf(start: number, end: number): number {
    const { slots, slotMask } = this;
    const hash = this.hashOf(start, end);
    const length = end - start;
    let slot = hash & slotMask;
    for (;;) {
      const at = slot * SLOT_INTS;
      const id = (slots[at + 1] as number) - 1;
      if (id < 0) return this.add(at, start, end, hash);
      if (slots[at] === hash && slots[at + 3] === length && this.holds(slots[at + 2] as number, start, end)) return id;
      slot = (slot + 1) & slotMask;
    }
  }

  /** Four bytes at a time; the last four overlap those before. */
  private hashOf(start: number, end: number): number {
    const { view } = this;
    let hash = end - start;
    if (hash < 4) {
      for (let at = start; at < end; at++) hash = (hash << 8) | view.getUint8(at);
    } else {
      const last = end - 4;
      for (let at = start; at < last; at += 4) {
        hash = Math.imul(hash ^ view.getInt32(at, true), HASH_FACTOR);
        hash ^= hash >>> 15;
      }
      hash ^= view.getInt32(last, true);
    }
    hash = Math.imul(hash, HASH_FACTOR);
    return hash ^ (hash >>> 15);
  }

  private holds(place: number, start: number, end: number): boolean {
    const { view, arenaView } = this;
    const last = end - start - 4;
    if (last < 0) {
      for (let i = 0; i < last + 4; i++) if (arenaView.getUint8(place + i) !== view.getUint8(start + i)) return false;
      return true;
    }
    for (let i = 0; i < last; i += 4) if (arenaView.getInt32(place + i, true) !== view.getInt32(start + i, true)) return false;
    return arenaView.getInt32(place + last, true) === view.getInt32(start + last, true);
  }

  private add(at: number, start: number, end: number, hash: number): number {
    const { slots } = this;
    const length = end - start;
    if (this.arenaEnd + length > this.arena.length) this.growArena(length);
    this.bytes.copy(this.arena, this.arenaEnd, start, end);
    slots[at] = hash;
    slots[at + 1] = this.size + 1;
    slots[at + 2] = this.arenaEnd;
    slots[at + 3] = length;
    this.arenaEnd += length;
    this.size++;
    // Half full at most: in a fuller table searches differ in length, and the processor guesses wrong where each ends.
    if (this.size * 2 > this.slotMask) this.growSlots();
    return this.size - 1;
  }

  private growArena(room: number): void {
    const arena = Buffer.alloc(Math.max(this.arena.length * 2, this.arenaEnd + room));
    this.arena.copy(arena, 0, 0, this.arenaEnd);
    this.arena = arena;
    this.arenaView = viewOf(arena);
  }

  private growSlots(): void {
    const old = this.slots;
    const count = (this.slotMask + 1) * 2;
    this.slots = new Int32Array(count * SLOT_INTS);
    this.slotMask = count - 1;
    for (let from = 0; from < old.length; from += SLOT_INTS) {
      if (old[from + 1] === 0) continue;
      let slot = (old[from] as number) & this.slotMask;
      while (this.slots[slot * SLOT_INTS + 1] !== 0) slot = (slot + 1) & this.slotMask;
      this.slots.set(old.subarray(from, from + SLOT_INTS), slot * SLOT_INTS);
    }
  }

  private clear(): void {
    this.epoch = ++lastEpoch;
    this.size = 0;
    this.slots = new Int32Array(SLOTS_FIRST * SLOT_INTS);
    this.slotMask = SLOTS_FIRST - 1;
    this.arena = Buffer.alloc(ARENA_BYTES_FIRST);
    this.arenaView = viewOf(this.arena);
    this.arenaEnd = 0;
    this.rowsServed = 0;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
