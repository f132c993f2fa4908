import { valueBytes, valueOfBytes } from "../functions/value-bytes.ts";
import { valueSize } from "../functions/value-size.ts";
import type { Value } from "../model/value.ts";
import { Brought, type TableRows as GeneratedRows } from "../plan/code/task.ts";
import { GroupKeys } from "./group-keys.ts";
import type { PayloadReader, PayloadWriter } from "./payload.ts";

const ROWS_FIRST = 256;

/**
 * What each row of a table has brought to its group, by the key of the row: taken back when another row takes its place, or it goes. Rows
 * that have brought nothing are not there.
 */
export class TableRows implements GeneratedRows {
  groups = new Int32Array(ROWS_FIRST);
  brought: Uint8Array;
  numbers: Float64Array;
  values: (Value | undefined)[] = [];
  /** Rows that came, changed or went since the last barrier. */
  dirtyCount = 0;
  private readonly keys = new GroupKeys(1);
  /** How many aggregates there are. */
  private readonly stride: number;
  private dirty = new Int32Array(ROWS_FIRST);
  private dirtyFlags = new Uint8Array(ROWS_FIRST);
  private valueBytes = 0;

  constructor(aggregates: number) {
    this.stride = aggregates;
    this.brought = new Uint8Array(ROWS_FIRST * aggregates);
    this.numbers = new Float64Array(ROWS_FIRST * aggregates);
  }

  /** Keys in use: those of rows that went are among them until the next barrier. */
  get count(): number {
    return this.keys.count;
  }

  get byteLength(): number {
    const { groups, dirty, dirtyFlags, brought, numbers } = this;
    const arrays = [groups, dirty, dirtyFlags, brought, numbers].reduce((sum, { byteLength }) => sum + byteLength, 0);
    return this.keys.byteLength + arrays + this.values.length * 8 + this.valueBytes;
  }

  find(bytes: Uint8Array, start: number, end: number): number {
    const row = this.keys.find(bytes, start, end);
    return row >= 0 && this.groups[row] !== 0 ? row : -1;
  }

  put(bytes: Uint8Array, start: number, end: number, group: number): number {
    const row = this.keys.intern(bytes, start, end);
    while (row >= this.groups.length) this.grow();
    // One that went since the last barrier has its key still.
    if (this.groups[row] === 0 && this.dirtyFlags[row] === 0) this.keys.retain(row);
    this.groups[row] = group + 1;
    this.markDirty(row);
    return row;
  }

  keep(place: number, value: Value): void {
    this.forget(place);
    this.brought[place] = Brought.value;
    this.values[place] = value;
    this.valueBytes += valueSize(value);
  }

  remove(row: number): void {
    const { stride } = this;
    this.groups[row] = 0;
    for (let place = row * stride; place < (row + 1) * stride; place++) this.forget(place);
    this.markDirty(row);
  }

  forget(place: number): void {
    if (this.brought[place] === Brought.value) {
      this.valueBytes -= valueSize(this.values[place] ?? null);
      this.values[place] = undefined;
    }
    this.brought[place] = Brought.nothing;
  }

  /** Groups have other numbers now. */
  moveGroups(places: Int32Array): void {
    const { groups } = this;
    for (let row = 0; row < groups.length; row++) {
      const group = groups[row] as number;
      if (group !== 0) groups[row] = (places[group - 1] as number) + 1;
    }
  }

  /** Of all rows, or of those that changed; a row that went has its key alone. `textOf`: the key of a group. */
  write(writer: PayloadWriter, all: boolean, textOf: (group: number) => Uint8Array): void {
    const rows = all ? this.present() : this.dirty.subarray(0, this.dirtyCount);
    writer.uint32(rows.length);
    for (const row of rows) {
      writeBytes(writer, this.keys.textOf(row));
      const group = (this.groups[row] as number) - 1;
      writer.uint8(group < 0 ? 0 : 1);
      if (group < 0) continue;
      writeBytes(writer, textOf(group));
      for (let place = row * this.stride; place < (row + 1) * this.stride; place++) this.writePlace(writer, place);
    }
    this.markClean();
  }

  /** What `write` wrote, over what is there. */
  read(reader: PayloadReader, groupOf: (text: Uint8Array) => number): void {
    for (let rows = reader.uint32(); rows > 0; rows--) {
      const key = reader.bytes(reader.uint32());
      if (reader.uint8() === 0) {
        const row = this.find(key, 0, key.length);
        if (row >= 0) this.remove(row);
        continue;
      }
      const row = this.put(key, 0, key.length, groupOf(reader.bytes(reader.uint32())));
      for (let place = row * this.stride; place < (row + 1) * this.stride; place++) this.readPlace(reader, place);
    }
    this.markClean();
  }

  private writePlace(writer: PayloadWriter, place: number): void {
    const kind = this.brought[place] as number;
    writer.uint8(kind);
    if (kind === Brought.number) writer.float64(this.numbers[place] as number);
    if (kind === Brought.value) writeBytes(writer, valueBytes(this.values[place] ?? null));
  }

  private readPlace(reader: PayloadReader, place: number): void {
    const kind = reader.uint8();
    if (kind === Brought.value) {
      this.keep(place, valueOfBytes(reader.bytes(reader.uint32())));
      return;
    }
    this.forget(place);
    this.brought[place] = kind;
    if (kind === Brought.number) this.numbers[place] = reader.float64();
  }

  private present(): Int32Array {
    const rows = new Int32Array(this.keys.count);
    let found = 0;
    for (let row = 0; row < this.groups.length; row++) if (this.groups[row] !== 0) rows[found++] = row;
    return rows.subarray(0, found);
  }

  private markDirty(row: number): void {
    if (this.dirtyFlags[row] === 1) return;
    this.dirtyFlags[row] = 1;
    if (this.dirtyCount === this.dirty.length) this.dirty = grown(this.dirty, new Int32Array(this.dirty.length * 2));
    this.dirty[this.dirtyCount++] = row;
  }

  private markClean(): void {
    for (let index = 0; index < this.dirtyCount; index++) {
      const row = this.dirty[index] as number;
      this.dirtyFlags[row] = 0;
      if (this.groups[row] === 0) this.keys.release(row);
    }
    this.dirtyCount = 0;
    this.keys.sweep();
  }

  private grow(): void {
    const rows = this.groups.length * 2;
    this.groups = grown(this.groups, new Int32Array(rows));
    this.dirtyFlags = grown(this.dirtyFlags, new Uint8Array(rows));
    this.brought = grown(this.brought, new Uint8Array(rows * this.stride));
    this.numbers = grown(this.numbers, new Float64Array(rows * this.stride));
  }
}

function writeBytes(writer: PayloadWriter, bytes: Uint8Array): void {
  writer.uint32(bytes.length);
  writer.bytes(bytes.length, (target, at) => target.set(bytes, at));
}

function grown<T extends Int32Array | Float64Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
