import { must } from "../assert.ts";
import type { GroupKeys } from "./group-keys.ts";
import type { ClosingPlace, GroupedState } from "./grouped-state.ts";
import { PayloadReader, PayloadWriter } from "./payload.ts";
import { TableRows } from "./table-rows.ts";
import type { WindowSlot } from "./window-slot.ts";
import type { WindowState } from "./window-state.ts";

/** The state of a statement that aggregates over a table, without windows: its groups, and what each row has brought to one of them. */
export class TableState implements GroupedState {
  readonly rows: TableRows;
  closing: ClosingPlace | null = null;
  readonly closingTimeMs = null;
  readonly nextCloseMs = Number.POSITIVE_INFINITY;
  private readonly state: WindowState;

  constructor(state: WindowState, aggregates: number) {
    this.state = state;
    this.rows = new TableRows(aggregates);
  }

  get keys(): GroupKeys {
    return this.state.keys;
  }

  get byteLength(): number {
    return this.state.byteLength + this.rows.byteLength;
  }

  get groups(): number {
    return Math.max(this.state.groups, this.rows.count);
  }

  /** A delta has both, and either fills a barrier. */
  get dirtyGroups(): number {
    return Math.max(this.state.dirtyGroups, this.rows.dirtyCount);
  }

  /** The only slot that there is. */
  get slot(): WindowSlot {
    return must(this.slotAt(0, Number.NEGATIVE_INFINITY));
  }

  slotAt(timeMs: number, streamTimeMs: number): WindowSlot | null {
    return this.state.slotAt(timeMs, streamTimeMs);
  }

  closedBy(): readonly WindowSlot[] {
    return [];
  }

  free(): void {}

  allSlots(): readonly WindowSlot[] {
    return this.state.allSlots();
  }

  dirtySlots(): readonly WindowSlot[] {
    return this.state.dirtySlots();
  }

  takeDelta(): Buffer {
    return this.payload(false, this.state.takeDelta());
  }

  takeSnapshot(): Buffer {
    return this.payload(true, this.state.takeSnapshot());
  }

  apply(payload: Buffer): void {
    const reader = new PayloadReader(payload);
    this.state.apply(reader.bytes(reader.uint32()));
    const { slot, keys } = this;
    this.rows.read(reader, (text) => slot.groupOf(keys.intern(text, 0, text.length)));
  }

  private payload(all: boolean, groups: Buffer): Buffer {
    const writer = new PayloadWriter(groups.length + 1024);
    writer.uint32(groups.length);
    writer.bytes(groups.length, (target, at) => target.set(groups, at));
    const { slot, keys } = this;
    this.rows.write(writer, all, (group) => keys.textOf(slot.keys[group] as number));
    return writer.take();
  }
}
