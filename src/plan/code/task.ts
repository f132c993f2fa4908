import type { ByteWriter } from "../../model/byte-writer.ts";
import type { ChangeBatchBuilder } from "../../model/change-batch-builder.ts";
import type { ColumnBatch, ColumnDictionary } from "../../model/column-batch.ts";
import type { Value } from "../../model/value.ts";
import type { PredicateTables } from "./predicate-tables.ts";

/** Why a row does not go the ordinary way. `ahead`: it does, but its timestamp is refused and moves no clock. */
export const Flag = { none: 0, ahead: 1, broken: 2, tombstone: 3, repeat: 4 } as const;

/** What generated code sees of a statement's task and state; the runtime and `src/state` implement it. */
export interface RowTask extends EmissionTask, LateTask {
  readonly partition: number;
  readonly marks: RowMarks;
  readonly predicates: PredicateTables;
  readonly keyWriter: ByteWriter;
  /** One number: the offset that its loop is at, as far as it tells. */
  readonly record: Float64Array;
  streamTimeMs: number;
  applied: number;
  filtered: number;
  /** Counts or stops by the error policy; true: stop before this row. */
  failRow(row: number, message: string, code?: "RECORD_TYPE" | "RECORD_EVENT_TIME" | "RECORD_TARGET"): boolean;
  /** Broken, a tombstone, a repeat: true: stop before this row. */
  flaggedRow(row: number): boolean;
  /** One that is late for all its windows. True: stop before this row. */
  lateRow(row: number, timeMs: number): boolean;
  /** Emits and frees the windows that end by `streamTimeMs`, closed by the record of `row`; true: stop before this row. */
  closeWindows(streamTimeMs: number, row: number): boolean;
  /** Emits and frees the windows of rows that `row` has filled; true: that stops the statement. */
  windowFilled(row: number): boolean;
  /** Of a join: which of the rows of that record the next one is. */
  ordinalOf(offset: number): number;
  /** Which of those that one record brought the row is, where an operator gave it. */
  ordinalAt(row: number): number;
  /** What stands behind the offset in ids made of coordinates. */
  readonly idAfter: string;
}

/** What late records are written with. */
export interface LateTask {
  /** The version of each row of the batch. */
  readonly versions: Float64Array;
  /** Of a topic that is merged with others: the place of each row in the merge, by which readers of the target know repeats. */
  readonly sequences?: Float64Array;
  /** What stands before the offset in ids made of coordinates, and behind it at the target of late records. */
  readonly idBefore: string;
  readonly lateIdAfter: string;
  /** Writes what identifies a row of a join: the places of the records that it is made of. */
  writeId(row: number, writer: ByteWriter): void;
}

/** What does not depend on the statement: made once a batch, for all that read it. */
export interface RowMarks {
  /** `Flag` of each row. */
  readonly flags: Uint8Array;
  /** No row has a flag above `Flag.ahead`. */
  readonly isSound: boolean;
  timesOf(eventTimes: EventTimes): TimeColumn;
}

/** How a stream's event times are read. */
export interface EventTimes {
  /** Equal keys: equal times. */
  readonly key: string;
  /** Processing time: of the rows as that statement first read them, whatever `fill` says. null: event time. */
  readonly wallOf: string | null;
  /** Writes the event time of rows [from, to) in ms; NaN: it has none, or does not go the ordinary way. */
  readonly fill: (batch: ColumnBatch, from: number, to: number, flags: Uint8Array, times: Float64Array) => void;
}

export interface TimeColumn {
  /** ms; NaN for a row without. */
  readonly times: Float64Array;
  /** The largest time so far in the batch that moves stream time: what stream time is after the row, or less. */
  readonly latest: Float64Array;
  /** No row is without. */
  readonly isSound: boolean;
}

export interface EmissionTask {
  readonly out: ChangeBatchBuilder;
  readonly state: GroupState;
  /** The name of the target for that time where it varies (dated suffix), else null. */
  targetAt(timeMs: number): string | null;
  /** The target that a row names, at that time; only where rows do. */
  targetNamed(name: string, timeMs: number): NamedTarget;
}

export interface NamedTarget {
  readonly name: string;
  /** Why there can be no such target; null: there can. */
  readonly problem: string | null;
}

export interface GroupState {
  readonly keys: GroupKeys;
  /** The first stream time at which a window closes, or a time before that; Infinity: none is open. */
  readonly nextCloseMs: number;
  /** The window of an event time; null: the stream time has closed it. */
  slotAt(timeMs: number, streamTimeMs: number): GroupSlot | null;
}

