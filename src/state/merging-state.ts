import { SluiceError } from "../errors.ts";
import type { Collector } from "../functions/collector.ts";
import { LIMITS } from "../limits.ts";
import type { TimeSpan } from "../model/time-grid.ts";
import { BEFORE_ALL, compareWindows, type WindowShape } from "../model/window-shape.ts";
import type { MergeCells } from "../plan/code/merge-code.ts";
import { Cell } from "../plan/code/task.ts";
import { STATE_FORMAT } from "../plan/plan-pipeline.ts";
import { DirtyPanes } from "./dirty-panes.ts";
import { GroupKeys } from "./group-keys.ts";
import { GroupObjects } from "./group-objects.ts";
import type { ClosingPlace, ClosingSlot, GroupedState } from "./grouped-state.ts";
import { type Part as MergedPart, mergeParts } from "./merge-parts.ts";
import { MergedSlot, type WindowParts } from "./merged-slot.ts";
import { PartSlot } from "./part-slot.ts";
import type { PartialPlace } from "./partial-record.ts";
import { PayloadReader, PayloadWriter } from "./payload.ts";
import { readGroups, writeGroups } from "./slot-payload.ts";

export interface MergingOptions {
  readonly shape: WindowShape;
  readonly graceMs: number;
  readonly groupParts: number;
  readonly initialCells: readonly number[];
  readonly collectors: readonly Collector[];
  readonly merge: MergeCells;
  readonly distinct: boolean;
  /** Of the source. */
  readonly partitions: number;
}

interface Part extends PartialPlace {
  readonly slot: PartSlot;
}

/**
 * The groups that come here from all partitions of the source: of each the last that it has told, put together when a result is made. A
 * window closes when all partitions have passed it.
 */
export class MergingState implements GroupedState {
  readonly keys: GroupKeys;
  nextCloseMs = Number.POSITIVE_INFINITY;
  dirtyGroups = 0;
  closing: ClosingPlace | null = null;
  private readonly options: MergingOptions;
  private readonly initial: Float64Array;
  /** How far each partition of the source has come. */
  private readonly streamTimes: Float64Array;
  private readonly parts = new Map<string, Part>();
  private inOrder: readonly Part[] | null = null;
  /** Places of the parts freed since the last barrier. */
  private freed: PartialPlace[] = [];
  private last: TimeSpan = BEFORE_ALL;
  private current: MergedSlot | null = null;
  private places = new Int32Array(0);
  private recent: Part | null = null;

  constructor(options: MergingOptions) {
    this.options = options;
    this.initial = new Float64Array(Cell.accumulators + options.initialCells.length);
    this.initial.set(options.initialCells, Cell.accumulators);
    this.keys = new GroupKeys(options.groupParts);
    this.streamTimes = new Float64Array(options.partitions).fill(Number.NEGATIVE_INFINITY);
  }

  get stride(): number {
    return this.initial.length;
  }

  /** What all partitions of the source have passed. */
  get streamTimeMs(): number {
    return this.streamTimes.reduce((least, timeMs) => Math.min(least, timeMs), Number.POSITIVE_INFINITY);
  }

  get groups(): number {
    let groups = 0;
    for (const { slot } of this.parts.values()) groups += slot.count;
    return groups;
  }

  get byteLength(): number {
    let bytes = this.keys.byteLength + (this.current?.byteLength ?? 0) + this.places.byteLength;
    for (const { slot } of this.parts.values()) bytes += slot.byteLength;
    return bytes;
  }

  get closingTimeMs(): number | null {
    let last = Number.NEGATIVE_INFINITY;
    for (const { slot } of this.parts.values()) last = Math.max(last, this.options.shape.lastEndOf(slot));
    return Number.isFinite(last) ? last + this.options.graceMs : null;
  }

  /** A partition of the source tells how far it has come; a repeat tells less. */
  passes(source: number, streamTimeMs: number): void {
    if (streamTimeMs > (this.streamTimes[source] as number)) this.streamTimes[source] = streamTimeMs;
  }

  /** Where the groups of a place are, made where there is none; null: its windows are closed. */
  slotOf(place: PartialPlace): PartSlot | null {
    const { recent } = this;
    if (recent !== null && isSame(recent, place)) return recent.slot;
    const part = this.parts.get(nameOf(place)) ?? (this.isOver(place) ? null : this.open(place));
    this.recent = part;
    return part?.slot ?? null;
  }

  slotAt(): null {
    throw new Error("assertion failed: rows are put in by partitions of the source");
  }

