import type { GroupState, ResultSlot } from "../plan/code/task.ts";
import type { GroupKeys } from "./group-keys.ts";

/**
 * The state of an aggregating statement on one partition: what its windows (or groups without windows) keep. Generated code puts rows in
 * (`GroupState`, `PerGroupState`), results are made from what it gives when windows close and at barriers. What it keeps is bounded by
 * `stateBytesMax` and by bounds of its own; its deltas and snapshots hold key texts, no ids.
 */
export interface GroupedState extends GroupState {
  readonly keys: GroupKeys;
  /** What it takes, in bytes. */
  readonly byteLength: number;
  /** Records that a snapshot would hold. */
  readonly groups: number;
  /** Records touched since they were last clean: since the last barrier, or an earlier one that has kept them dirty. */
  readonly dirtyGroups: number;
  /** The stream time that closes all that is open; null: nothing is, or no stream time closes it. */
  readonly closingTimeMs: number | null;
  /** Part of deltas and snapshots. */
  closing: ClosingPlace | null;
  /** What a stream time closes, by end, then start. Each is freed before the next is asked for; what is left comes again. */
  closedBy(streamTimeMs: number): Iterable<ClosingSlot>;
  /** Ids that nothing has any more, to be freed: no delta tells of them, so their deletes do not wait. Left out: there are none. */
  gone?(): Iterable<ClosingSlot>;
  /** Its results are made: what no other window needs goes. */
  free(slot: ClosingSlot): void;
  /** What is open, in order. */
  allSlots(): Iterable<ClosingSlot>;
  /** Of that what is dirty. */
  dirtySlots(): Iterable<ClosingSlot>;
  /** What is dirty has been told of: the next delta alone has to hold it. Left out: a delta has to be taken for that. */
  setAside?(): void;
  /** Records that were set aside for the next delta. */
  readonly asideGroups?: number;
  /**
   * What is dirty or set aside, and what was closed since the last barrier. It is clean afterwards, unless `keepsDirty`: results are
   * yet to be sent.
   */
  takeDelta(keepsDirty: boolean): Buffer;
  /** Everything; no delta is outstanding afterwards. */
  takeSnapshot(keepsDirty: boolean): Buffer;
  /** Applies a snapshot to an empty state, or a delta to the state before it. `staysDirty`: what is in it was kept dirty. */
  apply(payload: Buffer, staysDirty: boolean): void;
}

/** Results that are made one after the other, and go together: those of a window, or of all sessions that a stream time closes. */
export interface ClosingSlot extends ResultSlot {
  readonly startMs: number;
  /** All groups from `first` on, in order. */
  groupsFrom(first: number): Int32Array;
  /** Those that are dirty, in order. */
  dirtyByIndex(): Int32Array;
  /** What stands at a place (`Cell`) of a group's record. */
  cell(group: number, place: number): number;
}

/** How far the results of what closes first have been made, where a barrier has cut them. */
export interface ClosingPlace {
  readonly startMs: number;
  /** Groups whose results are made. */
  readonly groups: number;
  /** Results made by the record that closes the window, those of earlier windows included. */
  readonly ordinal: number;
}
