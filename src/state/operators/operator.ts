import type { ColumnBatch } from "../../model/column-batch.ts";

/**
 * What stands in front of a statement's loop and keeps state of its own: a join. Rows of its two sides go in, in the order of the
 * statement's log; joined rows come out as column batches, so that the loop does not know what made them. It knows nothing of feeds,
 * cursors and routes. Its deltas and snapshots hold key texts and sequences, no ids; what it keeps is bounded by `stateBytesMax`.
 */
export interface Operator {
  /**
   * Takes rows [from, to) of a side; gives the row it stopped before. Less than `to`: as many rows came out as a piece holds, and after
   * `drain` the call is to be made again from there on; or `fail` has said to stop, and nothing is changed by that row. The row that it
   * stopped before may have been worked off in part (`isWithin`): then it has to be the next one that is given, also after a restart.
   */
  take(side: 0 | 1, rows: SideRows, from: number, to: number): number;
  /** Stream time moves by other means than a record: what is over expires. False: to be called again with the same values after `drain`. */
  advance(streamTimeMs: number, sequence: number, version: number): boolean;
  /** What came out since the last time, in order; null: nothing. It is valid until the next `take` or `advance`. */
  drain(): JoinedRows | null;
  /** What came out may wait over several calls of `take`; else `drain` is called after each. */
  readonly collects: boolean;
  /** What waits for a barrier comes out; left out: nothing does. `version`: of the last record. False: to be called again after `drain`. */
  flush?(version: number): boolean;
  /** A record, or a step of stream time, is worked off in part: what has come out counts, the rest comes when it is given again. */
  readonly isWithin: boolean;
  /** The largest event time of the stream records taken; -Infinity: none. */
  readonly streamTimeMs: number;
  /** Something goes as soon as stream time is above it; Infinity: nothing is waiting. */
  readonly nextExpiryMs: number;
  /** The stream time at which nothing is kept any more; null: nothing that goes by time is kept. */
  readonly closingTimeMs: number | null;
  /** Records since this object was made. All others were applied, or failed; matched rows of a stream with a table are the loop's. */
  readonly late: number;
  readonly filtered: number;
  readonly byteLength: number;
  /** Rows that the next delta holds. */
  readonly dirtyRows: number;
  /** What changed since the last barrier; that is clean afterwards. */
  takeDelta(): Buffer;
  /** Everything; no delta is outstanding afterwards. */
  takeSnapshot(): Buffer;
  /** Applies a snapshot to an empty state, or a delta to the state before it. */
  apply(payload: Buffer): void;
}

/** Rows of one side in the order of the log. Arrays are by row of the batch, and valid during the call. */
export interface SideRows {
  /** Sound rows; a tombstone (`Condition.tombstone`) deletes from a table, and is filtered in a stream. */
  readonly batch: ColumnBatch;
  /** Event times in ms. */
  readonly timesMs: Float64Array;
  /** Where the records lie, if offsets do not say it. */
  readonly places?: Float64Array;
  /** Stream time after each row, where it is not the largest event time so far. */
  readonly latestMs?: Float64Array;
  /** Of the records. */
  readonly versions: Float64Array;
  /** Numbers of the records in the statement's log: rising, with holes. Rows that a join has made of one record have one. */
  readonly sequences: Float64Array;
  /** Which of those that it made of one record each row is; left out: it made none of the rows. */
  readonly ordinals?: Int32Array;
  /** Offsets of the records that the row is made of: one array for each input that is in the side. */
  readonly coordinates: readonly Float64Array[];
  /** A row that cannot be taken, and why: true: stop before it; false: it was counted, go on. */
  fail(row: number, message: string): boolean;
  /** A row that came too late: the operator counts it, unless it has failed, and stops before it where that is said. */
  late?(row: number): LateFate;
}

export type LateFate = "late" | "failed" | "stop";

/** Rows [from, to) of a batch made by an operator. Arrays are by row of the batch. */
export interface JoinedRows {
  readonly from: number;
  readonly to: number;
  /**
   * Columns: those of the left side, then those of the right one; of a side that is not there all cells are absent. Slices: offsets are the
   * sequences of what caused the rows, timestamps the rows' times, keys those of the stream's record where one side is a table, else none.
   * Conditions: a tombstone is a delete of a table's row; its columns hold what was last known of it, so that its id can be made.
   */
  readonly batch: ColumnBatch;
  /** Numbers of the rows among those of one cause; they go on from one piece to the next. */
  readonly ordinals: Int32Array;
  /** Of the causes. */
  readonly versions: Float64Array;
  /** What stream time is after the row. */
  readonly streamTimesMs: Float64Array;
  /** The rows' times, where the slices have the timestamps of the records. */
  readonly timesMs?: Float64Array;
  /** Offsets of the left side's records, then of the right one's; NaN: the side is not there. */
  readonly coordinates: readonly Float64Array[];
}
