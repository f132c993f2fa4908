import { SluiceError } from "../errors.ts";
import type { Collector } from "../functions/collector.ts";
import { LIMITS } from "../limits.ts";
import type { TimeSpan } from "../model/time-grid.ts";
import type { WindowShape } from "../model/window-shape.ts";
import { Cell } from "../plan/code/task.ts";
import { STATE_FORMAT } from "../plan/plan-pipeline.ts";
import { GroupKeys } from "./group-keys.ts";
import { GroupObjects } from "./group-objects.ts";
import type { ClosingPlace, ClosingSlot, GroupedState } from "./grouped-state.ts";
import { PayloadReader, PayloadWriter } from "./payload.ts";
import { readGroups, writeGroups } from "./slot-payload.ts";
import { WindowSlot } from "./window-slot.ts";

export interface SlotStateOptions {
  /** null: no windows, one slot for ever. */
  readonly shape: WindowShape | null;
  readonly graceMs: number;
  readonly groupParts: number;
  /** What the accumulators of a new group hold. */
  readonly initialCells: readonly number[];
  /** Of the aggregates whose states are objects. */
  readonly collectors?: readonly Collector[];
}

/** State in slots by time, one for each pane that has rows: open ones by start. Bounded by `windowsOpenMax` and `stateBytesMax`. */
export abstract class SlotState implements GroupedState {
  readonly keys: GroupKeys;
  nextCloseMs = Number.POSITIVE_INFINITY;
  dirtyGroups = 0;
  asideGroups = 0;
  closing: ClosingPlace | null = null;
  protected readonly options: SlotStateOptions;
  /** The record of a new group. */
  protected readonly initial: Float64Array;
  /** By start. */
  protected readonly slots = new Map<number, WindowSlot>();
  /** In order of time; null: to be made anew. */
  private inOrder: readonly WindowSlot[] | null = null;
  /** Starts of the slots freed since the last barrier. */
  private freed: number[] = [];
  private groupsLately = 0;
  /** The keys of the slot freed last: most of them come again in the next one, and need not be made anew. */
  private leaving: Int32Array = new Int32Array(0);
  /** The two slots last asked for: around a bound, rows of both alternate. */
  private recent: WindowSlot | null = null;
  private recentBefore: WindowSlot | null = null;
  /** Rises when what slots hold is looked at, so that a slot that rows go into later can be told from one that stays as it is. */
  private looks = 0;

  constructor(options: SlotStateOptions) {
    this.options = options;
    this.initial = new Float64Array(Cell.accumulators + options.initialCells.length);
    this.initial.set(options.initialCells, Cell.accumulators);
    this.keys = new GroupKeys(options.groupParts);
  }

  abstract get closingTimeMs(): number | null;
  abstract closedBy(streamTimeMs: number): Iterable<ClosingSlot>;
  abstract free(slot: ClosingSlot): void;
  abstract allSlots(): Iterable<ClosingSlot>;
  abstract dirtySlots(): Iterable<ClosingSlot>;

  get openSlots(): number {
    return this.slots.size;
  }

  get groups(): number {
    let groups = 0;
    for (const slot of this.slots.values()) groups += slot.count;
    return groups;
  }

  get byteLength(): number {
    let bytes = this.keys.byteLength + this.leaving.buffer.byteLength;
    for (const slot of this.slots.values()) bytes += slot.byteLength;
    return bytes;
  }

  /** The slot of an event time, opened where it is not; null: the stream time has closed all windows that it would be in. */
  slotAt(timeMs: number, streamTimeMs: number): WindowSlot | null {
    const { recent, recentBefore } = this;
    if (recent !== null && timeMs >= recent.startMs && timeMs < recent.endMs) return recent;
    this.recentBefore = recent;
    if (recentBefore !== null && timeMs >= recentBefore.startMs && timeMs < recentBefore.endMs) {
      this.recent = recentBefore;
      return recentBefore;
    }
    const { shape, graceMs } = this.options;
    const pane = shape === null ? ALL_TIME : shape.paneOf(timeMs);
    let slot = this.slots.get(pane.startMs) ?? null;
    if (slot === null) {
      if (shape !== null && streamTimeMs >= shape.lastEndOf(pane) + graceMs) return null;
      this.passed(streamTimeMs);
      slot = this.open(pane);
    }
    slot.usedAt = this.looks;
    this.recent = slot;
    return slot;
  }

  /** As `GroupKeys.lookUp`; the rows' groups in the slot last asked for are brought into the processor's cache as well. */
  lookUp(bytes: Uint8Array, tags: Uint8Array, starts: Int32Array, ends: Int32Array, from: number, to: number): Int32Array {
    const found = this.keys.lookUp(bytes, tags, starts, ends, from, to);
    this.recent?.touch(found, from, to);
    return found;
  }

  takeDelta(keepsDirty: boolean): Buffer {
    return this.payload(
      keepsDirty,
      this.freed,
      this.panes()
        .filter((slot) => slot.dirtyCount > 0 || slot.asideCount > 0)
        .map((slot) => ({ slot, groups: slot.changedByIndex() })),
    );
  }

  setAside(): void {
    for (const slot of this.panes()) {
      if (slot.dirtyCount > 0) this.asideGroups += slot.setAside();
    }
    this.dirtyGroups = 0;
  }

  takeSnapshot(keepsDirty: boolean): Buffer {
    return this.payload(
      keepsDirty,
      [],
      this.panes().map((slot) => ({ slot, groups: slot.groupsFrom(0) })),
    );
  }

