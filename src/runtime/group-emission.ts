import type { CompiledStatement } from "../plan/code/compile-statement.ts";
import type { EmissionTask } from "../plan/code/task.ts";
import type { StatementPlan } from "../plan/pipeline-plan.ts";
import type { WindowSlot } from "../state/window-slot.ts";
import type { WindowState } from "../state/window-state.ts";

export interface GroupEmissionOptions {
  readonly plan: StatementPlan;
  readonly emit: NonNullable<CompiledStatement["emit"]>;
  readonly task: EmissionTask;
  readonly state: WindowState;
  /** A result could not be made; true: that stops the statement. */
  readonly onRefused: (result: RefusedResult) => boolean;
}

/** A result that could not be made, and what is known of it. */
export interface RefusedResult {
  /** The grouping values as JSON, and the start of the window where there is one: the same in every run. */
  readonly group: string;
  readonly why: string;
  readonly causeOffset: number;
  readonly version: number;
  readonly timestampMs: number;
}

/** Makes changes of groups: of windows that close, and of what was touched since the last barrier. */
export class GroupEmission {
  private readonly options: GroupEmissionOptions;

  constructor(options: GroupEmissionOptions) {
    this.options = options;
  }

  /** Emits and frees the windows that a stream time closes. True: a result could not be made, and the statement stops. */
  closed(streamTimeMs: number, causeOffset: number): boolean {
    const { state, plan } = this.options;
    let ordinal = 0;
    for (const slot of state.closedBy(streamTimeMs)) {
      if (plan.statement.emit === "final") {
        for (let group = 0; group < slot.count; group++) if (this.group(slot, group, true, causeOffset, ordinal++)) return true;
      } else {
        for (const group of slot.dirtyByIndex()) if (this.group(slot, group, false, slot.offsets[group] as number, 0)) return true;
      }
      state.free(slot);
    }
    return false;
  }

  /** Results of the groups touched since the last barrier, or of all. True as in `closed`. */
  changed(all: boolean): boolean {
    const { state } = this.options;
    for (const slot of all ? state.allSlots() : state.dirtySlots()) {
      const groups = all ? Int32Array.from({ length: slot.count }, (_, index) => index) : slot.dirtyByIndex();
      for (const group of groups) if (this.group(slot, group, all, slot.offsets[group] as number, 0)) return true;
    }
    return false;
  }

  private group(slot: WindowSlot, group: number, final: boolean, causeOffset: number, ordinal: number): boolean {
    const { emit, task } = this.options;
    const why = emit(slot, group, task, final, causeOffset, ordinal);
    return why !== null && this.options.onRefused(this.refused(slot, group, why, causeOffset));
  }

  private refused(slot: WindowSlot, group: number, why: string, causeOffset: number): RefusedResult {
    const { plan, state } = this.options;
    const isWindowed = plan.statement.window !== null;
    const values = state.keys.textOf(slot.keys[group] as number).toString();
    return {
      group: isWindowed ? `${values} ${new Date(slot.startMs).toJSON()}` : values,
      why,
      causeOffset,
      version: slot.versions[group] as number,
      timestampMs: isWindowed ? slot.endMs - 1 : (slot.times[group] as number),
    };
  }
}
