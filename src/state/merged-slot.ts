import type { TimeSpan } from "../model/time-grid.ts";
import type { ClosingSlot } from "./grouped-state.ts";
import { instantText } from "./instant-text.ts";
import { type Part, partBytes } from "./merge-parts.ts";

/** Where what windows have comes from. */
export interface WindowParts {
  /** All groups of a window. */
  whole(window: TimeSpan): Part;
  /** Those that changed since the last barrier: `groups` of what is given with them. */
  dirty(window: TimeSpan): { readonly part: Part; readonly groups: Int32Array };
}

const NOTHING: Part = { keys: new Int32Array(0), cells: new Float64Array(0), objects: null, count: 0, groups: null };

/** What the panes of a window give together, made when it is asked for: all groups, or those that changed since the last barrier. */
export class MergedSlot implements ClosingSlot {
  readonly startMs: number;
  readonly endMs: number;
  cells = NOTHING.cells;
  keys = NOTHING.keys;
  objects = NOTHING.objects;
  private part = NOTHING;
  private isWhole = false;
  private readonly parts: WindowParts;
  private readonly stride: number;
  private texts: { readonly start: DataView; readonly end: DataView } | null = null;

  /** `stride`: length of a record. */
  constructor({ startMs, endMs }: TimeSpan, parts: WindowParts, stride: number) {
    this.startMs = startMs;
    this.endMs = endMs;
    this.parts = parts;
    this.stride = stride;
  }

  get byteLength(): number {
    return partBytes(this.part);
  }

  startOf(): number {
    return this.startMs;
  }

  endOf(): number {
    return this.endMs;
  }

  startTextOf(): DataView {
    return this.boundTexts().start;
  }

  endTextOf(): DataView {
    return this.boundTexts().end;
  }

  groupsFrom(first: number): Int32Array {
    if (!this.isWhole) this.show(this.parts.whole(this));
    this.isWhole = true;
    return Int32Array.from({ length: this.part.count - first }, (_, at) => first + at);
  }

  dirtyByIndex(): Int32Array {
    const { part, groups } = this.parts.dirty(this);
    this.show(part);
    this.isWhole = false;
    return groups;
  }

  cell(group: number, place: number): number {
    return this.part.cells[group * this.stride + place] as number;
  }

  private show(part: Part): void {
    this.part = part;
    this.cells = part.cells;
    this.keys = part.keys;
    this.objects = part.objects;
  }

  private boundTexts(): { readonly start: DataView; readonly end: DataView } {
    this.texts ??= { start: instantText(this.startMs), end: instantText(this.endMs) };
    return this.texts;
  }
}
