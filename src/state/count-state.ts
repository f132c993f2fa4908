import { SluiceError } from "../errors.ts";
import type { Collector } from "../functions/collector.ts";
import { greatestDivisor } from "../model/window-shape.ts";
import type { MergeCells } from "../plan/code/merge-code.ts";
import { Cell, type PerGroupState } from "../plan/code/task.ts";
import { STATE_FORMAT } from "../plan/plan-pipeline.ts";
import { type CountResults, MergedCounts, SingleCount } from "./count-results.ts";
import { CountSlot } from "./count-slot.ts";
import { GroupKeys } from "./group-keys.ts";
import type { GroupObjects } from "./group-objects.ts";
import type { ClosingPlace, GroupedState } from "./grouped-state.ts";
import { PayloadReader, PayloadWriter } from "./payload.ts";

export interface CountStateOptions {
  readonly sizeRows: number;
  readonly advanceRows: number;
  readonly groupParts: number;
  /** What the accumulators of a new pane hold. */
  readonly initialCells: readonly number[];
  /** Of the aggregates whose states are objects. */
  readonly collectors: readonly Collector[];
  readonly merge: MergeCells;
}

/**
 * Windows of so many rows of a group: panes of rows, of which each window is some. A window is done when it is full, and time says nothing
 * about it. Bounded by `stateBytesMax`: every group keeps its number of rows for ever.
 */
export class CountState implements GroupedState, PerGroupState {
  readonly keys: GroupKeys;
  readonly slot: CountSlot;
  readonly nextCloseMs = Number.POSITIVE_INFINITY;
  closing: ClosingPlace | null = null;
  /** The group whose pane the last row has filled, which `closedBy` gives before rows go on; -1: none. */
  filled = -1;
  private readonly options: CountStateOptions;
  private readonly results: CountResults;
  private readonly paneRows: number;

  constructor(options: CountStateOptions) {
    const { sizeRows, advanceRows, groupParts, initialCells, collectors } = options;
    this.options = options;
    const initial = new Float64Array(Cell.accumulators + initialCells.length);
    initial.set(initialCells, Cell.accumulators);
    this.keys = new GroupKeys(groupParts);
    this.paneRows = greatestDivisor(sizeRows, advanceRows);
    this.slot = new CountSlot({ paneRows: this.paneRows, initial, keys: this.keys, collectors });
    this.results = sizeRows === advanceRows ? new SingleCount(this.slot) : new MergedCounts(this.slot, options.merge, collectors);
  }

  get groups(): number {
    return this.slot.count;
  }

  get dirtyGroups(): number {
    return this.slot.dirtyCount;
  }

  get byteLength(): number {
    return this.keys.byteLength + this.slot.byteLength;
  }

  get closingTimeMs(): number | null {
    for (let group = 0; group < this.slot.count; group++) if (this.openStarts(group).length > 0) return Number.POSITIVE_INFINITY;
    return null;
  }

  slotAt(): CountSlot {
    return this.slot;
  }

  begin(): void {}

  groupAt(keyId: number, timeMs: number): number {
    const group = this.slot.groupOf(keyId);
    this.filled = this.slot.take(group, timeMs) % this.paneRows === 0 ? group : -1;
    return group;
  }

  /** As `GroupKeys.lookUp`. */
  lookUp(bytes: Uint8Array, tags: Uint8Array, starts: Int32Array, ends: Int32Array, from: number, to: number): Int32Array {
    return this.keys.lookUp(bytes, tags, starts, ends, from, to);
  }

  /** The window that the last row has filled, or at the end of all times those that are not full. */
  *closedBy(streamTimeMs: number): Iterable<CountResults> {
    const { slot, results, filled } = this;
    if (filled >= 0) {
      const { sizeRows, advanceRows } = this.options;
      const rows = slot.rows[filled] as number;
      if (rows >= sizeRows && (rows - sizeRows) % advanceRows === 0) {
        results.show(filled, [rows - sizeRows]);
        yield results;
      }
      slot.shift(filled, this.firstOpen(rows));
      this.filled = -1;
    } else if (streamTimeMs === Number.POSITIVE_INFINITY) {
      for (let group = 0; group < slot.count; group++) {
        const starts = this.openStarts(group);
        if (starts.length === 0) continue;
        results.show(group, starts);
        yield results;
      }
    }
  }

  /** What was not full is over; the next row begins a window. */
  free({ group }: CountResults): void {
    if (this.filled >= 0) return;
    const { slot } = this;
    const { advanceRows } = this.options;
    slot.restart(group, Math.ceil((slot.rows[group] as number) / advanceRows) * advanceRows);
    if (slot.dirtyFlags[group] === 0) slot.markDirty(group);
  }

  *allSlots(): Iterable<CountResults> {
    for (let group = 0; group < this.slot.count; group++) yield this.shown(group);
  }

  *dirtySlots(): Iterable<CountResults> {
    for (const group of this.slot.dirtyByIndex()) yield this.shown(group);
  }

  takeDelta(keepsDirty: boolean): Buffer {
    return this.payload(keepsDirty, this.slot.dirtyByIndex());
  }

