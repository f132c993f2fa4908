import type { RecordSlices } from "./record-slices.ts";

/** What one cell of a field column holds. */
export const Tag = {
  /** The field is not in the record. */
  absent: 0,
  null: 1,
  false: 2,
  true: 3,
  /** `numbers[i]` is the value; `starts`/`ends` delimit its text, which is copied as it is. */
  number: 4,
  /** JSON string content without its quotes and without escapes: may be copied between quotes. */
  string: 5,
  /** JSON string content without its quotes, with at least one backslash. */
  escaped: 6,
  /** Raw UTF-8 text (a record key, a header): must be escaped to become JSON. */
  text: 7,
  object: 8,
  array: 9,
  /** An integer that a double does not hold exactly: `numbers[i]` is the nearest double, `starts`/`ends` delimit its exact text. */
  wide: 10,
} as const;

/** A field's place: in the record's value, key or headers, and the names from there down. Empty path: the whole. */
export interface FieldPath {
  readonly root: "value" | "key" | "header";
  readonly path: readonly string[];
}

/** One field of every record of a batch. Arrays are at least `count` long; they are reused by the next batch. */
export interface FieldColumn {
  readonly field: FieldPath;
  readonly tags: Uint8Array;
  readonly numbers: Float64Array;
  /** Where the texts lie: columns of one batch may come from different places. */
  readonly bytes: Buffer;
  /** Half-open range in `bytes`; of objects and arrays with their brackets. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /**
   * Of an interned column: the dictionary id of each cell that is a plain string (`Tag.string`; of a key or header `Tag.text`,
   * and of a column all are of one or the other), -1 of any other. null: not interned at present.
   */
  readonly ids: Int32Array | null;
  readonly dictionary: ColumnDictionary | null;
}

/**
 * Distinct strings of an interned column: ids are dense from 0, and the same id means the same bytes until the epoch
 * changes, which happens between batches only. Whoever keeps something by id keeps the epoch with it; no two dictionaries
 * have an epoch in common.
 */
export interface ColumnDictionary {
  readonly epoch: number;
  /** Ids are below. */
  readonly size: number;
}

/** A batch of records with the needed fields taken out, once for all statements that read it. */
export interface ColumnBatch {
  readonly slices: RecordSlices;
  readonly count: number;
  readonly columns: readonly FieldColumn[];
  /** 1 for a record whose value is not one whole valid document; 2 for a null value (tombstone); else 0. */
  readonly conditions: Uint8Array;
  /** Of records that count as broken, though their documents are whole: what cannot be added to them, and why. Left out: none. */
  readonly failures?: ReadonlyMap<number, string>;
  /** Why record i is broken: what was expected and the byte position in its value. */
  brokenReason(row: number): string;
}

export const Condition = { sound: 0, broken: 1, tombstone: 2 } as const;
