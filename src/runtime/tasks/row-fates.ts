import type { JoinedRows, LateFate } from "../../state/operators/operator.ts";

/** What becomes of records that are not taken as they are, and of the rows that come out. */
export interface RowFates {
  readonly failure: unknown;
  /** Rows for the loop, which are worked off at once; what comes after them is valid only then. */
  workRows(rows: JoinedRows): void;
  /** Broken, a tombstone where none may be, a repeat: true: stop before it. */
  flaggedRow(row: number): boolean;
  failRow(row: number, message: string, code?: "RECORD_TYPE" | "RECORD_EVENT_TIME"): boolean;
  /** Of rows that an operator has given to the next one; `isRecord`: each is one of the records that are being taken. */
  failGiven(rows: JoinedRows, row: number, message: string, isRecord: boolean): boolean;
  lateRecord(row: number, timeMs: number): LateFate;
}
