/** What a change does to its id at the target. */
export const Operation = { upsert: 0, delete: 1 } as const;

/**
 * Changes on their way from a statement to its target, in the order in which they are sent.
 * All text lies in one buffer; row i's parts are ranges of it. Columns and buffer may be longer than what counts.
 * Immutable from when it is sent until it is settled; then whoever made it may write other changes to the same memory.
 */
export interface ChangeBatch {
  readonly count: number;
  readonly operations: Uint8Array;
  /** Version clock in µs: same id and same version mean the same content, byte for byte. */
  readonly versions: Float64Array;
  /** For topics: the timestamp of the record to write. */
  readonly timestampsMs: Float64Array;
  /** For topics read as streams: the offset that caused the change, and the number among the changes of that offset. */
  readonly causeOffsets: Float64Array;
  readonly causeOrdinals: Int32Array;
  /** The full name of the index, table or topic of each change where it varies (dated suffix); null: all go to the route's target. */
  readonly targets: readonly string[] | null;
  readonly bytes: Buffer;
  /** The row as a JSON object; of a delete the identity columns alone where there are any, else empty. */
  readonly documentStarts: Int32Array;
  readonly documentEnds: Int32Array;
  /** The identity of the row at its target (`_id`), without the target's name: valid UTF-8. Often the same range as the key. */
  readonly idStarts: Int32Array;
  readonly idEnds: Int32Array;
  /** For topics: the record key; start -1 is null. */
  readonly keyStarts: Int32Array;
  readonly keyEnds: Int32Array;
}

export function documentOf(batch: ChangeBatch, row: number): Buffer {
  return batch.bytes.subarray(batch.documentStarts[row], batch.documentEnds[row]);
}

export function documentTextOf(batch: ChangeBatch, row: number): string {
  return batch.bytes.toString("utf8", batch.documentStarts[row], batch.documentEnds[row]);
}

/** A string is made of it, which costs more than all else about a change: for messages, and targets that take nothing else. */
export function idOf(batch: ChangeBatch, row: number): string {
  return batch.bytes.toString("utf8", batch.idStarts[row], batch.idEnds[row]);
}

export function keyOf(batch: ChangeBatch, row: number): Buffer | null {
  const start = batch.keyStarts[row] as number;
  return start < 0 ? null : batch.bytes.subarray(start, batch.keyEnds[row]);
}

/** The bytes that a batch holds in memory, for queue limits. */
export function changeBatchBytes(batch: ChangeBatch): number {
  return batch.bytes.length + batch.versions.length * 64;
}