  *closedBy(streamTimeMs: number): Iterable<ClosingSlot> {
    for (let next = this.firstWindow(); next !== null; next = this.firstWindow()) {
      if (next.endMs + this.options.graceMs > streamTimeMs) break;
      if (this.current === null || compareWindows(this.current, next) !== 0) this.current = this.merged(next);
      yield this.current;
    }
    const passed = { endMs: streamTimeMs - this.options.graceMs, startMs: Number.POSITIVE_INFINITY };
    if (compareWindows(passed, this.last) > 0) this.last = passed;
    this.drop();
  }

  free({ startMs, endMs }: ClosingSlot & { readonly endMs: number }): void {
    this.current = null;
    this.last = { startMs, endMs };
    this.drop();
  }

  allSlots(): Iterable<ClosingSlot> {
    return this.windowsOf(this.ordered());
  }

  dirtySlots(): Iterable<ClosingSlot> {
    return this.windowsOf(this.ordered().filter(({ slot }) => slot.dirtyCount > 0));
  }

  takeDelta(keepsDirty: boolean): Buffer {
    const parts = this.ordered().filter(({ slot }) => slot.dirtyCount > 0);
    return this.payload(
      keepsDirty,
      this.freed,
      parts.map((part) => ({ part, groups: part.slot.dirtyByIndex() })),
    );
  }

  takeSnapshot(keepsDirty: boolean): Buffer {
    return this.payload(
      keepsDirty,
      [],
      this.ordered().map((part) => ({ part, groups: part.slot.groupsFrom(0) })),
    );
  }

  apply(payload: Buffer, staysDirty: boolean): void {
    const reader = new PayloadReader(payload);
    if (reader.uint8() !== STATE_FORMAT) throw new SluiceError("STATE_CORRUPT", "partial results of an unknown format");
    if (reader.uint32() !== this.stride || reader.uint32() !== this.streamTimes.length) {
      throw new SluiceError("STATE_MISMATCH", "the kept partial results have another shape");
    }
    const isClosing = reader.uint8() === 1;
    this.closing = isClosing ? { startMs: reader.float64(), groups: reader.uint32(), ordinal: reader.uint32() } : null;
    this.last = readSpan(reader);
    reader.float64s(this.streamTimes, 0, this.streamTimes.length);
    for (let freed = reader.uint32(); freed > 0; freed--) {
      const part = this.parts.get(nameOf(readPlace(reader)));
      if (part !== undefined) this.dropParts([part]);
    }
    this.markClean();
    for (let parts = reader.uint32(); parts > 0; parts--) {
      const place = readPlace(reader);
      const { slot } = this.parts.get(nameOf(place)) ?? this.open(place);
      for (const group of readGroups(reader, slot, this.keys, this.stride)) {
        slot.tell(group, reader.float64());
        if (staysDirty && slot.dirtyFlags[group] === 0) slot.markDirty(group);
      }
    }
    this.freed = [];
    this.updateNextClose();
  }

  private payload(
    keepsDirty: boolean,
    freed: readonly PartialPlace[],
    parts: readonly { readonly part: Part; readonly groups: Int32Array }[],
  ): Buffer {
    const { closing, streamTimes, stride } = this;
    const groups = parts.reduce((sum, part) => sum + part.groups.length, 0);
    const writer = new PayloadWriter(64 + (freed.length + parts.length) * 32 + streamTimes.length * 8 + groups * (stride + 1) * 8);
    writer.uint8(STATE_FORMAT);
    writer.uint32(stride);
    writer.uint32(streamTimes.length);
    writer.uint8(closing === null ? 0 : 1);
    if (closing !== null) {
      writer.float64(closing.startMs);
      writer.uint32(closing.groups);
      writer.uint32(closing.ordinal);
    }
    writeSpan(writer, this.last);
    writer.float64s(streamTimes, 0, streamTimes.length);
    writer.uint32(freed.length);
    for (const place of freed) writePlace(writer, place);
    writer.uint32(parts.length);
    for (const { part, groups: written } of parts) {
      writePlace(writer, part);
      writeGroups(writer, part.slot, written, this.keys, stride);
      for (const group of written) writer.float64(part.slot.toldOf(group));
    }
    this.freed = [];
    if (!keepsDirty) this.markClean();
    return writer.take();
  }

  private markClean(): void {
    for (const { slot } of this.parts.values()) slot.clean();
    this.dirtyGroups = 0;
  }

  private isOver({ startMs, since }: PartialPlace): boolean {
    const { shape } = this.options;
    return shape.windowAfter(shape.paneOf(startMs), this.last) === null && compareWindows(since, this.last) <= 0;
  }

