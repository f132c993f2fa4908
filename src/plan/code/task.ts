import type { ByteWriter } from "../../model/byte-writer.ts";
import type { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";

/** What generated code sees of a statement's task and state; the runtime and `src/state` implement it. */
export interface RowTask extends EmissionTask {
  /** The version of each row of the batch, and why a row is out of the ordinary (`Flag`). */
  readonly versions: Float64Array;
  readonly flags: Uint8Array;
  readonly keyWriter: ByteWriter;
  streamTimeMs: number;
  applied: number;
  filtered: number;
  late: number;
  /** Counts or stops by the error policy; true: stop before this row. */
  failRow(row: number, message: string, code?: "RECORD_TYPE" | "RECORD_EVENT_TIME"): boolean;
  /** Broken, a tombstone, a repeat: true: stop before this row. */
  flaggedRow(row: number): boolean;
  /** Emits and frees the windows that end by `streamTimeMs`, closed by the record of `row`; true: stop before this row. */
  closeWindows(streamTimeMs: number, row: number): boolean;
  /** What stands before and after the offset in ids made of coordinates. */
  readonly idBefore: string;
  readonly idAfter: string;
}

export interface EmissionTask {
  readonly out: ChangeBatchBuilder;
  readonly state: GroupState;
  /** The name of the target for that time where it varies (dated suffix), else null. */
  targetAt(timeMs: number): string | null;
}

export interface GroupState {
  readonly keys: GroupKeys;
  /** The first stream time at which a window closes; Infinity: none is open. */
  readonly nextCloseMs: number;
  readonly dirtyGroups: number;
  slot(startMs: number): GroupSlot;
}

export interface GroupKeys {
  /** The id of a grouping key, given as canonical JSON text. */
  intern(bytes: Uint8Array, start: number, end: number): number;
  /** The grouping values of a key. */
  valuesOf(keyId: number): readonly unknown[];
}

/** The groups of one window. Arrays may be replaced when a group is added. */
export interface GroupSlot {
  readonly startMs: number;
  readonly endMs: number;
  readonly cells: Float64Array;
  readonly keys: Int32Array;
  readonly versions: Float64Array;
  readonly offsets: Float64Array;
  readonly times: Float64Array;
  groupOf(keyId: number): number;
  touch(group: number, version: number, offset: number, timeMs: number): void;
}
