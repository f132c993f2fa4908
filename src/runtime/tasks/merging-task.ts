import { must } from "../../assert.ts";
import { dirtyGroupsMax } from "../../plan/code/aggregate-code.ts";
import { Cell, Flag } from "../../plan/code/task.ts";
import type { MergingState } from "../../state/merging-state.ts";
import type { PartSlot } from "../../state/part-slot.ts";
import { readPartial } from "../../state/partial-record.ts";
import type { PayloadReader } from "../../state/payload.ts";
import { StatementTask } from "./statement-task.ts";
import type { StatementTaskOptions } from "./task-options.ts";

/**
 * The second stage of a statement that is repartitioned: its log is a partition of the internal topic. Of each group it keeps what each
 * partition of the source told last; a repeat after a restart tells nothing newer. Stream time is what all of them have passed.
 */
export class MergingTask extends StatementTask {
  private readonly merging: MergingState;
  /** The record of a group as it was told. */
  private readonly read: Float64Array;

  constructor(options: StatementTaskOptions, merging: MergingState) {
    super({ ...options, state: merging });
    this.merging = merging;
    this.read = new Float64Array(merging.stride);
  }

  protected override run(from: number, to: number): number {
    return this.computed(() => this.takeRows(from, to), from);
  }

  /** How far it is, the first stage decides: it is that which is silent. */
  protected override idleTimeMs(): number {
    return this.streamTimeMs;
  }

  override moveOn(): boolean {
    return true;
  }

  private takeRows(from: number, to: number): number {
    const { slices } = must(this.batch);
    const { bytes, valueStarts, valueEnds } = slices;
    const dirtyMax = dirtyGroupsMax(this.plan.statement);
    for (let row = from; row < to; row++) {
      if (this.marks.flags[row] === Flag.repeat) {
        this.filtered++;
        continue;
      }
      const record = readPartial(bytes.subarray(valueStarts[row] as number, valueEnds[row] as number), this.merging.stride);
      if (record.kind === "group") {
        const slot = this.merging.slotOf(record.place);
        if (slot === null || !this.takeGroup(slot, row, record.rest)) this.filtered++;
        else this.applied++;
        if (this.merging.dirtyGroups >= dirtyMax) return row + 1;
      } else {
        this.merging.passes(record.source, record.streamTimeMs);
        const streamTimeMs = Math.max(this.streamTimeMs, this.merging.streamTimeMs);
        if (streamTimeMs >= this.merging.nextCloseMs && this.closeWindows(streamTimeMs, row)) return row;
        this.streamTimeMs = streamTimeMs;
        this.filtered++;
      }
    }
    return to;
  }

  /** False: it has that, or something newer of that partition. */
  private takeGroup(slot: PartSlot, row: number, rest: PayloadReader): boolean {
    const { bytes, keyStarts, keyEnds, offsets } = must(this.batch).slices;
    const { keys, stride } = this.merging;
    const group = slot.groupOf(keys.intern(bytes, keyStarts[row] as number, keyEnds[row] as number));
    rest.float64s(this.read, 0, stride);
    const told = this.read[Cell.offset] as number;
    if (told <= slot.toldOf(group)) return false;
    slot.tell(group, told);
    // It changes at its place in the log of this stage.
    this.read[Cell.version] = this.versions[row] as number;
    this.read[Cell.offset] = offsets[row] as number;
    slot.cells.set(this.read, group * stride);
    if (slot.objects !== null) {
      slot.objects.load(
        group,
        Array.from({ length: slot.objects.count }, () => rest.bytes(rest.uint32())),
      );
    }
    if (slot.dirtyFlags[group] === 0) slot.markDirty(group);
    return true;
  }
}