  apply(payload: Buffer, staysDirty: boolean): void {
    const reader = new PayloadReader(payload);
    const stride = this.initial.length;
    if (reader.uint8() !== STATE_FORMAT) throw new SluiceError("STATE_CORRUPT", "window state of an unknown format");
    if (reader.uint32() !== stride) throw new SluiceError("STATE_MISMATCH", "the kept accumulators have another shape");
    const isClosing = reader.uint8() === 1;
    this.closing = isClosing ? { startMs: reader.float64(), groups: reader.uint32(), ordinal: reader.uint32() } : null;
    this.readMore(reader);
    for (let freed = reader.uint32(); freed > 0; freed--) {
      const slot = this.slots.get(reader.float64());
      if (slot !== undefined) this.drop([slot]);
    }
    this.markClean();
    for (let slots = reader.uint32(); slots > 0; slots--) {
      const startMs = reader.float64();
      const slot = this.slots.get(startMs) ?? this.open(this.paneFrom(startMs));
      slot.usedAt = this.looks;
      const groups = readGroups(reader, slot, this.keys, stride);
      if (staysDirty) for (const group of groups) if (slot.dirtyFlags[group] === 0) slot.markDirty(group);
    }
    this.updateNextClose();
  }

  /** Stream time at which the slots' first window closes. */
  protected abstract firstCloseMs(): number;

  /** Stream time when a slot is opened: what is closed by it was closed before. */
  protected passed(_streamTimeMs: number): void {}

  /** What deltas and snapshots hold besides the slots. */
  protected writeMore(_writer: PayloadWriter): void {}
  protected readMore(_reader: PayloadReader): void {}

  /** All slots in order of time. */
  protected panes(): readonly WindowSlot[] {
    this.inOrder ??= [...this.slots.values()].sort((left, right) => left.startMs - right.startMs);
    return this.inOrder;
  }

  /** Forgets slots; their keys go with the next ones, where no other slot uses them. */
  protected drop(slots: readonly WindowSlot[]): void {
    for (const slot of slots) {
      this.dirtyGroups -= slot.dirtyCount;
      this.asideGroups -= slot.asideCount;
      this.slots.delete(slot.startMs);
      this.freed.push(slot.startMs);
      // Windows follow each other with much the same groups; an eighth more spares the next one the growing.
      this.groupsLately = slot.count + (slot.count >> 3);
      const { leaving } = this;
      this.leaving = slot.keys.subarray(0, slot.count);
      for (const keyId of leaving) this.keys.release(keyId);
    }
    this.recent = null;
    this.recentBefore = null;
    this.inOrder = null;
    this.keys.sweep();
    this.updateNextClose();
  }

  /** Slots that rows go into from now on have been used at this look at least; the others before it. */
  protected look(): number {
    this.recent = null;
    this.recentBefore = null;
    return ++this.looks;
  }

  protected updateNextClose(): void {
    this.nextCloseMs = this.firstCloseMs();
  }

  private paneFrom(startMs: number): TimeSpan {
    return this.options.shape?.paneOf(startMs) ?? ALL_TIME;
  }

  private open({ startMs, endMs }: TimeSpan): WindowSlot {
    if (this.slots.size >= LIMITS.windowsOpenMax) {
      throw new SluiceError("LIMIT_EXCEEDED", `more than ${LIMITS.windowsOpenMax} windows are open (windowsOpenMax)`);
    }
    const expected = this.slots.size < WINDOWS_EXPECTED_MAX ? Math.min(this.groupsLately, GROUPS_EXPECTED_MAX) : 0;
    const { collectors = [] } = this.options;
    const objects = collectors.length === 0 ? null : new GroupObjects(collectors);
    const slot = new WindowSlot(startMs, endMs, this.initial, this.keys, expected, objects, () => ++this.dirtyGroups);
    this.slots.set(startMs, slot);
    this.inOrder = null;
    this.updateNextClose();
    return slot;
  }

  private markClean(): void {
    for (const slot of this.slots.values()) slot.clean();
    this.dirtyGroups = 0;
    this.asideGroups = 0;
    this.freed = [];
  }

  private payload(
    keepsDirty: boolean,
    freed: readonly number[],
    parts: readonly { readonly slot: WindowSlot; readonly groups: Int32Array }[],
  ): Buffer {
    const stride = this.initial.length;
    const groups = parts.reduce((sum, part) => sum + part.groups.length, 0);
    const writer = new PayloadWriter(64 + freed.length * 8 + parts.length * 12 + groups * (stride * 8 + KEY_BYTES));
    writer.uint8(STATE_FORMAT);
    writer.uint32(stride);
    writer.uint8(this.closing === null ? 0 : 1);
    if (this.closing !== null) {
      writer.float64(this.closing.startMs);
      writer.uint32(this.closing.groups);
      writer.uint32(this.closing.ordinal);
    }
    this.writeMore(writer);
    writer.uint32(freed.length);
    for (const start of freed) writer.float64(start);
    writer.uint32(parts.length);
    for (const part of parts) {
      writer.float64(part.slot.startMs);
      writeGroups(writer, part.slot, part.groups, this.keys, stride);
    }
    this.freed = [];
    if (!keepsDirty) this.markClean();
    return writer.take();
  }
}

const ALL_TIME: TimeSpan = { startMs: 0, endMs: Number.POSITIVE_INFINITY };

/** Room is made beforehand for so many groups, and only where so few windows are open: one of many may stay nearly empty. */
const GROUPS_EXPECTED_MAX = 1 << 16;
const WINDOWS_EXPECTED_MAX = 4;

/** Room for a key and its length, to begin with. */
const KEY_BYTES = 20;
