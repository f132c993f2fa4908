import { LIMITS } from "../../limits.ts";
import { windowKeyOf } from "../../model/window.ts";
import type { CompiledLoop } from "../../plan/code/compile-loop.ts";
import { Cell, type EmissionTask } from "../../plan/code/task.ts";
import type { StatementPlan } from "../../plan/pipeline-plan.ts";
import type { ClosingSlot, GroupedState } from "../../state/grouped-state.ts";

export interface GroupEmissionOptions {
  readonly plan: StatementPlan;
  readonly emit: NonNullable<CompiledLoop["emit"]>;
  readonly task: EmissionTask;
  readonly state: GroupedState;
  /** See `BlobHeader.finals`. */
  readonly finals: readonly [causeOffset: number, made: number] | null;
  /** Barriers send nothing: what closes is written whole, whatever they have told of. */
  readonly emitAtEnd: boolean;
  /** A result could not be made; true: that stops the statement. */
  readonly onRefused: (result: RefusedResult) => boolean;
}

/** A result that could not be made, and what is known of it. */
export interface RefusedResult {
  /** The grouping values as JSON, and what tells the window where there is one: the same in every run. */
  readonly group: string;
  readonly why: string;
  readonly causeOffset: number;
  readonly version: number;
  readonly timestampMs: number;
}

/** Makes changes of groups: of windows that close, and of what was touched since the last barrier. */
export class GroupEmission {
  /** Places of final results rise, also where notes and then a record close or fill windows at one offset. */
  finals: readonly [causeOffset: number, made: number] | null;
  private readonly options: GroupEmissionOptions;
  /** Of `changed`, where a full barrier has cut it: results made so far. */
  private made = 0;

  constructor(options: GroupEmissionOptions) {
    this.options = options;
    this.finals = options.finals;
  }

  /**
   * Makes the results of the windows that a stream time closes, and frees them. `cut`: a barrier is full before all are made;
   * called again after it with the same stream time and cause, it goes on where it was, also after a restart.
   */
  closed(streamTimeMs: number, causeOffset: number): "all" | "cut" | "failed" {
    const { state, plan, emitAtEnd } = this.options;
    const { emit, emitEveryMs } = plan.statement;
    const isFinal = emit === "final";
    const isWhole = isFinal || emitAtEnd;
    // What a barrier is full of is still there after it, or still dirty.
    const cutsWindows = isWhole || emitEveryMs !== null;
    const madeBefore = this.madeAt(causeOffset);
    let ordinal = state.closing?.ordinal ?? madeBefore;
    for (const slot of state.closedBy(streamTimeMs)) {
      const first = state.closing?.groups ?? 0;
      const groups = isWhole ? slot.groupsFrom(first) : slot.dirtyByIndex().filter((group) => group >= first);
      for (const group of groups) {
        if (this.isFull && (cutsWindows || group === groups[0])) {
          // What is not begun is begun anew: its groups may have other numbers after a restart.
          state.closing = { startMs: slot.startMs, groups: group === groups[0] ? first : group, ordinal };
          return "cut";
        }
        const cause = isFinal ? causeOffset : slot.cell(group, Cell.offset);
        if (this.group(slot, group, isWhole, cause, isFinal ? ordinal++ : 0)) return "failed";
      }
      state.closing = null;
      state.free(slot);
    }
    state.closing = null;
    if (ordinal > madeBefore) this.finals = [causeOffset, ordinal];
    return "all";
  }

  /** The results of windows that one record has filled: they are not cut. True: one could not be made, and the statement stops. */
  filled(causeOffset: number): boolean {
    const { state, plan } = this.options;
    const isFinal = plan.statement.emit === "final";
    const madeBefore = this.madeAt(causeOffset);
    let ordinal = madeBefore;
    for (const slot of state.closedBy(Number.NEGATIVE_INFINITY)) {
      for (const group of slot.groupsFrom(0)) {
        if (this.group(slot, group, isFinal, causeOffset, isFinal ? ordinal++ : 0)) return true;
      }
      state.free(slot);
    }
    if (ordinal > madeBefore) this.finals = [causeOffset, ordinal];
    return false;
  }

  /** Final results that have this cause, so far. */
  private madeAt(causeOffset: number): number {
    return this.finals?.[0] === causeOffset ? this.finals[1] : 0;
  }

  /** As much as a barrier holds has been made. */
  private get isFull(): boolean {
    const { out } = this.options.task;
    return out.count >= LIMITS.barrierChangesMax || out.byteLength >= LIMITS.barrierBytesMax;
  }

  /** Makes the deletes that no blob would tell of. True: one could not be made, and the statement stops. */
  gone(): boolean {
    const { state } = this.options;
    for (const slot of state.gone?.() ?? []) {
      for (const group of slot.dirtyByIndex()) if (this.group(slot, group, false, slot.cell(group, Cell.offset), 0)) return true;
      state.free(slot);
    }
    return false;
  }

  /** `changed` was cut; nothing may be taken or closed until it has come to its end. */
  get isCut(): boolean {
    return this.made > 0;
  }

  /** Makes the results of the groups that are dirty, or of all. `cut`: a barrier is full before all are made; called again, it goes on. */
  changed(all: boolean): "all" | "cut" | "failed" {
    const { state } = this.options;
    let at = 0;
    for (const slot of all ? state.allSlots() : state.dirtySlots()) {
      const groups = all ? slot.groupsFrom(0) : slot.dirtyByIndex();
      for (const group of groups) {
        if (at++ < this.made) continue;
        if (this.isFull) return "cut";
        if (this.group(slot, group, all, slot.cell(group, Cell.offset), 0)) return "failed";
        this.made++;
      }
    }
    this.made = 0;
    return "all";
  }

  private group(slot: ClosingSlot, group: number, final: boolean, causeOffset: number, ordinal: number): boolean {
    const { emit, task } = this.options;
    const why = emit(slot, group, task, final, causeOffset, ordinal);
    return why !== null && this.options.onRefused(this.refused(slot, group, why, causeOffset));
  }

  private refused(slot: ClosingSlot, group: number, why: string, causeOffset: number): RefusedResult {
    const { plan, state } = this.options;
    const { window } = plan.statement;
    const bounds = windowKeyOf(window).map((part) =>
      part === "row" ? slot.rowOf?.(group) : new Date(part === "start" ? slot.startOf(group) : slot.endOf(group)).toJSON(),
    );
    const values = state.keys.textOf(slot.keys[group] as number).toString();
    return {
      group: [values, ...bounds].join(" "),
      why,
      causeOffset,
      version: slot.cell(group, Cell.version),
      timestampMs: window !== null ? slot.endOf(group) - 1 : slot.cell(group, Cell.time),
    };
  }
}