export interface GroupKeys {
  /** The id of a grouping key, given as canonical JSON text. */
  intern(bytes: Uint8Array, start: number, end: number): number;
  /** Key ids by the ids of a dictionary whose strings are the only grouping value; -1: not known yet, to be filled in. */
  idsBy(dictionary: ColumnDictionary | null, reader?: number): Int32Array;
  /** The id of a key; -1: there is none. */
  find(bytes: Uint8Array, start: number, end: number): number;
  /** The ids of the plain strings in rows [from, to) of a column that is the only value, until the next call; -1: there is none yet. */
  lookUp(bytes: Uint8Array, tags: Uint8Array, starts: Int32Array, ends: Int32Array, from: number, to: number): Int32Array;
  /** The grouping values of a key. */
  valuesOf(keyId: number): readonly unknown[];
  /** Writes the canonical text. */
  writeText(keyId: number, writer: ByteWriter): void;
  /** Writes the string that the key is made of; false: it is none, or has escapes. */
  writePlainString(keyId: number, writer: ByteWriter, quoted: boolean): boolean;
}

/** Where each group has windows of its own (sessions, windows of so many rows): they are the groups of the only slot. */
export interface PerGroupState extends GroupState {
  readonly slot: GroupSlot;
  /** Before rows are taken: until the end of them an id of a key stays what it is. */
  begin(): void;
  /**
   * The group into which a row of that key goes, made where there is none; -1: the stream time has closed it. Then nobody may use the key.
   * Version and offset are those of the row.
   */
  groupAt(keyId: number, timeMs: number, streamTimeMs: number, version: number, offset: number): number;
  /** Of windows of rows: the group whose pane the row has filled; -1: none. */
  readonly filled?: number;
}

/** Of a table, whose rows replace each other. */
export interface TableGroups extends GroupState {
  readonly slot: GroupSlot;
  readonly rows: TableRows;
}

/** What a row has brought to an aggregate of its group: nothing, itself alone, a number (in `numbers`), or what `values` holds. */
export const Brought = { nothing: 0, itself: 1, number: 2, value: 3 } as const;

/** What each row of a table has brought to its group. Arrays may be replaced when a row is put. */
export interface TableRows {
  /** By row: its group + 1; 0: there is no such row. */
  readonly groups: Int32Array;
  /** By row and aggregate: `Brought`. */
  readonly brought: Uint8Array;
  readonly numbers: Float64Array;
  /** What `keep` has put there: of an aggregate whose state is an object all that it was given. */
  readonly values: readonly (Value | undefined)[];
  /** Rows that came, changed or went since the last barrier. */
  readonly dirtyCount: number;
  /** -1: the row has brought nothing so far. */
  find(bytes: Uint8Array, start: number, end: number): number;
  /** The row of a key, made where there is none, now brings something to that group. */
  put(bytes: Uint8Array, start: number, end: number, group: number): number;
  keep(place: number, value: Value): void;
  /** Nothing is brought to that place. */
  forget(place: number): void;
  remove(row: number): void;
}

/** By aggregate (of those whose states are objects) and group. */
export interface GroupObjects {
  /** Takes one row in. */
  add(aggregate: number, group: number, ...values: readonly Value[]): void;
  /** Takes one back. */
  retract(aggregate: number, group: number, ...values: readonly Value[]): void;
  /** Throws RangeError where there is none. */
  result(aggregate: number, group: number): Value;
}

/** Where the parts of a group's record stand in `GroupSlot.cells`: of the last record that changed it, then the accumulators. */
export const Cell = { version: 0, offset: 1, time: 2, accumulators: 3 } as const;

/** What a result is made from: groups, each with the bounds of its window. */
export interface ResultSlot {
  readonly cells: Float64Array;
  readonly keys: Int32Array;
  /** The states of aggregates that are objects; null: there are none. */
  readonly objects: Pick<GroupObjects, "result"> | null;
  startOf(group: number): number;
  endOf(group: number): number;
  /** Of windows of rows: the number of the first one in its group. */
  rowOf?(group: number): number;
  /** Of sessions: whether the result is nobody's any more, and is to be deleted. */
  isGone?(group: number): boolean;
  /** The bounds as JSON text, valid until the next one is asked for. */
  startTextOf(group: number): DataView;
  endTextOf(group: number): DataView;
}

/** The groups that rows of a stretch of time go into. Arrays may be replaced when a group is added. */
export interface GroupSlot {
  /** Rows from here to there may go into it. */
  readonly startMs: number;
  readonly endMs: number;
  readonly cells: Float64Array;
  readonly keys: Int32Array;
  readonly objects: GroupObjects | null;
  /** Groups that there are. */
  readonly count: number;
  /** 1: touched since the last barrier. */
  readonly dirtyFlags: Uint8Array;
  groupOf(keyId: number): number;
  /** The first touch since the last barrier. Gives the number of such groups in all windows. */
  markDirty(group: number): number;
}
