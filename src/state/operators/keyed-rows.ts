import type { GroupKeys } from "../group-keys.ts";
import type { PayloadReader, PayloadWriter } from "../payload.ts";
import { RowStore } from "../row-store.ts";
import { readKey } from "./join-payload.ts";
import type { SideRows } from "./operator.ts";

/** Where the coordinates begin in the extras of a table's rows; before them is the row's time. */
export const FIRST_COORDINATE = 1;
const TIME = 0;
const KEYS_FIRST = 256;
const NONE = -1;

/** The latest row of each key of a table. Keys of rows that changed since the last barrier are kept until then. */
export class KeyedRows {
  readonly store: RowStore;
  private readonly keys: GroupKeys;
  private rowIds = new Int32Array(KEYS_FIRST).fill(NONE);
  private dirtyFlags = new Uint8Array(KEYS_FIRST);
  private dirty: number[] = [];

  constructor(columns: readonly number[], inputs: number, keys: GroupKeys) {
    this.store = new RowStore(columns, FIRST_COORDINATE + inputs);
    this.keys = keys;
  }

  get byteLength(): number {
    return this.store.byteLength + this.rowIds.length * 5 + this.dirty.length * 8;
  }

  get dirtyCount(): number {
    return this.dirty.length;
  }

  /** -1: there is none. */
  rowOf(keyId: number): number {
    return keyId >= 0 && keyId < this.rowIds.length ? (this.rowIds[keyId] as number) : NONE;
  }

  /** The rows of keys `keyIds[from, to)`, -1 where there is none. */
  rowsOf(keyIds: Int32Array, from: number, to: number, rowIds: Int32Array): void {
    const known = this.rowIds;
    for (let i = from; i < to; i++) {
      const keyId = keyIds[i] as number;
      rowIds[i] = keyId >= 0 && keyId < known.length ? (known[keyId] as number) : NONE;
    }
  }

  timeOf(rowId: number): number {
    return (this.store.extras[TIME] as Float64Array)[rowId] as number;
  }

  /** A copy of a row, not to be found yet. */
  copy({ batch, timesMs, coordinates }: SideRows, row: number): number {
    const { store } = this;
    const rowId = store.add(batch.columns, row);
    (store.extras[TIME] as Float64Array)[rowId] = timesMs[row] as number;
    for (let i = 0; i < coordinates.length; i++) {
      (store.extras[FIRST_COORDINATE + i] as Float64Array)[rowId] = (coordinates[i] as Float64Array)[row] as number;
    }
    return rowId;
  }

  /** The row of a key from now on; -1: it has none any more. */
  set(keyId: number, rowId: number): void {
    if (keyId >= this.rowIds.length) this.grow(keyId);
    const before = this.rowIds[keyId] as number;
    if (before === NONE && rowId === NONE) return;
    if (before !== NONE) this.store.free(before);
    this.rowIds[keyId] = rowId;
    this.markDirty(keyId);
    if (before === NONE && rowId !== NONE) this.keys.retain(keyId);
    if (before !== NONE && rowId === NONE) this.keys.release(keyId);
  }

  /**
   * The rows that changed since the last barrier, or all; nothing is outstanding afterwards. `order`: the extra by which they are ordered,
   * `more` follows each row.
   */
  write(writer: PayloadWriter, all: boolean, order: number | null = null, more?: (rowId: number) => void): void {
    const keyIds = all ? [...this.rowIds.keys()].filter((keyId) => this.rowIds[keyId] !== NONE) : this.dirty;
    writer.uint32(keyIds.length);
    const values = order === null ? null : (this.store.extras[order] as Float64Array);
    const placeOf = (keyId: number): number => values?.[this.rowIds[keyId] as number] ?? -1;
    if (values !== null) keyIds.sort((a, b) => placeOf(a) - placeOf(b));
    for (const keyId of keyIds) {
      const rowId = this.rowIds[keyId] as number;
      this.keys.writePayload(keyId, writer);
      writer.uint8(rowId === NONE ? 0 : 1);
      if (rowId === NONE) continue;
      this.store.writeRow(writer, rowId);
      more?.(rowId);
    }
    this.markClean();
  }

  /** `before` is told each key while its old row is still there, `more` reads what follows a row. */
  read(reader: PayloadReader, before?: (keyId: number) => void, more?: (rowId: number) => void): void {
    for (let rows = reader.uint32(); rows > 0; rows--) {
      const keyId = readKey(reader, this.keys);
      const rowId = reader.uint8() === 0 ? NONE : this.store.readRow(reader);
      this.keys.retain(keyId);
      before?.(keyId);
      if (rowId !== NONE) more?.(rowId);
      this.set(keyId, rowId);
      this.keys.release(keyId);
    }
    this.markClean();
    this.store.sweep();
    this.keys.sweep();
  }

  private markDirty(keyId: number): void {
    if (this.dirtyFlags[keyId] === 1) return;
    this.dirtyFlags[keyId] = 1;
    this.dirty.push(keyId);
    this.keys.retain(keyId);
  }

  private markClean(): void {
    for (const keyId of this.dirty) {
      this.dirtyFlags[keyId] = 0;
      this.keys.release(keyId);
    }
    this.dirty = [];
  }

  private grow(keyId: number): void {
    const keys = Math.max(this.rowIds.length * 2, keyId + 1);
    const rowIds = new Int32Array(keys).fill(NONE);
    rowIds.set(this.rowIds);
    this.rowIds = rowIds;
    const dirtyFlags = new Uint8Array(keys);
    dirtyFlags.set(this.dirtyFlags);
    this.dirtyFlags = dirtyFlags;
  }
}
