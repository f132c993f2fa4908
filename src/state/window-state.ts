import { SlotState } from "./slot-state.ts";
import type { WindowSlot } from "./window-slot.ts";

/** Windows side by side, each with its slot; or no windows. */
export class WindowState extends SlotState {
  get closingTimeMs(): number | null {
    const last = this.panes().at(-1);
    return last === undefined || this.options.shape === null ? null : last.endMs + this.options.graceMs;
  }

  closedBy(streamTimeMs: number): readonly WindowSlot[] {
    if (this.options.shape === null) return [];
    return this.panes().filter((slot) => slot.endMs + this.options.graceMs <= streamTimeMs);
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
    for (const slot of this.slots.values()) first = Math.min(first, slot.endMs);
    return first + this.options.graceMs;
  }
}
