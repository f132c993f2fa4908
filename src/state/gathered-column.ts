import type { ColumnDictionary, FieldColumn, FieldPath } from "../model/column-batch.ts";

const NOTHING = Buffer.alloc(0);

/** A column that is filled from rows which are kept elsewhere. Its arrays are used again for the next rows. */
export class GatheredColumn implements FieldColumn {
  readonly field: FieldPath;
  tags: Uint8Array = new Uint8Array(0);
  numbers: Float64Array = new Float64Array(0);
  bytes: Buffer = NOTHING;
  starts: Int32Array = new Int32Array(0);
  ends: Int32Array = new Int32Array(0);
  ids: Int32Array | null = null;
  dictionary: ColumnDictionary | null = null;

  constructor(field: FieldPath) {
    this.field = field;
  }

  /** Makes room for so many rows; what was in them is gone. */
  reserve(rows: number): void {
    if (this.tags.length >= rows) return;
    const room = 2 ** Math.ceil(Math.log2(rows));
    this.tags = new Uint8Array(room);
    this.numbers = new Float64Array(room);
    this.starts = new Int32Array(room);
    this.ends = new Int32Array(room);
  }

  get byteLength(): number {
    return this.tags.length * 17;
  }
}