  takeSnapshot(keepsDirty: boolean): Buffer {
    this.slot.unsaved.fill(0);
    return this.payload(
      keepsDirty,
      Int32Array.from({ length: this.slot.count }, (_, group) => group),
    );
  }

  apply(payload: Buffer, staysDirty: boolean): void {
    const reader = new PayloadReader(payload);
    const { slot, keys } = this;
    if (reader.uint8() !== STATE_FORMAT) throw new SluiceError("STATE_CORRUPT", "window state of an unknown format");
    if (reader.uint32() !== slot.stride) throw new SluiceError("STATE_MISMATCH", "the kept accumulators have another shape");
    const isClosing = reader.uint8() === 1;
    this.closing = isClosing ? { startMs: 0, groups: reader.uint32(), ordinal: reader.uint32() } : null;
    slot.clean();
    for (let groups = reader.uint32(); groups > 0; groups--) {
      const text = reader.bytes(reader.uint32());
      const group = slot.groupOf(keys.intern(text, 0, text.length));
      const base = reader.float64();
      if (base !== slot.bases[group]) slot.restart(group, base - (slot.bases[group] as number));
      const rows = reader.float64();
      slot.rows[group] = rows;
      reader.float64s(slot.cells, group * slot.stride, slot.stride);
      reader.float64s(slot.bounds, group * 2, 2);
      if (slot.objects !== null) loadObjects(reader, slot.objects, group);
      const first = reader.float64();
      for (let pane = 0, panes = reader.uint32(); pane < panes; pane++) {
        const { record, place } = slot.addPane(group, first + pane);
        reader.float64s(record, 0, record.length);
        if (slot.paneObjects !== null) loadObjects(reader, slot.paneObjects, place);
      }
      slot.trim(group, Math.floor(this.firstOpen(rows) / this.paneRows));
      slot.unsaved[group] = slot.panes[group]?.end ?? 0;
      if (staysDirty && slot.dirtyFlags[group] === 0) slot.markDirty(group);
    }
  }

  private shown(group: number): CountResults {
    this.results.show(group, this.openStarts(group));
    return this.results;
  }

  /** The first row of the first window that is not full, after so many rows. */
  private firstOpen(rows: number): number {
    const { sizeRows, advanceRows } = this.options;
    return Math.max(0, Math.floor((rows - sizeRows) / advanceRows) + 1) * advanceRows;
  }

  /** The first rows of the windows that have rows and are not full. */
  private openStarts(group: number): readonly number[] {
    const starts: number[] = [];
    const rows = this.slot.rows[group] as number;
    for (let start = this.firstOpen(rows); start < rows; start += this.options.advanceRows) starts.push(start);
    return starts;
  }

  /** Of each group its pane that takes rows, and the full ones that no delta has. */
  private payload(keepsDirty: boolean, groups: Int32Array): Buffer {
    const { slot, keys } = this;
    const writer = new PayloadWriter(64 + groups.length * (slot.stride + 8) * 8);
    writer.uint8(STATE_FORMAT);
    writer.uint32(slot.stride);
    writer.uint8(this.closing === null ? 0 : 1);
    if (this.closing !== null) {
      writer.uint32(this.closing.groups);
      writer.uint32(this.closing.ordinal);
    }
    writer.uint32(groups.length);
    for (const group of groups) {
      const text = keys.textOf(slot.keys[group] as number);
      writer.uint32(text.length);
      writer.bytes(text.length, (target, at) => target.set(text, at));
      writer.float64(slot.bases[group] as number);
      writer.float64(slot.rows[group] as number);
      writer.float64s(slot.cells, group * slot.stride, slot.stride);
      writer.float64s(slot.bounds, group * 2, 2);
      if (slot.objects !== null) saveObjects(writer, slot.objects, group);
      this.writePanes(writer, group);
    }
    if (!keepsDirty) slot.clean();
    return writer.take();
  }

  private writePanes(writer: PayloadWriter, group: number): void {
    const { slot } = this;
    const panes = slot.panes[group] ?? null;
    const end = panes?.end ?? 0;
    const first = Math.max(panes?.first ?? 0, slot.unsaved[group] as number);
    writer.float64(first);
    writer.uint32(Math.max(end - first, 0));
    for (let number = first; number < end && panes !== null; number++) {
      const record = panes.recordOf(number);
      writer.float64s(record, 0, record.length);
      if (slot.paneObjects !== null) saveObjects(writer, slot.paneObjects, panes.placeOf(number));
    }
    slot.unsaved[group] = end;
  }
}

function saveObjects(writer: PayloadWriter, objects: GroupObjects, place: number): void {
  for (const saved of objects.save(place)) {
    writer.uint32(saved.length);
    writer.bytes(saved.length, (target, at) => target.set(saved, at));
  }
}

function loadObjects(reader: PayloadReader, objects: GroupObjects, place: number): void {
  objects.load(
    place,
    Array.from({ length: objects.count }, () => reader.bytes(reader.uint32())),
  );
}
