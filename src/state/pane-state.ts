import { must } from "../assert.ts";
import type { TimeSpan } from "../model/time-grid.ts";
import { compareWindows, type WindowShape } from "../model/window-shape.ts";
import type { MergeCells } from "../plan/code/merge-code.ts";
import { DirtyPanes } from "./dirty-panes.ts";
import type { ClosingSlot } from "./grouped-state.ts";
import { type MergeOptions, mergeParts, type Part } from "./merge-parts.ts";
import { MergedSlot, type WindowParts } from "./merged-slot.ts";
import { type Pane, PaneRuns } from "./pane-runs.ts";
import { PassingState } from "./passing-state.ts";
import type { SlotStateOptions } from "./slot-state.ts";
import type { WindowSlot } from "./window-slot.ts";

export interface PaneOptions {
  readonly merge: MergeCells;
  readonly distinct: boolean;
}

/**
 * Windows that overlap: what lies in the same ones is kept once, in a pane, and put together when a result is made. So a row costs the same
 * however many windows it is in. A pane goes with its last window.
 */
export class PaneState extends PassingState {
  private readonly shape: WindowShape;
  private readonly paneOptions: PaneOptions;
  /** The window that is closing, while a barrier lies between its results. */
  private current: MergedSlot | null = null;
  private places = new Int32Array(0);
  private readonly mergeOptions: MergeOptions;
  private readonly runs: PaneRuns;

  constructor(options: SlotStateOptions, paneOptions: PaneOptions) {
    super(options);
    this.shape = must(options.shape);
    this.paneOptions = paneOptions;
    this.mergeOptions = { merge: paneOptions.merge, collectors: options.collectors ?? [], stride: this.initial.length };
    this.runs = new PaneRuns(this.shape.paneMs, this.merge, () => this.look());
  }

  override get byteLength(): number {
    return super.byteLength + this.runs.byteLength + (this.current?.byteLength ?? 0) + this.places.byteLength;
  }

  get closingTimeMs(): number | null {
    const pane = this.panes().at(-1);
    return pane === undefined ? null : this.shape.lastEndOf(pane) + this.options.graceMs;
  }

  *closedBy(streamTimeMs: number): Iterable<ClosingSlot> {
    for (let next = this.firstWindow(); next !== null; next = this.firstWindow()) {
      if (next.endMs + this.options.graceMs > streamTimeMs) break;
      if (this.current === null || compareWindows(this.current, next) !== 0) this.current = this.merged(next);
      yield this.current;
    }
    this.passed(streamTimeMs);
  }

  free({ startMs, endMs }: MergedSlot): void {
    this.current = null;
    this.last = { startMs, endMs };
    this.runs.forgetBefore(startMs);
    const panes = this.panes();
    const kept = panes.findIndex((pane) => this.shape.windowAfter(pane, this.last) !== null);
    if (kept === 0) this.updateNextClose();
    else this.drop(kept < 0 ? panes : panes.slice(0, kept));
  }

  allSlots(): Iterable<ClosingSlot> {
    return this.windowsOf(this.panes());
  }

  dirtySlots(): Iterable<ClosingSlot> {
    const dirty = this.dirtyPanes();
    return this.windowsOf(
      this.panes().filter((pane) => pane.dirtyCount > 0),
      () => dirty,
    );
  }

  protected override firstCloseMs(): number {
    const first = this.firstWindow();
    return first === null ? Number.POSITIVE_INFINITY : first.endMs + this.options.graceMs;
  }

  /** The open window that closes first. */
  private firstWindow(): TimeSpan | null {
    for (const pane of this.panes()) {
      const first = this.shape.windowAfter(pane, this.last);
      if (first !== null) return first;
    }
    return null;
  }

  /** The open windows that have one of the panes, in order. */
  private *windowsOf(panes: readonly WindowSlot[], dirty?: () => DirtyPanes): Iterable<MergedSlot> {
    let { last } = this;
    for (const pane of panes) {
      for (let next = this.shape.windowAfter(pane, last); next !== null; next = this.shape.windowAfter(pane, last)) {
        yield this.merged(next, dirty);
        last = next;
      }
    }
  }

  private merged(window: TimeSpan, dirty = () => this.dirtyPanes()): MergedSlot {
    const parts: WindowParts = {
      whole: ({ startMs, endMs }) => {
        const panes = this.panes().filter((pane) => pane.startMs >= startMs && pane.endMs <= endMs);
        return this.merge(this.runs.partsOf(panes, window));
      },
      dirty: () => dirty().of(window),
    };
    return new MergedSlot(window, parts, this.initial.length);
  }

  private dirtyPanes(): DirtyPanes {
    const runs = new PaneRuns(this.shape.paneMs, this.merge, () => 1);
    const partsOf = (panes: readonly Pane[], window: TimeSpan): readonly Part[] => runs.partsOf(panes, window);
    const { distinct } = this.paneOptions;
    return new DirtyPanes(this.panes(), { merge: this.merge, partsOf, distinct, places: this.roomyPlaces() });
  }

  private readonly merge = (parts: readonly Part[]): Part => mergeParts(parts, this.mergeOptions, this.roomyPlaces());

  private roomyPlaces(): Int32Array {
    if (this.places.length < this.keys.capacity) this.places = new Int32Array(this.keys.capacity).fill(-1);
    return this.places;
  }
}
