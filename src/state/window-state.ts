import { SluiceError } from "../errors.ts";
import type { Collector } from "../functions/collector.ts";
import { LIMITS } from "../limits.ts";
import { Cell } from "../plan/code/task.ts";
import { STATE_FORMAT } from "../plan/plan-pipeline.ts";
import { GroupKeys } from "./group-keys.ts";
import { GroupObjects } from "./group-objects.ts";
import type { ClosingPlace, GroupedState } from "./grouped-state.ts";
import { PayloadReader, PayloadWriter } from "./payload.ts";
import { readGroups, writeGroups } from "./slot-payload.ts";
import { WindowSlot } from "./window-slot.ts";

export interface WindowStateOptions {
  /** null: no windows, one slot for ever. */
  readonly sizeMs: number | null;
  readonly graceMs: number;
  readonly groupParts: number;
  /** What the accumulators of a new group hold. */
  readonly initialCells: readonly number[];
  /** Of the aggregates whose states are objects. */
  readonly collectors?: readonly Collector[];
}

/**
 * The state of an aggregating statement on one partition: open windows by start. Bounded by `windowsOpenMax` and
 * `stateBytesMax`. Its deltas and snapshots hold key texts and cells, no ids.
 */
export class WindowState implements GroupedState {
  readonly keys: GroupKeys;
  nextCloseMs = Number.POSITIVE_INFINITY;
  dirtyGroups = 0;
  closing: ClosingPlace | null = null;
  private readonly options: WindowStateOptions;
  /** The record of a new group. */
  private readonly initial: Float64Array;
  private readonly slots = new Map<number, WindowSlot>();
  /** Starts of the windows freed since the last barrier. */
  private closed: number[] = [];
  private groupsLately = 0;
  /** The keys of the window freed last: most of them come again in the next one, and need not be made anew. */
  private leaving: Int32Array = new Int32Array(0);
  /** The two windows last asked for: around a bound, rows of both alternate. */
  private recent: WindowSlot | null = null;
  private recentBefore: WindowSlot | null = null;

  constructor(options: WindowStateOptions) {
    this.options = options;
    this.initial = new Float64Array(Cell.accumulators + options.initialCells.length);
    this.initial.set(options.initialCells, Cell.accumulators);
    this.keys = new GroupKeys(options.groupParts);
  }

  get openWindows(): number {
    return this.slots.size;
  }

  get groups(): number {
    let groups = 0;
    for (const slot of this.slots.values()) groups += slot.count;
    return groups;
  }

  get byteLength(): number {
    let bytes = this.keys.byteLength;
    for (const slot of this.slots.values()) bytes += slot.byteLength;
    return bytes;
  }

  /** The window of an event time, opened where it is not; null: the stream time has closed it. */
  slotAt(timeMs: number, streamTimeMs: number): WindowSlot | null {
    const { recent, recentBefore } = this;
    if (recent !== null && timeMs >= recent.startMs && timeMs < recent.endMs) return recent;
    this.recentBefore = recent;
    if (recentBefore !== null && timeMs >= recentBefore.startMs && timeMs < recentBefore.endMs) {
      this.recent = recentBefore;
      return recentBefore;
    }
    const { sizeMs, graceMs } = this.options;
    const startMs = sizeMs === null ? 0 : Math.floor(timeMs / sizeMs) * sizeMs;
    if (sizeMs !== null && streamTimeMs >= startMs + sizeMs + graceMs) return null;
    this.recent = this.slot(startMs);
    return this.recent;
  }

  /** As `GroupKeys.lookUp`; the rows' groups in the window last asked for are brought into the processor's cache as well. */
  lookUp(bytes: Uint8Array, tags: Uint8Array, starts: Int32Array, ends: Int32Array, from: number, to: number): Int32Array {
    const found = this.keys.lookUp(bytes, tags, starts, ends, from, to);
    this.recent?.touch(found, from, to);
    return found;
  }

  private slot(startMs: number): WindowSlot {
    return this.slots.get(startMs) ?? this.open(startMs);
  }

  closedBy(streamTimeMs: number): readonly WindowSlot[] {
    const { sizeMs, graceMs } = this.options;
    if (sizeMs === null) return [];
    return sorted([...this.slots.values()].filter((slot) => slot.endMs + graceMs <= streamTimeMs));
  }

  get closingTimeMs(): number | null {
    if (this.options.sizeMs === null || this.slots.size === 0) return null;
    return Math.max(...[...this.slots.values()].map((slot) => slot.endMs)) + this.options.graceMs;
  }

