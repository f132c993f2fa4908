import type { ColumnBatch } from "../model/column-batch.ts";
import type { ReadKeys } from "../plan/code/join-code.ts";
import type { GatheredColumn } from "./gathered-column.ts";
import { GroupKeys } from "./group-keys.ts";
import { SideKeys } from "./operators/side-keys.ts";
import { RowStore } from "./row-store.ts";

const KEYS_FIRST = 256;
const NONE = -1;

/** What was looked up for the records of one partition in one table: by key the row, or that there is none, or what is wrong with it. */
export class LookedUpRows {
  private readonly readKeys: ReadKeys;
  private readonly keyParts: number;
  private readonly columns: readonly number[];
  private sideKeys: SideKeys;
  private store: RowStore;
  private rowIds = new Int32Array(KEYS_FIRST).fill(NONE);
  /** For which block of offsets it was answered; NaN: it was not. */
  private blocks = new Float64Array(KEYS_FIRST).fill(Number.NaN);
  private expiries = new Float64Array(KEYS_FIRST);
  private readonly problems = new Map<number, string>();
  /** Marks of keys that were seen in the present stretch of rows. */
  private seen = new Uint8Array(KEYS_FIRST);

  /** `columns`: how many a row has. */
  constructor(readKeys: ReadKeys, keyParts: number, columns: number) {
    this.readKeys = readKeys;
    this.keyParts = keyParts;
    this.columns = Array.from({ length: columns }, (_, index) => index);
    this.sideKeys = new SideKeys(readKeys, new GroupKeys(keyParts), 0);
    this.store = new RowStore(this.columns, 0);
  }

  get byteLength(): number {
    return this.sideKeys.keys.byteLength + this.store.byteLength + this.rowIds.length * 21;
  }

  /** Forgets everything. */
  reset(): void {
    this.sideKeys = new SideKeys(this.readKeys, new GroupKeys(this.keyParts), 0);
    this.store = new RowStore(this.columns, 0);
    this.rowIds.fill(NONE);
    this.blocks.fill(Number.NaN);
    this.problems.clear();
  }

  /** Rows that were replaced may not be read any more from here on. */
  sweep(): void {
    this.store.sweep();
  }

  /** The keys of rows [from, to): an id, `NO_KEY` or `FAILED_KEY`; valid until the next call. */
  keysOf(batch: ColumnBatch, from: number, to: number): Int32Array {
    return this.sideKeys.read(batch, from, to);
  }

  failureOf(row: number): string {
    return this.sideKeys.failureOf(row);
  }

  /** Keys among `keyIds` that have no answer for the block, or one that is over, each once. */
  unanswered(keyIds: Iterable<number>, block: number, nowMs: number): readonly number[] {
    const missing: number[] = [];
    for (const keyId of keyIds) {
      if (keyId < 0) continue;
      if (keyId >= this.rowIds.length) this.grow(keyId);
      if (this.seen[keyId] === 1) continue;
      if (this.blocks[keyId] === block && nowMs < (this.expiries[keyId] as number)) continue;
      this.seen[keyId] = 1;
      missing.push(keyId);
    }
    for (const keyId of missing) this.seen[keyId] = 0;
    return missing;
  }

  textOf(keyId: number): string {
    return this.sideKeys.keys.textOf(keyId).toString();
  }

  keyOf(text: string): number {
    const bytes = Buffer.from(text);
    return this.sideKeys.keys.intern(bytes, 0, bytes.length);
  }

  /** The answer of a key from now on: a row of a batch of rows that were found, none (-1), or what is wrong. */
  answer(keyId: number, batch: ColumnBatch, row: number, problem: string | null, block: number, expiryMs: number): void {
    if (keyId >= this.rowIds.length) this.grow(keyId);
    const before = this.rowIds[keyId] as number;
    if (before !== NONE) this.store.free(before);
    this.rowIds[keyId] = row < 0 ? NONE : this.store.add(batch.columns, row);
    this.blocks[keyId] = block;
    this.expiries[keyId] = expiryMs;
    if (problem !== null) this.problems.set(keyId, problem);
    else if (this.problems.size > 0) this.problems.delete(keyId);
  }

  /** -1: there is none. */
  rowOf(keyId: number): number {
    return keyId < 0 ? NONE : (this.rowIds[keyId] as number);
  }

  problemOf(keyId: number): string | null {
    return this.problems.size === 0 ? null : (this.problems.get(keyId) ?? null);
  }

  gather(rowIds: Int32Array, from: number, to: number, into: readonly GatheredColumn[]): void {
    this.store.gather(rowIds, from, to, into);
  }

  private grow(keyId: number): void {
    const size = Math.max(this.rowIds.length * 2, keyId + 1);
    const rowIds = new Int32Array(size).fill(NONE);
    rowIds.set(this.rowIds);
    const blocks = new Float64Array(size).fill(Number.NaN);
    blocks.set(this.blocks);
    const expiries = new Float64Array(size);
    expiries.set(this.expiries);
    this.rowIds = rowIds;
    this.blocks = blocks;
    this.expiries = expiries;
    this.seen = new Uint8Array(size);
  }
}
