import { type FieldColumn, type FieldPath, Tag } from "../../model/column-batch.ts";
import { StringDictionary } from "./string-dictionary.ts";

const ROWS_FIRST = 1024;
const NOTHING = Buffer.alloc(0);

/** A field column whose arrays grow with the batches. */
export class GrowingColumn implements FieldColumn {
  readonly field: FieldPath;
  tags = new Uint8Array(ROWS_FIRST);
  numbers = new Float64Array(ROWS_FIRST);
  bytes: Buffer = NOTHING;
  starts = new Int32Array(ROWS_FIRST);
  ends = new Int32Array(ROWS_FIRST);
  ids: Int32Array | null = null;
  readonly dictionary: StringDictionary | null;
  /** What `ids` is while the dictionary serves. */
  private idsKept: Int32Array;

  constructor(field: FieldPath, interned: boolean) {
    this.field = field;
    this.dictionary = interned ? new StringDictionary() : null;
    this.idsKept = new Int32Array(interned ? ROWS_FIRST : 0);
  }

  /** Room for `count` rows of a batch over `bytes` (and `view`, its view), all absent. */
  begin(bytes: Buffer, view: DataView, count: number): void {
    if (this.tags.length < count) {
      const rows = Math.max(count, this.tags.length * 2);
      this.tags = new Uint8Array(rows);
      this.numbers = new Float64Array(rows);
      this.starts = new Int32Array(rows);
      this.ends = new Int32Array(rows);
      if (this.dictionary !== null) this.idsKept = new Int32Array(rows);
    }
    this.bytes = bytes;
    this.tags.fill(Tag.absent, 0, count);
    this.ids = this.dictionary?.beginBatch(bytes, view, count) === true ? this.idsKept : null;
  }

  set(row: number, tag: number, start: number, end: number): void {
    this.tags[row] = tag;
    this.starts[row] = start;
    this.ends[row] = end;
  }

  /** All rows are scanned: strings get their ids, in a loop so short that the processor has several lookups under way at once. */
  finish(count: number): void {
    const { tags, starts, ends, ids, dictionary } = this;
    if (ids === null || dictionary === null) return;
    for (let row = 0; row < count; row++) {
      const tag = tags[row];
      ids[row] = tag === Tag.string || tag === Tag.text ? dictionary.idOf(starts[row] as number, ends[row] as number) : -1;
    }
  }
}