  private open(place: PartialPlace): Part {
    if (this.parts.size >= LIMITS.windowsOpenMax) {
      throw new SluiceError("LIMIT_EXCEEDED", `more than ${LIMITS.windowsOpenMax} panes are open (windowsOpenMax)`);
    }
    const { shape, collectors } = this.options;
    const { startMs, endMs } = shape.paneOf(place.startMs);
    const objects = collectors.length === 0 ? null : new GroupObjects(collectors);
    const slot = new PartSlot(startMs, endMs, this.initial, this.keys, 0, objects, () => ++this.dirtyGroups);
    const part = { ...place, slot };
    this.parts.set(nameOf(place), part);
    this.inOrder = null;
    this.updateNextClose();
    return part;
  }

  /** Forgets the parts whose windows are all closed. */
  private drop(): void {
    const over = this.ordered().filter(({ slot }) => this.options.shape.windowAfter(slot, this.last) === null);
    this.dropParts(over);
    this.updateNextClose();
  }

  private dropParts(parts: readonly Part[]): void {
    if (parts.length === 0) return;
    for (const part of parts) {
      const { source, startMs, since, slot } = part;
      this.dirtyGroups -= slot.dirtyCount;
      this.parts.delete(nameOf(part));
      this.freed.push({ source, startMs, since });
      for (const keyId of slot.keys.subarray(0, slot.count)) this.keys.release(keyId);
    }
    this.recent = null;
    this.inOrder = null;
    this.keys.sweep();
  }

  private updateNextClose(): void {
    const first = this.firstWindow();
    this.nextCloseMs = first === null ? Number.POSITIVE_INFINITY : first.endMs + this.options.graceMs;
  }

  /** By time, then partition: so parts are put together the same way, however they came. */
  private ordered(): readonly Part[] {
    this.inOrder ??= [...this.parts.values()].sort(
      (left, right) => left.startMs - right.startMs || left.source - right.source || compareWindows(left.since, right.since),
    );
    return this.inOrder;
  }

  /** The open window that closes first and has rows. */
  private firstWindow(): TimeSpan | null {
    let first: TimeSpan | null = null;
    for (const part of this.parts.values()) {
      const window = this.windowAfter(part, this.last);
      if (window !== null && (first === null || compareWindows(window, first) < 0)) first = window;
    }
    return first;
  }

  /** The first window that the rows of a part are in, of those that come after another one. */
  private windowAfter({ slot, since }: Part, after: TimeSpan): TimeSpan | null {
    if (compareWindows(since, after) > 0) return since;
    return this.options.shape.windowAfter(slot, after);
  }

  /** The open windows that have rows of one of the parts, in order. */
  private *windowsOf(parts: readonly Part[]): Iterable<MergedSlot> {
    let { last } = this;
    for (;;) {
      let next: TimeSpan | null = null;
      for (const part of parts) {
        const window = this.windowAfter(part, last);
        if (window !== null && (next === null || compareWindows(window, next) < 0)) next = window;
      }
      if (next === null) return;
      yield this.merged(next);
      last = next;
    }
  }

  private merged(window: TimeSpan): MergedSlot {
    if (this.places.length < this.keys.capacity) this.places = new Int32Array(this.keys.capacity).fill(-1);
    const { places } = this;
    const { collectors, distinct } = this.options;
    const slots = this.ordered()
      .filter(({ slot, since }) => slot.startMs >= window.startMs && slot.endMs <= window.endMs && compareWindows(window, since) >= 0)
      .map(({ slot }) => slot);
    const merge = (parts: readonly MergedPart[]): MergedPart =>
      mergeParts(parts, { merge: this.options.merge, collectors, stride: this.stride }, places);
    const partsOf = (panes: readonly MergedPart[]): readonly MergedPart[] => panes;
    const parts: WindowParts = {
      whole: () => merge(slots),
      dirty: () => new DirtyPanes(slots, { merge, partsOf, distinct, places }).of(window),
    };
    return new MergedSlot(window, parts, this.stride);
  }
}

function nameOf({ source, startMs, since }: PartialPlace): string {
  return `${source} ${startMs} ${since.endMs} ${since.startMs}`;
}

function isSame(left: PartialPlace, right: PartialPlace): boolean {
  return left.source === right.source && left.startMs === right.startMs && compareWindows(left.since, right.since) === 0;
}

function writePlace(writer: PayloadWriter, { source, startMs, since }: PartialPlace): void {
  writer.uint32(source);
  writer.float64(startMs);
  writeSpan(writer, since);
}

function readPlace(reader: PayloadReader): PartialPlace {
  return { source: reader.uint32(), startMs: reader.float64(), since: readSpan(reader) };
}

function writeSpan(writer: PayloadWriter, { startMs, endMs }: TimeSpan): void {
  writer.float64(startMs);
  writer.float64(endMs);
}

function readSpan(reader: PayloadReader): TimeSpan {
  return { startMs: reader.float64(), endMs: reader.float64() };
}
