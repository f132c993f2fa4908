import type { ColumnBatch, FieldPath } from "../model/column-batch.ts";
import type { Format, RecordLayout } from "../model/format.ts";
import type { RecordSlices } from "../model/record-slices.ts";

/**
 * Turns record slices into columns for a fixed set of fields. One decoder serves all statements that read a topic.
 * Contract: every document is checked to its end and for valid UTF-8, whatever the fields, so that a record is broken
 * for all statements or for none. A field that occurs twice counts with its last value. A wrong type is no error here.
 */
export interface Decoder {
  /** The result (and its arrays) is valid until the next call. */
  decode(slices: RecordSlices): ColumnBatch;
}

export interface DecoderOptions {
  readonly valueFormat: Format;
  readonly keyFormat: Format;
  /** What is needed to read what lies there neither as JSON nor as plain text; left out: nothing. */
  readonly layout?: RecordLayout;
  readonly fields: readonly FieldPath[];
  /** Indexes of the fields to be interned while they are scanned, as far as their values repeat. */
  readonly interned?: readonly number[];
}
