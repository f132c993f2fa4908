/**
 * Records of one partition as offsets into fetched bytes: no object per record.
 * Row i has its key in `bytes[keyStarts[i], keyEnds[i])`, and so on; a start of -1 means null.
 * The buffer belongs to the batch: it is never written again, and what outlives the batch is copied.
 */
export interface RecordSlices {
  readonly topic: string;
  readonly partition: number;
  readonly count: number;
  readonly bytes: Buffer;
  /** Rising; holes are usual (compaction, transaction markers). */
  readonly offsets: Float64Array;
  readonly timestampsMs: Float64Array;
  readonly keyStarts: Int32Array;
  readonly keyEnds: Int32Array;
  readonly valueStarts: Int32Array;
  readonly valueEnds: Int32Array;
  /** Headers as Kafka encodes them in a record batch v2: varint count, then varint-prefixed names and values. -1: none. */
  readonly headerStarts: Int32Array;
  readonly headerEnds: Int32Array;
  /** The next offset to fetch after this batch; not last offset + 1 (`runtime.md` §0). */
  readonly nextOffset: number;
  /** What shows later that the log is still the same one: the last record batch that was read. null: not all of it is here. */
  readonly mark: LogMark | null;
}

export interface LogMark {
  readonly offset: number;
  readonly timestampMs: number;
  /** CRC of the record batch where the client shows it, else of the last record's key and value. */
  readonly checksum: number;
}

/** Rows [from, to), which are some, as a batch of their own. */
export function rowsOf(slices: RecordSlices, from: number, to: number): RecordSlices {
  const { count, offsets, timestampsMs, keyStarts, keyEnds, valueStarts, valueEnds, headerStarts, headerEnds } = slices;
  const isLast = to === count;
  return {
    ...slices,
    count: to - from,
    offsets: offsets.subarray(from, to),
    timestampsMs: timestampsMs.subarray(from, to),
    keyStarts: keyStarts.subarray(from, to),
    keyEnds: keyEnds.subarray(from, to),
    valueStarts: valueStarts.subarray(from, to),
    valueEnds: valueEnds.subarray(from, to),
    headerStarts: headerStarts.subarray(from, to),
    headerEnds: headerEnds.subarray(from, to),
    nextOffset: isLast ? slices.nextOffset : (offsets[to] as number),
    mark: isLast ? slices.mark : null,
  };
}
