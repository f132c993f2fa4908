import { must } from "../assert.ts";
import { SluiceError } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import { GroupKeys } from "./group-keys.ts";
import { PayloadReader, PayloadWriter } from "./payload.ts";
import { WindowSlot } from "./window-slot.ts";

export interface WindowStateOptions {
  /** null: no windows, one slot for ever. */
  readonly sizeMs: number | null;
  readonly graceMs: number;
  readonly groupParts: number;
  /** What the cells of a new group hold. */
  readonly initialCells: readonly number[];
}

const PAYLOAD_FORMAT = 1;

/**
 * The state of an aggregating statement on one partition: open windows by start. Bounded by `windowsOpenMax` and
 * `stateBytesMax`. Its deltas and snapshots hold key texts and cells, no ids.
 */
export class WindowState {
  readonly keys: GroupKeys;
  /** Stream time at which the next window closes. */
  nextCloseMs = Number.POSITIVE_INFINITY;
  /** Groups touched since the last barrier. */
  dirtyGroups = 0;
  private readonly options: WindowStateOptions;
  private readonly initial: Float64Array;
  private readonly slots = new Map<number, WindowSlot>();
  /** Starts of the windows freed since the last barrier. */
  private closed: number[] = [];

  constructor(options: WindowStateOptions) {
    this.options = options;
    this.initial = Float64Array.from(options.initialCells);
    this.keys = new GroupKeys(options.groupParts);
  }

  get openWindows(): number {
    return this.slots.size;
  }

  get byteLength(): number {
    let bytes = this.keys.byteLength;
    for (const slot of this.slots.values()) bytes += slot.byteLength;
    return bytes;
  }

  slot(startMs: number): WindowSlot {
    return this.slots.get(startMs) ?? this.open(startMs);
  }

  /** Windows that a stream time closes, earliest first. */
  closedBy(streamTimeMs: number): readonly WindowSlot[] {
    const { sizeMs, graceMs } = this.options;
    if (sizeMs === null) return [];
    return this.allSlots().filter((slot) => slot.endMs + graceMs <= streamTimeMs);
  }

  /** The stream time that closes every open window; null where none is open. */
  get closingTimeMs(): number | null {
    if (this.options.sizeMs === null || this.slots.size === 0) return null;
    return Math.max(...[...this.slots.values()].map((slot) => slot.endMs)) + this.options.graceMs;
  }

  /** Frees a window; its keys go with it where no other window uses them. */
  free(slot: WindowSlot): void {
    this.dirtyGroups -= slot.dirtyCount;
    this.slots.delete(slot.startMs);
    this.closed.push(slot.startMs);
    for (let group = 0; group < slot.count; group++) this.keys.release(slot.keys[group] as number);
    this.keys.sweep();
    this.updateNextClose();
  }

  /** Open windows, earliest first. */
  allSlots(): readonly WindowSlot[] {
    return [...this.slots.values()].sort((a, b) => a.startMs - b.startMs);
  }

  /** Those with groups touched since the last barrier, earliest first. */
  dirtySlots(): readonly WindowSlot[] {
    return this.allSlots().filter((slot) => slot.dirtyCount > 0);
  }

  /** What changed since the last barrier; that is clean afterwards. */
  takeDelta(): Buffer {
    const writer = this.beginPayload(this.closed);
    const slots = this.dirtySlots();
    writer.uint32(slots.length);
    for (const slot of slots) this.writeSlot(writer, slot, slot.dirtyByIndex());
    this.markClean();
    return writer.take();
  }

  /** Everything; no delta is outstanding afterwards. */
  takeSnapshot(): Buffer {
    const writer = this.beginPayload([]);
    const slots = this.allSlots();
    writer.uint32(slots.length);
    for (const slot of slots)
      this.writeSlot(
        writer,
        slot,
        Int32Array.from({ length: slot.count }, (_, index) => index),
      );
    this.markClean();
    return writer.take();
  }

  /** Applies a snapshot to an empty state, or a delta to the state before it. */
  apply(payload: Buffer): void {
    const reader = new PayloadReader(payload);
    if (reader.uint8() !== PAYLOAD_FORMAT) throw new SluiceError("STATE_CORRUPT", "window state of an unknown format");
    if (reader.uint32() !== this.initial.length) throw new SluiceError("STATE_MISMATCH", "the kept accumulators have another shape");
    for (let closed = reader.uint32(); closed > 0; closed--) {
      const slot = this.slots.get(reader.float64());
      if (slot !== undefined) this.free(slot);
    }
    for (let slots = reader.uint32(); slots > 0; slots--) this.readSlot(reader);
    this.markClean();
  }

  private open(startMs: number): WindowSlot {
    if (this.slots.size >= LIMITS.windowsOpenMax) {
      throw new SluiceError("LIMIT_EXCEEDED", `more than ${LIMITS.windowsOpenMax} windows are open (windowsOpenMax)`);
    }
    const { sizeMs } = this.options;
    const endMs = sizeMs === null ? Number.POSITIVE_INFINITY : startMs + sizeMs;
    const slot = new WindowSlot(startMs, endMs, this.initial, this.keys, () => {
      this.dirtyGroups++;
    });
    this.slots.set(startMs, slot);
    this.updateNextClose();
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

  private beginPayload(closed: readonly number[]): PayloadWriter {
    const writer = new PayloadWriter();
    writer.uint8(PAYLOAD_FORMAT);
    writer.uint32(this.initial.length);
    writer.uint32(closed.length);
    for (const start of closed) writer.float64(start);
    return writer;
  }

  private writeSlot(writer: PayloadWriter, slot: WindowSlot, groups: Int32Array): void {
    const width = this.initial.length;
    writer.float64(slot.startMs);
    writer.uint32(groups.length);
    for (const group of groups) {
      writer.block(this.keys.textOf(slot.keys[group] as number));
      writer.float64(must(slot.versions[group]));
      writer.float64(must(slot.offsets[group]));
      writer.float64(must(slot.times[group]));
      for (let cell = 0; cell < width; cell++) writer.float64(must(slot.cells[group * width + cell]));
    }
  }

  private readSlot(reader: PayloadReader): void {
    const width = this.initial.length;
    const slot = this.slot(reader.float64());
    for (let groups = reader.uint32(); groups > 0; groups--) {
      const text = reader.block();
      const group = slot.groupOf(this.keys.intern(text, 0, text.length));
      slot.versions[group] = reader.float64();
      slot.offsets[group] = reader.float64();
      slot.times[group] = reader.float64();
      for (let cell = 0; cell < width; cell++) slot.cells[group * width + cell] = reader.float64();
    }
  }
}
