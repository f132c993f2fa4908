import type { TimeSpan } from "../model/time-grid.ts";
import { compareWindows, type WindowShape } from "../model/window-shape.ts";
import { PassingState } from "./passing-state.ts";
import type { SlotStateOptions } from "./slot-state.ts";
import type { WindowSlot } from "./window-slot.ts";

/** No windows: all time is one that never closes. */
export const ALL_TIME_SHAPE: WindowShape = {
  overlap: 1,
  paneMs: Number.POSITIVE_INFINITY,
  paneOf: () => ALL_TIME,
  windowAfter: (_pane, after) => (compareWindows(ALL_TIME, after) > 0 ? ALL_TIME : null),
  lastEndOf: () => Number.POSITIVE_INFINITY,
};

const ALL_TIME: TimeSpan = { startMs: 0, endMs: Number.POSITIVE_INFINITY };

/**
 * What one partition of the source has of groups that lie in several: panes, each with the first window that is open. When that closes, the
 * pane is told and freed; what comes for it later is in its later windows alone, and goes into another one of the same bounds.
 */
export class PartialState extends PassingState {
  private readonly shape: WindowShape;

  constructor(options: SlotStateOptions & { readonly shape: WindowShape }) {
    super(options);
    this.shape = options.shape;
  }

  get stride(): number {
    return this.initial.length;
  }

  get closingTimeMs(): number | null {
    const pane = this.panes().at(-1);
    const endMs = pane === undefined ? Number.POSITIVE_INFINITY : this.shape.lastEndOf(pane);
    return endMs === Number.POSITIVE_INFINITY ? null : endMs + this.options.graceMs;
  }

  /** The first window that the rows of a pane are in. */
  sinceOf(slot: WindowSlot): TimeSpan {
    return this.shape.windowAfter(slot, this.last) ?? slot;
  }

  /** Whether a stream time that goes on so far may close a window, of whatever partition its groups are. */
  passesWindow(fromMs: number, toMs: number): boolean {
    const { graceMs } = this.options;
    if (fromMs === Number.NEGATIVE_INFINITY) return toMs > fromMs;
    return this.shape.paneOf(fromMs - graceMs).endMs <= toMs - graceMs;
  }

  *closedBy(streamTimeMs: number): Iterable<WindowSlot> {
    for (const slot of this.panes()) if (this.sinceOf(slot).endMs + this.options.graceMs <= streamTimeMs) yield slot;
    this.passed(streamTimeMs);
  }

  free(slot: WindowSlot): void {
    this.drop([slot]);
  }

  allSlots(): readonly WindowSlot[] {
    return this.panes();
  }

  dirtySlots(): readonly WindowSlot[] {
    return this.panes().filter((slot) => slot.dirtyCount > 0);
  }

  protected override firstCloseMs(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const slot of this.slots.values()) first = Math.min(first, this.sinceOf(slot).endMs);
    return first + this.options.graceMs;
  }
}
