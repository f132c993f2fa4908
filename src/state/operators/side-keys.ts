import { must } from "../../assert.ts";
import { ByteWriter } from "../../model/byte-writer.ts";
import type { ColumnBatch } from "../../model/column-batch.ts";
import type { KeyTask, ReadKeys } from "../../plan/code/join-code.ts";
import type { GroupKeys } from "../group-keys.ts";

/** The keys of one side's rows, as ids in the operator's keys. */
export class SideKeys implements KeyTask {
  readonly keys: GroupKeys;
  readonly reader: number;
  readonly keyWriter = new ByteWriter(256);
  ids: Int32Array = new Int32Array(0);
  private readonly readKeys: ReadKeys;
  private readonly failures = new Map<number, string>();

  /** `reader`: each of those that read into the same keys has a number. */
  constructor(readKeys: ReadKeys, keys: GroupKeys, reader: number) {
    this.readKeys = readKeys;
    this.keys = keys;
    this.reader = reader;
  }

  /** Fills in `ids` of rows [from, to): a key, `NO_KEY`, `FAILED_KEY` or `UNWANTED_KEY`. */
  read(batch: ColumnBatch, from: number, to: number): Int32Array {
    if (this.ids.length < to) this.ids = new Int32Array(2 ** Math.ceil(Math.log2(to)));
    this.failures.clear();
    this.readKeys(batch, from, to, this);
    return this.ids;
  }

  /** The same for keys that are made: they stay until `unpin`, also those of rows that are not kept. */
  readPinned(batch: ColumnBatch, from: number, to: number): Int32Array {
    const ids = this.read(batch, from, to);
    for (let row = from; row < to; row++) if ((ids[row] as number) >= 0) this.keys.retain(ids[row] as number);
    return ids;
  }

  unpin(from: number, to: number): void {
    const { ids, keys } = this;
    for (let row = from; row < to; row++) if ((ids[row] as number) >= 0) keys.release(ids[row] as number);
  }

  failed(row: number, message: string): void {
    this.failures.set(row, message);
  }

  /** Why the key of a row could not be computed. */
  failureOf(row: number): string {
    return must(this.failures.get(row));
  }
}
