import type { TimeSpan } from "../model/time-grid.ts";
import { BEFORE_ALL, compareWindows } from "../model/window-shape.ts";
import type { PayloadReader, PayloadWriter } from "./payload.ts";
import { SlotState } from "./slot-state.ts";

/** Slots that windows pass, and that outlive a window: which one was the last is part of the state. */
export abstract class PassingState extends SlotState {
  /** The last window that is closed, or would be if it had rows: it and all before it are. */
  protected last: TimeSpan = BEFORE_ALL;

  protected override passed(streamTimeMs: number): void {
    const passed = { endMs: streamTimeMs - this.options.graceMs, startMs: Number.POSITIVE_INFINITY };
    if (compareWindows(passed, this.last) > 0) this.last = passed;
  }

  protected override writeMore(writer: PayloadWriter): void {
    writer.float64(this.last.startMs);
    writer.float64(this.last.endMs);
  }

  protected override readMore(reader: PayloadReader): void {
    this.last = { startMs: reader.float64(), endMs: reader.float64() };
  }
}
