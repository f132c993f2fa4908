import type { BoundStatement } from "../model/statement.ts";
import { dirtyGroupsMax } from "../plan/code/aggregate-code.ts";
import type { Clock } from "../ports/clock.ts";
import type { GroupedState } from "../state/grouped-state.ts";

/** When a statement's results that still change leave: at every barrier, or with EMIT EVERY so far apart. */
export class EmissionPace {
  private readonly statement: BoundStatement;
  private readonly clock: Clock;
  private readonly emitAtEnd: boolean;
  private lastMs: number;

  /** `emitAtEnd`: once, when the run ends. */
  constructor(statement: BoundStatement, clock: Clock, emitAtEnd: boolean) {
    this.statement = statement;
    this.clock = clock;
    this.emitAtEnd = emitAtEnd;
    this.lastMs = clock.monotonic();
  }

  /** Barriers hold results back; they are kept dirty in the state. */
  get isSpaced(): boolean {
    return this.statement.emitEveryMs !== null && !this.emitAtEnd;
  }

  /** Whether results that were held back are due, whatever has come since the last barrier. */
  isDue(state: GroupedState): boolean {
    const { emitEveryMs } = this.statement;
    if (emitEveryMs === null || this.emitAtEnd || state.dirtyGroups === 0) return false;
    return this.clock.monotonic() >= this.lastMs + emitEveryMs;
  }

  /** Whether a barrier now sends them. `sendsAll`: nothing is to wait. */
  isNow(state: GroupedState, isLast: boolean, sendsAll: boolean): boolean {
    if (this.statement.emit !== "changes" || (this.emitAtEnd && !isLast)) return false;
    return !this.isSpaced || sendsAll || this.isDue(state) || state.dirtyGroups >= dirtyGroupsMax(this.statement);
  }

  /** They have left. */
  begin(): void {
    this.lastMs = this.clock.monotonic();
  }
}