  /** Frees a window; its keys go with the next one, where no other window uses them. */
  free(slot: WindowSlot): void {
    this.dirtyGroups -= slot.dirtyCount;
    this.slots.delete(slot.startMs);
    this.recent = null;
    this.recentBefore = null;
    this.closed.push(slot.startMs);
    // Windows follow each other with much the same groups; an eighth more spares the next one the growing.
    this.groupsLately = slot.count + (slot.count >> 3);
    const { leaving } = this;
    this.leaving = slot.keys.subarray(0, slot.count);
    for (const keyId of leaving) this.keys.release(keyId);
    this.keys.sweep();
    this.updateNextClose();
  }

  allSlots(): readonly WindowSlot[] {
    return sorted([...this.slots.values()]);
  }

  dirtySlots(): readonly WindowSlot[] {
    return this.allSlots().filter((slot) => slot.dirtyCount > 0);
  }

  takeDelta(): Buffer {
    return this.payload(
      this.closed,
      this.dirtySlots().map((slot) => ({ slot, groups: slot.dirtyByIndex() })),
    );
  }

  takeSnapshot(): Buffer {
    return this.payload(
      [],
      this.allSlots().map((slot) => ({ slot, groups: slot.groupsFrom(0) })),
    );
  }

  apply(payload: Buffer): void {
    const reader = new PayloadReader(payload);
    const stride = this.initial.length;
    if (reader.uint8() !== STATE_FORMAT) throw new SluiceError("STATE_CORRUPT", "window state of an unknown format");
    if (reader.uint32() !== stride) throw new SluiceError("STATE_MISMATCH", "the kept accumulators have another shape");
    const isClosing = reader.uint8() === 1;
    this.closing = isClosing ? { startMs: reader.float64(), groups: reader.uint32(), ordinal: reader.uint32() } : null;
    for (let closed = reader.uint32(); closed > 0; closed--) {
      const slot = this.slots.get(reader.float64());
      if (slot !== undefined) this.free(slot);
    }
    for (let slots = reader.uint32(); slots > 0; slots--) readGroups(reader, this.slot(reader.float64()), this.keys, stride);
    this.markClean();
  }

  private open(startMs: number): WindowSlot {
    if (this.slots.size >= LIMITS.windowsOpenMax) {
      throw new SluiceError("LIMIT_EXCEEDED", `more than ${LIMITS.windowsOpenMax} windows are open (windowsOpenMax)`);
    }
    const { sizeMs } = this.options;
    const endMs = sizeMs === null ? Number.POSITIVE_INFINITY : startMs + sizeMs;
    const expected = this.slots.size < WINDOWS_EXPECTED_MAX ? Math.min(this.groupsLately, GROUPS_EXPECTED_MAX) : 0;
    const { collectors = [] } = this.options;
    const objects = collectors.length === 0 ? null : new GroupObjects(collectors);
    const slot = new WindowSlot(startMs, endMs, this.initial, this.keys, expected, objects, () => ++this.dirtyGroups);
    this.slots.set(startMs, slot);
    this.nextCloseMs = Math.min(this.nextCloseMs, endMs + this.options.graceMs);
    return slot;
  }

  private updateNextClose(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const slot of this.slots.values()) next = Math.min(next, slot.endMs + this.options.graceMs);
    this.nextCloseMs = next;
  }

  private markClean(): void {
    for (const slot of this.slots.values()) slot.clean();
    this.dirtyGroups = 0;
    this.closed = [];
  }

  private payload(closed: readonly number[], parts: readonly { readonly slot: WindowSlot; readonly groups: Int32Array }[]): Buffer {
    const stride = this.initial.length;
    const groups = parts.reduce((sum, part) => sum + part.groups.length, 0);
    const writer = new PayloadWriter(64 + closed.length * 8 + parts.length * 12 + groups * (stride * 8 + KEY_BYTES));
    writer.uint8(STATE_FORMAT);
    writer.uint32(stride);
    writer.uint8(this.closing === null ? 0 : 1);
    if (this.closing !== null) {
      writer.float64(this.closing.startMs);
      writer.uint32(this.closing.groups);
      writer.uint32(this.closing.ordinal);
    }
    writer.uint32(closed.length);
    for (const start of closed) writer.float64(start);
    writer.uint32(parts.length);
    for (const part of parts) {
      writer.float64(part.slot.startMs);
      writeGroups(writer, part.slot, part.groups, this.keys, stride);
    }
    this.markClean();
    return writer.take();
  }
}

/** Room is made beforehand for so many groups, and only where so few windows are open: one of many may stay nearly empty. */
const GROUPS_EXPECTED_MAX = 1 << 16;
const WINDOWS_EXPECTED_MAX = 4;

/** Room for a key and its length, to begin with. */
const KEY_BYTES = 20;

function sorted(slots: WindowSlot[]): WindowSlot[] {
  return slots.sort((a, b) => a.startMs - b.startMs);
}
