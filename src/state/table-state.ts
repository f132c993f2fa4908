import { must } from "../assert.ts";
import { LIMITS } from "../limits.ts";
import type { GroupKeys } from "./group-keys.ts";
import type { ClosingPlace, GroupedState } from "./grouped-state.ts";
import { PayloadReader, PayloadWriter } from "./payload.ts";
import { TableRows } from "./table-rows.ts";
import type { WindowSlot } from "./window-slot.ts";
import type { WindowState } from "./window-state.ts";

/** How many groups fill a barrier as much as these rows, which are a part of its delta alone, and no changes. */
const asGroups = (rows: number): number => Math.floor((rows * LIMITS.barrierChangesMax) / LIMITS.deltaGroupsMax);

/** So few are not worth the moving. */
const EMPTY_GROUPS_MIN = 1024;

/** The state of a statement that aggregates over a table, without windows: its groups, and what each row has brought to one of them. */
export class TableState implements GroupedState {
  readonly rows: TableRows;
  closing: ClosingPlace | null = null;
  readonly closingTimeMs = null;
  readonly nextCloseMs = Number.POSITIVE_INFINITY;
  private readonly state: WindowState;

  private readonly rowsCell: number;

  /** `aggregates`: how many there are. `rowsCell`: where a group's record has the number of its rows. */
  constructor(state: WindowState, aggregates: number, rowsCell: number) {
    this.state = state;
    this.rows = new TableRows(aggregates);
    this.rowsCell = rowsCell;
  }

  get keys(): GroupKeys {
    return this.state.keys;
  }

  get byteLength(): number {
    return this.state.byteLength + this.rows.byteLength;
  }

  get groups(): number {
    return Math.max(this.state.groups, asGroups(this.rows.count));
  }

  /** A delta has both, and either fills a barrier. */
  get dirtyGroups(): number {
    return Math.max(this.state.dirtyGroups, asGroups(this.rows.dirtyCount));
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

  takeDelta(keepsDirty: boolean): Buffer {
    return this.payload(false, this.state.takeDelta(keepsDirty));
  }

  takeSnapshot(keepsDirty: boolean): Buffer {
    if (!keepsDirty) this.dropEmpty();
    return this.payload(true, this.state.takeSnapshot(keepsDirty));
  }

  apply(payload: Buffer, staysDirty: boolean): void {
    const reader = new PayloadReader(payload);
    this.state.apply(reader.bytes(reader.uint32()), staysDirty);
    const { slot, keys } = this;
    this.rows.read(reader, (text) => slot.groupOf(keys.intern(text, 0, text.length)));
  }

  /** Groups that have lost their rows go where they are many, as the others move to a new slot: once their deletes are on their way. */
  private dropEmpty(): void {
    const { slot: old, state, rows } = this;
    const kept = old.groupsFrom(0).filter((group) => old.cell(group, this.rowsCell) > 0);
    if ((old.count - kept.length) * 2 <= Math.max(old.count, EMPTY_GROUPS_MIN)) return;
    state.free(old);
    const { slot } = this;
    const places = new Int32Array(old.count);
    const stride = old.cells.length / old.keys.length;
    for (const group of kept) {
      const moved = slot.groupOf(old.keys[group] as number);
      places[group] = moved;
      slot.cells.set(old.cells.subarray(group * stride, (group + 1) * stride), moved * stride);
      if (old.objects !== null) slot.objects?.load(moved, old.objects.save(group));
    }
    rows.moveGroups(places);
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
