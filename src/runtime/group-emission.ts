import { SluiceError } from "../errors.ts";
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
  readonly onRefused: (error: SluiceError) => boolean;
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
    const { emit, task, state, onRefused } = this.options;
    const message = emit(slot, group, task, final, causeOffset, ordinal);
    if (message === null) return false;
    return onRefused(new SluiceError("RECORD_TYPE", `result of group ${state.keys.textOf(slot.keys[group] as number)}: ${message}`));
  }
}
